/*
 * The file `usage`: who makes it, what is taken for one, what becomes of one
 * that is none, and what goes on without it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include "store_home.h"
#include "faulty_io.h"
#include "usage_home.h"

#define LOTS	20000U			/* keys that are too many for it     */

static void
made(void **state)
{
	struct home		 h;
	struct lk_usage_file	*u, *v;
	struct stat		 st;
	uint8_t			 d[LK_DIGEST_SIZE];

	(void)state;
	folder(&h);
	u = opened(&h, 0);		/* a reader makes none */
	assert_false(lk_usage_shared(u));
	assert_false(there(path));
	must_count(u);
	lk_usage_close(&u);
	u = opened(&h, 1);
	assert_true(lk_usage_shared(u));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(st.st_size, LK_USAGE_MIN);
	assert_true(st.st_blocks * 512 >= st.st_size);
	must_count(u);
	v = opened(&h, 0);		/* sees what the other counts */
	key_digest(9, d);
	assert_int_equal(lk_usage_last(v, d, NOW), MINUTE);
	lk_usage_close(&u);
	lk_usage_close(&v);
	home_remove(&h);
}

/* --------------------------------------------------------- of no known form */

static void
flip(unsigned at)
{
	uint8_t	 b;
	int	 fd = open(path, O_RDWR);

	assert_int_equal(pread(fd, &b, 1, (off_t)at), 1);
	b ^= 0xff;
	assert_int_equal(pwrite(fd, &b, 1, (off_t)at), 1);
	close(fd);
}

static void
spoil_magic(void)
{
	flip(0);
}

static void
spoil_empty(void)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void
spoil_page(void)
{
	assert_int_equal(truncate(path, 4096), 0);
}

static void
spoil_short(void)
{
	assert_int_equal(truncate(path, LK_USAGE_MIN - 1), 0);
}

static void
spoil_long(void)
{
	assert_int_equal(truncate(path, LK_USAGE_MIN + 4096), 0);
}

static void
spoil_zero(void)
{
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(truncate(path, LK_USAGE_MIN), 0);
}

static void
spoil_mode(void)
{
	assert_int_equal(chmod(path, 0666), 0);
}

static void
spoil_link(void)
{
	assert_int_equal(rename(path, bad), 0);
	assert_int_equal(symlink("usage.bad", path), 0);
}

static void
spoil_fifo(void)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0660), 0);
}

static void
spoil_folder(void)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* Whole but for its sets, of which it says there are more than it has. */
static void
spoil_sets(void)
{
	uint64_t	 w[LK_LINE_WORDS];
	int		 fd = open(path, O_RDWR);

	lk_usage_head(w, 1U << 20, 512);
	assert_int_equal(pwrite(fd, w, sizeof(w), 0), sizeof(w));
	close(fd);
}

static void
spoil_no_sets(void)
{
	uint64_t	 w[LK_LINE_WORDS];
	int		 fd = open(path, O_RDWR);

	lk_usage_head(w, 0, LK_USAGE_MIN / 64 - 1);
	assert_int_equal(pwrite(fd, w, sizeof(w), 0), sizeof(w));
	close(fd);
}

static const struct spoil_case {
	const char	*name;
	void		(*spoil)(void);
	int		 kept;		/* what was there is moved away      */
} spoil_cases[] = {
	{ "magic",			spoil_magic,	1 },
	{ "empty",			spoil_empty,	1 },
	{ "one page",			spoil_page,	1 },
	{ "an octet too short",		spoil_short,	1 },
	{ "a page too long",		spoil_long,	1 },
	{ "zeros",			spoil_zero,	1 },
	{ "more sets than octets",	spoil_sets,	1 },
	{ "no sets",			spoil_no_sets,	1 },
	{ "anybody may write it",	spoil_mode,	1 },
	{ "a symbolic link",		spoil_link,	1 },
	{ "a pipe",			spoil_fifo,	1 },
	{ "a folder",			spoil_folder,	1 },
};

static void
spoiled(void **state)
{
	const struct spoil_case	*c = *state;
	struct lk_usage_file	*u;
	struct home		 h;

	folder(&h);
	u = opened(&h, 1);
	lk_usage_close(&u);
	c->spoil();
	u = opened(&h, 0);
	assert_false(lk_usage_shared(u));
	must_count(u);
	lk_usage_close(&u);
	u = opened(&h, 1);
	assert_true(lk_usage_shared(u));
	must_count(u);
	lk_usage_close(&u);
	assert_int_equal(there(bad), c->kept);
	u = opened(&h, 0);
	assert_true(lk_usage_shared(u));
	lk_usage_close(&u);
	home_remove(&h);
}

/* No octet of the header goes unnoticed. */
static void
each_byte(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	unsigned		 i;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	lk_usage_close(&u);
	for (i = 0; i < 64; i++) {
		flip(i);
		u = opened(&h, 0);
		if (lk_usage_shared(u))
			fail_msg("octet %u of the header", i);
		lk_usage_close(&u);
		flip(i);
	}
	u = opened(&h, 0);
	assert_true(lk_usage_shared(u));
	lk_usage_close(&u);
	home_remove(&h);
}

/* ------------------------------------------------------------------- faults */

static const struct fault_case {
	const char	*name;
	int		 error, write;
} fault_cases[] = {
	{ "a full disk",	ENOSPC, 1 },
	{ "EIO",		EIO, 1 },
	{ "read-only",		EROFS, 0 },
	{ "not permitted",	EACCES, 0 },
	{ "no descriptors",	EMFILE, 1 },
};

/* Each operation fails, once and for good: it counts all the same, and the next
 * one that may write finds or makes a sound file. */
static void
fault(void **state)
{
	const struct fault_case	*c = *state;
	struct lk_usage_file	*u;
	struct home		 h;
	unsigned		 at, forever;

	for (forever = 0; forever < 2; forever++)
		for (at = 1, faulty.kind = ""; faulty.kind != NULL; at++) {
			folder(&h);
			u = opened(&h, !c->write);
			lk_usage_close(&u);
			memset(&faulty, 0, sizeof(faulty));
			faulty.at = at;
			faulty.error = c->error;
			faulty.forever = (int)forever;
			h.io = &faulty_io;
			u = opened(&h, c->write);
			must_count(u);
			lk_usage_fit(u, LOTS);
			lk_usage_look(u);
			must_count(u);
			lk_usage_close(&u);
			home_hurry(&h);
			u = opened(&h, 1);
			assert_true(lk_usage_shared(u));
			lk_usage_close(&u);
			home_remove(&h);
		}
	assert_true(at > 5);
}

/* fallocate is not had everywhere; then it is written. */
static void
no_fallocate(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	struct stat		 st;

	(void)state;
	folder(&h);
	memset(&faulty, 0, sizeof(faulty));
	faulty.only = "fallocate";
	faulty.at = 1;
	faulty.forever = 1;
	faulty.error = EOPNOTSUPP;
	h.io = &faulty_io;
	u = opened(&h, 1);
	assert_true(lk_usage_shared(u));
	assert_string_equal(faulty.kind, "fallocate");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_blocks * 512 >= st.st_size);
	must_count(u);
	lk_usage_close(&u);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, made);
	TABLE_ROWS(&t, spoiled, spoil_cases);
	TABLE_TEST(&t, each_byte);
	TABLE_ROWS(&t, fault, fault_cases);
	TABLE_TEST(&t, no_fallocate);
	return table_run(&t, "usage_file");
}
