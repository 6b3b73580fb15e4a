/* digest: one object, many threads; threads and objects that end at once. */
#include "table.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "token/digest.h"

#define THREADS		8
#define CALLS		2000
#define ROUNDS		60

struct job {
	struct lk_hmac	*h;
	unsigned	 seed;
	int		 wrong;
};

/* The same message under the same key in another way. */
static int
is_right(const char *key, const char *m, size_t n, const uint8_t *d)
{
	uint8_t	 want[LK_DIGEST_SIZE];

	return lk_hmac_once(key, strlen(key), m, n, want) == 0 &&
	    memcmp(want, d, sizeof want) == 0;
}

static void *
digest_many(void *arg)
{
	struct job	*j = arg;
	uint8_t		 d[LK_DIGEST_SIZE];
	char		 m[64];
	int		 i, n;

	for (i = 0; i < CALLS; i++) {
		n = snprintf(m, sizeof m, "%u-%d", j->seed, i);
		if (lk_hmac(j->h, m, (size_t)n, d) != 0 ||
		    (i % 16 == 0 && !is_right("key", m, (size_t)n, d)))
			j->wrong++;
	}
	return NULL;
}

static void
run(struct job *jobs, size_t n, void *(*f)(void *))
{
	pthread_t	 t[THREADS];
	size_t		 i;

	for (i = 0; i < n; i++)
		assert_int_equal(pthread_create(&t[i], NULL, f, &jobs[i]), 0);
	for (i = 0; i < n; i++)
		pthread_join(t[i], NULL);
}

static void
test_one_object(void **state)
{
	struct job	 jobs[THREADS];
	struct lk_hmac	*h;
	size_t		 i;

	(void)state;
	assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
	for (i = 0; i < THREADS; i++)
		jobs[i] = (struct job){ h, (unsigned)i, 0 };
	run(jobs, THREADS, digest_many);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(jobs[i].wrong, 0);
	lk_hmac_free(&h);
}

/* The object ends while a thread that used it lives on, and uses another. */
static struct lk_hmac	*stage[2];
static pthread_barrier_t barrier;

static void *
outlive(void *arg)
{
	struct job	*j = arg;
	uint8_t		 d[LK_DIGEST_SIZE];

	j->wrong += lk_hmac(stage[0], "m", 1, d) != 0;
	pthread_barrier_wait(&barrier);		/* stage 0 ends */
	pthread_barrier_wait(&barrier);
	j->wrong += lk_hmac(stage[1], "m", 1, d) != 0;
	j->wrong += !is_right("two", "m", 1, d);
	return NULL;
}

static void
test_object_ends_first(void **state)
{
	struct job	 jobs[THREADS] = { { NULL, 0, 0 } };
	pthread_t	 t[THREADS];
	int		 i;

	(void)state;
	assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS + 1), 0);
	assert_int_equal(lk_hmac_new("one", 3, &stage[0], NULL), 0);
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, outlive, &jobs[i]);
	pthread_barrier_wait(&barrier);
	lk_hmac_free(&stage[0]);
	assert_int_equal(lk_hmac_new("two", 3, &stage[1], NULL), 0);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		assert_int_equal(jobs[i].wrong, 0);
	}
	lk_hmac_free(&stage[1]);
	pthread_barrier_destroy(&barrier);
}

/*
 * The object ends just as its threads do: either may come first, and both close
 * each handle once.
 */
static atomic_int	 used;

static void *
use_and_end(void *arg)
{
	struct job	*j = arg;
	uint8_t		 d[LK_DIGEST_SIZE];

	j->wrong += lk_hmac(j->h, "m", 1, d) != 0;
	atomic_fetch_add(&used, 1);
	return NULL;
}

static void
test_both_end(void **state)
{
	struct job	 jobs[THREADS];
	pthread_t	 t[THREADS];
	struct lk_hmac	*h;
	int		 i, round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
		atomic_store(&used, 0);
		for (i = 0; i < THREADS; i++) {
			jobs[i] = (struct job){ h, 0, 0 };
			pthread_create(&t[i], NULL, use_and_end, &jobs[i]);
		}
		while (atomic_load(&used) < THREADS)
			sched_yield();
		lk_hmac_free(&h);
		for (i = 0; i < THREADS; i++) {
			pthread_join(t[i], NULL);
			assert_int_equal(jobs[i].wrong, 0);
		}
	}
}

/* Threads that come and go leave nothing: more of them than there is room for
 * in memory, were each to keep its handle. */
static void
test_come_and_go(void **state)
{
	struct job	 jobs[THREADS];
	struct lk_hmac	*h;
	int		 round, i;

	(void)state;
	assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < THREADS; i++)
			jobs[i] = (struct job){ h, 0, 0 };
		run(jobs, THREADS, use_and_end);
		for (i = 0; i < THREADS; i++)
			assert_int_equal(jobs[i].wrong, 0);
	}
	lk_hmac_free(&h);
}

/* Another thread opens handles, under the lock, while we fork: the child must
 * not wait for that thread, which it does not have. */
static atomic_int	 stop;

static void *
churn(void *arg)
{
	struct lk_hmac	*h;
	uint8_t		 d[LK_DIGEST_SIZE];
	struct job	*j = arg;

	while (!atomic_load(&stop)) {
		if (lk_hmac_new("churn", 5, &h, NULL) != 0 ||
		    lk_hmac(h, "m", 1, d) != 0)
			j->wrong++;
		lk_hmac_free(&h);
	}
	return NULL;
}

static void
in_child(struct lk_hmac *h)
{
	uint8_t	 d[LK_DIGEST_SIZE];

	alarm(10);			/* a child that hangs is ended */
	if (lk_hmac(h, "m", 1, d) != 0)	/* the first call of this thread */
		_exit(1);
	lk_hmac_free(&h);
	_exit(0);
}

static void
test_fork_while_others_open(void **state)
{
	struct job	 j = { NULL, 0, 0 };
	struct lk_hmac	*h;
	pthread_t	 t;
	pid_t		 pid;
	int		 i, status;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	/* The locks of their malloc do not survive a fork. */
	return;
#endif
	atomic_store(&stop, 0);
	assert_int_equal(lk_hmac_new("key", 3, &h, NULL), 0);
	assert_int_equal(pthread_create(&t, NULL, churn, &j), 0);
	for (i = 0; i < 20; i++) {
		if ((pid = fork()) == 0)
			in_child(h);
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	atomic_store(&stop, 1);
	pthread_join(t, NULL);
	assert_int_equal(j.wrong, 0);
	lk_hmac_free(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_one_object);
	TABLE_TEST(&t, test_object_ends_first);
	TABLE_TEST(&t, test_both_end);
	TABLE_TEST(&t, test_come_and_go);
	TABLE_TEST(&t, test_fork_while_others_open);
	return table_run(&t, "digest_threads");
}
