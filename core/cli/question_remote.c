/*
 * question_remote.c: verify by a latchkeyd, POST /v1/verify.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "cli/answer.h"
#include "cli/link.h"
#include "cli/question.h"

/* JSON has text alone: what is none would come to it as something else. */
static int
add(struct lk_out *j, const char *name, const char *p, size_t n,
    struct lk_error *e)
{
	if (lk_out_text(j, name, p, n) == 0)
		return 0;
	return lk_fail(e, LK_EDATA, "what is no UTF-8, or has a NUL in it, "
	    "cannot be sent to a server: verify on its machine");
}

static int
add_headers(struct lk_out *j, const struct lk_request *rq, struct lk_error *e)
{
	const struct lk_header	*h = rq->headers;
	size_t			 i;
	int			 r = 0;

	lk_out_open(j, "headers", '[');
	for (i = 0; i < rq->nheaders && r == 0; i++, h++) {
		lk_out_open(j, NULL, '[');
		if ((r = add(j, NULL, h->name, h->name_len, e)) == 0)
			r = add(j, NULL, h->value, h->value_len, e);
		lk_out_close(j, ']');
	}
	lk_out_close(j, ']');
	return r;
}

static int
add_request(struct lk_out *j, const struct lk_request *rq,
    struct lk_error *e)
{
	int	 r;

	if ((r = add(j, "method", rq->method, strlen(rq->method), e)) != 0 ||
	    (r = add(j, "path", rq->path, strlen(rq->path), e)) != 0 ||
	    (r = add_headers(j, rq, e)) != 0)
		return r;
	return rq->body == NULL ? 0 : add(j, "body", rq->body, rq->body_len,
	    e);
}

static int
compose(struct lk_cli *c, const struct lk_question *q, struct lk_out *j,
    struct lk_error *e)
{
	const char	*account = lk_args_value(c, "account");
	const char	*address = lk_args_value(c, "address");
	int		 r;

	lk_out_open(j, NULL, '{');
	if (q->type == NULL)
		r = add_request(j, &q->rq, e);
	else if ((r = add(j, "type", q->type, strlen(q->type), e)) == 0)
		r = add(j, "token", q->token.p, q->token.n, e);
	if (r == 0 && account != NULL)
		r = add(j, "account", account, strlen(account), e);
	if (address != NULL)
		lk_out_str(j, "address", address);
	if (lk_args_has(c, "consume"))
		lk_out_bool(j, "consume", 1);
	lk_out_close(j, '}');
	return r;
}

int
lk_question_remote(struct lk_cli *c, const struct lk_question *q,
    struct lk_decision *d, struct lk_trace *t)
{
	struct lk_ask	 a = lk_ask_new("POST", "/v1/verify");
	struct lk_json	*j = NULL;
	struct lk_error	 e = { 0 };
	const char	*mean = "";
	int		 r;

	if ((r = compose(c, q, &a.body, &e)) != 0) {
		lk_buf_free(&a.target);
		lk_out_free(&a.body);
	} else if ((r = lk_link_ask(c, &a, &j, &e)) == 0)
		r = lk_answer_decision(lk_json_root(j), d, t, &e);
	lk_json_free(&j);
	if (r == LK_EUSAGE && q->type != NULL &&
	    !lk_enter_type(c, q->type, &mean))
		return lk_say(c, r, "no type %s in %s%s", q->type, c->policy,
		    mean);
	return r == 0 ? 0 : lk_say_error(c, &e);
}
