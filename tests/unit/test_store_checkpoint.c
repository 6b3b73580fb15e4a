/*
 * A process that writes for long leaves checkpoints, so that little is read
 * after a crash of the machine; none is left of what may not be on the disk.
 */
#include "table.h"

#include <errno.h>

#include "store/inner.h"
#include "store_home.h"

#define MANY	25000			/* keys: more than 4 MiB of lines    */
#define FEW	(4u << 20)		/* octets                            */
#define NAP	100			/* milliseconds                      */

/* Syncs of an index, and what becomes of the next ones. */
static struct hook {
	unsigned	 syncs, fail, nap;
	size_t		 reads;		/* octets of any file                */
} hook;

static int
is_index(int fd)
{
	char	 link[64], path[256] = "";

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	return readlink(link, path, sizeof path - 1) > 0 &&
	    strstr(path, "/index.") != NULL;
}

static int
hooked_fsync(void *ctx, int fd)
{
	const struct timespec	 nap = { 0, hook.nap * 1000000L };

	(void)ctx;
	if (!is_index(fd))
		return 0;
	hook.syncs++;
	nanosleep(&nap, NULL);
	if (hook.fail == 0)
		return 0;
	hook.fail--;
	errno = EIO;
	return -1;
}

static ssize_t
hooked_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	ssize_t	 got = lk_io_system.pread(ctx, fd, p, n, at);

	if (got > 0)
		hook.reads += (size_t)got;
	return got;
}

/* With room for all keys of a test, since growth leaves a checkpoint too. */
static void
setup(struct home *h)
{
	static struct lk_io	 io;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;

	home_make(h);
	io = *h->io;
	io.fsync = hooked_fsync;
	io.pread = hooked_pread;
	h->io = &io;
	s = home_open(h, 1, 1);
	must_add(s, 0, 2);
	assert_int_equal(lk_store_make_room(s, MANY * 3, 10, &e), 0);
	lk_store_close(&s);
	memset(&hook, 0, sizeof hook);
}

/* ------------------------------------------------------- how much is read */

static const struct read_case {
	const char	*name;
	unsigned	 keys;		/* in a batch of their own           */
	unsigned	 fail;		/* syncs of the index                */
	int		 close;		/* he ends in order                  */
} read_cases[] = {
	{ "a writer who is killed left one", MANY, 0, 0 },
	{ "one whose sync failed made the index anew", MANY, 1, 0 },
	{ "and closed it", MANY, 1, 1 },
	{ "none is left where the last sync fails", 20, 1, 1 },
};

static void
write_then_end(const struct home *h, const struct read_case *c)
{
	struct lk_store	*s;
	pid_t		 pid = fork();

	if (pid == 0) {
		hook.fail = c->fail;
		s = child_open(h, 1);
		must_add(s, 2, 2 + c->keys);
		must_delete(s, 0, 10);
		must_add(s, MANY * 2, MANY * 2 + 1);
		if (c->close)
			lk_store_close(&s);
		_exit(0);
	}
	assert_int_equal(reap(pid), 0);
}

static void
check_keys(struct lk_store *s, const struct read_case *c)
{
	unsigned	 n;

	for (n = 0; n < 10; n++)
		assert_int_equal(key_state(s, n), LK_STATE_DELETED);
	for (; n < 2 + c->keys; n++)
		assert_int_equal(key_state(s, n), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, n), GONE);
	assert_int_equal(key_state(s, MANY * 2), LK_STATE_ACTIVE);
}

static void
test_read(void **state)
{
	const struct read_case	*c = *state;
	struct lk_store		*s;
	struct home		 h;

	setup(&h);
	write_then_end(&h, c);
	home_vouch(&h, OLD_BOOT);
	hook.reads = 0;
	s = home_open(&h, 0, 1);
	check_keys(s, c);
	assert_true(hook.reads < FEW);
	lk_store_close(&s);
	s = home_open(&h, 1, 1);
	must_delete(s, 10, 11);
	assert_int_equal(key_state(s, 10), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 11), LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

/* ---------------------------------------------------------- who waits, when */

static int64_t
now(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
test_when(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	int64_t		 began;

	(void)state;
	setup(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 2, 20);
	assert_int_equal(hook.syncs, 0);
	hook.nap = NAP;
	began = now();
	must_add(s, 20, MANY);
	assert_int_equal(hook.syncs, 1);
	/* So far from the next one that it is a thirtieth of the time. */
	assert_true(atomic_load(&s->mark_after) - began >= 30 * NAP * 1000);
	must_add(s, MANY, MANY + 1);
	assert_int_equal(hook.syncs, 1);
	lk_store_close(&s);
	assert_int_equal(hook.syncs, 2);
	home_remove(&h);
}

static void
test_due(void **state)
{
	struct lk_store	*s;
	struct home	 h;

	(void)state;
	setup(&h);
	s = home_open(&h, 1, 1);
	atomic_store(&s->mark_after, INT64_MAX);
	must_add(s, 2, MANY);
	assert_int_equal(hook.syncs, 0);
	/* It is due, and not while somebody waits for a delete. */
	atomic_store(&s->mark_after, 0);
	must_delete(s, 5, 6);
	assert_int_equal(hook.syncs, 0);
	must_add(s, MANY, MANY + 1);
	assert_int_equal(hook.syncs, 1);
	/* A checkpoint is one for everybody. */
	lk_store_close(&s);
	s = home_open(&h, 1, 1);
	must_add(s, MANY + 1, MANY + 2);
	assert_int_equal(hook.syncs, 2);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------- who runs meanwhile */

static void
index_path(const struct home *h, char *out, size_t size)
{
	char	 pattern[192];
	glob_t	 g;

	snprintf(pattern, sizeof pattern, "%s/index.*", h->store);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc, 1);
	snprintf(out, size, "%s", g.gl_pathv[0]);
	globfree(&g);
}

/* What the kernel held for clean, and let go of, is read from the disk again:
 * all that is behind the first page, as it was before. */
static void
come_back(const char *path, const char *old, size_t n)
{
	int	 fd = open(path, O_WRONLY);

	assert_true(n > 4096);
	assert_int_equal(pwrite(fd, old + 4096, n - 4096, 4096), n - 4096);
	close(fd);
}

static void
test_running(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s, *reader;
	struct home	 h;
	size_t		 n;
	char		*old, path[192];

	(void)state;
	setup(&h);
	index_path(&h, path, sizeof path);
	old = slurp(path, &n);
	reader = home_open(&h, 0, 1);
	s = home_open(&h, 1, 1);
	must_delete(s, 1, 2);
	hook.fail = 1;
	lk_store_close(&s);
	come_back(path, old, n);
	free(old);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 0), LK_STATE_ACTIVE);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	s = home_open(&h, 1, 1);
	must_delete(s, 0, 1);
	lk_store_close(&s);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 0), LK_STATE_DELETED);
	assert_int_equal(atomic_load(&lk_store_image(reader)->shared), 1);
	lk_store_close(&reader);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_read, read_cases);
	TABLE_TEST(&t, test_running);
	TABLE_TEST(&t, test_when);
	TABLE_TEST(&t, test_due);
	return table_run(&t, "store_checkpoint");
}
