/*
 * test_pool_threads: who goes first, and that all are run.
 */
#include "table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "daemon/pool.h"

#define THREADS	3
#define MANY	200

struct job {
	struct lk_task	 task;		/* the first member                  */
	pthread_mutex_t	*gate;		/* NULL: it waits for nobody         */
	int		 turn;		/* when it was run, from 1           */
};

static atomic_int	 turn;

static void
run(struct lk_task *t)
{
	struct job	*j = (struct job *)(void *)t;

	if (j->gate != NULL) {
		pthread_mutex_lock(j->gate);
		pthread_mutex_unlock(j->gate);
	}
	j->turn = atomic_fetch_add(&turn, 1) + 1;
}

/* All threads and many more tasks wait: what goes first does not wait for any
 * of them. */
static void
test_first(void **state)
{
	static struct job	 slow[MANY], first[5];
	const struct timespec	 ms = { 0, 1000000 };
	pthread_mutex_t		 gate = PTHREAD_MUTEX_INITIALIZER;
	struct lk_error		 e = { 0 };
	struct lk_pool		*p;
	int			 i;

	(void)state;
	atomic_store(&turn, 0);
	assert_non_null(p = lk_pool_start(THREADS, &e));
	pthread_mutex_lock(&gate);
	for (i = 0; i < MANY; i++) {
		slow[i].task.run = run;
		slow[i].gate = &gate;
		lk_pool_put(p, &slow[i].task, 0);
	}
	for (i = 0; i < 5; i++) {
		first[i].task.run = run;
		lk_pool_put(p, &first[i].task, 1);
	}
	for (i = 0; i < 60000 && atomic_load(&turn) < 5; i++)
		nanosleep(&ms, NULL);
	assert_int_equal(atomic_load(&turn), 5);
	pthread_mutex_unlock(&gate);
	lk_pool_stop(&p);
	assert_null(p);
	assert_int_equal(atomic_load(&turn), 5 + MANY);
	for (i = 0; i < 5; i++)
		assert_in_range(first[i].turn, 1, 5);
}

/* However they are mixed, each is run once, also those that a stop finds. */
static void
test_all(void **state)
{
	static struct job	 jobs[MANY];
	struct lk_error		 e = { 0 };
	struct lk_pool		*p;
	int			 i, round, seen;

	(void)state;
	for (round = 0; round < 50; round++) {
		atomic_store(&turn, 0);
		memset(jobs, 0, sizeof(jobs));
		assert_non_null(p = lk_pool_start(THREADS, &e));
		for (i = 0; i < MANY; i++) {
			jobs[i].task.run = run;
			lk_pool_put(p, &jobs[i].task, i % (round + 1) == 0);
		}
		lk_pool_stop(&p);
		for (seen = i = 0; i < MANY; i++)
			seen += jobs[i].turn != 0;
		assert_int_equal(seen, MANY);
		assert_int_equal(atomic_load(&turn), MANY);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_first);
	TABLE_TEST(&t, test_all);
	return table_run(&t, "pool_threads");
}
