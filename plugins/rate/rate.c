/*
 * rate.c: so many calls in so long a time, by account, key or address.
 *
 * The plugin says what the budget is; the core counts, and only calls that all
 * checks have passed, so it runs after those that do not count.
 */
#include <stdlib.h>

#include "plugin.h"

#define MONTH	2592000			/* seconds, 30 days                  */

struct rate {
	const struct lk_host	*host;
	struct lk_budget	 budget;
	const char		*whose;
};

static const struct lk_option options[] = {
	{ .name = "limit", .kind = LK_OPTION_INTEGER, .required = 1,
	  .min = 1, .max = LK_BUDGET_CALLS,
	  .help = "how many calls in that time" },
	{ .name = "per", .kind = LK_OPTION_DURATION, .required = 1,
	  .min = 1, .max = MONTH, .choices = "day",
	  .help = "the time; day is a calendar day in UTC" },
	{ .name = "by", .kind = LK_OPTION_CHOICE,
	  .choices = "account key address", .fallback = "account",
	  .help = "who has a budget of his own; of IPv6, each /64" },
	{ .name = "pool", .kind = LK_OPTION_STRING, .min = 1, .max = 64,
	  .help = "one budget for all checks of the policy with that name" },
	{ .name = "burst", .kind = LK_OPTION_INTEGER,
	  .min = 1, .max = LK_BUDGET_CALLS,
	  .help = "how many calls at once, limit if left out; not with day" },
};

static const struct {
	const char	*name;
	uint32_t	 by;
	const char	*whose;
} bys[] = {
	{ "account",	LK_BY_ACCOUNT,	"the account" },
	{ "key",	LK_BY_KEY,	"the key" },
	{ "address",	LK_BY_ADDRESS,	"the address" },
};

/* The budget that the options describe; an option that is left out is 0. */
static void
read_options(const struct lk_setup *setup, struct rate *r)
{
	const struct lk_host	*host = r->host;
	struct lk_budget	*b = &r->budget;
	const char		*by = "";
	int64_t			 limit, burst, seconds;
	size_t			 i;

	host->option_number(setup, "limit", &limit);
	host->option_number(setup, "per", &seconds);
	host->option_string(setup, "by", &by);
	host->option_string(setup, "pool", &b->pool);
	if (host->option_number(setup, "burst", &burst) != 0)
		burst = seconds != 0 ? limit : 0;
	b->size = sizeof(*b);
	b->limit = (uint32_t)limit;
	b->seconds = (uint32_t)seconds;
	b->burst = (uint32_t)burst;
	for (i = 0; i < sizeof(bys) / sizeof(bys[0]); i++)
		if (strcmp(bys[i].name, by) == 0) {
			b->by = bys[i].by;
			r->whose = bys[i].whose;
		}
}

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct rate	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return lk_plugin_broken(a, "no memory");
	r->host = host;
	read_options(setup, r);
	if (host->budget_new(setup, &r->budget, a->note,
	    sizeof(a->note)) != 0) {
		free(r);
		return LK_BROKEN;
	}
	*instance = r;
	return LK_PASS;
}

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	const struct rate	*r = instance;

	(void)record;
	switch (r->host->budget(c, &r->budget, &a->wait)) {
	case 1:
		return LK_PASS;
	case 0:
		snprintf(a->note, sizeof(a->note), "%s has spent its %u: wait "
		    "%u s", r->whose, r->budget.limit, a->wait);
		return LK_WAIT;
	case -1:
		return lk_plugin_refuse(a, LK_REASON_ADDRESS_REFUSED,
		    "the peer", "is not known");
	default:
		return lk_plugin_broken(a, "too many budgets in one call");
	}
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_CHECK),
	.flags = LK_PLUGIN_THREAD_SAFE | LK_PLUGIN_COUNTS,
	.name = "rate",
	.version = "1.0",
	.title = "So many calls in so long a time",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = free,
	.check = check,
};
