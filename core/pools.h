/*
 * pools.h: the rate limits of a policy get the names that their calls are
 * counted under, and checks of one pool are one budget.
 */
#ifndef LK_POOLS_H
#define LK_POOLS_H

#include "loader/loader.h"

/* lk_budget.host, once it is named: a hash, not 0; of struct lk_spend. */
#define LK_HOST_NAME	0
#define LK_HOST_STEP	1
#define LK_HOST_SPAN	2

/* The pools of a policy while its checks are configured. */
struct lk_pools {
	struct lk_pool	*v;
	size_t		 n;
};

void	lk_pools_free(struct lk_pools *p);
/*
 * lk_setup_env.budget: the name is its pool's, or its own by type, API and
 * check.  It stays the same when limits are changed or lines are moved.  0, or
 * -1 and why.
 */
int	lk_budget_name(const struct lk_setup_env *env, struct lk_budget *b,
	    char *why, size_t size);

#endif
