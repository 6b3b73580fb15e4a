/*
 * What tests/fault/fault_seen.c does with processes, with threads; to be run
 * under TSan.
 */
#include "table.h"

#include <pthread.h>

#include "store_home.h"

#include "../fault/seen.h"

#define READERS		6
#define EACH		400		/* keys a writer                     */
#define REMAKES		5

struct scene {
	struct home	 h;
	struct lk_store	*s[2];		/* one that reads, one that writes   */
	struct seen	*x;
	struct seen_reader r[READERS];
	_Atomic unsigned seats;
	_Atomic int	 writing;
};

static void *
reader(void *arg)
{
	struct scene	*c = arg;
	unsigned	 seat = c->seats++, last[SEEN_WRITERS] = { 0 };
	uint64_t	 seed = seat + 1;

	while (!c->x->stop) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		seen_read(c->x, c->s[seat % 2], &c->r[seat],
		    seed ^ seed >> 29, last);
	}
	return NULL;
}

struct writing {
	struct scene	*c;
	unsigned	 w;
};

static void *
writer(void *arg)
{
	struct writing	*x = arg;

	while (seen_write(x->c->x, x->c->s[1], x->w))
		;
	x->c->writing--;
	return NULL;
}

/* By a handle of its own, as another process has it. */
static void *
maker(void *arg)
{
	struct scene	*c = arg;
	struct lk_store	*s = home_open(&c->h, 1, 1);
	struct lk_error	 e = { 0 };
	int		 i;

	for (i = 0; i < REMAKES && c->writing; i++) {
		usleep(20000);
		if (lk_store_remake(s, "ann", "cli", NULL, NULL, &e) != 0)
			c->x->failed++;
	}
	lk_store_close(&s);
	return NULL;
}

static void
run(struct scene *c)
{
	struct writing	 w[SEEN_WRITERS];
	pthread_t	 t[READERS + SEEN_WRITERS + 1];
	unsigned	 i, n = 0;

	c->writing = SEEN_WRITERS;
	for (i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&t[n++], NULL, reader, c), 0);
	for (i = 0; i < SEEN_WRITERS; i++) {
		w[i] = (struct writing){ c, i };
		assert_int_equal(pthread_create(&t[n++], NULL, writer, &w[i]),
		    0);
	}
	assert_int_equal(pthread_create(&t[n++], NULL, maker, c), 0);
	while (n > READERS)
		pthread_join(t[--n], NULL);
	c->x->stop = 1;
	while (n > 0)
		pthread_join(t[--n], NULL);
}

/* planted: told of before it is so. */
static unsigned long
wrong_of(int planted, unsigned long *checked)
{
	static struct scene	 c;
	unsigned long		 wrong = 0;
	unsigned		 i;

	memset(&c, 0, sizeof c);
	home_make(&c.h);
	c.s[0] = home_open(&c.h, 0, 1);
	c.s[1] = home_open(&c.h, 1, 1);
	c.x = calloc(1, seen_size(EACH));
	assert_non_null(c.x);
	seen_init(c.x, EACH);
	c.x->planted = planted;
	run(&c);
	assert_int_equal(c.x->failed, 0);
	for (i = 0; i < READERS; i++) {
		assert_true(c.r[i].error * 1000 <= c.r[i].checked);
		wrong += c.r[i].wrong;
		*checked += c.r[i].checked;
	}
	free(c.x);
	lk_store_close(&c.s[0]);
	lk_store_close(&c.s[1]);
	home_remove(&c.h);
	return wrong;
}

static void
test_seen(void **state)
{
	unsigned long	 checked = 0;

	(void)state;
	assert_int_equal(wrong_of(0, &checked), 0);
	assert_true(checked > 1000);
}

static void
test_planted(void **state)
{
	unsigned long	 checked = 0;

	(void)state;
	assert_true(wrong_of(1, &checked) > 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_seen);
	TABLE_TEST(&t, test_planted);
	return table_run(&t, "store_seen_threads");
}
