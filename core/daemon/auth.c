/*
 * auth.c: may this key do this?  Asked by a gateway for a request of its own.
 *
 * What the caller asked for is in headers that the gateway sets: one family of
 * them, which the policy names.  Each of them counts only when it is there
 * once; of two that came, one could be the caller's.  All other headers are
 * the caller's and go to the type plugin, but for those that look like ours.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/net.h"
#include "daemon/conn.h"
#include "daemon/head.h"
#include "daemon/server.h"

#define METHOD_MAX	32		/* octets                            */
#define OURS		"latchkey-"

static const struct family {
	const char	*method, *target, *address;
	int		 list;		/* the address ends a list           */
} families[] = {
	[LK_ORIGINAL_X_ORIGINAL] = { "X-Original-Method", "X-Original-URI",
	    "X-Original-Address", 0 },
	[LK_ORIGINAL_X_FORWARDED] = { "X-Forwarded-Method",
	    "X-Forwarded-Uri", "X-Forwarded-For", 1 },
};

/* The request that a gateway asks about. */
struct original {
	char			 method[METHOD_MAX + 1];
	char			 target[LK_PATH_MAX + 1];
	struct lk_header	 headers[LK_HTTP_HEADERS_MAX];
	size_t			 nheaders;
	struct lk_net		 peer;		/* family 0: not known       */
	union {
		struct sockaddr_in	 in;
		struct sockaddr_in6	 in6;
	} sa;
	const void		*sockaddr;
};

/* ---------------------------------------------------------------- original */

/* A text of one header into out, ended by NUL.  0, or a status. */
static int
take_text(const struct lk_http_request *rq, const char *name, char *out,
    size_t size)
{
	const struct lk_header	*h;

	if (lk_http_header(rq, name, &h) != 1 || h->value_len == 0 ||
	    memchr(h->value, '\0', h->value_len) != NULL)
		return 400;
	if (h->value_len >= size)
		return 414;
	memcpy(out, h->value, h->value_len);
	out[h->value_len] = '\0';
	return 0;
}

/* What is behind the last comma; that is what the gateway itself added. */
static void
last_of(const char **p, size_t *n)
{
	const char	*end = *p + *n, *at = end;

	while (at > *p && at[-1] != ',')
		at--;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	*p = at;
	*n = (size_t)(end - at);
}

static void
set_sockaddr(struct original *o)
{
	memset(&o->sa, 0, sizeof(o->sa));
	if (o->peer.family == 4) {
		o->sa.in.sin_family = AF_INET;
		memcpy(&o->sa.in.sin_addr, o->peer.addr, 4);
	} else {
		o->sa.in6.sin6_family = AF_INET6;
		memcpy(&o->sa.in6.sin6_addr, o->peer.addr, 16);
	}
	o->sockaddr = &o->sa;
}

/* Without the header the address is not known; a wrong one is an error. */
static int
take_address(const struct lk_http_request *rq, const struct family *f,
    struct original *o)
{
	const struct lk_header	*h;
	const char		*p;
	size_t			 n;
	int			 found = lk_http_header(rq, f->address, &h);

	if (found == 0)
		return 0;
	if (found < 0)
		return 400;
	p = h->value;
	n = h->value_len;
	if (f->list)
		last_of(&p, &n);
	if (lk_net_parse(p, n, &o->peer) != 0 || memchr(p, '/', n) != NULL)
		return 400;
	set_sockaddr(o);
	return 0;
}

/* Latchkey-Key in any of the clothes that a gateway may take for it. */
static int
is_ours(const struct lk_header *h)
{
	size_t	 i;
	char	 c;

	if (h->name_len < strlen(OURS))
		return 0;
	for (i = 0; i < strlen(OURS); i++) {
		c = h->name[i];
		if (c == '_' || c == '.')
			c = '-';
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != OURS[i])
			return 0;
	}
	return 1;
}

static void
take_headers(const struct lk_http_request *rq, struct original *o)
{
	size_t	 i;

	for (i = 0; i < rq->nheaders; i++)
		if (!is_ours(&rq->headers[i]))
			o->headers[o->nheaders++] = rq->headers[i];
}

/* 0, or the status and *name of what is wrong with the gateway's headers. */
static int
take_original(const struct lk_http_request *rq, const struct family *f,
    struct original *o, const char **name)
{
	int	 status;

	o->nheaders = 0;
	o->sockaddr = NULL;
	memset(&o->peer, 0, sizeof(o->peer));
	*name = f->method;
	if (take_text(rq, f->method, o->method, sizeof(o->method)) != 0)
		return 400;
	*name = f->target;
	if ((status = take_text(rq, f->target, o->target,
	    sizeof(o->target))) != 0)
		return status;
	*name = f->address;
	if ((status = take_address(rq, f, o)) != 0)
		return status;
	take_headers(rq, o);
	return 0;
}

/* ------------------------------------------------------------------ answer */

/* By hand: printf would cost as much as the decision. */
static char *
put_text(char *p, const char *text)
{
	size_t	 n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

static char *
put_number(char *p, const char *before, unsigned v)
{
	char	 digits[12];
	size_t	 n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
	} while ((v /= 10) != 0);
	p = put_text(p, before);
	memcpy(p, digits + n, sizeof(digits) - n);
	return p + sizeof(digits) - n;
}

/* "TYPE-SECONDS";X=V;Y=V */
static void
rate_field(const struct lk_decision *d, const char *name, const char *x,
    unsigned vx, const char *y, unsigned vy, struct lk_reply *r)
{
	char	 value[LK_NAME_MAX + 64], *p = value;

	p = put_text(p, "\"");
	p = put_text(p, d->type);
	p = put_number(p, "-", d->rate_period);
	p = put_number(p, x, vx);
	p = put_number(p, y, vy);
	*p = '\0';
	lk_reply_field(r, name, value);
}

/*
 * The limit that is nearest to its end.  Its name is the type and the seconds.
 * Source: draft-ietf-httpapi-ratelimit-headers-10, 3 and 4.
 */
static void
rate(const struct lk_decision *d, struct lk_reply *r)
{
	if (d->rate_limit == 0)
		return;
	rate_field(d, "RateLimit-Policy", "\";q=", d->rate_limit, ";w=",
	    d->rate_period, r);
	rate_field(d, "RateLimit", "\";r=", d->rate_left, ";t=",
	    d->rate_reset, r);
}

/* A gateway that knows 401 and 403 alone learns the rest from a header. */
static int
status_for(const struct lk_server *s, int status)
{
	return s->settings.statuses == LK_STATUSES_GATEWAY && status != 401 ?
	    403 : status;
}

/* What nobody decided on. */
static void
refuse_plain(const struct lk_server *s, int status, const char *detail,
    const char *outcome, struct lk_reply *r)
{
	lk_reply_problem(r, status_for(s, status), detail, outcome);
	lk_reply_field_static(r, "Latchkey-Outcome", outcome);
	if (status == 503)
		lk_reply_field_static(r, "Retry-After", "1");
}

/* The one way to 200: of a decision that was made for this request alone. */
static void
allow(const struct lk_server *s, const struct lk_decision *d,
    struct lk_reply *r)
{
	if (d->outcome != LK_ALLOW || d->reason != LK_REASON_ALLOWED ||
	    strlen(d->key_id) != LK_KEYID_LEN || d->account[0] == '\0' ||
	    d->type[0] == '\0' || d->api[0] == '\0') {
		refuse_plain(s, 503, "try again later", "error", r);
		return;
	}
	lk_reply_field(r, "Latchkey-Key", d->key_id);
	lk_reply_field(r, "Latchkey-Account", d->account);
	lk_reply_field(r, "Latchkey-Type", d->type);
	lk_reply_field(r, "Latchkey-Api", d->api);
	lk_reply_field_static(r, "Cache-Control", "no-store");
	rate(d, r);
	r->status = 200;
}

static void
refuse(const struct lk_server *s, const struct lk_decision *d,
    struct lk_reply *r)
{
	const char	*outcome = lk_outcome_name(d->outcome);

	lk_reply_problem(r, status_for(s, d->status), d->caller_text, outcome);
	lk_reply_field_static(r, "Latchkey-Outcome", outcome);
	if (d->challenge != NULL)
		lk_reply_field_static(r, "WWW-Authenticate", d->challenge);
	if (d->retry_after != 0)
		lk_reply_field_fmt(r, "Retry-After", "%u", d->retry_after);
	rate(d, r);
}

/* The gateway's mistake, or that of who made two headers of one. */
static void
refuse_original(const struct lk_server *s, int status, const char *name,
    struct lk_reply *r)
{
	char	 detail[128];

	snprintf(detail, sizeof(detail), "%s must be there once, and right: "
	    "the gateway sets it", name);
	refuse_plain(s, status, detail, "deny", r);
}

static void
refuse_type(const struct lk_server *s, struct lk_reply *r)
{
	refuse_plain(s, 404, "there is no such type", "deny", r);
}

/* A gateway that knows 401 and 403 alone would take it for a latchkeyd that
 * does not answer. */
void
lk_refuse_http(void *arg, unsigned duty, int status, struct lk_reply *r)
{
	const char	*detail = lk_head_refusal(status);

	if (duty == LK_SERVE_VERIFY)
		refuse_plain(arg, status, detail, status == 503 ? "error" :
		    "deny", r);
	else
		lk_reply_problem(r, status, detail, NULL);
}

/* -------------------------------------------------------------------- note */

/* No decision was made; it is counted and told as one. */
static void
undecided(struct lk_decision *d, uint32_t reason)
{
	memset(d, 0, sizeof(*d));
	d->outcome = LK_DENY;
	d->reason = reason;
	d->reason_name = lk_reason_name(reason);
}

static void
note(const struct lk_http_request *rq, const struct original *o,
    const struct lk_decision *d, const struct lk_reply *r, int64_t began)
{
	struct lk_facts	 f;

	f.d = d;
	f.peer = &o->peer;
	f.id = r->id;
	f.status = r->status;
	f.ns = lk_now_ns() - began;
	lk_counts_decision(rq->own->counts, d, f.ns);
	lk_lines_decision(rq->own->lines, &f);
}

/* ---------------------------------------------------------------------- ask */

static void
judge(struct lk_server *s, const struct lk_http_request *rq,
    const char *type, const struct original *o, struct lk_decision *d,
    struct lk_reply *r)
{
	struct lk_request	 ask = { .size = sizeof(ask) };

	ask.method = o->method;
	ask.path = o->target;
	ask.headers = o->headers;
	ask.nheaders = o->nheaders;
	ask.body = rq->body;
	ask.body_len = rq->body_len;
	ask.peer = o->sockaddr;
	ask.type = type[0] != '\0' ? type : NULL;
	if (lk_verify(s->lk, &ask, d) != 0) {
		undecided(d, LK_REASON_NO_ROUTE);
		refuse_type(s, r);
	} else if (d->outcome == LK_ALLOW)
		allow(s, d, r);
	else
		refuse(s, d, r);
}

void
lk_serve_auth(struct lk_server *s, const struct lk_http_request *rq,
    const char *rest, struct lk_reply *r)
{
	struct original		 o;
	struct lk_decision	 d;
	const char		*name;
	int64_t			 began = lk_now_ns();
	int			 status;

	status = take_original(rq, &families[s->settings.original], &o, &name);
	if (status != 0) {
		undecided(&d, LK_REASON_BAD_REQUEST);
		refuse_original(s, status, name, r);
	} else
		judge(s, rq, rest, &o, &d, r);
	note(rq, &o, &d, r, began);
}
