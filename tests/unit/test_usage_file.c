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
#include "store/usage_inner.h"

#define NOW	1790000000LL		/* seconds                           */
#define MINUTE	(NOW / 60 * 60)
#define NS	(NOW * LK_SECOND)

static char	 path[256], bad[256], new[256];

static void
folder(struct home *h)
{
	home_dir(h);
	assert_int_equal(mkdir(h->store, 0700), 0);
	snprintf(path, sizeof(path), "%s/usage", h->store);
	snprintf(bad, sizeof(bad), "%s/usage.bad", h->store);
	snprintf(new, sizeof(new), "%s/usage.new", h->store);
}

static struct lk_usage_file *
opened(const struct home *h, int write)
{
	struct lk_usage_file	*u;

	assert_int_equal(lk_usage_open(h->io, h->store, write, &u), 0);
	return u;
}

static int
there(const char *name)
{
	struct stat	 st;

	return lstat(name, &st) == 0;
}

/* It works, wherever it counts: a key and a budget. */
static void
must_count(struct lk_usage_file *u)
{
	static uint64_t	 id;
	struct lk_spend	 s = { .id = 0 };
	uint8_t		 d[LK_DIGEST_SIZE];
	uint32_t	 wait;
	unsigned	 i, n = 0;

	s.id = lk_budget_hash(++id, NULL, 0);
	key_digest(9, d);
	lk_usage_touch(u, d, NOW);
	assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
	lk_budget_set(&s, 5, 60, 5);
	for (i = 0; i < 9; i++)
		n += (unsigned)lk_usage_take(u, &s, NS, &wait);
	assert_int_equal(n, 5);
}

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

/* ----------------------------------------------------------------- replaced */

static void
looks(void **state)
{
	struct lk_usage_file	*reader, *owner;
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];

	(void)state;
	folder(&h);
	key_digest(9, d);
	reader = opened(&h, 0);
	owner = opened(&h, 1);
	assert_false(lk_usage_shared(reader));
	lk_usage_look(reader);		/* there is one now */
	assert_true(lk_usage_shared(reader));
	must_count(owner);
	assert_int_equal(lk_usage_last(reader, d, NOW), MINUTE);
	/* Removed by hand: readers keep what they have, the owner makes it. */
	assert_int_equal(unlink(path), 0);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_last(reader, d, NOW), MINUTE);
	lk_usage_look(owner);
	assert_true(there(path));
	assert_int_equal(lk_usage_last(owner, d, NOW), 0);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_last(reader, d, NOW), 0);
	must_count(reader);
	assert_int_equal(lk_usage_last(owner, d, NOW), MINUTE);
	/* Cut short: let go of at once. */
	assert_int_equal(truncate(path, 4096), 0);
	lk_usage_look(reader);
	assert_false(lk_usage_shared(reader));
	must_count(reader);
	lk_usage_look(owner);
	assert_true(lk_usage_shared(owner));
	lk_usage_look(reader);
	assert_true(lk_usage_shared(reader));
	lk_usage_close(&reader);
	lk_usage_close(&owner);
	home_remove(&h);
}

/* A process that runs for ever maps no more than it may. */
static void
many_maps(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	int			 i;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	for (i = 0; i < 3 * LK_USAGE_MAPS; i++) {
		unlink(path);
		lk_usage_look(u);
		must_count(u);
	}
	assert_int_equal(u->maps, LK_USAGE_MAPS);
	lk_usage_close(&u);
	home_remove(&h);
}

#define FEW	1500U
#define LOTS	20000U

/* What was there is there in the bigger one; another learns of it. */
static void
grows(void **state)
{
	struct lk_usage_file	*u, *reader;
	struct lk_spend		 s = { .id = 0 };
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];
	uint32_t		 wait;
	unsigned		 i, lost = 0, spent = 0;
	size_t			 size;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	reader = opened(&h, 0);
	size = lk_usage_size(u);
	for (i = 0; i < FEW; i++) {
		key_digest(i, d);
		lk_usage_touch(u, d, NOW + 60 * (int)i);
	}
	lk_budget_set(&s, 1, 0, 1);
	for (i = 0; i < 500; i++) {
		s.id = lk_budget_hash(3, &i, sizeof(i));
		lk_usage_take(u, &s, (int64_t)time(NULL) * LK_SECOND, &wait);
	}
	lk_usage_fit(u, 2500);
	assert_int_equal(lk_usage_size(u), size);
	lk_usage_fit(reader, LOTS);	/* is not theirs to do */
	assert_int_equal(lk_usage_size(reader), size);
	lk_usage_fit(u, LOTS);
	assert_true(lk_usage_size(u) >= LOTS * 16 &&
	    lk_usage_size(u) <= LOTS * 20 + LK_USAGE_MIN);
	for (i = 0; i < FEW; i++) {
		key_digest(i, d);
		lost += lk_usage_last(u, d, NOW + 60 * FEW) !=
		    MINUTE + 60 * (int)i;
	}
	assert_true(lost < FEW / 50);
	for (i = 0; i < 500; i++) {
		s.id = lk_budget_hash(3, &i, sizeof(i));
		spent += !lk_usage_peek(u, &s, (int64_t)time(NULL) *
		    LK_SECOND, &wait);
	}
	assert_true(spent > 490);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_size(reader), lk_usage_size(u));
	lk_usage_close(&reader);
	lk_usage_close(&u);
	u = opened(&h, 0);
	assert_true(lk_usage_shared(u));
	lk_usage_close(&u);
	home_remove(&h);
}

/* Several at once: one file, and each of them has it or will at a look. */
static void
at_once(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];
	pid_t			 pid[4];
	unsigned		 i, round, n;

	(void)state;
	for (round = 0; round < 20; round++) {
		folder(&h);
		for (i = 0; i < 4; i++)
			if ((pid[i] = fork()) == 0) {
				u = opened(&h, 1);
				for (n = 0; n < 5000 && !lk_usage_shared(u);
				    n++) {
					usleep(1000);
					lk_usage_look(u);
				}
				key_digest(i, d);
				lk_usage_touch(u, d, NOW);
				_exit(!lk_usage_shared(u));
			}
		for (i = 0; i < 4; i++)
			assert_int_equal(reap(pid[i]), 0);
		u = opened(&h, 0);
		for (i = 0; i < 4; i++) {
			key_digest(i, d);
			assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
		}
		lk_usage_close(&u);
		assert_false(there(new));
		home_remove(&h);
	}
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
	TABLE_TEST(&t, looks);
	TABLE_TEST(&t, many_maps);
	TABLE_TEST(&t, grows);
	TABLE_TEST(&t, at_once);
	TABLE_ROWS(&t, fault, fault_cases);
	TABLE_TEST(&t, no_fallocate);
	return table_run(&t, "usage_file");
}
