/*
 * What a writer settles before it writes: the clock, a copy of `state` and its
 * stamp, a journal that is shorter than once acknowledged, the reserve after a
 * cut, a sync that failed where no state vouches.
 */
#include "table.h"

#include "faulty_io.h"
#include "store_home.h"

#define NOW		1800000000
#define YEAR		(366 * 86400LL)
#define STAMP_AT	40		/* octets into state, see state.h    */

static int64_t	the_time;

static int64_t
clock_now(void)
{
	return the_time;
}

static void
append(const char *path, const char *text)
{
	int	 fd = open(path, O_WRONLY | O_APPEND);

	assert_true(fd != -1);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A mend writes a line, with a time; a clock that is off must not get in. */
static void
test_clock(void **state)
{
	struct lk_error	 e = { 0 };
	struct home	 h;
	struct lk_store	*s;

	(void)state;
	home_make(&h);
	h.clock = clock_now;
	the_time = NOW;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	the_time = NOW + 10 * YEAR;
	append(h.journal, "3:3:18");
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 3, 4, &e), LK_EDATA);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	the_time = NOW + 10;
	s = home_open(&h, 1, 1);
	assert_int_equal(lk_store_now(s), the_time);
	must_add(s, 3, 4);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	home_remove(&h);
}

static struct lk_store	*meanwhile;

static int
sync_and_look(void *ctx, int fd)
{
	struct lk_error	 e;

	(void)ctx;
	(void)fd;
	if (meanwhile != NULL)
		assert_int_equal(lk_store_refresh(meanwhile, &e), 0);
	return 0;
}

/* Killed between the copy and the stamp, while a reader had seen the line. */
static void
test_stamp(void **state)
{
	static struct lk_io	 io;
	struct lk_error		 e = { 0 };
	struct home		 h;
	struct lk_store		*w, *rd;
	struct lk_batch		*b;
	uint64_t		 stamp;
	int			 fd;

	(void)state;
	home_make(&h);
	io = lk_io_system;
	io.fdatasync = sync_and_look;
	h.io = &io;
	w = home_open(&h, 1, 1);
	must_add(w, 1, 3);
	rd = home_open(&h, 0, 1);
	fd = open(h.state, O_RDWR);
	assert_int_equal(pread(fd, &stamp, sizeof stamp, STAMP_AT), 8);
	meanwhile = rd;
	must_delete(w, 1, 2);
	meanwhile = NULL;
	lk_store_close(&w);
	assert_int_equal(pwrite(fd, &stamp, sizeof stamp, STAMP_AT), 8);
	close(fd);

	w = home_open(&h, 1, 1);
	assert_int_equal(lk_batch_begin(w, LK_BATCH_REMOVE, "ann", "cli", 0,
	    &b, &e), 0);
	assert_int_equal(key_state(w, 1), LK_STATE_DELETED);
	lk_batch_abandon(&b);
	assert_int_equal(lk_store_refresh(rd, &e), 0);
	assert_int_equal(key_state(rd, 1), LK_STATE_DELETED);
	lk_store_close(&w);
	lk_store_close(&rd);
	home_remove(&h);
}

/* The newest copy is damaged: the older one must not stand in for it. */
static void
test_older_copy(void **state)
{
	static const off_t	 copies[] = { 128, 256 };
	struct lk_error		 e = { 0 };
	struct home		 h;
	struct lk_store		*s;
	uint64_t		 stamp;
	uint8_t			 c;
	int			 fd;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	fd = open(h.state, O_RDWR);
	assert_int_equal(pread(fd, &stamp, sizeof stamp, STAMP_AT), 8);
	assert_int_equal(pread(fd, &c, 1, copies[(stamp + 1) % 2] + 8), 1);
	c ^= 4;
	assert_int_equal(pwrite(fd, &c, 1, copies[(stamp + 1) % 2] + 8), 1);
	close(fd);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	s = home_open(&h, 1, 1);
	if (keys_add(s, 4, 5, &e) != 0)
		fail_msg("%s", e.text);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 4), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* What was acknowledged before a crash of the machine was on the disk. */
static const struct shorter {
	const char	*name;
	unsigned	 line;		/* cut before it                     */
	int		 in_line;	/* or in the middle of it            */
} shorter[] = {
	{ "after a boot: cut before a delete", 4, 0 },
	{ "after a boot: cut in a delete", 4, 1 },
	{ "after a boot: cut before the last line", 5, 0 },
};

static void
test_shorter(void **state)
{
	const struct shorter	*c = *state;
	struct lk_error		 e = { 0 };
	struct findings		 x;
	struct home		 h;
	struct lk_store		*s;
	size_t			 n, at, len;
	char			*text;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	must_delete(s, 1, 2);
	must_add(s, 3, 4);
	lk_store_close(&s);
	text = slurp(h.journal, &n);
	at = line_at(text, n, c->line, &len);
	spill(h.journal, text, at + (c->in_line ? len / 2 : 0));
	home_vouch(&h, OLD_BOOT);
	assert_int_not_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	assert_int_not_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 7, 8, &e), LK_EDAMAGE);
	must_delete(s, 2, 3);
	lk_store_close(&s);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_int_not_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 2), LK_STATE_DELETED);
	free(text);
	home_remove(&h);
}

/* A delete of K1 whose line is longer than a sector. */
static void
long_delete(struct lk_store *s)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	char		 actor[64] = "", from[128] = "";
	char		 id[LK_KEYID_LEN + 1];

	while (strlen(actor) + 2 < sizeof actor)
		strcat(actor, "\xc3\xbc");
	while (strlen(from) + 2 < sizeof from)
		strcat(from, "\xc3\xbc");
	key_id(1, id);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_REMOVE, actor, from, 0,
	    &b, &e), 0);
	assert_int_equal(lk_batch_delete(b, id, &e), 0);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
}

/* A sector of NULs in one batch, and a whole line of another one behind it:
 * that is no torn tail. */
static void
test_batch_behind(void **state)
{
	struct lk_error	 e = { 0 };
	struct stat	 st;
	struct home	 h;
	struct lk_store	*s;
	size_t		 n, end;
	unsigned	 k;
	char		*text;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	/* What says which batch it is shall stand in the sector before. */
	for (k = 3, end = 0; end < 16 || end > 100; k++) {
		must_add(s, k, k + 1);
		assert_int_equal(stat(h.journal, &st), 0);
		end = 512 - (size_t)st.st_size % 512;
	}
	long_delete(s);
	must_delete(s, 2, 3);
	lk_store_close(&s);
	text = slurp(h.journal, &n);
	memset(text + (size_t)st.st_size + end, 0, 512);
	spill(h.journal, text, n);
	home_vouch(&h, NO_STATE);
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 700, 701, &e), LK_EDAMAGE);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_UNSURE);
	assert_int_not_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	free(text);
	home_remove(&h);
}

static blkcnt_t		 at_sync;	/* blocks at the first sync; 0: none */

static int
sync_and_count(void *ctx, int fd)
{
	struct stat	 st;

	(void)ctx;
	if (at_sync == 0 && fstat(fd, &st) == 0)
		at_sync = st.st_blocks;
	return 0;
}

/* Cutting gives blocks back; the reserve is taken again before the sync. */
static void
test_reserve(void **state)
{
	static struct lk_io	 io;
	struct home		 h;
	struct lk_store		*s;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	append(h.journal, "3:3:18");
	io = lk_io_system;
	io.fdatasync = sync_and_count;
	h.io = &io;
	s = home_open(&h, 1, 0);
	at_sync = 0;
	must_delete(s, 1, 2);
	lk_store_close(&s);
	assert_true(at_sync * 512 >= 49152);
	home_remove(&h);
}

/* No state, and the sync that would make one true fails: the next try writes
 * all of it again, since the kernel may take for clean what was lost. */
static void
test_poisoned(void **state)
{
	struct lk_error	 e = { 0 };
	struct home	 h;
	struct lk_store	*s;
	struct lk_batch	*b;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	home_vouch(&h, NO_STATE);
	h.io = &faulty_io;
	s = home_open(&h, 1, 1);
	memset(&faulty, 0, sizeof faulty);
	faulty.only = "fdatasync";
	faulty.at = 1;
	faulty.error = EIO;
	assert_int_equal(keys_add(s, 5, 6, &e), LK_EINDOUBT);
	memset(&faulty, 0, sizeof faulty);
	faulty.only = "pwrite";
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(faulty.count, 1);
	lk_batch_abandon(&b);
	lk_store_close(&s);
	home_remove(&h);
}

static void
fail_syncs(void)
{
	memset(&faulty, 0, sizeof faulty);
	faulty.only = "fdatasync";
	faulty.at = 1;
	faulty.forever = 1;
	faulty.error = EIO;
}

/* Indeterminate for who deletes, and denied from now for everybody. */
static void
test_unsynced_delete(void **state)
{
	struct lk_error	 e = { 0 };
	struct stat	 st;
	struct home	 h, faults;
	struct lk_store	*w, *rd;

	(void)state;
	home_make(&h);
	w = home_open(&h, 1, 1);
	must_add(w, 1, 4);
	lk_store_close(&w);
	rd = home_open(&h, 0, 1);
	assert_int_equal(stat(h.journal, &st), 0);
	faults = h;
	faults.io = &faulty_io;
	fail_syncs();
	w = home_open(&faults, 1, 1);
	assert_int_equal(keys_delete(w, 1, 2, &e), LK_EINDOUBT);
	assert_int_equal(keys_delete(w, 2, 3, &e), LK_EINDOUBT);
	lk_store_close(&w);
	assert_int_equal(lk_store_refresh(rd, &e), 0);
	assert_int_equal(key_state(rd, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(rd, 2), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);

	/* A writer that can sync makes it so. */
	w = home_open(&h, 1, 1);
	must_delete(w, 3, 4);
	lk_store_close(&w);
	assert_int_equal(lk_store_refresh(rd, &e), 0);
	assert_int_equal(key_state(rd, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(rd, 2), LK_STATE_ACTIVE);
	assert_int_equal(key_state(rd, 3), LK_STATE_DELETED);
	lk_store_close(&rd);
	home_remove(&h);
}

static unsigned
descriptors(void)
{
	unsigned	 n = 0;
	int		 fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* A disk that does not sync takes no memory and no descriptors. */
static void
test_unsynced_often(void **state)
{
	struct lk_error	 e = { 0 };
	struct home	 h;
	struct lk_store	*s;
	unsigned	 i, before;

	(void)state;
	home_make(&h);
	h.io = &faulty_io;
	memset(&faulty, 0, sizeof faulty);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	before = descriptors();
	fail_syncs();
	for (i = 0; i < 20; i++)
		assert_int_equal(keys_add(s, 10 + i, 11 + i, &e),
		    LK_EINDOUBT);
	assert_int_equal(descriptors(), before);
	for (i = 0; i < 20; i++)
		assert_int_equal(key_state(s, 10 + i), GONE);
	memset(&faulty, 0, sizeof faulty);
	must_delete(s, 1, 2);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_clock);
	TABLE_TEST(&t, test_stamp);
	TABLE_TEST(&t, test_older_copy);
	TABLE_ROWS(&t, test_shorter, shorter);
	TABLE_TEST(&t, test_batch_behind);
	TABLE_TEST(&t, test_reserve);
	TABLE_TEST(&t, test_poisoned);
	TABLE_TEST(&t, test_unsynced_delete);
	TABLE_TEST(&t, test_unsynced_often);
	return table_run(&t, "store_settle");
}
