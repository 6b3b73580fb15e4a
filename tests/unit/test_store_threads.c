/*
 * Readers look keys up while a writer adds and deletes them; to be run under
 * TSan.
 */
#include "table.h"

#include <pthread.h>

#include "store_home.h"

#define READERS		4
#define KEYS		3000
#define STEP		25		/* keys a batch                      */

struct shared {
	struct lk_store	*s;
	_Atomic unsigned added;		/* keys below it were acknowledged   */
	_Atomic unsigned deleted;	/* likewise                          */
	_Atomic int	 stop;
	_Atomic unsigned wrong, looked;
};

/* What was so before the look-up started must be seen by it. */
static void
look_at(struct shared *x, unsigned n)
{
	unsigned	 deleted = x->deleted, added = x->added;
	struct lk_error	 e = { 0 };
	int		 st;

	if (lk_store_refresh(x->s, &e) != 0)
		x->wrong++;
	st = key_state(x->s, n);
	if (n < deleted && st != LK_STATE_DELETED)
		x->wrong++;
	else if (n < added && st != LK_STATE_ACTIVE &&
	    st != LK_STATE_DELETED)
		x->wrong++;
	x->looked++;
}

static int
count_one(void *arg, const struct lk_key *k)
{
	unsigned	*n = arg;

	*n += k->state == LK_STATE_DELETED;
	return 0;
}

static void *
reader(void *arg)
{
	struct shared	*x = arg;
	unsigned	 n = 1, dead, before;

	while (!x->stop) {
		n = n * 1103515245 + 12345;
		look_at(x, 1 + n / 65536 % KEYS);
		if (n % 512 != 0)
			continue;
		before = x->deleted;
		dead = 0;
		lk_store_keys(x->s, "ucd", "acme", 1, count_one, &dead);
		if (before > 1 && dead < before - 1)
			x->wrong++;
		(void)lk_store_now(x->s);
	}
	return NULL;
}

static void *
writer(void *arg)
{
	struct shared	*x = arg;
	struct lk_error	 e = { 0 };
	unsigned	 n;

	for (n = 1; n < KEYS; n += STEP) {
		if (keys_add(x->s, n, n + STEP, &e) != 0)
			x->wrong++;
		x->added = n + STEP;
		if (n <= STEP)
			continue;
		if (keys_delete(x->s, n - STEP, n, &e) != 0)
			x->wrong++;
		x->deleted = n;
	}
	x->stop = 1;
	return NULL;
}

static void
run(struct shared *x)
{
	pthread_t	 t[READERS + 1];
	int		 i;

	x->added = x->deleted = 1;
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, reader, x), 0);
	assert_int_equal(pthread_create(&t[i], NULL, writer, x), 0);
	for (i = 0; i <= READERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(x->wrong, 0);
	assert_true(x->looked > 1000);
}

static void
test_one_handle(void **state)
{
	struct shared	 x = { 0 };
	struct home	 h;

	(void)state;
	home_make(&h);
	x.s = home_open(&h, 1, 1);
	run(&x);
	lk_store_close(&x.s);
	home_remove(&h);
}

struct two {
	struct lk_store	*s;
	unsigned	 from;
	_Atomic int	*failed;
};

static void *
adder(void *arg)
{
	struct two	*x = arg;
	struct lk_error	 e = { 0 };
	unsigned	 n;

	for (n = x->from; n < x->from + 100; n++)
		if (keys_add(x->s, n, n + 1, &e) != 0)
			(*x->failed)++;
	return NULL;
}

/* Threads of one handle, and of another one of this process. */
static void
test_writers(void **state)
{
	_Atomic int	 failed = 0;
	struct lk_error	 e = { 0 };
	struct lk_store	*a, *b;
	struct home	 h;
	struct two	 x[4];
	pthread_t	 t[4];
	unsigned	 i;

	(void)state;
	home_make(&h);
	a = home_open(&h, 1, 1);
	b = home_open(&h, 1, 1);
	for (i = 0; i < 4; i++) {
		x[i].s = i % 2 == 0 ? a : b;
		x[i].from = 1 + 1000 * i;
		x[i].failed = &failed;
		assert_int_equal(pthread_create(&t[i], NULL, adder, &x[i]),
		    0);
	}
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(failed, 0);
	assert_int_equal(lk_store_refresh(a, &e), 0);
	assert_int_equal(lk_store_count(a, NULL, NULL, 0), 400);
	lk_store_close(&a);
	lk_store_close(&b);
	home_remove(&h);
}

/* The files are replaced by hand while readers are in them. */
static void *
replacer(void *arg)
{
	const struct home	*h = arg;
	char			 next[256];
	size_t			 n;
	char			*p;
	int			 i;

	for (i = 0; i < 3; i++) {
		sleep(1);
		p = slurp(h->journal, &n);
		snprintf(next, sizeof next, "%s/next", h->dir);
		spill(next, p, n);
		free(p);
		(void)!rename(next, h->journal);
	}
	return NULL;
}

static void *
patient(void *arg)
{
	struct shared	*x = arg;

	while (!x->stop)
		look_at(x, 1);
	return NULL;
}

static void
test_reload(void **state)
{
	struct shared	 x = { 0 };
	struct lk_store	*s;
	struct home	 h;
	pthread_t	 t[3];
	int		 i;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 200);
	lk_store_close(&s);
	x.s = home_open(&h, 0, 1);
	x.added = 200;
	x.deleted = 1;
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, patient, &x), 0);
	assert_int_equal(pthread_create(&t[2], NULL, replacer, &h), 0);
	pthread_join(t[2], NULL);
	x.stop = 1;
	for (i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(x.wrong, 0);
	lk_store_close(&x.s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_one_handle);
	TABLE_TEST(&t, test_writers);
	TABLE_TEST(&t, test_reload);
	return table_run(&t, "store_threads");
}
