/*
 * verify.c: the way of a request, one call a step.
 *
 * route - present - parse - news - digest - look-up - state - account - type's
 * verify - checks - budgets - decision - usage.  What a step does is in
 * steps.h, of plugins in checks.h and, of budgets, in budgets.c.
 *
 * The way has three legs, at the ends of which the memory is asked for what the
 * next one reads.  Of many requests a group goes each leg before any goes the
 * next, so that nobody waits for it; one by one they are judged all the same.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stddef.h>
#include <string.h>

#include "checks.h"
#include "hold.h"
#include "steps.h"

#define GROUP	16			/* calls on the way at once          */
/* A caller that was compiled before struct lk_request had a type. */
#define REQUEST_BEFORE_TYPE	offsetof(struct lk_request, type)

/* ---------------------------------------------------------------- the way */

/* From the credential on, the way is the same for requests and tokens. */
LK_STEP uint32_t
to_digest(struct lk_call *c, const struct lk_news *news, int alone,
    uint32_t verdict)
{
	if (verdict == LK_PASS)
		verdict = lk_step_parse(c);
	if (verdict == LK_PASS)
		verdict = lk_step_news(c, news);
	if (verdict == LK_PASS)
		verdict = lk_step_digest(c, alone);
	return verdict;
}

LK_STEP uint32_t
to_key(struct lk_call *c, uint32_t verdict)
{
	if (verdict == LK_PASS)
		verdict = lk_step_lookup(c);
	if (verdict == LK_PASS)
		verdict = lk_step_state(c);
	if (verdict == LK_PASS)
		verdict = lk_step_account(c);
	return verdict;
}

/* The only caller of lk_decision_allow. */
LK_STEP void
to_decision(struct lk_call *c, uint32_t verdict)
{
	if (verdict == LK_PASS)
		verdict = lk_step_verify(c);
	if (verdict == LK_PASS)
		verdict = lk_step_checks(c);
	if (verdict == LK_PASS)
		verdict = lk_step_budgets(c);
	if (verdict == LK_PASS && c->record.key_id.n == LK_KEYID_LEN &&
	    c->found.state == LK_STATE_ACTIVE)
		lk_decision_allow(c->d);
	else if (verdict == LK_PASS || c->d->reason == LK_REASON_NONE)
		lk_decision_stop(c->d, LK_REASON_UNAVAILABLE, 0);
	if (c->d->outcome == LK_ALLOW && c->nspends != 0)
		lk_call_left(c);
	if (c->d->outcome == LK_ALLOW && !c->peek)
		lk_step_usage(c);
	lk_call_end(c);
}

LK_STEP void
travel(struct lk_call *c, uint32_t verdict)
{
	struct lk_news	 news;

	if (verdict == LK_PASS) {
		lk_news_take(c->lk, &news);
		verdict = to_digest(c, &news, 1, verdict);
		verdict = to_key(c, verdict);
	}
	to_decision(c, verdict);
}

/* --------------------------------------------------------------- arguments */

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

/* No memory for a thread's first call: it cannot be known. */
static int
unavailable(struct lk_decision *d)
{
	(void)usage(d);
	return 0;
}

static int
can_verify(struct lk *lk, const struct lk_seat *seat)
{
	return seat->snapshot != NULL && atomic_load_explicit(&lk->pepper,
	    memory_order_relaxed) != NULL;
}

static int
bad_trace(const struct lk_trace *t)
{
	return t != NULL && t->size < sizeof(*t);
}

static int
bad_request(const struct lk_request *rq)
{
	return rq == NULL || (rq->size != sizeof(*rq) &&
	    rq->size != REQUEST_BEFORE_TYPE) || rq->method == NULL ||
	    rq->path == NULL;
}

LK_STEP const struct lk_live_type *
type_named(const struct lk_snapshot *s, const char *name)
{
	const struct lk_live_type	*t = s->types;
	const struct lk_live_type	*end = t + s->policy->ntypes;
	size_t				 n = strlen(name);

	for (; t < end; t++)
		if (t->name_len == n && memcmp(t->name, name, n) == 0)
			return t;
	return NULL;
}

/* The type that a request must be of, or NULL.  -1: there is none such. */
static int
type_wanted(const struct lk_seat *seat, const struct lk_request *rq,
    const struct lk_live_type **out)
{
	*out = NULL;
	if (rq->size < sizeof(*rq) || rq->type == NULL)
		return 0;
	*out = type_named(seat->snapshot, rq->type);
	return *out != NULL ? 0 : -1;
}

/* The type of a token's request, or NULL: it cannot be judged. */
static const struct lk_live_type *
type_of(const struct lk_seat *seat, const struct lk_token_request *rq)
{
	if (rq->size != sizeof(*rq) || rq->type == NULL || rq->token == NULL)
		return NULL;
	return type_named(seat->snapshot, rq->type);
}

/* ------------------------------------------------------------------ one */

/* A call begins where its kind of request does, and comes to a credential. */
LK_STEP uint32_t
begin_request(struct lk_call *c, const struct lk_request *rq,
    const struct lk_live_type *named)
{
	uint32_t	 verdict;

	c->request = rq;
	verdict = lk_step_route(c, named);
	return verdict == LK_PASS ? lk_step_present(c) : verdict;
}

LK_STEP uint32_t
begin_token(struct lk_call *c, const struct lk_token_request *rq,
    const struct lk_live_type *type)
{
	if (rq->peer != NULL)
		lk_net_from_sockaddr(rq->peer, &c->view.peer);
	c->credential.token.p = rq->token;
	c->credential.token.n = rq->token_len;
	if (rq->account != NULL) {
		c->credential.account.p = rq->account;
		c->credential.account.n = strlen(rq->account);
	}
	return lk_step_type(c, type, rq->api);
}

static int
judge_request(struct lk *lk, const struct lk_request *rq,
    struct lk_decision *d, struct lk_trace *t, int peek)
{
	const struct lk_live_type	*named;
	struct lk_seat			*seat;
	struct lk_call			 c;
	uint32_t			 verdict;
	int				 r = 0;

	if (d == NULL || lk == NULL || bad_request(rq) || bad_trace(t))
		return usage(d);
	if ((seat = lk_hold(lk)) == NULL)
		return unavailable(d);
	if (can_verify(lk, seat) && type_wanted(seat, rq, &named) == 0) {
		lk_call_begin(&c, lk, seat->snapshot, d, t);
		c.peek = peek;
		verdict = begin_request(&c, rq, named);
		if (verdict == LK_PASS)
			lk_call_expect_account(&c);
		travel(&c, verdict);
	} else
		r = usage(d);
	lk_release(seat);
	return r;
}

static int
judge_token(struct lk *lk, const struct lk_token_request *rq,
    struct lk_decision *d, struct lk_trace *t, int peek)
{
	const struct lk_live_type	*type;
	struct lk_seat			*seat;
	struct lk_call			 c;
	int				 r = 0;

	if (d == NULL || lk == NULL || bad_trace(t))
		return usage(d);
	if ((seat = lk_hold(lk)) == NULL)
		return unavailable(d);
	if (can_verify(lk, seat) && (type = type_of(seat, rq)) != NULL) {
		lk_call_begin(&c, lk, seat->snapshot, d, t);
		c.peek = peek;
		travel(&c, begin_token(&c, rq, type));
	} else
		r = usage(d);
	lk_release(seat);
	return r;
}

int
lk_verify(struct lk *lk, const struct lk_request *rq, struct lk_decision *d)
{
	return judge_request(lk, rq, d, NULL, 0);
}

int
lk_verify_trace(struct lk *lk, const struct lk_request *rq,
    struct lk_decision *d, struct lk_trace *t)
{
	return judge_request(lk, rq, d, t, 0);
}

int
lk_peek(struct lk *lk, const struct lk_request *rq, struct lk_decision *d,
    struct lk_trace *t)
{
	return judge_request(lk, rq, d, t, 1);
}

int
lk_verify_token(struct lk *lk, const char *type, const char *token,
    size_t len, const char *account, const char *api, struct lk_decision *d)
{
	const struct lk_token_request	 rq = { sizeof(rq), type, token, len,
					     account, api, NULL };

	return judge_token(lk, &rq, d, NULL, 0);
}

int
lk_verify_token_trace(struct lk *lk, const char *type, const char *token,
    size_t len, const char *account, const char *api, const void *peer,
    struct lk_decision *d, struct lk_trace *t)
{
	const struct lk_token_request	 rq = { sizeof(rq), type, token, len,
					     account, api, peer };

	return judge_token(lk, &rq, d, t, 0);
}

int
lk_peek_token(struct lk *lk, const char *type, const char *token, size_t len,
    const char *account, const char *api, const void *peer,
    struct lk_decision *d, struct lk_trace *t)
{
	const struct lk_token_request	 rq = { sizeof(rq), type, token, len,
					     account, api, peer };

	return judge_token(lk, &rq, d, t, 1);
}

/* ----------------------------------------------------------------- many */

/* Calls that go each leg together. */
struct group {
	struct lk_call	 c[GROUP];
	uint32_t	 verdict[GROUP];
	size_t		 n;
	struct lk_news	 news;
};

/* Where the next one goes, as far as to its digest. */
static void
join(struct group *g, uint32_t verdict)
{
	if (g->n == 0)
		lk_news_take(g->c[0].lk, &g->news);
	g->verdict[g->n] = to_digest(&g->c[g->n], &g->news, 0,
	    verdict);
	g->n++;
}

static void
group_travel(struct group *g)
{
	size_t	 i;

	/* All at once: each may have to wait for where its page is. */
	for (i = 0; i < g->n; i++)
		if (g->verdict[i] == LK_PASS)
			lk_call_expect(&g->c[i]);
	for (i = 0; i < g->n; i++)
		g->verdict[i] = to_key(&g->c[i], g->verdict[i]);
	for (i = 0; i < g->n; i++)
		to_decision(&g->c[i], g->verdict[i]);
	g->n = 0;
}

/* One policy judges them all.  NULL: none is judged, and *r says what of it. */
static struct lk_seat *
begin_many(struct lk *lk, struct lk_decision *d, size_t n, int *r)
{
	struct lk_seat	*seat = lk != NULL ? lk_hold(lk) : NULL;
	size_t		 i;

	if (seat == NULL && lk == NULL && n != 0)
		*r = LK_EUSAGE;
	for (i = 0; seat == NULL && i < n; i++)
		(void)usage(&d[i]);
	return seat;
}

int
lk_verify_many(struct lk *lk, const struct lk_request *rq, size_t n,
    struct lk_decision *d)
{
	const struct lk_live_type	*named;
	struct group			 g;
	struct lk_seat			*seat;
	struct lk_call			*c;
	size_t				 i;
	int				 r = 0;

	if (n != 0 && (d == NULL || rq == NULL))
		return LK_EUSAGE;
	if ((seat = begin_many(lk, d, n, &r)) == NULL)
		return r;
	g.n = 0;
	for (i = 0; i < n; i++) {
		if (!can_verify(lk, seat) || bad_request(&rq[i]) ||
		    type_wanted(seat, &rq[i], &named) != 0) {
			r = usage(&d[i]);
			continue;
		}
		c = &g.c[g.n];
		lk_call_begin(c, lk, seat->snapshot, &d[i], NULL);
		join(&g, begin_request(c, &rq[i], named));
		if (g.n == GROUP)
			group_travel(&g);
	}
	group_travel(&g);
	lk_release(seat);
	return r;
}

int
lk_verify_token_many(struct lk *lk, const struct lk_token_request *rq,
    size_t n, struct lk_decision *d)
{
	const struct lk_live_type	*type;
	struct group			 g;
	struct lk_seat			*seat;
	struct lk_call			*c;
	size_t				 i;
	int				 r = 0;

	if (n != 0 && (d == NULL || rq == NULL))
		return LK_EUSAGE;
	if ((seat = begin_many(lk, d, n, &r)) == NULL)
		return r;
	g.n = 0;
	for (i = 0; i < n; i++) {
		if (!can_verify(lk, seat) ||
		    (type = type_of(seat, &rq[i])) == NULL) {
			r = usage(&d[i]);
			continue;
		}
		c = &g.c[g.n];
		lk_call_begin(c, lk, seat->snapshot, &d[i], NULL);
		join(&g, begin_token(c, &rq[i], type));
		if (g.n == GROUP)
			group_travel(&g);
	}
	group_travel(&g);
	lk_release(seat);
	return r;
}
