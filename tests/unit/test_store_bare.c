/*
 * Lines without a MAC at the journal's end, which only what was acknowledged
 * vouches for: a bit that flips in one must not give a deleted key back.
 */
#include "table.h"

#include "store_home.h"

#define KEYS		3

/* Three keys; without the pepper 0 and 1 are deleted. */
static void
bare_keys(struct home *h)
{
	struct lk_store	*s;

	home_make(h);
	s = home_open(h, 1, 1);
	must_add(s, 0, KEYS);
	lk_store_close(&s);
	s = home_open(h, 1, 0);
	must_delete(s, 0, 1);
	must_delete(s, 1, 2);
	lk_store_close(&s);
}

static void
bare_home(struct home *h)
{
	bare_keys(h);
	home_forget(h);
}

/* Keys 0 and 1 for a reader with and one without the pepper. */
static void
check_deleted(const struct home *h, size_t at, int bit)
{
	struct lk_store	*s;
	int		 keyed, i;

	for (keyed = 0; keyed < 2; keyed++) {
		s = home_open(h, 0, keyed);
		for (i = 0; i < 2; i++)
			if (key_state(s, (unsigned)i) == LK_STATE_ACTIVE)
				fail_msg("octet %zu, bit %d: key %d is back",
				    at, bit, i);
		lk_store_close(&s);
	}
}

static void
test_flips(void **state)
{
	struct home	 h;
	size_t		 n, from, at;
	char		*p;
	int		 bit, lines;

	(void)state;
	bare_home(&h);
	p = slurp(h.journal, &n);
	for (from = n, lines = 0; from > 0; from--)
		if (p[from - 1] == '\n' && ++lines == 3)
			break;
	for (at = from; at < n; at++)
		for (bit = 0; bit < 8; bit++) {
			p[at] ^= (char)(1 << bit);
			spill(h.journal, p, n);
			check_deleted(&h, at, bit);
			p[at] ^= (char)(1 << bit);
		}
	spill(h.journal, p, n);
	assert_int_equal(home_state(&h, 0), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	free(p);
	home_remove(&h);
}

/* Swapped with a line of the same length, which no line by itself tells. */
static void
test_named(void **state)
{
	struct lk_error	 e = { 0 };
	struct findings	 x;
	struct lk_store	*s;
	struct home	 h;
	size_t		 n;
	char		*p, *id;

	(void)state;
	bare_home(&h);
	p = slurp(h.journal, &n);
	id = memmem(p, n, ":delete:", 8);
	assert_non_null(id);
	id = memmem(id, n - (size_t)(id - p), "K00000000000", 12);
	assert_non_null(id);
	id[11] = '2';
	spill(h.journal, p, n);
	free(p);
	assert_int_equal(home_state(&h, 0), LK_STATE_UNSURE);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_int_equal(x.faults, 1);
	assert_non_null(strstr(x.text, "without a MAC"));
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 10, 11, &e), LK_EDAMAGE);
	must_delete(s, 0, 1);
	assert_int_equal(key_state(s, 0), LK_STATE_DELETED);
	lk_store_close(&s);
	home_remove(&h);
}

/* Key 2 takes the place of key 0 in its delete, and nobody is told: neither the
 * size nor the time of the file is another. */
static void
flip_quietly(const struct home *h)
{
	struct timespec	 times[2];
	struct stat	 st;
	size_t		 n;
	char		*p, *id;
	int		 fd;

	p = slurp(h->journal, &n);
	id = memmem(p, n, ":delete:", 8);
	assert_non_null(id);
	id = memmem(id, n - (size_t)(id - p), "K00000000000", 12);
	assert_non_null(id);
	assert_int_equal(stat(h->journal, &st), 0);
	fd = open(h->journal, O_WRONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pwrite(fd, "2", 1, id + 11 - p), 1);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
	free(p);
}

/* What is written behind them, or made of them, does not vouch for them. */
static void
test_quietly(void **state)
{
	struct lk_error	 e;
	struct findings	 x;
	struct lk_store	*s;
	struct home	 h;
	int		 anew;

	(void)state;
	for (anew = 0; anew < 2; anew++) {
		bare_keys(&h);
		flip_quietly(&h);
		s = home_open(&h, 1, 1);
		memset(&e, 0, sizeof e);
		assert_int_equal(anew ? lk_store_remake(s, "ann", "cli", NULL,
		    NULL, &e) : keys_add(s, 10, 11, &e), anew ? 1 :
		    LK_EDAMAGE);
		assert_non_null(strstr(e.text, "without a MAC"));
		must_delete(s, 2, 3);
		lk_store_close(&s);
		assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
		home_forget(&h);
		assert_int_not_equal(home_state(&h, 0), LK_STATE_ACTIVE);
		assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
		home_remove(&h);
	}
}

/* Later writers take over what vouches for them, with the pepper or without. */
static void
test_goes_on(void **state)
{
	struct lk_store	*s;
	struct findings	 x;
	struct home	 h;
	int		 keyed;

	(void)state;
	for (keyed = 0; keyed < 2; keyed++) {
		bare_home(&h);
		s = home_open(&h, 1, keyed);
		must_delete(s, 2, 3);
		lk_store_close(&s);
		assert_int_equal(home_examine(&h, &x), 0);
		assert_int_equal(x.faults, 0);
		home_forget(&h);
		assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
		s = home_open(&h, 1, 1);
		must_add(s, 20, 22);
		lk_store_close(&s);
		home_forget(&h);
		assert_int_equal(home_state(&h, 21), LK_STATE_ACTIVE);
		assert_int_equal(home_examine(&h, &x), 0);
		assert_int_equal(x.faults, 0);
		home_remove(&h);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_flips);
	TABLE_TEST(&t, test_named);
	TABLE_TEST(&t, test_quietly);
	TABLE_TEST(&t, test_goes_on);
	return table_run(&t, "store_bare");
}
