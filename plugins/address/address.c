/*
 * address.c: the caller's address must be in a list.  A key's own list, when it
 * was generated with one, replaces the list given here.
 */
#include <stdlib.h>

#include "plugin.h"

struct address {
	const struct lk_host	*host;
	const struct lk_net	*allow;
	size_t			 nallow;
};

static const struct lk_option options[] = {
	{ .name = "allow", .kind = LK_OPTION_NETS, .required = 1,
	  .min = 1, .max = 256,
	  .help = "who may call, unless the key has a list of its own" },
};

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct address	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return lk_plugin_broken(a, "no memory");
	d->host = host;
	host->option_nets(setup, "allow", &d->allow, &d->nallow);
	*instance = d;
	return LK_PASS;
}

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	const struct address	*d = instance;
	const struct lk_view	*view = d->host->view(c);
	const struct lk_net	*nets = d->allow;
	size_t			 n = d->nallow;

	if (view == NULL || view->peer.family == 0)
		return lk_plugin_refuse(a, LK_REASON_ADDRESS_REFUSED,
		    "the peer", "is not known");
	if (record->naddresses != 0) {
		nets = record->addresses;
		n = record->naddresses;
	}
	if (nets == NULL)
		return LK_BROKEN;
	if (d->host->in_nets(&view->peer, nets, n) == 1)
		return LK_PASS;
	return lk_plugin_refuse(a, LK_REASON_ADDRESS_REFUSED, "the peer",
	    record->naddresses != 0 ? "is not in the key's own list" :
	    "is not in the type's list");
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_CHECK),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "address",
	.version = "1.0",
	.title = "The caller's address must be in a list",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.check = check,
};
