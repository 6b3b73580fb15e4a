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

/* To be taken once, however often it is asked for. */
static int
remember(struct lk_call *c, const struct lk_spend *s)
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
	if (!lk_usage_peek(lk_store_usage(c->lk->store), &s, c->clock, wait))
		return 0;
	return remember(c, &s);
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
	while (i-- > 0)
		lk_usage_give(u, &c->spends[i], c->clock);
	lk_decision_stop(c->d, LK_REASON_RATE_LIMITED, wait);
	lk_trace_step(c->trace, "check", line->plugin, LK_REASON_RATE_LIMITED,
	    line->place.line, faster);
	return LK_REFUSE;
}
