/*
 * What lies behind the acknowledged length takes power and gives none; and what
 * a disk costs that does not sync.
 */
#include "table.h"

#include "store_home.h"
#include "faulty_io.h"

static void
arm(const char *kind, int error, int forever)
{
	memset(&faulty, 0, sizeof faulty);
	faulty.only = kind;
	faulty.at = 1;
	faulty.error = error;
	faulty.forever = forever;
}

/*
 * A delete that is in doubt is one in every process from now: in a reader that
 * was open, in one that opens, and after the process that failed has ended.
 */
static void
test_doubt(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_found	 f;
	struct lk_store	*s, *reader;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 5);
	reader = home_open(&h, 0, 1);
	arm("fdatasync", EIO, 1);
	assert_int_equal(keys_delete(s, 1, 3, &e), LK_EINDOUBT);
	lk_store_close(&s);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 2), LK_STATE_DELETED);
	assert_int_equal(lk_store_by_id(reader, "K00000000001", 12, &f), 1);
	assert_int_equal(f.state, LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 3), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 3), LK_STATE_ACTIVE);
	/* One fstat, and nothing is read, while nothing changes. */
	arm("pread", EIO, 1);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(faulty.count, 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	/* The next writer makes it count. */
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 5, 6);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 5), LK_STATE_ACTIVE);
	lk_store_close(&reader);
	home_remove(&h);
}

static const struct uncut_case {
	const char	*name;
	int		 indexed;
} uncut_cases[] = {
	{ "a cut that cannot be synced",		1 },
	{ "a cut that cannot be synced, no index",	0 },
};

/* A delete behind a torn tail: in doubt, and denied from now. */
static void
test_uncut(void **state)
{
	static const char		 torn[] = "9:9:17000";
	const struct uncut_case		*c = *state;
	struct lk_error			 e = { 0 };
	struct lk_store			*s, *reader;
	struct home			 h;
	int				 fd;

	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 5);
	lk_store_close(&s);
	if (!c->indexed)
		home_forget(&h);
	s = home_open(&h, 1, 1);
	reader = home_open(&h, 0, 1);
	fd = open(h.journal, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, torn, sizeof torn - 1), sizeof torn - 1);
	close(fd);
	arm("fdatasync", EIO, 1);
	assert_int_equal(keys_delete(s, 1, 3, &e), LK_EINDOUBT);
	assert_non_null(strstr(e.text, h.journal));
	assert_int_equal(keys_add(s, 7, 8, &e), LK_EINDOUBT);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 3), LK_STATE_ACTIVE);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 3), LK_STATE_ACTIVE);
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_delete(s, 1, 2);
	must_add(s, 7, 8);
	lk_store_close(&s);
	home_forget(&h);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 7), LK_STATE_ACTIVE);
	lk_store_close(&reader);
	home_remove(&h);
}

static const struct behind_case {
	const char	*name, *text;
	int		 want;		/* of key 1                          */
} behind_cases[] = {
	{ "a delete", "3:3:1700000000:delete:-:-:K00000000001:-\n",
	    LK_STATE_DELETED },
	{ "a disable", "3:3:1700000000:disable:-:-:K00000000001:-\n",
	    LK_STATE_DISABLED },
	{ "a disable and a delete", "3:4:1:disable:-:-:K00000000001:-\n"
	    "4:4:1:delete:-:-:K00000000001:-\n", LK_STATE_DELETED },
	{ "a delete and a disable", "3:4:1:delete:-:-:K00000000001:-\n"
	    "4:4:1:disable:-:-:K00000000001:-\n", LK_STATE_DELETED },
	{ "behind what is no line", "x\n3:3:1:delete:-:-:K00000000001:-\n",
	    LK_STATE_DELETED },
	{ "not whole", "3:3:1:delete:-:-:K00000000001:-", LK_STATE_ACTIVE },
	{ "of another key", "3:3:1:delete:-:-:K00000000002:-\n",
	    LK_STATE_ACTIVE },
	{ "of none", "3:3:1:delete:-:-:K00000000009:-\n", LK_STATE_ACTIVE },
	{ "an enable", "3:3:1:enable:-:-:K00000000001:AAAAAAAAAAAAAAAAAAAAAA"
	    "\n", LK_STATE_ACTIVE },
};

/* What nobody acknowledged takes power while it is there, and gives none. */
static void
test_behind(void **state)
{
	const struct behind_case	*c = *state;
	struct home			 h;
	struct lk_error			 e = { 0 };
	struct lk_store			*s;
	size_t				 n;
	int				 i, fd;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	free(slurp(h.journal, &n));
	home_forget(&h);		/* who has one does not read it      */
	s = home_open(&h, 0, 1);
	for (i = 0; i < 2; i++) {
		fd = open(h.journal, O_WRONLY | O_APPEND);
		assert_int_equal(write(fd, c->text, strlen(c->text)),
		    (ssize_t)strlen(c->text));
		close(fd);
		assert_int_equal(home_state(&h, 1), c->want);
		assert_int_equal(lk_store_refresh(s, &e), 0);
		assert_int_equal(key_state(s, 1), c->want);
		assert_int_equal(truncate(h.journal, (off_t)n), 0);
		assert_int_equal(lk_store_refresh(s, &e), 0);
		assert_int_equal(key_state(s, 1), LK_STATE_ACTIVE);
		assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	}
	lk_store_close(&s);
	home_remove(&h);
}

static unsigned
count_fds(void)
{
	char	 path[64];
	unsigned n = 0, fd;

	for (fd = 0; fd < 1024; fd++) {
		snprintf(path, sizeof path, "/proc/self/fd/%u", fd);
		n += access(path, F_OK) == 0;
	}
	return n;
}

/* A disk that does not sync costs a long-lived process nothing. */
static void
test_sync_for_good(void **state)
{
	struct home	 h;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	unsigned	 i, fds;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 5);
	fds = count_fds();
	arm("fdatasync", EIO, 1);
	for (i = 0; i < 40; i++) {
		assert_int_equal(keys_add(s, 10 + i, 11 + i, &e),
		    LK_EINDOUBT);
		assert_int_equal(keys_delete(s, 1, 2, &e), LK_EINDOUBT);
		assert_int_equal(key_state(s, 10), GONE);
	}
	assert_int_equal(count_fds(), fds);
	memset(&faulty, 0, sizeof faulty);
	must_delete(s, 2, 3);
	assert_int_equal(key_state(s, 10), LK_STATE_ACTIVE);
	must_add(s, 5, 6);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
	home_remove(&h);
}

static off_t	cut_to;

/* A writer cuts what lies behind right before it is read. */
static ssize_t
cut_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	char	 path[64], name[256];
	ssize_t	 got;

	if (at < cut_to || cut_to == 0)
		return lk_io_system.pread(ctx, fd, p, n, at);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	got = readlink(path, name, sizeof name - 1);
	assert_true(got > 0);
	name[got] = '\0';
	assert_int_equal(truncate(name, cut_to), 0);
	cut_to = 0;
	return 0;
}

/* A reader that meets a cut is not left without an answer. */
static void
test_behind_cut(void **state)
{
	static const char	 torn[] = "3:3:17";
	struct home		 h;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct lk_io		 io;
	size_t			 n;
	int			 fd;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	free(slurp(h.journal, &n));
	io = *h.io;
	io.pread = cut_pread;
	h.io = &io;
	cut_to = 0;
	home_forget(&h);
	s = home_open(&h, 0, 1);
	fd = open(h.journal, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, torn, sizeof torn - 1),
	    (ssize_t)sizeof torn - 1);
	close(fd);
	cut_to = (off_t)n;
	assert_int_equal(lk_store_refresh(s, &e), 0);
	assert_int_equal(cut_to, 0);
	assert_int_equal(key_state(s, 1), LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_doubt);
	TABLE_ROWS(&t, test_uncut, uncut_cases);
	TABLE_ROWS(&t, test_behind, behind_cases);
	TABLE_TEST(&t, test_behind_cut);
	TABLE_TEST(&t, test_sync_for_good);
	return table_run(&t, "store_doubt");
}
