/*
 * Several processes at one store: the lock, the limit, fork.
 */
#include "table.h"

#include <pthread.h>

#include "store_home.h"

#define LIMIT		5
#define RACERS		8

/* One key, if the account holds fewer than it may. */
static int
add_within_limit(struct lk_store *s, unsigned n)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;

	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return -1;
	}
	if (lk_store_count(s, "ucd", "acme", lk_store_now(s)) >= LIMIT) {
		lk_batch_abandon(&b);
		return 0;
	}
	if (key_put(b, n, NULL, 0, &e) != 0) {
		lk_batch_abandon(&b);
		return -1;
	}
	return lk_batch_commit(&b, &e) == 0 ? 1 : -1;
}

static void
racer(const struct home *h, unsigned who)
{
	struct lk_store	*s = child_open(h, 1);
	unsigned	 i;
	int		 r, got = 0;

	for (i = 0; i < 4; i++) {
		if ((r = add_within_limit(s, who * 10 + i)) < 0)
			_exit(98);
		got += r;
	}
	_exit(got);
}

static void
test_limit(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	pid_t		 pids[RACERS];
	unsigned	 i;
	int		 sum = 0;

	(void)state;
	home_make(&h);
	for (i = 0; i < RACERS; i++)
		if ((pids[i] = fork()) == 0)
			racer(&h, i + 1);
	for (i = 0; i < RACERS; i++)
		sum += reap(pids[i]);
	assert_int_equal(sum, LIMIT);
	s = home_open(&h, 1, 1);
	assert_int_equal(lk_store_count(s, "ucd", "acme", 0), LIMIT);
	lk_store_close(&s);
	home_remove(&h);
}

/* The same where there is no state: it is made once, and all keys count. */
static void
test_state_race(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	pid_t		 pids[RACERS];
	unsigned	 i, round;
	int		 sum;

	(void)state;
	for (round = 0; round < 10; round++) {
		home_make(&h);
		home_vouch(&h, NO_STATE);
		for (i = 0, sum = 0; i < RACERS; i++)
			if ((pids[i] = fork()) == 0)
				racer(&h, i + 1);
		for (i = 0; i < RACERS; i++)
			sum += reap(pids[i]);
		assert_int_equal(sum, LIMIT);
		s = home_open(&h, 0, 1);
		assert_int_equal(lk_store_count(s, NULL, NULL, 0), LIMIT);
		lk_store_close(&s);
		home_remove(&h);
	}
}

/* ---------------------------------------------------------------- the lock */

static void
holder(const struct home *h, int to_parent, int from_parent)
{
	struct lk_store	*s = child_open(h, 1);
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	char		 c = 'x';

	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		_exit(97);
	if (write(to_parent, &c, 1) != 1 || read(from_parent, &c, 1) != 1)
		_exit(96);
	lk_batch_abandon(&b);
	lk_store_close(&s);
	_exit(0);
}

static void
test_holder(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	char		 c, want[64];
	int		 up[2], down[2];
	pid_t		 pid;

	(void)state;
	home_make(&h);
	assert_int_equal(pipe(up) | pipe(down), 0);
	if ((pid = fork()) == 0)
		holder(&h, up[1], down[0]);
	assert_int_equal(read(up[0], &c, 1), 1);
	h.wait = 1;
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 1, 2, &e), LK_EAGAIN);
	snprintf(want, sizeof want, "pid %ld (", (long)pid);
	if (strstr(e.text, want) == NULL)
		fail_msg("%s", e.text);
	assert_int_equal(keys_delete(s, 1, 2, &e), LK_EAGAIN);
	/* It lets go: the next one has it. */
	assert_int_equal(write(down[1], &c, 1), 1);
	assert_int_equal(reap(pid), 0);
	must_add(s, 1, 2);
	lk_store_close(&s);
	close(up[0]);
	close(up[1]);
	close(down[0]);
	close(down[1]);
	home_remove(&h);
}

/* A holder that is killed holds nothing. */
static void
test_holder_killed(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	char		 c;
	int		 up[2], down[2];
	pid_t		 pid;

	(void)state;
	home_make(&h);
	assert_int_equal(pipe(up) | pipe(down), 0);
	if ((pid = fork()) == 0)
		holder(&h, up[1], down[0]);
	assert_int_equal(read(up[0], &c, 1), 1);
	kill(pid, SIGKILL);
	assert_int_equal(reap(pid), -1);
	h.wait = 1;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	close(up[0]);
	close(up[1]);
	close(down[0]);
	close(down[1]);
	home_remove(&h);
}

/* -------------------------------------------------------------------- fork */

static void
test_fork(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	pid_t		 pid;
	int		 i;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	for (i = 0; i < 10; i++) {
		if ((pid = fork()) == 0) {
			if (key_state(s, 1) != LK_STATE_ACTIVE)
				_exit(1);
			if (keys_add(s, 10 + (unsigned)i, 11 + (unsigned)i,
			    &e) != 0)
				_exit(2);
			_exit(key_state(s, 10 + (unsigned)i) !=
			    LK_STATE_ACTIVE);
		}
		/* Both write; each has a lock of its own. */
		must_add(s, 30 + (unsigned)i, 31 + (unsigned)i);
		assert_int_equal(reap(pid), 0);
		assert_int_equal(lk_store_refresh(s, &e), 0);
		assert_int_equal(key_state(s, 10 + (unsigned)i),
		    LK_STATE_ACTIVE);
	}
	lk_store_close(&s);
	home_remove(&h);
}

struct busy {
	struct lk_store	*s;
	_Atomic int	 stop, n;
};

static void *
busy_writer(void *arg)
{
	struct busy	*x = arg;
	struct lk_error	 e = { 0 };
	unsigned	 from;

	while (!x->stop) {
		from = 1000 + (unsigned)x->n;
		if (keys_add(x->s, from, from + 1, &e) != 0)
			break;
		x->n++;
	}
	return NULL;
}

/*
 * Forked while another thread writes: what that one held is not held here.  But
 * for the lock of a sanitizer's malloc, which gcc 12 does not renew in a child.
 */
static void
test_fork_held(void **state)
{
	struct busy	 x = { 0 };
	struct lk_error	 e = { 0 };
	struct home	 h;
	pthread_t	 t;
	pid_t		 pid;
	unsigned	 i;

	(void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return;
#endif
	home_make(&h);
	h.wait = 10;
	x.s = home_open(&h, 1, 1);
	assert_int_equal(pthread_create(&t, NULL, busy_writer, &x), 0);
	for (i = 1; i <= 15; i++) {
		usleep(500);
		if ((pid = fork()) == 0) {
			alarm(20);
			if (lk_store_refresh(x.s, &e) != 0)
				_exit(1);
			if (keys_add(x.s, i, i + 1, &e) != 0) {
				fprintf(stderr, "%s\n", e.text);
				_exit(2);
			}
			_exit(key_state(x.s, i) != LK_STATE_ACTIVE);
		}
		assert_int_equal(reap(pid), 0);
	}
	x.stop = 1;
	pthread_join(t, NULL);
	assert_int_equal(lk_store_refresh(x.s, &e), 0);
	assert_int_equal(lk_store_count(x.s, NULL, NULL, 0),
	    15 + (size_t)x.n);
	lk_store_close(&x.s);
	home_remove(&h);
}

/* A delete that returned is seen by a look-up that starts after, in another
 * process. */
static void
test_seen(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	int		 up[2], down[2];
	unsigned	 n;
	pid_t		 pid;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 501);
	assert_int_equal(pipe(up) | pipe(down), 0);
	if ((pid = fork()) == 0) {
		s = child_open(&h, 0);
		while (read(down[0], &n, sizeof n) == sizeof n && n != 0) {
			if (lk_store_refresh(s, &e) != 0)
				_exit(1);
			n = (unsigned)key_state(s, n);
			if (write(up[1], &n, sizeof n) != sizeof n)
				_exit(2);
		}
		_exit(0);
	}
	for (n = 1; n <= 500; n++) {
		unsigned	 got = n;

		must_delete(s, n, n + 1);
		assert_int_equal(write(down[1], &got, sizeof got),
		    sizeof got);
		assert_int_equal(read(up[0], &got, sizeof got), sizeof got);
		assert_int_equal(got, LK_STATE_DELETED);
	}
	n = 0;
	assert_int_equal(write(down[1], &n, sizeof n), sizeof n);
	assert_int_equal(reap(pid), 0);
	lk_store_close(&s);
	close(up[0]);
	close(up[1]);
	close(down[0]);
	close(down[1]);
	home_remove(&h);
}

/* Add keys for a while, as fast as it goes; how long the slowest took. */
static double
hurry(struct lk_store *s, unsigned from, int milliseconds)
{
	struct timespec	 t, t0;
	struct lk_error	 e = { 0 };
	double		 now = 0, before, worst = 0;

	clock_gettime(CLOCK_MONOTONIC, &t0);
	while (now < milliseconds) {
		before = now;
		if (keys_add(s, from, from + 1, &e) != 0)
			return 1e9;
		from++;
		clock_gettime(CLOCK_MONOTONIC, &t);
		now = (double)(t.tv_sec - t0.tv_sec) * 1e3 +
		    (double)(t.tv_nsec - t0.tv_nsec) / 1e6;
		if (now - before > worst)
			worst = now - before;
	}
	return worst;
}

#define TOGETHER	1500		/* milliseconds                      */
#define LONG		1200		/* who never has a turn waits for all
					 * of it, and a loaded machine some  */

/* Two that write as fast as they can take turns: neither waits for long. */
static void
test_turns(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	double		 worst;
	pid_t		 pid;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	if ((pid = fork()) == 0)
		_exit(hurry(child_open(&h, 1), 100000, TOGETHER) > LONG);
	worst = hurry(s, 1, TOGETHER);
	assert_int_equal(reap(pid), 0);
	assert_true(worst <= LONG);
	lk_store_close(&s);
	home_remove(&h);
}

struct hurrier {
	struct lk_store	*s;
	unsigned	 from;
};

static void *
hurrier(void *arg)
{
	struct hurrier	*x = arg;

	(void)hurry(x->s, x->from, TOGETHER);
	return NULL;
}

/* So do the threads of a process, which write together and without a pause, and
 * another process. */
static void
test_turns_threads(void **state)
{
	struct hurrier	 x[8];
	struct lk_store	*s;
	struct home	 h;
	double		 worst;
	pthread_t	 t[8];
	unsigned	 i;
	pid_t		 pid;

	(void)state;
	home_make(&h);
	if ((pid = fork()) == 0) {
		s = child_open(&h, 1);
		for (i = 0; i < 8; i++) {
			x[i] = (struct hurrier){ s, 100000 * (i + 1) };
			if (pthread_create(&t[i], NULL, hurrier, &x[i]) != 0)
				_exit(1);
		}
		for (i = 0; i < 8; i++)
			pthread_join(t[i], NULL);
		_exit(0);
	}
	s = home_open(&h, 1, 1);
	worst = hurry(s, 1, TOGETHER);
	assert_int_equal(reap(pid), 0);
	assert_true(worst <= LONG);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_limit);
	TABLE_TEST(&t, test_state_race);
	TABLE_TEST(&t, test_holder);
	TABLE_TEST(&t, test_holder_killed);
	TABLE_TEST(&t, test_turns);
	TABLE_TEST(&t, test_turns_threads);
	TABLE_TEST(&t, test_fork);
	TABLE_TEST(&t, test_fork_held);
	TABLE_TEST(&t, test_seen);
	return table_run(&t, "store_many");
}
