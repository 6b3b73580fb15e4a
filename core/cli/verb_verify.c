/*
 * verify: may this request be served?
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>

#include <string.h>

#include "cli/apart.h"
#include "cli/link.h"
#include "cli/question.h"
#include "cli/verdict.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "method", "METHOD", "of the request; GET when not given", 'X' },
	{ "header", "LINE", "'Name: value', or @FILE with one a line; may be "
	    "given again", 'H', 1 },
	{ "body", "FILE", "the request's body; - is standard input" },
	{ "address", "IP", "where it comes from; 127.0.0.1 when not given" },
	{ "type", "T", "judge a token alone, read from standard input" },
	{ "account", "A", "the account that is claimed with --type" },
	{ "consume", NULL, "count it: take it from the rate limits, and note "
	    "that the key was used" },
	{ "explain", NULL, "every step with its verdict and reason" },
	{ NULL }
};

static int
read_address(struct lk_cli *c, struct lk_question *q)
{
	const char	*text = lk_args_value(c, "address");

	if (text == NULL)
		text = "127.0.0.1";
	if (inet_pton(AF_INET, text, &q->peer.in.sin_addr) == 1)
		q->peer.in.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &q->peer.in6.sin6_addr) == 1)
		q->peer.in6.sin6_family = AF_INET6;
	else
		return lk_say(c, LK_EDATA, "--address %s is no IPv4 or IPv6 "
		    "address", text);
	q->rq.peer = &q->peer;
	return 0;
}

static int
read_request(struct lk_cli *c, struct lk_question *q)
{
	const char	*method = lk_args_value(c, "method");
	const char	*body = lk_args_value(c, "body");
	int		 r;

	if ((r = lk_headers_read(c, &q->headers)) != 0)
		return r;
	q->rq.size = sizeof(q->rq);
	q->rq.method = method != NULL ? method : "GET";
	q->rq.path = c->words[0];
	q->rq.headers = q->headers.v;
	q->rq.nheaders = q->headers.n;
	if (body == NULL)
		return 0;
	if ((r = lk_input_read(c, body, LK_BODY_MAX, &q->body)) != 0)
		return r;
	q->rq.body = q->body.p;
	q->rq.body_len = q->body.n;
	return 0;
}

/* One octet more than a token may have is enough to refuse it. */
static int
read_token(struct lk_cli *c, struct lk_question *q)
{
	struct lk_input	*in = &q->token;
	int		 r;

	if ((r = lk_input_start(c, "-", LK_TOKEN_MAX + 2, in)) != 0)
		return r;
	if (in->n != 0 && in->p[in->n - 1] == '\n')
		in->n--;
	if (in->n != 0 && in->p[in->n - 1] == '\r')
		in->n--;
	return 0;
}

/* What one form has and the other has not. */
static int
check_form(struct lk_cli *c)
{
	static const char *const of_request[] = { "method", "header", "body" };
	size_t		 i;

	if (!lk_args_has(c, "type")) {
		if (c->nwords == 0)
			return lk_say(c, LK_EUSAGE, "verify needs a PATH, or "
			    "--type T with a token on standard input");
		if (lk_args_has(c, "account"))
			return lk_say(c, LK_EUSAGE, "--account goes with "
			    "--type; a request names its account itself");
		return 0;
	}
	if (c->nwords != 0)
		return lk_say(c, LK_EUSAGE, "verify takes a PATH or --type, "
		    "not both");
	for (i = 0; i < sizeof(of_request) / sizeof(of_request[0]); i++)
		if (lk_args_has(c, of_request[i]))
			return lk_say(c, LK_EUSAGE, "--%s is of a request and "
			    "does not go with --type", of_request[i]);
	return 0;
}

static int
ask(struct lk_cli *c, struct lk_question *q, struct lk_decision *d,
    struct lk_trace *t)
{
	int	 consume = lk_args_has(c, "consume");

	if (q->type == NULL)
		return (consume ? lk_verify_trace : lk_peek)(c->lk, &q->rq, d,
		    t);
	return (consume ? lk_verify_token_trace : lk_peek_token)(c->lk,
	    q->type, q->token.p, q->token.n, lk_args_value(c, "account"),
	    NULL, q->rq.peer, d, t);
}

static void
forget(struct lk_question *q)
{
	lk_headers_free(&q->headers);
	lk_input_free(&q->body);
	lk_input_free(&q->token);
}

/* In a process of its own. */
static int
judge(struct lk_cli *c, void *arg, struct lk_decision *d, struct lk_trace *t)
{
	struct lk_question	*q = arg;
	const char	*mean = "";
	int		 r;

	if ((r = lk_enter_lk(c, LK_VERIFY_ONLY)) != 0)
		return r;
	r = ask(c, q, d, t);
	forget(q);
	if (r == LK_EUSAGE && q->type != NULL) {
		lk_enter_type(c, q->type, &mean);
		return lk_say(c, r, "no type %s in %s%s", q->type, c->policy,
		    mean);
	}
	return r == 0 ? 0 : lk_say(c, r, "the request could not be judged");
}

static int
by_server(struct lk_cli *c, const struct lk_question *q,
    struct lk_decision *d, struct lk_trace *t)
{
	int	 r;

	t->size = sizeof(*t);
	return (r = lk_link_server(c)) != 0 ? r :
	    lk_question_remote(c, q, d, t);
}

static int
run(struct lk_cli *c)
{
	static struct lk_question	 q;
	static struct lk_trace	 t;
	struct lk_decision	 d;
	int			 r;

	q.type = lk_args_value(c, "type");
	/* Read as who asked: the owner of the store need not be let in. */
	if ((r = check_form(c)) == 0 && (r = read_address(c, &q)) == 0)
		r = q.type != NULL ? read_token(c, &q) : read_request(c, &q);
	if (r == 0 && lk_args_has(c, "server"))
		r = by_server(c, &q, &d, &t);
	else if (r == 0 && (r = lk_enter(c, LK_ENTER_ANYONE)) == 0)
		r = lk_apart(c, judge, &q, &d, &t);
	forget(&q);
	return r != 0 ? r : lk_verdict_print(c, &d, &t);
}

const struct lk_verb lk_verb_verify = {
	.name = "verify",
	.synopsis = "[-X METHOD] PATH [-H LINE]... [--body FILE] "
	    "[--address IP] [--consume] [--explain] | --type T [--account A] "
	    "[--address IP] [--consume] [--explain]",
	.summary = "say whether a request, or a token, is allowed",
	.example = "latchkey verify -X POST /api/user/v1/upsert -H @headers "
	    "--body user.json --explain",
	.opts = opts,
	.max = 1,
	.run = run,
};
