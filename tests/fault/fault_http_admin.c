/*
 * fault_http_admin.c: whatever octets come to latchkeyd --admin, nobody is
 * answered but by a credential that was let in for that request, and nobody
 * does what his role may not.
 *
 * The user who asks has no role here; the token of a key that may list does it.
 * Requests are made by chance from sound ones.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>

#include "daemon/admin.h"
#include "daemon/once.h"
#include "http_raw.h"

int	__real_lk_operator_bearer(struct lk *lk, const struct lk_request *rq,
	    struct lk_operator *op, struct lk_decision *d,
	    struct lk_error *e);
int	__wrap_lk_operator_bearer(struct lk *lk, const struct lk_request *rq,
	    struct lk_operator *op, struct lk_decision *d,
	    struct lk_error *e);

int
__wrap_lk_operator_bearer(struct lk *lk, const struct lk_request *rq,
    struct lk_operator *op, struct lk_decision *d, struct lk_error *e)
{
	int	 r = __real_lk_operator_bearer(lk, rq, op, d, e);

	if (r == 0 && d->outcome == LK_ALLOW)
		atomic_fetch_add(&http_home.allows, 1);
	return r;
}

static char	 openapi_length[64];	/* the header of /openapi.json       */

/* Answers of 2xx but those that nobody is asked for. */
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
			n += strstr(p, "Content-Length: 3\r\n") == NULL &&
			    (openapi_length[0] == '\0' ||
			    strstr(p, openapi_length) == NULL);
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

/* ---------------------------------------------------------------- families */

static const char	 typed[] = "Content-Type: application/json\r\n";

static const struct sound_case {
	const char	*line, *head, *body;
	int		 want;
} sounds[] = {
	{ "GET /v1/types", "", "", 200 },
	{ "GET /v1/keys?limit=3&type=op", "", "", 200 },
	{ "GET /v1/keys/000000000000", "", "", 404 },
	{ "GET /v1/accounts", "", "", 200 },
	{ "GET /v1/log?after=0", "", "", 200 },
	{ "HEAD /v1/types", "", "", 200 },
	{ "POST /v1/verify", typed, "{\"path\":\"/\"}", 200 },
	{ "POST /v1/verify", typed,
	    "{\"path\":\"/\",\"consume\":true}", 403 },
	{ "POST /v1/keys", typed,
	    "{\"type\":\"t\",\"account\":\"a\"}", 403 },
	{ "DELETE /v1/keys/000000000000", "", "", 403 },
	{ "PUT /v1/accounts/acme", typed, "{\"package\":\"p\"}", 403 },
	{ "DELETE /v1/accounts/acme?keys=delete", "", "", 403 },
	{ "POST /v1/keys/000000000000/rotate", "Idempotency-Key: k\r\n", "",
	    403 },
};

#define NSOUNDS	(sizeof(sounds) / sizeof(*sounds))

/* One of them, with a token or without. */
static void
request(const struct sound_case *c, const char *token)
{
	raw_n = 0;
	raw_octets(c->line, strlen(c->line));
	raw_add(" HTTP/1.1\r\nHost: l\r\n%s", c->head);
	if (token != NULL)
		raw_add("Authorization: Bearer %s\r\n", token);
	if (c->body[0] != '\0')
		raw_add("Content-Length: %zu\r\n", strlen(c->body));
	raw_add("\r\n%s", c->body);
}

static void
point(const struct sound_case *c, const char *what, int want)
{
	int	 ok = try(), got = first_status();

	fault_point(ok && got == want, "%s, %s: %d", c->line, what, want);
	if (!ok || got != want)
		printf("# %d%s\n", got, ok ? "" : ", and somebody was let in");
}

static void
rows(void)
{
	const struct sound_case	*c;
	char			 token[LK_TOKEN_MAX + 1];

	strcpy(token, http_home.token);
	token[strlen(token) - 8] ^= 1;
	for (c = sounds; c < sounds + NSOUNDS; c++) {
		request(c, http_home.token);
		point(c, "by the token", c->want);
		request(c, token);
		point(c, "by another token", 401);
		request(c, NULL);
		point(c, "by a user without a role", 403);
	}
}

/* Cut off behind each octet but the last: nobody is let in. */
static void
cuts(void)
{
	size_t	 n, all;
	int	 ok = 1;

	request(&sounds[0], http_home.token);
	all = raw_n;
	for (n = 0; n < all && ok; n++) {
		raw_n = n;
		ok = try() && let_in() == 0;
	}
	fault_point(ok && n == all, "cut off anywhere: nobody is let in");
}

/* Each octet of the token, changed in each bit. */
static void
flips(void)
{
	char	 token[LK_TOKEN_MAX + 1];
	size_t	 i;
	int	 bit, ok = 1;

	for (i = 0; http_home.token[i] != '\0' && ok; i++)
		for (bit = 0; bit < 8 && ok; bit++) {
			strcpy(token, http_home.token);
			token[i] ^= (char)(1 << bit);
			request(&sounds[0], token[i] != '\0' ? token : "");
			ok = try() && let_in() == 0;
		}
	fault_point(ok, "a bit of the token is another one: nobody is let in");
}

/* ------------------------------------------------------------------ chance */

static const char *const bits[] = {
	"\r\n", "\n", "\r", " ", "\t", ":", "HTTP/1.1", "HTTP/1.0", "GET ",
	"POST ", "PUT ", "DELETE ", "HEAD ", "/v1/keys", "/v1/types", "/v1/",
	"/healthz", "/openapi.json", "%2f", "%00", "?", "&", "limit=1", "{}",
	"\"type\":", "null", "[", "}", "\"", "\\u0000",
	"Content-Length: 5\r\n\r\nhello",
	"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
	"Connection: close\r\n", "\r\n\r\n", "Expect: 100-continue\r\n",
	"Authorization: Bearer x\r\n", "Authorization:\r\n", "Bearer ",
	"Origin: null\r\n", "Idempotency-Key: k\r\n",
	"Content-Type: application/json\r\n",
	"GET /v1/types HTTP/1.1\r\nHost: l\r\n\r\n"
};

static void
any_request(void)
{
	request(&sounds[chance(NSOUNDS)],
	    chance(4) != 0 ? http_home.token : NULL);
}

static int
count(void *arg, const struct lk_key *k)
{
	*(unsigned *)arg += k->state == LK_STATE_ACTIVE ? 1 : 100;
	return 0;
}

/* A viewer has made nothing and ended nothing. */
static void
unchanged(void)
{
	struct lk_filter	 f = { .size = sizeof(f), .deleted = 1 };
	struct lk_operator	 op = { .size = sizeof(op), .role = "a" };
	unsigned		 n = 0;

	fault_point(lk_list(http_home.server.lk, &op, &f, count, &n,
	    NULL) == 0 && n == 1, "the one key is as it was");
}

/* Planted: an answer of 200 without an allow is seen. */
static void
planted(void)
{
	strcpy(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":1}\n");
	fault_point(let_in() == 1, "planted: an answer of 200 is seen");
	strcpy(out, "HTTP/1.1 401 No\r\n\r\nHTTP/1.1 201 Made\r\n\r\n{}");
	fault_point(let_in() == 1, "planted: and a second one of 201");
	strcpy(out, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
	fault_point(let_in() == 0, "planted: but not /healthz");
}

static void
learn_openapi(void)
{
	const char	*p;

	raw_n = 0;
	raw_add("GET /openapi.json HTTP/1.1\r\nHost: l\r\n\r\n");
	http_send(raw, raw_n, out, sizeof(out));
	if ((p = strstr(out, "Content-Length: ")) == NULL)
		http_die("openapi.json", "is not there");
	snprintf(openapi_length, sizeof(openapi_length), "%.*s",
	    (int)strcspn(p, "\r"), p);
}

static int
slow(const struct lk_http_request *rq)
{
	int	 r = lk_admin_slow(rq);

	if (r)
		atomic_fetch_add(&http_home.begun, 1);
	return r;
}

/* Both by a thread of the pool.  Who is told that it is done with an answer is
 * told so of each, whether its connection is still there or not. */
static int
admit(void *arg, const struct lk_http_request *rq, struct lk_reply *r)
{
	int	 ok;

	atomic_fetch_add(&http_home.begun, 1);
	ok = lk_admin_admit(arg, rq, r);
	atomic_fetch_add(&http_home.ended, 1);
	return ok;
}

static void
serve(void *arg, const struct lk_http_request *rq, struct lk_reply *r)
{
	lk_admin_serve(arg, rq, r);
	if (lk_admin_slow(rq))
		atomic_fetch_add(&http_home.ended, 1);
}

static const struct http_kind	 kind = {
	.roles = ", v: { may: [ list ], users: [ \"4294967294\" ] }",
	.types = "t: { plugin: ucd, prefix: tt, apis: { call: POST /call } }, "
	    "op: { plugin: operator, prefix: lkop }",
	.type = "op",
	.role = "v",
	.duty = LK_SERVE_ADMIN,
	.serve = serve,
	.slow = slow,
	.admit = admit,
	.done = lk_admin_done,
};

int
main(void)
{
	http_start(&kind);
	if ((http_home.server.once = lk_once_new()) == NULL)
		http_die("memory", "none");
	learn_openapi();
	rows();
	cuts();
	flips();
	raw_generate(any_request, try, bits, sizeof(bits) / sizeof(*bits));
	unchanged();
	planted();
	http_stop();
	lk_once_free(&http_home.server.once);
	return fault_end();
}
