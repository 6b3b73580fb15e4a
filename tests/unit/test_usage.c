/*
 * The two tables of `usage` by themselves: when a key was last used, and what
 * is spent; and that any content of them is taken.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include <sys/mman.h>

#include "store_home.h"
#include "store/usage_inner.h"

#define NOW	1790000000LL		/* seconds                           */
#define MINUTE	(NOW / 60 * 60)
#define NS	(NOW * LK_SECOND)
#define YEAR	31557600LL

static struct home		 home;
static struct lk_usage_file	*u;

static int
fresh(void **state)
{
	(void)state;
	home_dir(&home);
	assert_int_equal(mkdir(home.store, 0700), 0);
	assert_int_equal(lk_usage_open(home.io, home.store, 1, &u), 0);
	assert_true(lk_usage_shared(u));
	return 0;
}

static int
gone(void **state)
{
	(void)state;
	lk_usage_close(&u);
	home_remove(&home);
	return 0;
}

/* A digest that falls into set (of the minimum) with a name of its own. */
static void
digest_in(uint32_t set, unsigned name, uint8_t d[LK_DIGEST_SIZE])
{
	uint32_t	 sets = lk_usage_now(u)->sets;
	uint64_t	 head;

	head = (((uint64_t)set << 32) + sets - 1) / sets << 32 | name;
	memset(d, 0, LK_DIGEST_SIZE);
	memcpy(d, &head, sizeof(head));
}

static struct lk_spend
spend(uint64_t id, uint64_t limit, uint64_t seconds)
{
	struct lk_spend	 s = { .id = id };

	lk_budget_set(&s, limit, seconds, limit);
	return s;
}

/* How many of n are counted. */
static unsigned
taken(const struct lk_spend *s, int64_t now, unsigned n)
{
	unsigned	 i, passed = 0;
	uint32_t	 wait;

	for (i = 0; i < n; i++)
		passed += (unsigned)lk_usage_take(u, s, now, &wait);
	return passed;
}

/* ---------------------------------------------------------------- last used */

/* Touched at one time, then at another; what is read then, at the second. */
static const struct touch_case {
	const char	*name;
	int64_t		 first, second, reads;
} touch_cases[] = {
	{ "once",			0, NOW, MINUTE },
	{ "twice in a minute",		NOW, MINUTE + 59, MINUTE },
	{ "a minute later",		NOW, NOW + 60, MINUTE + 60 },
	{ "a year later",		NOW, NOW + YEAR / 60 * 60,
					MINUTE + YEAR / 60 * 60 },
	{ "before 1970",		0, -5, 0 },
	{ "in the first minute",	0, 59, 0 },
	{ "in the second",		0, 60, 60 },
	{ "later than there are minutes", 0, INT64_MAX, 0 },
	/* Read at an earlier time than it was used: it was used now. */
	{ "a minute back",		NOW, NOW - 60, MINUTE - 60 },
	{ "ten years back",		NOW, NOW - 10 * YEAR,
					(NOW - 10 * YEAR) / 60 * 60 },
};

static void
touch(void **state)
{
	const struct touch_case	*c = *state;
	uint8_t			 d[LK_DIGEST_SIZE], other[LK_DIGEST_SIZE];

	fresh(NULL);
	key_digest(1, d);
	key_digest(2, other);
	assert_int_equal(lk_usage_last(u, d, NOW), 0);
	lk_usage_touch(u, d, c->first);
	lk_usage_touch(u, d, c->second);
	assert_int_equal(lk_usage_last(u, d, c->second), c->reads);
	assert_int_equal(lk_usage_last(u, other, c->second), 0);
	gone(NULL);
}

/* What is later stays, whoever comes with an earlier clock. */
static void
never_back(void **state)
{
	uint8_t	 d[LK_DIGEST_SIZE];

	(void)state;
	key_digest(1, d);
	lk_usage_touch(u, d, NOW);
	lk_usage_touch(u, d, NOW - 120);
	assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
	/* But for what was no time at all. */
	lk_usage_touch(u, d, NOW + 10 * YEAR);
	lk_usage_touch(u, d, NOW);
	assert_int_equal(lk_usage_last(u, d, NOW + 10 * YEAR), MINUTE);
}

/* Within a minute nothing is stored: the pages may be read-only. */
static void
minute_granular(void **state)
{
	const struct lk_usage_map	*m = lk_usage_now(u);
	void				*p = (void *)(uintptr_t)m->words;
	uint8_t				 d[LK_DIGEST_SIZE];

	(void)state;
	key_digest(1, d);
	lk_usage_touch(u, d, MINUTE);
	assert_int_equal(mprotect(p, m->size, PROT_READ), 0);
	lk_usage_touch(u, d, MINUTE + 59);
	lk_usage_touch(u, d, MINUTE - 60);
	assert_int_equal(mprotect(p, m->size, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
}

/* Eight keys a set; the ninth takes the place of the oldest. */
static void
full_set(void **state)
{
	uint8_t		 d[LK_DIGEST_SIZE];
	unsigned	 i;

	(void)state;
	for (i = 0; i < 9; i++) {
		digest_in(3, i, d);
		lk_usage_touch(u, d, NOW + 60 * (int)((i + 5) % 8));
	}
	for (i = 0; i < 9; i++) {
		digest_in(3, i, d);
		assert_int_equal(lk_usage_last(u, d, NOW + YEAR) != 0, i != 3);
	}
	digest_in(4, 1, d);
	assert_int_equal(lk_usage_last(u, d, NOW + YEAR), 0);
}

/* ------------------------------------------------------------------ budgets */

static void
budget(void **state)
{
	struct lk_spend	 a = spend(1, 10, 60), b = spend(2, 10, 0);
	uint32_t	 wait;

	(void)state;
	assert_int_equal(lk_usage_peek(u, &a, NS, &wait), 1);
	assert_int_equal(taken(&a, NS, 20), 10);
	assert_int_equal(lk_usage_peek(u, &a, NS, &wait), 0);
	assert_int_equal(wait, 6);
	lk_usage_give(u, &a, NS);
	assert_int_equal(taken(&a, NS, 20), 1);
	assert_int_equal(taken(&b, NS, 20), 10);
	assert_int_equal(taken(&b, NS + 86400 * LK_SECOND, 20), 10);
}

/* A peek stores nothing, not even whose budget it is. */
static void
peek_stores_nothing(void **state)
{
	const struct lk_usage_map	*m = lk_usage_now(u);
	void				*p = (void *)(uintptr_t)m->words;
	struct lk_spend			 s;
	uint32_t			 wait;
	uint64_t			 i;

	(void)state;
	assert_int_equal(mprotect(p, m->size, PROT_READ), 0);
	for (i = 0; i < 100; i++) {
		s = spend(i << 50 | i, 1, 60);
		assert_int_equal(lk_usage_peek(u, &s, NS, &wait), 1);
		lk_usage_give(u, &s, NS);
	}
	assert_int_equal(mprotect(p, m->size, PROT_READ | PROT_WRITE), 0);
}

/* Three budgets a group: what is full soonest gives way, and comes back full;
 * what was spent of it is not on the newcomer. */
static void
full_group(void **state)
{
	struct lk_spend	 s[4];
	unsigned	 i;

	(void)state;
	for (i = 0; i < 4; i++)
		s[i] = spend(i + 1, 10, 60 * (i + 1));
	for (i = 3; i > 0; i--)
		assert_int_equal(taken(&s[i], NS, 20), 10);
	assert_int_equal(taken(&s[0], NS, 20), 10);
	assert_int_equal(taken(&s[2], NS, 20), 0);
	assert_int_equal(taken(&s[3], NS, 20), 0);
	assert_int_equal(taken(&s[1], NS, 20), 10);
}

/* What no budget can have come to gives way first, not what was spent. */
static void
garbage_group(void **state)
{
	struct lk_spend	 old = spend(1, 10, 0), new = spend(2, 10, 0);
	_Atomic uint64_t *group;

	(void)state;
	group = lk_usage_now(u)->words + LK_LINE_WORDS *
	    (1 + lk_usage_now(u)->sets);
	assert_int_equal(taken(&old, NS, 20), 10);
	atomic_store(&group[0], atomic_load(&group[0]) | 0xabcde00000);
	atomic_store(&group[2], UINT64_MAX - 1);
	atomic_store(&group[0], atomic_load(&group[0]) | 0x7777ULL << 42);
	atomic_store(&group[3], UINT64_MAX);
	assert_int_equal(taken(&new, NS, 20), 10);
	assert_int_equal(taken(&old, NS, 20), 0);
	assert_int_equal(taken(&new, NS, 20), 0);
}

/* A bucket whose budget is full goes to another without a store to it. */
static void
full_bucket(void **state)
{
	struct lk_spend	 s[9];
	int64_t		 later = NS;
	unsigned	 i;

	(void)state;
	for (i = 0; i < 9; i++) {
		s[i] = spend(i + 1, i % 2 != 0 ? 3 : 4, i % 3 != 0 ? 60 : 0);
		assert_int_equal(taken(&s[i], later, 9), s[i].step != 0 ?
		    s[i].span / s[i].step : s[i].span);
		later += 2 * 86400 * LK_SECOND;
	}
}

/* ------------------------------------------------------------------ hostile */

static uint64_t	seed = 88172645463325252ULL;

static uint64_t
any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t
any_zeros(void)
{
	return any() % 3 == 0 ? 0 : any();
}

static uint64_t
any_time(void)
{
	return (uint64_t)NS + (any() >> (any() & 63)) - (any() >> 33);
}

static uint64_t
any_minute(void)
{
	return any() << 28 | ((uint64_t)NOW / 60 + (any() >> 44) - 500000);
}

static uint64_t
ones(void)
{
	return UINT64_MAX;
}

static const struct hostile_case {
	const char	*name;
	uint64_t	(*word)(void);
} hostile_cases[] = {
	{ "random words",	any },
	{ "some of them zero",	any_zeros },
	{ "near times",		any_time },
	{ "near minutes",	any_minute },
	{ "all ones",		ones },
};

/* Nothing crashes, loops or allows more than its limit at once; and what is
 * touched or spent from then on counts. */
static void
hostile(void **state)
{
	const struct hostile_case	*c = *state;
	const struct lk_usage_map	*m;
	struct lk_spend			 s;
	uint8_t				 d[LK_DIGEST_SIZE];
	size_t				 i;

	fresh(NULL);
	m = lk_usage_now(u);
	for (i = LK_LINE_WORDS; i < m->size / 8; i++)
		atomic_store(&m->words[i], c->word());
	for (i = 0; i < 20000; i++) {
		key_digest((unsigned)any(), d);
		assert_true(lk_usage_last(u, d, NOW) <= MINUTE);
		lk_usage_touch(u, d, NOW);
		assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
		s = spend(any(), 3, i % 2 != 0 ? 60 : 0);
		assert_true(taken(&s, NS, 9) <= 3);
		assert_int_equal(taken(&s, NS, 3), 0);
		lk_usage_give(u, &s, NS);
	}
	lk_usage_fit(u, 40000);
	assert_true(lk_usage_size(u) >= 40000 * 16);
	gone(NULL);
}

int
main(void)
{
	struct table	 t = { 0 };
	size_t		 i;

	TABLE_ROWS(&t, touch, touch_cases);
	TABLE_ROWS(&t, hostile, hostile_cases);
	i = t.n;
	TABLE_TEST(&t, never_back);
	TABLE_TEST(&t, minute_granular);
	TABLE_TEST(&t, full_set);
	TABLE_TEST(&t, budget);
	TABLE_TEST(&t, peek_stores_nothing);
	TABLE_TEST(&t, full_group);
	TABLE_TEST(&t, garbage_group);
	TABLE_TEST(&t, full_bucket);
	for (; i < t.n; i++) {
		t.tests[i].setup_func = fresh;
		t.tests[i].teardown_func = gone;
	}
	return table_run(&t, "usage");
}
