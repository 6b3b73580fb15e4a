/*
 * What a key costs in operations on files, and whom it waits for.
 */
#include "table.h"

#include <pthread.h>

#include "base/self.h"
#include "faulty_io.h"
#include "store/inner.h"
#include "store_home.h"

#define KEYS		50

/*
 * Three locks taken and given back; a look at the name of each of the three
 * files; the end of the journal before the write, the write, its sync, and when
 * it was; space now and then.
 */
#define OPERATIONS	14

static void
test_operations(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	unsigned	 i;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	faulty.count = 0;
	for (i = 2; i < 2 + KEYS; i++)
		assert_int_equal(keys_add(s, i, i + 1, &e), 0);
	if (faulty.count > OPERATIONS * KEYS)
		fail_msg("%u operations of %d keys", faulty.count, KEYS);
	lk_store_close(&s);
	home_remove(&h);
}

static void *
begin(void *arg)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;

	if (lk_batch_begin(arg, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		return arg;
	lk_batch_abandon(&b);
	return NULL;
}

/* Who makes the lines of a group has the refresh mutex for long. */
static void
test_gather(void **state)
{
	struct lk_error	 e = { 0 };
	struct timespec	 until;
	struct lk_store	*s;
	struct home	 h;
	pthread_t	 t;
	void		*failed;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	/* As it is while a group of this process is on its way. */
	assert_int_equal(lk_lock_enter(&s->lock, &(struct lk_wait){
	    INT64_MAX, 1 }, &e), 0);
	s->holding = 1;
	lk_lock_leave(&s->lock);
	assert_int_equal(lk_store_enter(s, &e), 0);
	assert_int_equal(pthread_create(&t, NULL, begin, s), 0);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	assert_int_equal(pthread_timedjoin_np(t, &failed, &until), 0);
	assert_null(failed);
	lk_store_leave(s);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_operations);
	TABLE_TEST(&t, test_gather);
	return table_run(&t, "store_price");
}
