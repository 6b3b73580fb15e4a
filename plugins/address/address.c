/*
 * address.c: the caller's address must be in a list.  A key's own list, when it
 * was generated with one, replaces the list given here.
 */
#include <stdio.h>
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

	if ((d = calloc(1, sizeof(*d))) == NULL) {
		snprintf(a->note, sizeof(a->note), "no memory");
		return LK_BROKEN;
	}
	d->host = host;
	host->option_nets(setup, "allow", &d->allow, &d->nallow);
	*instance = d;
	return LK_PASS;
}

static void
release(void *instance)
{
	free(instance);
}

static uint32_t
refuse(struct lk_answer *a, const char *why)
{
	a->reason = LK_REASON_ADDRESS_REFUSED;
	snprintf(a->note, sizeof(a->note), "%s", why);
	return LK_REFUSE;
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
		return refuse(a, "no peer known");
	if (record->naddresses != 0) {
		nets = record->addresses;
		n = record->naddresses;
	}
	if (nets == NULL)
		return LK_BROKEN;
	if (d->host->in_nets(&view->peer, nets, n) == 1)
		return LK_PASS;
	return refuse(a, record->naddresses != 0 ?
	    "the peer is not in the key's own list" :
	    "the peer is not in the type's list");
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	.magic = LK_PLUGIN_MAGIC,
	.major = LK_PLUGIN_MAJOR,
	.minor = LK_PLUGIN_MINOR,
	.size = sizeof(struct lk_plugin),
	.kind = LK_PLUGIN_CHECK,
	.flags = LK_PLUGIN_THREAD_SAFE,
	.option_size = sizeof(struct lk_option),
	.name = "address",
	.version = "1.0",
	.title = "The caller's address must be in a list",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = release,
	.check = check,
};
