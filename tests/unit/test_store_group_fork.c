/*
 * A process that is forked while a thread of it writes for others.
 */
#include "table.h"

#include <pthread.h>

#include "store_home.h"

#define EACH		20		/* keys of the thread                */

static int
slow_sync(void *ctx, int fd)
{
	struct timespec	 t = { 0, 2000000 };

	(void)ctx;
	(void)fd;
	nanosleep(&t, NULL);
	return 0;
}

struct shared {
	struct lk_store	*s;
	unsigned	 made;
};

static void *
adder(void *arg)
{
	struct lk_error	 e;
	struct shared	*x = arg;
	unsigned	 n;

	for (n = 1; n <= EACH; n++)
		x->made += keys_add(x->s, n, n + 1, &e) == 0;
	return NULL;
}

static int
child(struct lk_store *s, unsigned n)
{
	struct lk_error	 e;

	alarm(20);
	return keys_add(s, n, n + 1, &e) != 0;
}

/* A child that was forked while a group was being written writes its own. */
static void
test_forked(void **state)
{
	struct shared	 x = { 0 };
	struct lk_io	 io;
	struct home	 h;
	pthread_t	 t;
	pid_t		 pid;
	unsigned	 i;

	(void)state;
	home_make(&h);
	io = *h.io;
	io.fdatasync = slow_sync;
	h.io = &io;
	x.s = home_open(&h, 1, 1);
	must_add(x.s, 100000, 100001);
	assert_int_equal(pthread_create(&t, NULL, adder, &x), 0);
	for (i = 0; i < 5; i++) {
		usleep(3000);
		if ((pid = fork()) == 0)
			_exit(child(x.s, 5000 + i));
		assert_int_equal(reap(pid), 0);
	}
	pthread_join(t, NULL);
	assert_int_equal(x.made, EACH);
	lk_store_close(&x.s);
	for (i = 0; i < 5; i++)
		assert_int_equal(home_state(&h, 5000 + i), LK_STATE_ACTIVE);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_forked);
	return table_run(&t, "store_group_fork");
}
