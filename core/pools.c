#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pools.h"
#include "store/budget.h"

#define SEED_POOL	1
#define SEED_OWN	2

/* One that was named, and by which line of the policy. */
struct lk_pool {
	struct lk_budget	 b;
	char			*name;
	unsigned		 line;
};

void
lk_pools_free(struct lk_pools *p)
{
	size_t	 i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
	p->v = NULL;
	p->n = 0;
}

/* What makes a budget impossible, or NULL. */
static const char *
fault(const struct lk_budget *b)
{
	if (b->size < sizeof(*b) || b->by < LK_BY_ACCOUNT ||
	    b->by > LK_BY_ADDRESS)
		return "a budget of a form that is not known";
	if (b->limit < 1 || b->limit > LK_BUDGET_CALLS)
		return "a limit of no or of too many calls";
	if (b->seconds > LK_BUDGET_PERIOD)
		return "a period over a century";
	if (b->seconds == 0 && b->burst != 0)
		return "a calendar day has no burst: take it away, or give a "
		    "duration";
	if (b->seconds != 0 && (b->burst < 1 || b->burst > LK_BUDGET_CALLS))
		return "a burst of no or of too many calls";
	if (b->pool != NULL && *b->pool == '\0')
		return "a pool without a name";
	return NULL;
}

/* In what a budget differs from that of its pool, or NULL. */
static const char *
differs(const struct lk_budget *a, const struct lk_budget *b)
{
	if (a->limit != b->limit)
		return "limit";
	if (a->seconds != b->seconds)
		return "period";
	if (a->burst != b->burst)
		return "burst";
	return a->by != b->by ? "\"by\"" : NULL;
}

static int
join_pool(const struct lk_setup_env *env, const struct lk_budget *b,
    char *why, size_t size)
{
	struct lk_pools	*all = env->pools;
	struct lk_pool	*v;
	const char	*what;
	size_t		 i;

	for (i = 0; i < all->n; i++) {
		if (strcmp(all->v[i].name, b->pool) != 0)
			continue;
		if ((what = differs(&all->v[i].b, b)) == NULL)
			return 0;
		snprintf(why, size, "the pool %.64s has another %s on line %u: "
		    "it is one budget, so write the same or another pool",
		    b->pool, what, all->v[i].line);
		return -1;
	}
	snprintf(why, size, "no memory for a pool");
	if ((v = reallocarray(all->v, all->n + 1, sizeof(*v))) == NULL)
		return -1;
	all->v = v;
	v += all->n;
	if ((v->name = strdup(b->pool)) == NULL)
		return -1;
	v->b = *b;
	v->line = env->line;
	all->n++;
	return 0;
}

/* With its NUL, so that two texts are no other two. */
static uint64_t
add(uint64_t h, const char *text)
{
	return lk_budget_hash(h, text, strlen(text) + 1);
}

static uint64_t
name_of(const struct lk_setup_env *env, const struct lk_budget *b)
{
	uint64_t	 h;

	if (b->pool != NULL)
		return add(SEED_POOL, b->pool) | 1;
	h = add(SEED_OWN, env->type);
	h = add(h, env->api != NULL ? env->api : "");
	h = add(h, env->check);
	return lk_budget_hash(h, &env->nth, sizeof(env->nth)) | 1;
}

int
lk_budget_name(const struct lk_setup_env *env, struct lk_budget *b,
    char *why, size_t size)
{
	struct lk_spend	 s;
	const char	*wrong = fault(b);

	if (wrong != NULL) {
		snprintf(why, size, "%s", wrong);
		return -1;
	}
	if (b->pool != NULL && join_pool(env, b, why, size) != 0)
		return -1;
	lk_budget_set(&s, b->limit, b->seconds, b->burst);
	b->host[LK_HOST_NAME] = name_of(env, b);
	b->host[LK_HOST_STEP] = s.step;
	b->host[LK_HOST_SPAN] = s.span;
	return 0;
}
