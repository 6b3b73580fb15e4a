/*
 * budgets.c: what one call spends of rate limits.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/text.h"
#include "call.h"
#include "pools.h"
#include "store/usage.h"

#define DAY	86400		/* seconds                           */

/* Whose budget it is: its kind and octets on top of the name.  -1: nobody's. */
static int
subject(const struct lk_call *c, const struct lk_budget *b, uint64_t *id)
{
	const struct lk_net	*peer = &c->view.peer;
	uint64_t		 h = b->host[LK_HOST_NAME] + b->by;

	switch (b->by) {
	case LK_BY_ACCOUNT:
		*id = lk_budget_hash(h, c->found.account,
		    c->found.account_len);
		return 0;
	case LK_BY_KEY:
		*id = lk_budget_hash(h, c->found.key_id, LK_KEYID_LEN);
		return 0;
	default:
		/* Four octets, or the eight of a network of IPv6. */
		*id = lk_budget_hash(h, peer->addr, peer->family == 4 ? 4 : 8);
		return peer->family == 0 ? -1 : 0;
	}
}

static void
tell(struct lk_decision *d, const struct lk_budget *b, uint32_t left,
    uint32_t reset)
{
	d->rate_limit = b->limit;
	d->rate_period = b->seconds != 0 ? b->seconds : DAY;
	d->rate_left = left;
	d->rate_reset = reset;
}

void
lk_call_spent(struct lk_call *c)
{
	if (c->spent != NULL)
		tell(c->d, c->spent, 0, c->d->retry_after);
}

void
lk_call_left(struct lk_call *c)
{
	const struct lk_usage_file	*u = lk_store_usage(c->lk->store);
	struct lk_decision		*d = c->d;
	uint32_t			 left, reset;
	unsigned			 i;

	for (i = 0; i < c->nspends; i++) {
		if (c->spenders[i]->observe)
			continue;
		left = lk_usage_left(u, &c->spends[i], c->clock, &reset);
		if (d->rate_limit == 0 || left < d->rate_left)
			tell(d, c->budgets[i], left, reset);
	}
}

/* To be taken once, however often it is asked for. */
static int
remember(struct lk_call *c, const struct lk_spend *s,
    const struct lk_budget *b)
{
	unsigned	 i;

	for (i = 0; i < c->nspends; i++)
		if (c->spends[i].id == s->id) {
			/* One that is enforced counts for both. */
			if (c->spenders[i]->observe)
				c->spenders[i] = c->check;
			return 1;
		}
	if (c->nspends == LK_SPENDS_MAX)
		return -2;
	c->spends[c->nspends] = *s;
	c->budgets[c->nspends] = b;
	c->spenders[c->nspends++] = c->check;
	return 1;
}

int
lk_call_budget(struct lk_call *c, const struct lk_budget *b, uint32_t *wait)
{
	struct lk_spend	 s;

	*wait = 0;
	if (b->host[LK_HOST_NAME] == 0)
		return -2;
	if (subject(c, b, &s.id) != 0)
		return -1;
	s.step = b->host[LK_HOST_STEP];
	s.span = b->host[LK_HOST_SPAN];
	if (c->clock == 0)
		c->clock = lk_clock_ns();
	if (!lk_usage_peek(lk_store_usage(c->lk->store), &s, c->clock, wait)) {
		c->spent = b;
		return 0;
	}
	return remember(c, &s, b);
}

static const char	faster[] = "others were faster by a moment";

/* The i-th is not there any more, and its check is observed alone. */
static void
do_without(struct lk_call *c, unsigned i)
{
	const struct lk_policy_check	*line = c->spenders[i]->line;

	lk_decision_observe(c->d, c->trace, line->plugin,
	    LK_REASON_RATE_LIMITED, line->place.line, faster);
	c->nspends--;
	c->spends[i] = c->spends[c->nspends];
	c->spenders[i] = c->spenders[c->nspends];
	c->budgets[i] = c->budgets[c->nspends];
}

uint32_t
lk_call_take(struct lk_call *c)
{
	struct lk_usage_file		*u = lk_store_usage(c->lk->store);
	const struct lk_policy_check	*line;
	uint32_t			 wait;
	unsigned			 i = 0;

	while (i < c->nspends) {
		if (lk_usage_take(u, &c->spends[i], c->clock, &wait))
			i++;
		else if (c->spenders[i]->observe)
			do_without(c, i);
		else
			break;
	}
	if (i == c->nspends)
		return LK_PASS;
	line = c->spenders[i]->line;
	c->spent = c->budgets[i];
	while (i-- > 0)
		lk_usage_give(u, &c->spends[i], c->clock);
	lk_decision_stop(c->d, LK_REASON_RATE_LIMITED, wait);
	lk_call_spent(c);
	lk_trace_step(c->trace, "check", line->plugin, LK_REASON_RATE_LIMITED,
	    line->place.line, faster);
	return LK_REFUSE;
}
