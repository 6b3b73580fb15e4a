/*
 * Each file operation fails in turn, with each errno: what was acknowledged is
 * there, what was refused is not, and what is in doubt is said to be.
 */
#include "table.h"

#include <syslog.h>

#include "store_home.h"
#include "faulty_io.h"

static const struct fault_case {
	const char	*name;
	int		 error, forever, half;
} fault_cases[] = {
	{ "EIO once",			EIO,	0, 0 },
	{ "EIO for good",		EIO,	1, 0 },
	{ "ENOSPC once",		ENOSPC,	0, 0 },
	{ "ENOSPC for good",		ENOSPC,	1, 0 },
	{ "ENOSPC after half a write",	ENOSPC,	1, 1 },
	{ "EDQUOT after half a write",	EDQUOT,	0, 1 },
	{ "EMFILE once",		EMFILE,	0, 0 },
	{ "ENFILE for good",		ENFILE,	1, 0 },
	{ "ENOMEM once",		ENOMEM,	0, 0 },
	{ "EINTR once",			EINTR,	0, 0 },
	{ "EACCES for good",		EACCES,	1, 0 },
	{ "EROFS for good",		EROFS,	1, 0 },
};

/* A fault of the system never reads as a damaged or an empty store. */
static void
check_code(int r, const struct lk_error *e)
{
	static const int	 good[] = { 0, LK_EIO, LK_EUNAVAIL, LK_EINDOUBT,
				    LK_EAGAIN, LK_EPERM, LK_ENOMEM };
	size_t			 i;

	for (i = 0; i < sizeof good / sizeof *good; i++)
		if (r == good[i] && (r == 0 || e->text[0] != '\0'))
			return;
	fail_msg("%s %u: code %d, %s", faulty.kind, faulty.at, r, e->text);
}

struct results {
	int	 opened, added, deleted;
};

/* Open, add key 3, delete key 1, with the fault armed; what each returned. */
static void
scenario(const struct home *h, struct results *out)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };

	memset(out, 0, sizeof *out);
	home_options(h, 1, 1, &o);
	out->opened = lk_store_open(&o, &s, &e);
	check_code(out->opened, &e);
	if (out->opened != 0)
		return;
	out->added = keys_add(s, 3, 4, &e);
	check_code(out->added, &e);
	/* A key whose sync failed is not served, whatever the file says. */
	if (out->added == LK_EINDOUBT)
		assert_int_equal(key_state(s, 3), GONE);
	out->deleted = keys_delete(s, 1, 2, &e);
	check_code(out->deleted, &e);
	if (lk_store_refresh(s, &e) == 0 && (out->deleted == 0 ||
	    (out->deleted == LK_EINDOUBT &&
	    strcmp(faulty.kind, "fdatasync") == 0 && out->added == 0)))
		assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	lk_store_close(&s);
}

static void
must_be(unsigned key, int state, int r, int done, int undone)
{
	int	 ok = state == (r == 0 ? done : undone);

	if (r == LK_EINDOUBT)
		ok = state == done || state == undone;
	if (!ok)
		fail_msg("%s %u: key %u: returned %d, state %d", faulty.kind,
		    faulty.at, key, r, state);
}

/* What a sound process finds afterwards. */
static void
check_after(struct home *h, const struct results *res)
{
	struct results	 want = *res;
	struct findings	 x;
	struct lk_store	*s;

	if (want.opened != 0)
		want.added = want.deleted = want.opened;
	home_hurry(h);
	if (home_examine(h, &x) != 0)
		fail_msg("%s %u: %s", faulty.kind, faulty.at, x.all);
	s = home_open(h, 1, 1);
	must_add(s, 4, 5);		/* which settles what was left       */
	must_be(3, key_state(s, 3), want.added, LK_STATE_ACTIVE, GONE);
	must_be(1, key_state(s, 1), want.deleted, LK_STATE_DELETED,
	    LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 4), LK_STATE_ACTIVE);
	lk_store_close(&s);
}

static unsigned
run_faults(const struct fault_case *c, int torn)
{
	struct results	 res;
	struct home	 h;
	struct lk_store	*s;
	unsigned	 at;

	for (at = 1;; at++) {
		home_make(&h);
		s = home_open(&h, 1, 1);
		must_add(s, 1, 3);
		lk_store_close(&s);
		if (torn) {
			int	 fd = open(h.journal, O_WRONLY | O_APPEND);

			assert_int_equal(write(fd, "3:3:17", 6), 6);
			close(fd);
		}
		h.io = &faulty_io;
		memset(&faulty, 0, sizeof faulty);
		faulty.at = at;
		faulty.error = c->error;
		faulty.forever = c->forever;
		faulty.half = c->half;
		h.wait = 1;
		scenario(&h, &res);
		if (faulty.kind != NULL)
			check_after(&h, &res);
		home_remove(&h);
		if (faulty.kind == NULL)
			break;
	}
	assert_int_equal(res.opened | res.added | res.deleted, 0);
	return at;
}

static void
test_fault(void **state)
{
	assert_true(run_faults(*state, 0) > 30);
}

static void
test_fault_torn(void **state)
{
	assert_true(run_faults(*state, 1) > 40);
}

/* Each operation of making a store fails: nothing opens, or all of it. */
static void
test_make(void **state)
{
	const struct fault_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct home		 h;
	unsigned		 at;
	int			 r;

	for (at = 1, faulty.kind = ""; faulty.kind != NULL; at++) {
		home_dir(&h);
		h.io = &faulty_io;
		memset(&faulty, 0, sizeof faulty);
		faulty.at = at;
		faulty.error = c->error;
		faulty.forever = c->forever;
		faulty.half = c->half;
		home_options(&h, 1, 1, &o);
		r = lk_store_make(&o, 0700, 0640, (gid_t)-1, &e);
		check_code(r, &e);
		home_hurry(&h);
		if (r != 0) {
			home_options(&h, 1, 1, &o);
			r = lk_store_make(&o, 0700, 0640, (gid_t)-1, &e);
			assert_true(r == 0 || r == LK_ECONFIG);
		}
		s = home_open(&h, 1, 1);
		must_add(s, 1, 2);
		lk_store_close(&s);
		home_remove(&h);
	}
}

/* ------------------------------------------------------------ a sync fails */

static void
arm(const char *kind, int error, int forever)
{
	memset(&faulty, 0, sizeof faulty);
	faulty.only = kind;
	faulty.at = 1;
	faulty.error = error;
	faulty.forever = forever;
}

static void
test_sync_of_add(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	arm("fdatasync", EIO, 0);
	assert_int_equal(keys_add(s, 2, 3, &e), LK_EINDOUBT);
	assert_int_equal(lk_store_refresh(s, &e), 0);
	assert_int_equal(key_state(s, 2), GONE);
	assert_int_equal(home_state(&h, 2), GONE);
	/* The next writer writes it once more, syncs that, and it counts. */
	must_add(s, 3, 4);
	assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 3), LK_STATE_ACTIVE);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	home_remove(&h);
}

static void
test_sync_of_delete(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	arm("fdatasync", EIO, 1);
	assert_int_equal(keys_delete(s, 1, 2, &e), LK_EINDOUBT);
	assert_int_equal(lk_store_refresh(s, &e), 0);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	/* While no sync succeeds, nothing is promised; what is denied stays. */
	assert_int_equal(keys_add(s, 3, 4, &e), LK_EINDOUBT);
	assert_int_equal(keys_delete(s, 2, 3, &e), LK_EINDOUBT);
	assert_int_equal(lk_store_refresh(s, &e), 0);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	memset(&faulty, 0, sizeof faulty);
	must_add(s, 3, 4);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 3), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* After a failed sync its end is read and written again; it cannot be read. */
static void
test_poisoned(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	arm("fdatasync", EIO, 0);
	assert_int_equal(keys_add(s, 1, 2, &e), LK_EINDOUBT);
	arm("pread", EIO, 1);
	assert_int_equal(keys_add(s, 2, 3, &e), LK_EIO);
	assert_int_equal(keys_delete(s, 2, 3, &e), LK_EIO);
	memset(&faulty, 0, sizeof faulty);
	must_add(s, 2, 3);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------ the full disk */

/* fallocate finds no room: adding stops, deleting goes on. */
static void
test_reserve(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	unsigned	 n;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 50);
	lk_store_close(&s);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	arm("fallocate", ENOSPC, 1);
	for (n = 50; n < 5000; n++)
		if (keys_add(s, n, n + 1, &e) != 0)
			break;
	assert_int_equal(e.code, LK_EIO);
	assert_non_null(strstr(e.text, "full"));
	assert_non_null(strstr(e.text, "49152"));
	assert_int_equal(key_state(s, n), GONE);
	assert_int_equal(key_state(s, n - 1), LK_STATE_ACTIVE);
	must_delete(s, 1, 40);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	home_remove(&h);
}

/* What is logged from here on goes to a file; the descriptor of before. */
static int
log_to(const char *path)
{
	int	 old = dup(2), fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(old != -1 && fd != -1);
	assert_int_equal(dup2(fd, 2), 2);
	close(fd);
	openlog("test", LOG_PERROR, LOG_AUTHPRIV);
	return old;
}

static void
log_back(int old)
{
	closelog();
	assert_int_equal(dup2(old, 2), 2);
	close(old);
}

/* A file system that cannot reserve is used all the same, and named once. */
static void
test_no_reserve(void **state)
{
	static const char	 said[] = "cannot reserve space";
	struct home		 h;
	struct lk_store		*s;
	char			 path[256], *text, *first;
	unsigned		 n;
	size_t			 size;
	int			 old;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	arm("fallocate", EOPNOTSUPP, 1);
	snprintf(path, sizeof path, "%s/log", h.dir);
	old = log_to(path);
	for (n = 1; n < 400; n++)
		must_add(s, n, n + 1);
	must_delete(s, 1, 2);
	log_back(old);
	assert_string_equal(faulty.kind, "fallocate");
	text = slurp(path, &size);
	first = strstr(text, said);
	assert_non_null(first);
	assert_null(strstr(first + 1, said));
	free(text);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_fault, fault_cases);
	TABLE_ROWS(&t, test_fault_torn, fault_cases);
	TABLE_ROWS(&t, test_make, fault_cases);
	TABLE_TEST(&t, test_sync_of_add);
	TABLE_TEST(&t, test_sync_of_delete);
	TABLE_TEST(&t, test_poisoned);
	TABLE_TEST(&t, test_reserve);
	TABLE_TEST(&t, test_no_reserve);
	return table_run(&t, "store_fault");
}
