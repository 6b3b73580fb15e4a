/*
 * usage_home.h: a folder for the file `usage`, and whether it works, for tests;
 * store_home.h is included before it.
 */
#ifndef USAGE_HOME_H
#define USAGE_HOME_H

#include "store/usage_inner.h"

#define NOW	1790000000LL		/* seconds                           */
#define MINUTE	(NOW / 60 * 60)
#define NS	(NOW * LK_SECOND)

static char	 path[256], bad[256], new[256];

static inline void
folder(struct home *h)
{
	home_dir(h);
	assert_int_equal(mkdir(h->store, 0700), 0);
	snprintf(path, sizeof(path), "%s/usage", h->store);
	snprintf(bad, sizeof(bad), "%s/usage.bad", h->store);
	snprintf(new, sizeof(new), "%s/usage.new", h->store);
}

static inline struct lk_usage_file *
opened(const struct home *h, int write)
{
	struct lk_usage_file	*u;

	assert_int_equal(lk_usage_open(h->io, h->store, write, &u), 0);
	return u;
}

static inline int
there(const char *name)
{
	struct stat	 st;

	return lstat(name, &st) == 0;
}

/* It works, wherever it counts: a key and a budget. */
static inline void
must_count(struct lk_usage_file *u)
{
	static uint64_t	 id;
	struct lk_spend	 s = { .id = 0 };
	uint8_t		 d[LK_DIGEST_SIZE];
	uint32_t	 wait;
	unsigned	 i, n = 0;

	s.id = lk_budget_hash(++id, NULL, 0);
	key_digest(9, d);
	lk_usage_touch(u, d, NOW);
	assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
	lk_budget_set(&s, 5, 60, 5);
	for (i = 0; i < 9; i++)
		n += (unsigned)lk_usage_take(u, &s, NS, &wait);
	assert_int_equal(n, 5);
}

#endif
