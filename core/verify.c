/*
 * verify.c: the way of a request, one call a step.
 *
 * route - present - parse - digest - look-up - state - account - type's verify
 * - checks - budgets - decision - usage.  What a step does is in steps.c and,
 * of budgets and usage, in budgets.c.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/net.h"
#include "call.h"

typedef uint32_t (*step_fn)(struct lk_call *);

/* From the credential on, the way is the same for requests and tokens. */
static const step_fn road[] = {
	lk_step_parse,
	lk_step_digest,
	lk_step_lookup,
	lk_step_state,
	lk_step_account,
	lk_step_verify,
	lk_step_checks,
	lk_step_budgets,
};

/* The rest of the way; the only caller of lk_decision_allow. */
static void
travel(struct lk_call *c, uint32_t verdict)
{
	size_t	 i;

	for (i = 0; i < sizeof(road) / sizeof(road[0]); i++)
		if (verdict == LK_PASS)
			verdict = road[i](c);
	if (verdict == LK_PASS && c->record.key_id.n == LK_KEYID_LEN &&
	    c->found.state == LK_STATE_ACTIVE)
		lk_decision_allow(c->d);
	else if (verdict == LK_PASS || c->d->reason == LK_REASON_NONE)
		lk_decision_stop(c->d, LK_REASON_UNAVAILABLE, 0);
	if (c->d->outcome == LK_ALLOW && !c->peek)
		lk_step_usage(c);
}

/* What cannot be judged at all: the caller's mistake. */
static int
usage(struct lk_decision *d)
{
	if (d != NULL) {
		lk_decision_start(d);
		lk_decision_stop(d, LK_REASON_UNAVAILABLE, 0);
	}
	return LK_EUSAGE;
}

static int
can_verify(const struct lk *lk)
{
	return lk != NULL && lk->snapshot != NULL &&
	    lk->snapshot->pepper != NULL;
}

static int
bad_trace(const struct lk_trace *t)
{
	return t != NULL && t->size < sizeof(*t);
}

static int
judge_request(struct lk *lk, const struct lk_request *rq,
    struct lk_decision *d, struct lk_trace *t, int peek)
{
	struct lk_call	 c;
	uint32_t	 verdict;

	if (d == NULL || !can_verify(lk) || rq == NULL ||
	    rq->size != sizeof(*rq) || rq->method == NULL ||
	    rq->path == NULL || bad_trace(t))
		return usage(d);
	lk_call_begin(&c, lk, d, t);
	c.request = rq;
	c.peek = peek;
	verdict = lk_step_route(&c);
	if (verdict == LK_PASS)
		verdict = lk_step_present(&c);
	travel(&c, verdict);
	lk_call_end(&c);
	return 0;
}

int
lk_verify_trace(struct lk *lk, const struct lk_request *rq,
    struct lk_decision *d, struct lk_trace *t)
{
	return judge_request(lk, rq, d, t, 0);
}

static const struct lk_live_type *
type_named(const struct lk_snapshot *s, const char *name)
{
	size_t	 i, n = strlen(name);

	for (i = 0; i < s->policy->ntypes; i++)
		if (s->types[i].name_len == n &&
		    memcmp(s->types[i].type->name, name, n) == 0)
			return &s->types[i];
	return NULL;
}

int
lk_verify(struct lk *lk, const struct lk_request *rq, struct lk_decision *d)
{
	return judge_request(lk, rq, d, NULL, 0);
}

int
lk_peek(struct lk *lk, const struct lk_request *rq, struct lk_decision *d,
    struct lk_trace *t)
{
	return judge_request(lk, rq, d, t, 1);
}

static int
judge_token(struct lk *lk, const char *type, const char *token, size_t len,
    const char *account, const char *api, const void *peer,
    struct lk_decision *d, struct lk_trace *t, int peek)
{
	const struct lk_live_type	*live;
	struct lk_call			 c;
	uint32_t			 verdict;

	if (d == NULL || !can_verify(lk) || type == NULL || token == NULL ||
	    bad_trace(t) || (live = type_named(lk->snapshot, type)) == NULL)
		return usage(d);
	lk_call_begin(&c, lk, d, t);
	c.peek = peek;
	if (peer != NULL)
		lk_net_from_sockaddr(peer, &c.view.peer);
	c.credential.token.p = token;
	c.credential.token.n = len;
	if (account != NULL) {
		c.credential.account.p = account;
		c.credential.account.n = strlen(account);
	}
	verdict = lk_step_type(&c, live, api);
	travel(&c, verdict);
	lk_call_end(&c);
	return 0;
}

int
lk_verify_token_trace(struct lk *lk, const char *type, const char *token,
    size_t len, const char *account, const char *api, const void *peer,
    struct lk_decision *d, struct lk_trace *t)
{
	return judge_token(lk, type, token, len, account, api, peer, d, t, 0);
}

int
lk_verify_token(struct lk *lk, const char *type, const char *token,
    size_t len, const char *account, const char *api, struct lk_decision *d)
{
	return judge_token(lk, type, token, len, account, api, NULL, d, NULL,
	    0);
}

int
lk_peek_token(struct lk *lk, const char *type, const char *token, size_t len,
    const char *account, const char *api, const void *peer,
    struct lk_decision *d, struct lk_trace *t)
{
	return judge_token(lk, type, token, len, account, api, peer, d, t, 1);
}
