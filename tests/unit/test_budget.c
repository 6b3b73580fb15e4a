/*
 * A word of a rate-limit bucket: GCRA and calendar days, by tables; and that
 * any word is taken.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "store/budget.h"
#include "table.h"

#define S	LK_SECOND
#define YEAR	(31557600 * S)
#define T0	1790000000000000000LL	/* 2026-09-21T14:13:20Z              */
#define MIDNIGHT 1790035200000000000LL	/* the one after it                  */

static struct lk_spend
spend(uint64_t limit, uint64_t seconds, uint64_t burst)
{
	struct lk_spend	 s = { .id = 1 };

	lk_budget_set(&s, limit, seconds, burst);
	return s;
}

/* How many of n pass at now; the wait of the last that does not. */
static unsigned
spent(const struct lk_spend *s, uint64_t *word, int64_t now, unsigned n,
    uint32_t *wait)
{
	uint64_t	 next;
	unsigned	 i, passed = 0;

	*wait = 0;
	for (i = 0; i < n; i++)
		if (lk_budget_next(s, *word, now, &next, wait)) {
			*word = next;
			passed++;
		}
	return passed;
}

/* What is said to be left is what passes. */
static void
foretold(const struct lk_spend *s, uint64_t word, int64_t now, unsigned more,
    unsigned passes)
{
	uint32_t	 reset, left = lk_budget_left(s, word, now, &reset);

	assert_int_equal(left < more ? left : more, passes);
	assert_int_equal(lk_budget_left(s, word, now + reset * S, &reset),
	    s->step != 0 ? s->span / s->step : s->span);
	assert_int_equal(reset, 0);
}

/* First n at T0, then more of them later: what passes, and the wait. */
static const struct rate_case {
	const char	*name;
	uint64_t	 limit, seconds, burst;
	unsigned	 first;
	int64_t		 later;		/* nanoseconds after T0              */
	unsigned	 more, passes;
	uint32_t	 wait;
} rate_cases[] = {
	{ "a full budget", 10, 60, 10, 0, 0, 20, 10, 6 },
	{ "spent, and no time passes", 10, 60, 10, 10, 0, 5, 0, 6 },
	{ "just before the next", 10, 60, 10, 10, 6 * S - 1, 5, 0, 1 },
	{ "at the next", 10, 60, 10, 10, 6 * S, 5, 1, 6 },
	{ "half of it later", 10, 60, 10, 10, 30 * S, 20, 5, 6 },
	{ "all of it later", 10, 60, 10, 10, 60 * S, 20, 10, 6 },
	{ "never more than burst", 10, 60, 10, 10, 6000 * S, 20, 10, 6 },
	{ "burst 1", 10, 60, 1, 1, 0, 5, 0, 6 },
	{ "burst 1, at the next", 10, 60, 1, 1, 6 * S, 5, 1, 6 },
	{ "burst over limit", 10, 60, 30, 0, 0, 50, 30, 6 },
	{ "a limit of 1", 1, 60, 1, 1, 59 * S, 5, 0, 1 },
	{ "25000 a minute", 25000, 60, 25000, 0, 0, 30000, 25000, 1 },
	{ "25000, 2.4 ms later", 25000, 60, 25000, 25000, 2400000, 5, 1, 1 },
	{ "rounded against the caller", 7, 60, 7, 7, 60 * S, 10, 6, 1 },
	{ "a second too early by a nanosecond", 7, 60, 7, 7, 8571428571, 10,
	    0, 1 },
	{ "30 days", 1, 2592000, 1, 1, 1 * S, 1, 0, 2591999 },
	{ "a thousand million a second", 1000000000, 1, 3, 3, 1, 9, 1, 1 },
	{ "ten years back", 10, 60, 10, 10, -10 * YEAR, 20, 10, 6 },
	{ "ten years on", 10, 60, 10, 10, 10 * YEAR, 20, 10, 6 },
	{ "an hour back", 10, 60, 10, 10, -3600 * S, 20, 10, 6 },
	/* Another thread looked at the clock before us. */
	{ "a millisecond back", 10, 60, 10, 10, -1000000, 20, 0, 7 },
};

static void
rate(void **state)
{
	const struct rate_case	*c = *state;
	struct lk_spend		 s = spend(c->limit, c->seconds, c->burst);
	uint64_t		 word = 0;
	uint32_t		 wait;

	assert_int_equal(spent(&s, &word, T0, c->first, &wait), c->first);
	foretold(&s, word, T0 + c->later, c->more, c->passes);
	assert_int_equal(spent(&s, &word, T0 + c->later, c->more, &wait),
	    c->passes);
	assert_int_equal(wait, c->wait);
}

/* The same of days; first at one time, more at another. */
static const struct day_case {
	const char	*name;
	uint64_t	 limit;
	int64_t		 at;
	unsigned	 first;
	int64_t		 later;
	unsigned	 more, passes;
	uint32_t	 wait;
} day_cases[] = {
	{ "a full day", 3, T0, 0, T0, 5, 3, 35200 },
	{ "spent in the morning", 3, T0, 3, T0 + 35199 * S, 5, 0, 1 },
	{ "the last nanosecond", 3, T0, 3, MIDNIGHT - 1, 5, 0, 1 },
	{ "midnight", 3, T0, 3, MIDNIGHT, 5, 3, 86400 },
	{ "the day after", 1, T0, 1, MIDNIGHT + 86400 * S, 2, 1, 86400 },
	/* Who looked before midnight counts with who looked after it. */
	{ "struck for another", 3, MIDNIGHT, 2, MIDNIGHT - 1000, 5, 1, 86401 },
	{ "an hour back over midnight", 3, MIDNIGHT, 3, MIDNIGHT - 3600 * S,
	    5, 3, 3600 },
	{ "ten years back", 3, T0, 3, T0 - 10 * YEAR, 5, 3, 78400 },
	{ "ten years on", 3, T0, 3, T0 + 10 * YEAR, 5, 3, 78400 },
	{ "before 1970", 3, T0, 3, -5, 5, 3, 86400 },
};

static void
day(void **state)
{
	const struct day_case	*c = *state;
	struct lk_spend		 s = spend(c->limit, 0, 0);
	uint64_t		 word = 0;
	uint32_t		 wait;

	assert_int_equal(spent(&s, &word, c->at, c->first, &wait), c->first);
	foretold(&s, word, c->later, c->more, c->passes);
	assert_int_equal(spent(&s, &word, c->later, c->more, &wait),
	    c->passes);
	assert_int_equal(wait, c->wait);
}

static const struct back_case {
	const char	*name;
	uint64_t	 limit, seconds;
	unsigned	 first, back, passes;
} back_cases[] = {
	{ "one of ten",		10, 60, 10, 1, 1 },
	{ "all of ten",		10, 60, 10, 10, 10 },
	{ "no more than all",	10, 60, 10, 20, 10 },
	{ "one of a day",	10, 0, 10, 1, 1 },
	{ "no more than a day",	10, 0, 10, 20, 10 },
};

static void
back(void **state)
{
	const struct back_case	*c = *state;
	struct lk_spend		 s = spend(c->limit, c->seconds, c->limit);
	uint64_t		 word = 0;
	uint32_t		 wait;
	unsigned		 i;

	assert_int_equal(spent(&s, &word, T0, c->first, &wait), c->first);
	for (i = 0; i < c->back; i++)
		word = lk_budget_back(&s, word, T0);
	assert_int_equal(spent(&s, &word, T0, 30, &wait), c->passes);
}

/* A word of the one kind that is full is full for the other. */
static void
kinds(void **state)
{
	struct lk_spend	 r = spend(10, 60, 10), d = spend(10, 0, 0);
	uint64_t	 word = 0;
	uint32_t	 wait;

	(void)state;
	spent(&r, &word, T0, 10, &wait);
	assert_int_equal(spent(&d, &word, T0 + 60 * S, 30, &wait), 10);
	assert_int_equal(spent(&r, &word, MIDNIGHT + 2 * S, 30, &wait), 10);
}

/* Any word: at most the burst passes, and a wait has an end. */
static void
random_words(void **state)
{
	const struct lk_spend	 all[] = { spend(3, 60, 3), spend(3, 0, 0),
				    spend(1, 2592000, 3),
				    spend(1000000000, 1, 3) };
	uint64_t		 x = 88172645463325252ULL, word;
	uint32_t		 wait;
	unsigned		 i, k;

	(void)state;
	for (i = 0; i < 400000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		k = i % 4;
		word = i % 3 == 0 ? x : i % 3 == 1 ? (uint64_t)T0 +
		    (x >> (x & 31)) : x >> (x & 63);
		word = lk_budget_back(&all[k], word, T0);
		assert_true(spent(&all[k], &word, T0, 9, &wait) <= 4);
		assert_true(wait >= 1);
		assert_true(wait <= (all[k].step == 0 ? 86400 :
		    all[k].span / S + 61));
	}
}

/* As GCRA is defined, with fractions, beside ours at random times. */
static void
model(void **state)
{
	struct lk_spend	 s = spend(1000, 60, 20);
	double		 tat = 0, t = 0;
	uint64_t	 x = 2463534242ULL, word = 0, next;
	uint32_t	 wait;
	unsigned	 i, passed = 0;
	int		 want;

	(void)state;
	for (i = 0; i < 200000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		t += (double)(x % 90000000) + 1;
		want = (tat > t ? tat : t) + 60e6 <= t + 20 * 60e6;
		if (want)
			tat = (tat > t ? tat : t) + 60e6;
		if (lk_budget_next(&s, word, T0 + (int64_t)t, &next, &wait)) {
			assert_true(want);
			word = next;
			passed++;
		} else
			assert_false(want);
	}
	assert_true(passed > 10000 && passed < 190000);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, rate, rate_cases);
	TABLE_ROWS(&t, day, day_cases);
	TABLE_ROWS(&t, back, back_cases);
	TABLE_TEST(&t, kinds);
	TABLE_TEST(&t, random_words);
	TABLE_TEST(&t, model);
	return table_run(&t, "budget");
}
