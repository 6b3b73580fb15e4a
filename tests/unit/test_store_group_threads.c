/*
 * Batches of one process that are written together.
 */
#include "table.h"

#include <errno.h>
#include <pthread.h>

#include "store_home.h"

#define THREADS		16
#define EACH		20		/* keys a thread                     */
#define LIMIT		7

static _Atomic unsigned	syncs;
static _Atomic int	sync_fails;

static int
slow_sync(void *ctx, int fd)
{
	struct timespec	 t = { 0, 2000000 };

	(void)ctx;
	(void)fd;
	syncs++;
	nanosleep(&t, NULL);
	if (!sync_fails)
		return 0;
	errno = EIO;
	return -1;
}

struct shared {
	struct lk_store	*s;
	_Atomic unsigned next, made, full, doubt, other;
	int		 limited;
};

/* As generate does: counted in the section, so that a limit holds. */
static int
add_one(struct shared *x, unsigned n)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	int		 r;

	r = lk_batch_begin(x->s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e);
	if (r != 0)
		return r;
	if (x->limited && lk_batch_count(b, "ucd", "acme", 0) >= LIMIT) {
		lk_batch_abandon(&b);
		return LK_ELIMIT;
	}
	if ((r = key_put(b, n, NULL, 0, &e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, &e);
}

static void *
adder(void *arg)
{
	struct shared	*x = arg;
	unsigned	 i;
	int		 r;

	for (i = 0; i < EACH; i++) {
		r = add_one(x, ++x->next);
		if (r == 0)
			x->made++;
		else if (r == LK_ELIMIT)
			x->full++;
		else if (r == LK_EINDOUBT || r == LK_EAGAIN)
			x->doubt++;
		else
			x->other++;
	}
	return NULL;
}

static void
run(struct shared *x)
{
	pthread_t	 t[THREADS];
	unsigned	 i;

	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, adder, x), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(x->other, 0);
}

static void
open_slow(struct home *h, struct lk_io *io, struct shared *x)
{
	home_make(h);
	*io = *h->io;
	io->fdatasync = slow_sync;
	h->io = io;
	sync_fails = 0;
	memset(x, 0, sizeof *x);
	x->s = home_open(h, 1, 1);
	must_add(x->s, 100000, 100001);
	must_delete(x->s, 100000, 100001);
	syncs = 0;
}

/* Far fewer syncs than batches, and each of them is there. */
static void
test_together(void **state)
{
	struct findings	 f;
	struct shared	 x;
	struct lk_io	 io;
	struct home	 h;
	unsigned	 n;

	(void)state;
	open_slow(&h, &io, &x);
	run(&x);
	assert_int_equal(x.made, THREADS * EACH);
	if (syncs > THREADS * EACH / 3)
		fail_msg("%u syncs of %u batches", syncs, THREADS * EACH);
	for (n = 1; n <= THREADS * EACH; n++)
		assert_int_equal(key_state(x.s, n), LK_STATE_ACTIVE);
	lk_store_close(&x.s);
	assert_int_equal(home_examine(&h, &f), 0);
	home_forget(&h);
	for (n = 1; n <= THREADS * EACH; n += 37)
		assert_int_equal(home_state(&h, n), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* What others are about to add counts. */
static void
test_limit(void **state)
{
	struct shared	 x;
	struct lk_io	 io;
	struct home	 h;

	(void)state;
	open_slow(&h, &io, &x);
	x.limited = 1;
	run(&x);
	assert_int_equal(x.made, LIMIT);
	assert_int_equal(x.full, THREADS * EACH - LIMIT);
	assert_int_equal(lk_store_count(x.s, "ucd", "acme", 0), LIMIT);
	lk_store_close(&x.s);
	home_remove(&h);
}

/* Nobody is told yes of a group that could not be synced. */
static void
test_doubt(void **state)
{
	struct lk_error	 e = { 0 };
	struct shared	 x;
	struct lk_io	 io;
	struct home	 h;
	unsigned	 n;

	(void)state;
	open_slow(&h, &io, &x);
	sync_fails = 1;
	run(&x);
	assert_int_equal(x.made, 0);
	assert_int_equal(x.doubt, THREADS * EACH);
	for (n = 1; n <= THREADS * EACH; n++)
		assert_int_equal(key_state(x.s, n), GONE);
	assert_int_equal(keys_delete(x.s, 100000, 100001, &e), LK_EINDOUBT);
	sync_fails = 0;
	must_add(x.s, 200000, 200001);
	assert_int_equal(key_state(x.s, 200000), LK_STATE_ACTIVE);
	lk_store_close(&x.s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_together);
	TABLE_TEST(&t, test_limit);
	TABLE_TEST(&t, test_doubt);
	return table_run(&t, "store_group_threads");
}
