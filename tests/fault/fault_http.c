/*
 * fault_http.c: what is not HTTP, or nearly: each has the answer it must have,
 * and whatever octets come, nobody is let in without a fresh allow.
 *
 * The rows are families: what is sent with one octet, or one text, in a place
 * of a request that is allowed as it stands.  Then requests are made by chance
 * from sound ones, a million in make check-fault.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <ctype.h>

#include "http_home.h"
#include "http_raw.h"

int	__real_lk_verify(struct lk *lk, const struct lk_request *rq,
	    struct lk_decision *d);
int	__wrap_lk_verify(struct lk *lk, const struct lk_request *rq,
	    struct lk_decision *d);

/* ---------------------------------------------------------------- families */

/* Where something is put; what stands there when nothing is. */
enum place {
	AT_METHOD, AT_TARGET, AT_TAIL, AT_VERSION, AT_NAME, AT_VALUE, AT_LINE,
	AT_BEFORE, AT_AFTER, AT_ORIGINAL, AT_PLACES
};

static const char *const place_names[AT_PLACES] = {
	"the method", "the target", "the target's end", "the version",
	"a header's name",
	"a header's value", "a line of its own", "before the request",
	"behind the head", "X-Original-URI"
};

/* A question that is allowed, in the pieces between which something is put; of
 * one, the token stands behind it. */
static const struct piece {
	enum place	 before;	/* what is put comes first           */
	const char	*text;
	int		 token;
} pieces[] = {
	{ AT_BEFORE,	"GE",				0 },
	{ AT_METHOD,	"T /au",			0 },
	{ AT_TARGET,	"th",				0 },
	{ AT_TAIL,	" HTTP/1.",			0 },
	{ AT_VERSION,	"1\r\nHost: l\r\nX-Original-Method: POST\r\n"
			"X-Original-URI: /ca",		0 },
	{ AT_ORIGINAL,	"ll\r\nX-REQUEST-TOKEN: ",	1 },
	{ AT_PLACES,	"\r\nX-A",			0 },
	{ AT_NAME,	"a: b",				0 },
	{ AT_VALUE,	"b\r\n",			0 },
	{ AT_LINE,	"\r\n",				0 },
	{ AT_AFTER,	"",				0 },
};

/* That, with n octets of x at a place. */
static void
request(enum place at, const char *x, size_t n)
{
	const struct piece	*p, *end;

	raw_n = 0;
	end = pieces + sizeof(pieces) / sizeof(pieces[0]);
	for (p = pieces; p < end; p++) {
		if (p->before == at)
			raw_octets(x, n);
		raw_add("%s%s", p->text, p->token ? http_home.token : "");
	}
}

/* Answers that let somebody in: with a key's name, and all others of 2xx but of
 * /healthz and /readyz. */
static unsigned
let_in(void)
{
	const char	*p, *end;
	unsigned	 n = 0;
	char		 was;

	for (p = out; (p = strstr(p, "HTTP/1.")) != NULL; p = end) {
		if ((end = strstr(p + 7, "HTTP/1.")) == NULL)
			end = p + strlen(p);
		was = *end;
		*(char *)(uintptr_t)end = '\0';
		if (p[8] == ' ' && p[9] == '2')
			n += strstr(p, "Latchkey-Key") != NULL ||
			    (strstr(p, "\r\n\r\nok\n") == NULL &&
			    strstr(p, "Content-Length: 3\r\n") == NULL);
		*(char *)(uintptr_t)end = was;
	}
	return n;
}

/* What is there is sent; 1 when nobody was let in but by an allow. */
static int
try(void)
{
	unsigned long	 before = atomic_load(&http_home.allows);

	http_send(raw, raw_n, out, sizeof(out));
	return let_in() <= atomic_load(&http_home.allows) - before;
}

static void
point(const char *what, enum place at, int want)
{
	int	 ok = try(), got = first_status();

	fault_point(ok && got == want, "%s in %s: %d", what, place_names[at],
	    want);
	if (!ok || got != want)
		printf("# %d%s; sent %zu octets\n", got, ok ? "" :
		    ", and somebody was let in", raw_n);
}

/* The answer to one octet at a place; 200 is an allow, 0 an end without a word.
 * To the library a NUL ends a value; no gateway sends one. */
static int
octet_wants(enum place at, unsigned c)
{
	int	 control = (c != 0 && c < 0x20) || c == 0x7f;

	switch (at) {
	case AT_METHOD:
		return c == '\n' || c == ' ' ? 0 : c == 0 ? 400 : 405;
	case AT_TARGET:
	case AT_TAIL:
		return c == ' ' ? 0 : control || c == 0 ? 400 : 404;
	case AT_VERSION:
		return 400;
	case AT_NAME:
		return c == ':' ? 200 : 400;
	default:
		return control && c != '\t' ? 400 : 200;
	}
}

static void
octets(void)
{
	static const char	 marks[] = "\"(),/:;<=>@[\\]{}\x80\xff";
	char			 what[32], x;
	unsigned		 c;
	enum place		 at;

	for (at = AT_METHOD; at <= AT_VALUE; at++)
		for (c = 0; c <= 0x21 + sizeof(marks) - 1; c++) {
			x = c <= 0x20 ? (char)c : c == 0x21 ? 0x7f :
			    marks[c - 0x22];
			if (c == 0x21 + sizeof(marks) - 1 && x == '\0')
				break;
			snprintf(what, sizeof(what), "octet %02x",
			    (unsigned char)x);
			request(at, &x, 1);
			point(what, at, octet_wants(at, (unsigned char)x));
		}
}

#define L(text, want)	{ AT_LINE, text, want }

static const struct text_case {
	enum place	 at;
	const char	*text;
	int		 want;
} texts[] = {
	/* Headers that are none. */
	L("no colon\r\n", 400),
	/* The library drops a line without a name. */
	L(": no name\r\n", 200), L(":\r\n", 200),
	L(" : blank\r\n", 400), L("a b: c\r\n", 400), L("a : c\r\n", 400),
	L("a\t: c\r\n", 400), L("\tfolded\r\n", 200), L(" folded\r\n", 200),
	L("a:\r\n", 200), L("a:b\r\n", 200), L("a: b \r\n", 200),
	L("(a): b\r\n", 400), L("a@b: c\r\n", 400), L("\xc3\xa4: b\r\n", 400),
	L("a: \xc3\xa4\r\n", 200), L("a: \x01\r\n", 400),
	L("a: b\x7f\r\n", 400), L("a: b\rX-B: c\r\n", 400),
	L("Latchkey-Key : 000000000000\r\n", 400),
	L("Latchkey-Key\t: x\r\n", 400), L("Latchkey Key: x\r\n", 400),
	L("Latchkey-Key: 000000000000\r\n", 200),
	/* What the gateway says, twice or not as it should be. */
	L("X-Original-Method: POST\r\n", 400),
	L("X-Original-Method: GET\r\n", 400),
	L("x-original-method: POST\r\n", 400),
	L("X-Original-Method:\r\n", 400),
	L("X-Original-URI: /call\r\n", 400), L("X-ORIGINAL-URI: /\r\n", 400),
	L("X-Original-URI:\r\n", 400),
	L("X-Original-Address: 1.2.3\r\n", 400),
	L("X-Original-Address: 1.2.3.4.5\r\n", 400),
	L("X-Original-Address: 256.0.0.1\r\n", 400),
	L("X-Original-Address: 10.0.0.0/8\r\n", 400),
	L("X-Original-Address: ::1/128\r\n", 400),
	L("X-Original-Address: 1.2.3.4, 1.2.3.4\r\n", 400),
	L("X-Original-Address: host\r\n", 400),
	L("X-Original-Address:\r\n", 400),
	L("X-Original-Address: [::1]\r\n", 400),
	L("X-Original-Address: 1.2.3.4:80\r\n", 400),
	L("X-Original-Address: 01.2.3.4\r\n", 400),
	L("X-Original-Address: 1.2.3.4\r\nX-Original-Address: ::1\r\n", 400),
	L("X-Original-Address: 1.2.3.4\r\n", 200),
	L("X-Original-Address: ::1\r\n", 200),
	L("X-Original-Address: ::ffff:1.2.3.4\r\n", 200),
	L("X-REQUEST-TOKEN: x\r\n", 400), L("x-request-token:\r\n", 400),
	/* Bodies whose length is not certain. */
	L("Content-Length: 0\r\nContent-Length: 0\r\n", 400),
	L("Content-Length: 0\r\ncontent-length: 5\r\n", 400),
	L("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", 400),
	L("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
	L("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
	L("Content-Length: -1\r\n", 400), L("Content-Length: +0\r\n", 400),
	L("Content-Length: 0x0\r\n", 400), L("Content-Length: 0,0\r\n", 400),
	L("Content-Length: 0 0\r\n", 400), L("Content-Length: a\r\n", 400),
	L("Content-Length:\r\n", 400), L("Content-Length: 0.0\r\n", 400),
	L("Content-Length: 99999999999999999999\r\n", 413),
	L("Content-Length: 18446744073709551616\r\n", 413),
	L("Content-Length: 4097\r\n", 413), L("Content-Length: 5000\r\n", 413),
	L("Content-Length: 0\r\n", 200),
	L("Content-Length: 5\r\n", 0), L("Content-Length: 4096\r\n", 0),
	L("Transfer-Encoding: chunked\r\n", 0),
	L("Transfer-Encoding: identity\r\n", 400),
	L("Transfer-Encoding: gzip\r\n", 400),
	L("Transfer-Encoding: gzip, chunked\r\n", 400),
	L("Transfer-Encoding: chunked, gzip\r\n", 400),
	L("Transfer-Encoding: xchunked\r\n", 400),
	L("Transfer-Encoding: \"chunked\"\r\n", 400),
	L("Transfer-Encoding:\r\n", 400),
	/* Request lines. */
	{ AT_BEFORE, "\r\n", 200 }, { AT_BEFORE, "\n", 200 },
	{ AT_BEFORE, " ", 0 }, { AT_BEFORE, "\r", 405 },
	{ AT_BEFORE, "X\r\n", 0 }, { AT_BEFORE, "GET\r\n", 0 },
	{ AT_BEFORE, "GET /auth\r\n", 400 }, { AT_BEFORE, "\x16\x03\x01", 405 },
	{ AT_BEFORE, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505 },
	{ AT_TAIL, "/", 404 }, { AT_TAIL, "/t", 200 }, { AT_TAIL, "/u", 404 },
	{ AT_TAIL, "/t/", 404 }, { AT_TAIL, "//t", 404 },
	{ AT_TAIL, "%2ft", 404 }, { AT_TAIL, "/%74", 404 },
	{ AT_TAIL, "?", 200 }, { AT_TAIL, "?a b", 0 }, { AT_TAIL, "#x", 404 },
	{ AT_TAIL, ";x", 404 }, { AT_TAIL, "/../auth", 404 },
	{ AT_TAIL, "?\x01", 400 }, { AT_TAIL, "?\x7f", 400 },
	L("Host: l\r\n", 400),
	{ AT_TARGET, "/", 404 }, { AT_TARGET, "\r", 400 },
	{ AT_VERSION, "0", 400 }, { AT_VERSION, ".", 400 },
	{ AT_METHOD, "GE", 405 }, { AT_METHOD, "\t", 405 },
	/* What was asked for: each is another API, or none. */
	{ AT_ORIGINAL, "/", 403 }, { AT_ORIGINAL, "%2f", 403 },
	{ AT_ORIGINAL, "%00", 403 }, { AT_ORIGINAL, "%0", 403 },
	{ AT_ORIGINAL, "%zz", 403 }, { AT_ORIGINAL, "?", 403 },
	{ AT_ORIGINAL, "#", 403 }, { AT_ORIGINAL, "\\", 403 },
	{ AT_ORIGINAL, ";", 403 }, { AT_ORIGINAL, "\xff", 403 },
	{ AT_ORIGINAL, " ", 403 }, { AT_ORIGINAL, "\t", 403 },
	{ AT_ORIGINAL, "\x01", 400 }, { AT_ORIGINAL, "%2e%2e/", 403 },
	{ AT_ORIGINAL, "L", 403 },
	/* What comes behind is a request of its own. */
	{ AT_AFTER, "x", 200 }, { AT_AFTER, "\r\n\r\n", 200 },
	{ AT_AFTER, "GET /auth HTTP/1.1\r\nHost: l\r\n\r\n", 200 },
};

static void
all_texts(void)
{
	const struct text_case	*c = texts;

	for (; c < texts + sizeof(texts) / sizeof(*texts); c++) {
		request(c->at, c->text, strlen(c->text));
		point(printable(c->text), c->at, c->want);
	}
}

/* ------------------------------------------------------------------ lengths */

static void
repeat(const char *name, unsigned n, size_t each, int want)
{
	static char	 x[RAW];
	unsigned	 i;
	size_t		 at = 0;

	for (i = 0; i < n; i++) {
		at += (size_t)snprintf(x + at, sizeof(x) - at, "y%u: ", i);
		memset(x + at, 'z', each);
		at += each;
		memcpy(x + at, "\r\n", 2);
		at += 2;
	}
	request(AT_LINE, x, at);
	point(name, AT_LINE, want);
}

static void
lengths(void)
{
	static char	 x[RAW];

	repeat("1 header more", 1, 1, 200);
	repeat("129 headers more", 129, 1, 431);
	repeat("a header of 4,000 octets", 1, 4000, 200);
	repeat("a head over its limit", 3, 7000, 431);
	memset(x, 'a', sizeof(x));
	request(AT_TARGET, x, 5000);
	point("5,000 octets more", AT_TARGET, 414);
	request(AT_METHOD, x, 100);
	point("100 octets more", AT_METHOD, 405);
	request(AT_ORIGINAL, x, 5000);
	point("5,000 octets more", AT_ORIGINAL, 414);
}

/* Cut off behind each octet but the last: nobody is let in. */
static void
cuts(void)
{
	size_t	 n, all;
	int	 ok = 1;

	request(AT_AFTER, "", 0);
	all = raw_n;
	for (n = 0; n < all && ok; n++) {
		raw_n = n;
		ok = try() && let_in() == 0;
	}
	fault_point(ok && n == all, "cut off anywhere: nobody is let in");
}

/* ------------------------------------------------------------------ chance */

static const char *const bits[] = {
	"\r\n", "\n", "\r", " ", "\t", ":", "HTTP/1.1", "HTTP/1.0", "GET ",
	"POST ", "HEAD ", "/auth", "/auth/t", "/healthz", "/call", "%2f", "?",
	"X-Original-URI: /call\r\n", "X-Original-Method: POST\r\n",
	"Content-Length: 5\r\n\r\nhello",
	"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	"Connection: close\r\n", "\r\n\r\n",
	"Expect: 100-continue\r\n", "Latchkey-Key: 000000000000\r\n",
	"Upgrade: h2c\r\n", "X-REQUEST-TOKEN: "
};

static void
any_request(void)
{
	request((enum place)chance(AT_PLACES), "x", chance(2));
	if (chance(3) == 0)
		memset(raw + raw_n / 2, 'x', 4);
}

static void
serve(void *arg, const struct lk_http_request *rq, struct lk_reply *r)
{
	lk_route_serve(lk_verify_routes, arg, rq, r);
}

/* lk_verify as latchkeyd calls it. */
int
__wrap_lk_verify(struct lk *lk, const struct lk_request *rq,
    struct lk_decision *d)
{
	int	 r = __real_lk_verify(lk, rq, d);

	if (r == 0 && d->outcome == LK_ALLOW)
		atomic_fetch_add(&http_home.allows, 1);
	return r;
}

/* Planted: an answer of 200 without an allow is seen. */
static void
planted(void)
{
	strcpy(out, "HTTP/1.1 200 OK\r\nLatchkey-Key: x\r\n\r\n");
	fault_point(let_in() == 1, "planted: a key's name is seen");
	strcpy(out, "HTTP/1.1 401 Unauthorized\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
	fault_point(let_in() == 1, "planted: and a second answer of 2xx");
	strcpy(out, "HTTP/1.1 200 OK\r\n\r\nok\n");
	fault_point(let_in() == 0, "planted: but not /healthz");
}

static const struct http_kind	 kind = {
	.self = 1,
	.roles = "",
	.types = "t: { plugin: ucd, prefix: tt, apis: { call: POST /call }, "
	    "options: { account_header: none } }",
	.type = "t",
	.serve = serve,
};

int
main(void)
{
	http_start(&kind);
	octets();
	all_texts();
	lengths();
	cuts();
	raw_generate(any_request, try, bits, sizeof(bits) / sizeof(*bits));
	planted();
	http_stop();
	return fault_end();
}
