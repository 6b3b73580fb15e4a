/*
 * Files that are replaced, removed or cut by hand under a store that is open.
 */
#include "table.h"

#include "store_home.h"

static void
copy_file(const char *from, const char *to)
{
	size_t	 n;
	char	*p = slurp(from, &n);

	unlink(to);
	spill(to, p, n);
	free(p);
}

/* A reader that is open notices within two seconds, and then at once. */
static void
test_replaced(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*reader, *s;
	struct home	 h, copy;
	int		 i;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	home_make(&copy);
	copy_file(h.journal, copy.journal);
	copy_file(h.state, copy.state);
	s = home_open(&h, 1, 1);
	must_delete(s, 1, 2);
	must_add(s, 2, 3);
	reader = home_open(&h, 0, 1);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);

	copy_file(copy.journal, h.journal);
	copy_file(copy.state, h.state);
	for (i = 0; i < 25 && key_state(reader, 2) != GONE; i++) {
		usleep(100000);
		assert_int_equal(lk_store_refresh(reader, &e), 0);
	}
	assert_int_equal(key_state(reader, 2), GONE);
	/* The writer that was open goes over to the new files as well. */
	must_delete(s, 1, 2);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	lk_store_close(&reader);
	home_remove(&h);
	home_remove(&copy);
}

/* Old images may be in use; there is an end to them, and reading goes on. */
static void
test_too_often(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	char		 away[256];
	unsigned	 i;
	int		 r = 0;

	(void)state;
	home_make(&h);
	snprintf(away, sizeof away, "%s/away", h.dir);
	s = home_open(&h, 1, 1);
	for (i = 1; i < 100 && r == 0; i++) {
		if ((r = keys_add(s, i, i + 1, &e)) != 0)
			break;
		copy_file(h.journal, away);
		assert_int_equal(rename(away, h.journal), 0);
		copy_file(h.state, away);
		assert_int_equal(rename(away, h.state), 0);
	}
	assert_int_equal(r, LK_EUNAVAIL);
	assert_non_null(strstr(e.text, "start this program anew"));
	assert_true(i > 16);
	assert_int_equal(key_state(s, i - 1), LK_STATE_ACTIVE);
	lk_store_close(&s);
	s = home_open(&h, 1, 1);
	must_add(s, i, i + 1);
	lk_store_close(&s);
	home_remove(&h);
}

/* state is gone: readers go on, the next writer makes it, all see it. */
static void
test_state_gone(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*reader, *s;
	struct stat	 st;
	struct home	 h;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	assert_int_equal(unlink(h.state), 0);
	reader = home_open(&h, 0, 1);
	must_delete(s, 1, 2);
	assert_int_equal(stat(h.state, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	s = home_open(&h, 1, 1);
	must_delete(s, 2, 3);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 2), LK_STATE_DELETED);
	lk_store_close(&s);
	lk_store_close(&reader);
	home_remove(&h);
}

/* The journal is gone: nothing can be known, until it is back. */
static void
test_journal_gone(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*reader;
	struct home	 h;
	char		 away[256];
	int		 i, r = 0;

	(void)state;
	home_make(&h);
	reader = home_open(&h, 0, 1);
	snprintf(away, sizeof away, "%s/away", h.dir);
	assert_int_equal(rename(h.journal, away), 0);
	for (i = 0; i < 25 && r == 0; i++) {
		usleep(100000);
		r = lk_store_refresh(reader, &e);
	}
	assert_int_equal(r, LK_EUNAVAIL);
	assert_int_equal(rename(away, h.journal), 0);
	for (i = 0; i < 25 && r != 0; i++) {
		usleep(100000);
		r = lk_store_refresh(reader, &e);
	}
	assert_int_equal(r, 0);
	lk_store_close(&reader);
	home_remove(&h);
}

/* Made shorter in place under a reader that had read more. */
static void
test_shorter(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*reader, *s;
	struct home	 h;
	size_t		 n;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	free(slurp(h.journal, &n));
	must_delete(s, 1, 2);
	lk_store_close(&s);
	home_vouch(&h, NO_STATE);
	reader = home_open(&h, 0, 1);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(truncate(h.journal, (off_t)n), 0);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_UNSURE);
	lk_store_close(&reader);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_replaced);
	TABLE_TEST(&t, test_too_often);
	TABLE_TEST(&t, test_state_gone);
	TABLE_TEST(&t, test_journal_gone);
	TABLE_TEST(&t, test_shorter);
	return table_run(&t, "store_replaced");
}
