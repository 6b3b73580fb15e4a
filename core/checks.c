/*
 * checks.c: what plugins say of a key that was found: its type's, then all
 * checks, and last the key's own list of addresses.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/net.h"
#include "call.h"

uint32_t
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
static uint32_t
own_addresses(struct lk_call *c)
{
	const struct lk_record	*k = &c->record;

	if (k->naddresses == 0 || (c->view.peer.family != 0 &&
	    lk_net_in(&c->view.peer, k->addresses, k->naddresses)))
		return LK_PASS;
	return lk_call_stop(c, "check", LK_REASON_ADDRESS_REFUSED, 0,
	    c->view.peer.family == 0 ? "the peer is not known" :
	    "the peer is not in the key's own list");
}

static uint32_t
one_check(struct lk_call *c, const struct lk_live_check *k)
{
	struct lk_answer	 a;
	uint32_t		 r;

	c->check = k;
	r = lk_instance_check(k->plugin, c, &c->record, &a);
	return lk_call_judge(c, "check", k->line->plugin, k->line->place.line,
	    r, &a);
}

uint32_t
lk_step_checks(struct lk_call *c)
{
	const struct lk_live_api	*api = c->live;
	uint32_t			 r = LK_PASS;
	size_t				 i;

	for (i = 0; i < api->nchecks && r == LK_PASS; i++)
		r = one_check(c, api->checks[i]);
	return r == LK_PASS ? own_addresses(c) : r;
}
