/*
 * v1_verify.c: a request, or a token, judged as latchkey verify does.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

struct question {
	struct lk_request	 rq;
	struct lk_header	 headers[LK_HEADERS_MAX];
	const char		*type;		/* NULL: a request           */
	struct lk_slice		 token;
	int			 consume;
	union {
		struct sockaddr_in	 in;
		struct sockaddr_in6	 in6;
	} peer;
};

static int
read_address(struct lk_admin_call *c, struct question *q)
{
	const char	*text = lk_admin_text(c, "address");

	if (text == NULL)
		text = "127.0.0.1";
	q->rq.peer = &q->peer;
	if (inet_pton(AF_INET, text, &q->peer.in.sin_addr) == 1)
		q->peer.in.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &q->peer.in6.sin6_addr) == 1)
		q->peer.in6.sin6_family = AF_INET6;
	else
		return lk_fail(&c->e, LK_EDATA, "address is no IPv4 or IPv6 "
		    "address");
	return 0;
}

/* What one form has and the other has not. */
static int
check_form(struct lk_admin_call *c)
{
	static const char *const of_request[] = { "method", "path", "body" };
	static const char *const of_token[] = { "token", "account" };
	size_t		 i;

	if (lk_admin_text(c, "type") == NULL) {
		for (i = 0; i < sizeof(of_token) / sizeof(*of_token); i++)
			if (lk_admin_text(c, of_token[i]) != NULL)
				return lk_fail(&c->e, LK_EDATA, "%s goes with "
				    "type; a request names it itself",
				    of_token[i]);
		return lk_admin_text(c, "path") != NULL ? 0 :
		    lk_fail(&c->e, LK_EDATA, "it needs path, or type and "
		    "token");
	}
	for (i = 0; i < sizeof(of_request) / sizeof(*of_request); i++)
		if (lk_admin_text(c, of_request[i]) != NULL)
			return lk_fail(&c->e, LK_EDATA, "%s is of a request "
			    "and does not go with type", of_request[i]);
	if (lk_json_count(c->body, "headers") != 0)
		return lk_fail(&c->e, LK_EDATA, "headers are of a request and "
		    "do not go with type");
	return lk_admin_text(c, "token") != NULL ? 0 : lk_fail(&c->e, LK_EDATA,
	    "it needs token, or path in place of type");
}

static int
read_headers(struct lk_admin_call *c, struct question *q)
{
	struct lk_slice	 v[2];
	size_t		 i, n = lk_json_count(c->body, "headers");

	if (n > LK_HEADERS_MAX)
		return lk_fail(&c->e, LK_EDATA, "there are more than %d "
		    "headers", LK_HEADERS_MAX);
	for (i = 0; i < n; i++) {
		if (lk_json_pair(c->body, "headers", i, v) != 1)
			return lk_fail(&c->e, LK_EDATA, "the headers cannot "
			    "be read");
		q->headers[i].name = v[0].p;
		q->headers[i].name_len = v[0].n;
		q->headers[i].value = v[1].p;
		q->headers[i].value_len = v[1].n;
	}
	q->rq.headers = q->headers;
	q->rq.nheaders = n;
	return 0;
}

static int
read_question(struct lk_admin_call *c, struct question *q)
{
	const char	*method, *body;
	int		 r;

	if (c->body == NULL)
		return lk_fail(&c->e, LK_EDATA, "it needs a body with path, "
		    "or type and token");
	if ((r = check_form(c)) != 0 || (r = read_address(c, q)) != 0)
		return r;
	q->consume = lk_admin_bool(c, "consume");
	q->type = lk_admin_text(c, "type");
	(void)lk_json_string(c->body, "token", &q->token);
	method = lk_admin_text(c, "method");
	body = lk_admin_text(c, "body");
	q->rq.size = sizeof(q->rq);
	q->rq.method = method != NULL ? method : "GET";
	q->rq.path = lk_admin_text(c, "path");
	q->rq.body = body;
	q->rq.body_len = body != NULL ? strlen(body) : 0;
	return read_headers(c, q);
}

static int
judge(struct lk_admin_call *c, const struct question *q,
    struct lk_decision *d, struct lk_trace *t)
{
	int	 r;

	if (q->type == NULL)
		r = (q->consume ? lk_verify_trace : lk_peek)(c->s->lk, &q->rq,
		    d, t);
	else
		r = (q->consume ? lk_verify_token_trace : lk_peek_token)(
		    c->s->lk, q->type, q->token.p, q->token.n,
		    lk_admin_text(c, "account"), NULL, q->rq.peer, d, t);
	if (r == LK_EUSAGE && q->type != NULL)
		return lk_fail(&c->e, r, "the policy has no such type "
		    "(latchkey types)");
	return r == 0 ? 0 : lk_fail(&c->e, LK_EUNAVAIL, "the request could "
	    "not be judged");
}

int
lk_v1_verify(struct lk_admin_call *c)
{
	struct question		 q;
	struct lk_decision	 d;
	struct lk_trace		 t = { .size = sizeof(t) };
	int			 r;

	memset(&q, 0, sizeof(q));
	if ((r = read_question(c, &q)) != 0)
		return r;
	/* It takes something from the account. */
	if (q.consume && (r = lk_operator_may(c->s->lk, &c->op,
	    LK_MAY_DELETE, &c->e)) != 0)
		return r;
	if ((r = judge(c, &q, &d, &t)) == 0)
		lk_show_decision(&c->out, NULL, &d, &t);
	return r;
}
