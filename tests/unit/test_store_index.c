/*
 * The index as a file: who uses it, when it holds, and what becomes of it when
 * it does not.
 */
#include "table.h"

#include <errno.h>

#include "store/inner.h"
#include "store_home.h"

#define MANY	2000			/* keys: it grows several times      */

static struct lk_map *
map_of(struct lk_store *s)
{
	return lk_index_map(lk_store_image(s)->index);
}

static int
is_shared(struct lk_store *s)
{
	return atomic_load(&lk_store_image(s)->shared);
}

/* The one file index.*; its name's number, or 0. */
static uint64_t
generation(const struct home *h, char path[256])
{
	char	 pattern[192];
	glob_t	 g;
	uint64_t n = 0;

	path[0] = '\0';
	snprintf(pattern, sizeof pattern, "%s/index.*", h->store);
	if (glob(pattern, 0, NULL, &g) != 0)
		return 0;
	assert_int_equal(g.gl_pathc, 1);
	snprintf(path, 256, "%s", g.gl_pathv[0]);
	n = strtoull(strrchr(path, '.') + 1, NULL, 10);
	globfree(&g);
	return n;
}

static size_t	reads;			/* octets of any file                */

static ssize_t
count_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	ssize_t	 got = lk_io_system.pread(ctx, fd, p, n, at);

	if (got > 0)
		reads += (size_t)got;
	return got;
}

/* ------------------------------------------------------------------- shared */

/* However many keys there are, opening does not read their lines. */
static void
test_open(void **state)
{
	struct lk_store	*s;
	struct lk_io	 io;
	struct home	 h;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, MANY);
	lk_store_close(&s);
	io = *h.io;
	io.pread = count_pread;
	h.io = &io;
	reads = 0;
	s = home_open(&h, 0, 1);
	assert_true(is_shared(s));
	assert_int_equal(key_state(s, MANY - 1), LK_STATE_ACTIVE);
	assert_true(reads <= 2 * LK_LINE_MAX);
	lk_store_close(&s);
	/* Nor does a writer. */
	reads = 0;
	s = home_open(&h, 1, 1);
	must_add(s, MANY, MANY + 1);
	assert_true(reads <= 4 * LK_LINE_MAX);
	lk_store_close(&s);
	home_remove(&h);
}

/* Readers see what is written, also by way of a map that gave way. */
static void
test_growth(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *reader;
	struct home	 h;
	uint64_t	 first;
	unsigned	 i;
	char		 path[256];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	reader = home_open(&h, 0, 1);
	assert_true(is_shared(reader));
	first = generation(&h, path);
	assert_true(first > 0);
	for (i = 2; i < MANY; i++) {
		must_add(s, i, i + 1);
		assert_int_equal(lk_store_refresh(reader, &e), 0);
		assert_int_equal(key_state(reader, i), LK_STATE_ACTIVE);
		assert_int_equal(key_state(reader, 1), LK_STATE_ACTIVE);
		assert_int_equal(key_state(reader, i + 1), GONE);
	}
	assert_true(generation(&h, path) >= first + 5);
	assert_int_equal(map_of(reader)->generation, generation(&h, path));
	must_delete(s, 1, 2);
	/* Nothing has to be looked for: it is the same memory. */
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(lk_store_count(reader, "ucd", "acme", 0), MANY - 2);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------- after a boot */

static const struct boot_case {
	const char	*name;
	int		 more;		/* keys after the checkpoint         */
	int		 forget;	/* the index is lost                 */
	int		 shared;	/* a reader needs nobody             */
} boot_cases[] = {
	{ "after a boot: nothing behind the checkpoint", 0, 0, 1 },
	{ "after a boot: keys behind the checkpoint", 1, 0, 0 },
	{ "after a boot: no index", 0, 1, 0 },
};

/* Writes and does not live to leave a checkpoint. */
static void
write_and_die(const struct home *h)
{
	struct lk_store	*s;
	pid_t		 pid = fork();

	if (pid == 0) {
		s = child_open(h, 1);
		must_add(s, 50, 60);
		must_delete(s, 2, 3);
		_exit(0);
	}
	assert_int_equal(reap(pid), 0);
}

static void
check_boot(struct lk_store *s, const struct boot_case *c, int later)
{
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 2), c->more ? LK_STATE_DELETED :
	    LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 49), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 59), c->more ? LK_STATE_ACTIVE : GONE);
	assert_int_equal(lk_store_count(s, NULL, "acme", 0),
	    (c->more ? 57 : 48) + later);
}

static void
test_boot(void **state)
{
	const struct boot_case	*c = *state;
	struct lk_store		*s, *reader;
	struct lk_error		 e = { 0 };
	struct home		 h;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 50);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	if (c->more)
		write_and_die(&h);
	home_vouch(&h, OLD_BOOT);
	if (c->forget)
		home_forget(&h);
	reader = home_open(&h, 0, 1);
	assert_int_equal(is_shared(reader), c->shared);
	check_boot(reader, c, 0);
	s = home_open(&h, 1, 1);
	must_add(s, 100, 101);
	assert_true(is_shared(s));
	check_boot(s, c, 1);
	/* The reader goes over to what the writer made. */
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_true(is_shared(reader));
	assert_int_equal(key_state(reader, 100), LK_STATE_ACTIVE);
	lk_store_close(&s);
	lk_store_close(&reader);
	home_remove(&h);
}

/* ---------------------------------------------------------------- put back */

static void
copy_to(const char *from, const char *to)
{
	size_t	 n;
	char	*p = slurp(from, &n);

	spill(to, p, n);
	free(p);
}

/* An index of before the delete, put back by hand, lets nobody in. */
static void
test_older_index(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	char		 path[256], kept[300];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	assert_true(generation(&h, path) > 0);
	snprintf(kept, sizeof kept, "%s/kept", h.dir);
	copy_to(path, kept);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(rename(kept, path), 0);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	s = home_open(&h, 1, 1);
	must_add(s, 3, 4);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 3), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* Journal and state of before, and the index of today: a key that the journal
 * does not know is not let in. */
static void
test_older_journal(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	size_t		 n, m;
	char		*journal, *words;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	journal = slurp(h.journal, &n);
	words = slurp(h.state, &m);
	s = home_open(&h, 1, 1);
	must_add(s, 2, 3);
	lk_store_close(&s);
	spill(h.journal, journal, n);
	spill(h.state, words, m);
	assert_int_equal(home_state(&h, 2), GONE);
	assert_int_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	free(journal);
	free(words);
	home_remove(&h);
}

/* --------------------------------------------------------------- half done */

/* Killed between the journal and the last of the index: who comes next ends
 * what was begun, and once. */
static void
test_half_applied(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	size_t		 n;
	char		*before;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 20);
	before = slurp(h.state, &n);
	must_add(s, 20, 30);
	must_delete(s, 1, 5);
	lk_store_close(&s);
	/* All of it is in the index, none of it acknowledged. */
	spill(h.state, before, n);
	s = home_open(&h, 1, 1);
	must_add(s, 30, 31);
	assert_int_equal(lk_store_count(s, NULL, "acme", 0), 26);
	assert_int_equal(key_state(s, 4), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 29), LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_forget(&h);
	s = home_open(&h, 0, 1);
	assert_int_equal(lk_store_count(s, NULL, "acme", 0), 26);
	lk_store_close(&s);
	free(before);
	home_remove(&h);
}

#define OFTEN		(LK_IMAGES_MAX + 8)	/* deletes                   */

static int
no_fallocate(void *ctx, int fd, int mode, off_t at, off_t n)
{
	(void)ctx;
	(void)fd;
	(void)at;
	(void)n;
	if (mode != 0)
		return 0;		/* the journal's reserve             */
	errno = ENOSPC;
	return -1;
}

/* No room for an index: nothing is added; deletes hold for everybody. */
static void
test_no_room(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *reader;
	struct lk_io	 io;
	struct home	 h;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 5);
	lk_store_close(&s);
	home_forget(&h);
	reader = home_open(&h, 0, 1);
	assert_false(is_shared(reader));
	io = *h.io;
	io.fallocate = no_fallocate;
	h.io = &io;
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 5, 6, &e), LK_EIO);
	must_delete(s, 1, 2);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 2), LK_STATE_ACTIVE);
	io.fallocate = lk_io_system.fallocate;
	must_add(s, 5, 6);
	assert_true(is_shared(s));
	lk_store_close(&s);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_true(is_shared(reader));
	assert_int_equal(key_state(reader, 5), LK_STATE_ACTIVE);
	lk_store_close(&reader);
	home_remove(&h);
}

/* However often: who reads all along never has to be started anew. */
static void
test_no_room_long(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *reader;
	struct lk_io	 io;
	struct home	 h;
	unsigned	 i;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 0, OFTEN);
	lk_store_close(&s);
	home_forget(&h);
	reader = home_open(&h, 0, 1);
	io = *h.io;
	io.fallocate = no_fallocate;
	h.io = &io;
	for (i = 1; i < OFTEN; i++) {
		s = home_open(&h, 1, 1);
		must_delete(s, i, i + 1);
		lk_store_close(&s);
		if (lk_store_refresh(reader, &e) != 0)
			fail_msg("after %u deletes: %s", i, e.text);
		assert_int_equal(key_state(reader, i), LK_STATE_DELETED);
		assert_int_equal(key_state(reader, 0), LK_STATE_ACTIVE);
	}
	io.fallocate = lk_io_system.fallocate;
	s = home_open(&h, 1, 1);
	must_delete(s, 0, 1);
	lk_store_close(&s);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_true(is_shared(reader));
	assert_int_equal(key_state(reader, 0), LK_STATE_DELETED);
	lk_store_close(&reader);
	home_remove(&h);
}

/* ------------------------------------------------------------------- remade */

struct steps {
	unsigned	 n;
	uint64_t	 last;
};

static void
take_step(void *arg, uint64_t done, uint64_t all)
{
	struct steps	*x = arg;

	assert_true(done <= all && done >= x->last);
	x->last = done;
	x->n++;
}

/* From the journal, while readers go on with the one that is there. */
static void
test_remake(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *reader;
	struct steps	 x = { 0 };
	struct home	 h;
	uint64_t	 before;
	char		 path[256];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, MANY);
	must_delete(s, 7, 9);
	reader = home_open(&h, 0, 1);
	before = generation(&h, path);
	assert_int_equal(lk_store_remake(s, "ann", "cli", take_step, &x, &e),
	    0);
	assert_true(x.n > 0);
	assert_int_equal(generation(&h, path), before + 1);
	assert_int_equal(key_state(s, 7), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 9), LK_STATE_ACTIVE);
	assert_int_equal(lk_store_count(s, "ucd", "acme", 0), MANY - 3);
	/* Who has the old one looks it up in the new one. */
	must_delete(s, 9, 10);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 9), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 10), LK_STATE_ACTIVE);
	must_add(s, MANY, MANY + 1);
	lk_store_close(&s);
	lk_store_close(&reader);
	home_remove(&h);
}

/* Across damage: told, served as far as it goes, and mended with the line. */
static void
test_remake_damaged(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	size_t		 n, at;
	char		*text, *was;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	must_add(s, 2, 3);
	must_add(s, 3, 4);
	text = slurp(h.journal, &n);
	was = slurp(h.journal, &n);
	at = line_at(text, n, 3, NULL);
	text[at + 40] ^= 1;
	spill(h.journal, text, n);
	assert_int_equal(lk_store_remake(s, "ann", "cli", NULL, NULL, &e), 1);
	assert_int_equal(e.code, LK_NOTE);
	assert_int_equal(e.line, 3);
	assert_int_equal(home_state(&h, 1), LK_STATE_UNSURE);
	assert_int_equal(home_state(&h, 3), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 9), UNKNOWABLE);
	assert_int_equal(keys_add(s, 4, 5, &e), LK_EDAMAGE);
	must_delete(s, 3, 4);
	assert_int_equal(home_state(&h, 3), LK_STATE_DELETED);
	lk_store_close(&s);
	/* The good journal is put back, but for the delete. */
	spill(h.journal, was, n);
	assert_int_equal(unlink(h.state), 0);
	s = home_open(&h, 1, 1);
	must_add(s, 4, 5);
	assert_int_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 9), GONE);
	lk_store_close(&s);
	free(text);
	free(was);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_open);
	TABLE_TEST(&t, test_growth);
	TABLE_ROWS(&t, test_boot, boot_cases);
	TABLE_TEST(&t, test_older_index);
	TABLE_TEST(&t, test_older_journal);
	TABLE_TEST(&t, test_half_applied);
	TABLE_TEST(&t, test_no_room);
	TABLE_TEST(&t, test_no_room_long);
	TABLE_TEST(&t, test_remake);
	TABLE_TEST(&t, test_remake_damaged);
	return table_run(&t, "store_index");
}
