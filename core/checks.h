/*
 * checks.h: what plugins say of a key that was found: its type's, then all
 * checks, and last the key's own list of addresses.  Here for verify.c alone,
 * as steps.h.
 */
#ifndef LK_CHECKS_H
#define LK_CHECKS_H

#include "base/net.h"
#include "call.h"
#include "store/usage.h"

LK_STEP uint32_t
lk_step_verify(struct lk_call *c)
{
	const struct lk_policy_type	*t = c->type->type;
	struct lk_answer		 a;
	uint32_t			 r;

	r = lk_instance_verify(c->type->plugin, c, &c->credential, &c->record,
	    &a);
	return lk_call_judge(c, "verify", t->plugin, t->plugin_place.line, r,
	    &a);
}

/* A key's own list holds even where no check of the policy looks at it. */
LK_STEP uint32_t
lk_own_addresses(struct lk_call *c)
{
	const struct lk_record	*k = &c->record;

	if (k->naddresses == 0 || (c->view.peer.family != 0 &&
	    lk_net_in(&c->view.peer, k->addresses, k->naddresses)))
		return LK_PASS;
	return lk_call_stop(c, "check", LK_REASON_ADDRESS_REFUSED, 0,
	    c->view.peer.family == 0 ? "the peer is not known" :
	    "the peer is not in the key's own list");
}

LK_STEP uint32_t
lk_one_check(struct lk_call *c, const struct lk_live_check *k)
{
	struct lk_answer	 a;
	uint32_t		 r;

	c->check = k;
	r = lk_instance_check(k->plugin, c, &c->record, &a);
	if (r != LK_PASS && k->observe)
		return lk_call_observed(c, k, r, &a);
	return lk_call_judge(c, "check", k->line->plugin, k->line->place.line,
	    r, &a);
}

LK_STEP uint32_t
lk_step_checks(struct lk_call *c)
{
	const struct lk_live_api	*api = c->live;
	uint32_t			 r = LK_PASS;
	size_t				 i;

	for (i = 0; i < api->nchecks && r == LK_PASS; i++)
		r = lk_one_check(c, api->checks[i]);
	return r == LK_PASS ? lk_own_addresses(c) : r;
}

/* Take what the checks found; nothing as a rule. */
LK_STEP uint32_t
lk_step_budgets(struct lk_call *c)
{
	return c->nspends == 0 || c->peek ? LK_PASS : lk_call_take(c);
}

/* After the decision, which it does not change: an allowed key was used. */
LK_STEP void
lk_step_usage(struct lk_call *c)
{
	lk_usage_touch(lk_store_usage(c->lk->store), c->found.digest, c->now);
}

#endif
