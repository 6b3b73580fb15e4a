/*
 * Threads and processes that race for one budget spend it once, and no more.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include <sys/mman.h>

#include <pthread.h>
#include <sched.h>

#include "store_home.h"
#include "store/usage_inner.h"

#define NS	(1790000000LL * LK_SECOND)
#define MANY	8
#define ROUNDS	300
#define BUDGET	100U

static struct home		 home;
static struct lk_usage_file	*u;

/* How they begin together, and what each counted; shared by processes. */
struct meeting {
	_Atomic unsigned	 ready;
	_Atomic uint64_t	 word;
	_Atomic unsigned	 passed[ROUNDS];
};
static struct meeting		*meeting;

/* A budget of its own each round, mixed, that all race for from the first. */
static struct lk_spend
budget_of(unsigned round)
{
	struct lk_spend	 s = { .id = 0 };

	s.id = lk_budget_hash(7, &round, sizeof(round));
	lk_budget_set(&s, BUDGET, round % 2 != 0 ? 3600 : 0, BUDGET);
	return s;
}

static void
race(struct lk_usage_file *mine, unsigned of)
{
	struct lk_spend	 s;
	uint32_t	 wait;
	unsigned	 i, k;

	for (i = 0; i < ROUNDS; i++) {
		atomic_fetch_add(&meeting->ready, 1);
		while (atomic_load(&meeting->ready) < of * (i + 1))
			sched_yield();
		s = budget_of(i);
		/* Clocks differ by a little. */
		for (k = 0; k < 2 * BUDGET; k++)
			if (lk_usage_take(mine, &s, NS + (int)(k * 17 % 5),
			    &wait))
				atomic_fetch_add(&meeting->passed[i], 1);
	}
}

static void *
thread(void *arg)
{
	race(u, *(unsigned *)arg);
	return NULL;
}

static void
begin(void)
{
	struct lk_usage_file	*first;

	home_dir(&home);
	assert_int_equal(mkdir(home.store, 0700), 0);
	assert_int_equal(lk_usage_open(home.io, home.store, 1, &first), 0);
	assert_true(lk_usage_shared(first));
	lk_usage_close(&first);
	assert_int_equal(lk_usage_open(home.io, home.store, 0, &u), 0);
	assert_true(lk_usage_shared(u));
	meeting = mmap(NULL, sizeof(*meeting), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(meeting != MAP_FAILED);
}

static void
end(void)
{
	unsigned	 i;

	for (i = 0; i < ROUNDS; i++)
		if (atomic_load(&meeting->passed[i]) != BUDGET)
			fail_msg("round %u: %u of %u", i,
			    atomic_load(&meeting->passed[i]), BUDGET);
	munmap(meeting, sizeof(*meeting));
	lk_usage_close(&u);
	home_remove(&home);
}

static const struct race_case {
	const char	*name;
	unsigned	 threads, processes;
} race_cases[] = {
	{ "two threads",	2, 0 },
	{ "eight threads",	8, 0 },
	{ "four processes",	0, 4 },
};

static void
races(void **state)
{
	const struct race_case	*c = *state;
	struct lk_usage_file	*mine;
	pthread_t		 t[MANY];
	pid_t			 pid[MANY];
	unsigned		 i, n = c->threads;

	begin();
	for (i = 0; i < c->threads; i++)
		assert_int_equal(pthread_create(&t[i], NULL, thread, &n), 0);
	for (i = 0; i < c->processes; i++)
		if ((pid[i] = fork()) == 0) {
			if (lk_usage_open(home.io, home.store, 0, &mine) != 0)
				_exit(1);
			race(mine, c->processes);
			_exit(0);
		}
	for (i = 0; i < c->threads; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < c->processes; i++)
		assert_int_equal(reap(pid[i]), 0);
	end();
}

/* ------------------------------------------------- the same word, last used */

static void *
toucher(void *arg)
{
	uint8_t		 d[LK_DIGEST_SIZE];
	int64_t		 now, *at = arg;
	unsigned	 key;

	for (key = 0; key < 50; key++) {
		key_digest(key, d);
		for (now = *at; now < *at + 60 * 600; now += 60) {
			lk_usage_touch(u, d, now);
			if (lk_usage_last(u, d, now + 86400) < now / 60 * 60)
				return arg;
		}
	}
	return NULL;
}

/* Clocks that differ, by less than a day: what one thread has touched is never
 * older then, though the other comes with an earlier one. */
static void
last_used(void **state)
{
	int64_t		 at[2] = { 1790000000, 1790000000 + 1800 };
	pthread_t	 t[2];
	void		*bad[2];
	int		 i;

	(void)state;
	begin();
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, toucher,
		    &at[i]), 0);
	for (i = 0; i < 2; i++)
		pthread_join(t[i], &bad[i]);
	assert_null(bad[0]);
	assert_null(bad[1]);
	for (i = 0; i < ROUNDS; i++)
		atomic_store(&meeting->passed[i], BUDGET);
	end();
}

/* Planted: who looks and then stores spends it more than once. */
static void *
careless(void *arg)
{
	struct lk_spend	 s = budget_of(0);
	uint32_t	 wait;
	uint64_t	 next;
	unsigned	 i;

	(void)arg;
	atomic_fetch_add(&meeting->ready, 1);
	while (atomic_load(&meeting->ready) < 2)
		sched_yield();
	for (i = 0; i < 2 * BUDGET; i++)
		if (lk_budget_next(&s, atomic_load(&meeting->word), NS, &next,
		    &wait)) {
			usleep(1);
			atomic_store(&meeting->word, next);
			atomic_fetch_add(&meeting->passed[0], 1);
		}
	return NULL;
}

static void
planted(void **state)
{
	pthread_t	 t[2];
	int		 i;

	(void)state;
	begin();
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, careless, NULL),
		    0);
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_true(atomic_load(&meeting->passed[0]) > BUDGET);
	for (i = 0; i < ROUNDS; i++)
		atomic_store(&meeting->passed[i], BUDGET);
	end();
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, races, race_cases);
	TABLE_TEST(&t, last_used);
	TABLE_TEST(&t, planted);
	return table_run(&t, "usage_race");
}
