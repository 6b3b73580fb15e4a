/*
 * entitlement.c: the account's package must hold the API.  Which packages there
 * are and what they hold is the policy's; who has which, the store's.
 */
#include "plugin.h"

/* There are no options, so the host table is all that an instance is. */
static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	(void)setup;
	(void)a;
	*instance = (void *)(uintptr_t)host;
	return LK_PASS;
}

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	const struct lk_host	*host = instance;

	(void)record;
	if (host->entitled(c) == 1)
		return LK_PASS;
	return lk_plugin_refuse(a, LK_REASON_NOT_ENTITLED,
	    "the account's package", "does not hold this API");
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_CHECK),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "entitlement",
	.version = "1.0",
	.title = "The account's package must hold the API",
	.configure = configure,
	.check = check,
};
