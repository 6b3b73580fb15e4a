/*
 * A bigger index is made beside the one that is: what others do meanwhile is in
 * it, nobody waits for it, and a maker that is killed leaves nothing behind.
 */
#include "table.h"

#include "faulty_io.h"
#include "store/attach.h"
#include "store/inner.h"
#include "store_home.h"

#define SOFT		190		/* keys; 192 of 256 begin growth     */

/* What happens while index.new is synced, which nobody waits for. */
static struct meanwhile {
	const struct home *h;
	void		(*fn)(struct lk_store *s);
	int		 done;
} meanwhile;

static int
is_new_index(int fd)
{
	char	 link[64], path[256] = "";

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof path - 1) > 0 &&
	    strstr(path, "/index.new") != NULL;
}

static int
sync_hook(void *ctx, int fd)
{
	struct lk_store	*s;
	struct home	 h;

	(void)ctx;
	if (meanwhile.done || meanwhile.fn == NULL || !is_new_index(fd))
		return 0;
	meanwhile.done = 1;
	h = *meanwhile.h;
	home_hurry(&h);
	h.wait = 1;			/* he does not wait for the lock     */
	s = home_open(&h, 1, 1);
	meanwhile.fn(s);
	lk_store_close(&s);
	return 0;
}

static struct lk_io	 hooked;

static void
hook(struct home *h, void (*fn)(struct lk_store *))
{
	home_make(h);
	hooked = *h->io;
	hooked.fsync = sync_hook;
	h->io = &hooked;
	meanwhile.h = h;
	meanwhile.fn = fn;
	meanwhile.done = 0;
}

static uint64_t
generation(const struct home *h)
{
	struct lk_folder	 f;
	struct lk_state		 st;
	uint64_t		 g;

	assert_int_equal(lk_folder_open(&lk_io_system, h->store, 0, &f, NULL),
	    0);
	assert_int_equal(lk_state_open(&f, 0, &st, NULL), 0);
	g = lk_state_generation(&st);
	lk_state_close(&st);
	lk_folder_close(&f);
	return g;
}

static int
is_there(const struct home *h, const char *name)
{
	char	 path[256];

	snprintf(path, sizeof path, "%s/%s", h->store, name);
	return access(path, F_OK) == 0;
}

/* Keys from..to-1 in the eyes of one who comes now. */
static void
check_all(const struct home *h, unsigned from, unsigned to, int want)
{
	struct lk_store	*s = home_open(h, 0, 1);
	unsigned	 n;

	for (n = from; n < to; n++)
		if (key_state(s, n) != want)
			fail_msg("key %u is %d, not %d", n, key_state(s, n),
			    want);
	lk_store_close(&s);
}

static void
deletes(struct lk_store *s)
{
	must_delete(s, 10, 20);
	must_add(s, 1000, 1005);
	must_delete(s, 1000, 1001);
}

static void
test_meanwhile(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	uint64_t	 g;

	(void)state;
	hook(&h, deletes);
	s = home_open(&h, 1, 1);
	must_add(s, 0, SOFT);
	g = generation(&h);
	assert_int_equal(meanwhile.done, 0);
	must_add(s, SOFT, SOFT + 10);
	assert_int_equal(meanwhile.done, 1);
	assert_int_equal(generation(&h), g + 1);
	assert_int_equal(key_state(s, 10), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 1004), LK_STATE_ACTIVE);
	check_all(&h, 0, 10, LK_STATE_ACTIVE);
	check_all(&h, 10, 20, LK_STATE_DELETED);
	check_all(&h, 20, SOFT + 10, LK_STATE_ACTIVE);
	check_all(&h, 1000, 1001, LK_STATE_DELETED);
	check_all(&h, 1001, 1005, LK_STATE_ACTIVE);
	assert_false(is_there(&h, "index.new"));
	assert_false(is_there(&h, "journal.new"));
	lk_store_close(&s);
	home_remove(&h);
}

static void
rebuilds(struct lk_store *s)
{
	struct lk_error	 e = { 0 };

	assert_int_equal(lk_store_remake(s, "ann", "cli", NULL, NULL, &e), 0);
	must_delete(s, 5, 6);
}

/* Who makes another index meanwhile wins; the next batch tries again. */
static void
test_rebuilt(void **state)
{
	struct lk_store	*s;
	struct home	 h;

	(void)state;
	hook(&h, rebuilds);
	s = home_open(&h, 1, 1);
	must_add(s, 0, SOFT);
	must_add(s, SOFT, SOFT + 10);
	assert_int_equal(meanwhile.done, 1);
	must_add(s, SOFT + 10, SOFT + 20);
	check_all(&h, 0, 5, LK_STATE_ACTIVE);
	check_all(&h, 5, 6, LK_STATE_DELETED);
	check_all(&h, 6, SOFT + 20, LK_STATE_ACTIVE);
	assert_false(is_there(&h, "index.new"));
	lk_store_close(&s);
	home_remove(&h);
}

/* While all of the journal is read anew others write, and that is in it. */
static void
test_anew(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	uint64_t	 g;

	(void)state;
	hook(&h, deletes);
	s = home_open(&h, 1, 1);
	must_add(s, 0, 50);
	must_delete(s, 30, 31);
	g = generation(&h);
	assert_int_equal(lk_store_remake(s, "ann", "cli", NULL, NULL, &e), 0);
	assert_int_equal(meanwhile.done, 1);
	assert_int_equal(generation(&h), g + 1);
	check_all(&h, 0, 10, LK_STATE_ACTIVE);
	check_all(&h, 10, 20, LK_STATE_DELETED);
	check_all(&h, 20, 30, LK_STATE_ACTIVE);
	check_all(&h, 30, 31, LK_STATE_DELETED);
	check_all(&h, 1001, 1005, LK_STATE_ACTIVE);
	must_add(s, 50, 60);
	check_all(&h, 50, 60, LK_STATE_ACTIVE);
	assert_false(is_there(&h, "index.new"));
	assert_false(is_there(&h, "journal.new"));
	lk_store_close(&s);
	home_remove(&h);
}

static void
dies(struct lk_store *s)
{
	(void)s;
	_exit(77);
}

/* The maker is killed while it syncs; the one after him makes one anew. */
static void
test_killed_syncing(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	pid_t		 pid;
	int		 status;

	(void)state;
	hook(&h, dies);
	if ((pid = fork()) == 0) {
		s = home_open(&h, 1, 1);
		must_add(s, 0, SOFT);
		must_add(s, SOFT, SOFT + 10);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 77);
	assert_true(is_there(&h, "index.new"));
	check_all(&h, 0, SOFT + 10, LK_STATE_ACTIVE);
	meanwhile.fn = NULL;
	s = home_open(&h, 1, 1);
	must_delete(s, 3, 4);
	must_add(s, SOFT + 10, SOFT + 11);
	assert_false(is_there(&h, "index.new"));
	assert_false(is_there(&h, "journal.new"));
	check_all(&h, 3, 4, LK_STATE_DELETED);
	check_all(&h, 4, SOFT + 11, LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

/* Killed before its nth operation on files, whichever that is: all that was
 * acknowledged is there, and the next writer gets on. */
static int
killed_at(unsigned n, int anew)
{
	static struct lk_io	 io;
	struct lk_store		*s;
	struct home		 h;
	pid_t			 pid;
	int			 status;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 0, SOFT);
	must_delete(s, 7, 8);
	lk_store_close(&s);
	if ((pid = fork()) == 0) {
		io = faulty_io;
		io.fsync = no_sync;
		h.io = &io;
		s = home_open(&h, 1, 1);
		memset(&faulty, 0, sizeof faulty);
		faulty.at = n;
		faulty.die = 1;
		if (anew)
			lk_store_remake(s, "ann", "cli", NULL, NULL, NULL);
		else
			must_add(s, SOFT, SOFT + 10);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	s = home_open(&h, 1, 1);
	must_delete(s, 9, 10);
	check_all(&h, 0, 7, LK_STATE_ACTIVE);
	check_all(&h, 7, 8, LK_STATE_DELETED);
	check_all(&h, 9, 10, LK_STATE_DELETED);
	check_all(&h, 10, SOFT, LK_STATE_ACTIVE);
	must_add(s, 500, 700);
	check_all(&h, 500, 700, LK_STATE_ACTIVE);
	assert_false(is_there(&h, "index.new"));
	lk_store_close(&s);
	home_remove(&h);
	return WEXITSTATUS(status) == 77;
}

static void
test_killed_anywhere(void **state)
{
	unsigned	 n = 1;

	(void)state;
	while (killed_at(n, 0))
		n++;
	assert_in_range(n, 40, 400);
	for (n = 1; killed_at(n, 1); )
		n++;
	assert_in_range(n, 40, 400);
}

/* Room that was asked for is made once, of the index and of `usage`. */
static void
test_room(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	uint64_t	 g;
	unsigned	 n;
	size_t		 size;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 0, 10);
	g = generation(&h);
	assert_int_equal(lk_store_make_room(s, 5000, 100, &e), 0);
	assert_int_equal(generation(&h), g + 1);
	size = lk_usage_size(s->usage);
	for (n = 10; n < 5010; n += 500)
		must_add(s, n, n + 500);
	assert_int_equal(generation(&h), g + 1);
	assert_int_equal(lk_usage_size(s->usage), size);
	assert_int_equal(lk_store_make_room(s, 1, 1, &e), 0);
	assert_int_equal(generation(&h), g + 1);
	check_all(&h, 0, 5010, LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

/* However often one was given up before the next is made, it is not left. */
static void
test_given_up(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	glob_t		 g;
	char		 pattern[192];
	int		 i;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 0, 2);
	for (i = 0; i < 4; i++)
		lk_image_disown(lk_store_image(s));
	must_add(s, 2, 3);
	snprintf(pattern, sizeof pattern, "%s/index.*", h.store);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc, 1);
	globfree(&g);
	check_all(&h, 0, 3, LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------------- sizes */

#define FEW		5000		/* keys, all new in one batch        */
#define MANY		25000
#define STEP		1000
#define KEY_OCTETS	150		/* of the index, at any moment       */

static void
check_size(struct lk_store *s, unsigned keys)
{
	const struct lk_map	*m = lk_index_map(lk_store_image(s)->index);

	if (m->size > (size_t)keys * KEY_OCTETS)
		fail_msg("%u keys: %zu octets each", keys, m->size / keys);
}

/* One that grows by and by, and begins with much at once. */
static void
test_sizes(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	unsigned	 n;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 0, FEW);
	check_size(s, FEW);
	for (n = FEW; n < MANY; n += STEP) {
		must_add(s, n, n + STEP);
		check_size(s, n + STEP);
	}
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_meanwhile);
	TABLE_TEST(&t, test_rebuilt);
	TABLE_TEST(&t, test_anew);
	TABLE_TEST(&t, test_killed_syncing);
	TABLE_TEST(&t, test_killed_anywhere);
	TABLE_TEST(&t, test_room);
	TABLE_TEST(&t, test_given_up);
	TABLE_TEST(&t, test_sizes);
	return table_run(&t, "store_grow");
}
