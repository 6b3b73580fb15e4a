/* io: the system's table, and the loops on top of a table that misbehaves. */
#include "table.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/io.h"

/* A file of 16 octets that gives and takes as little as a script says. */
struct script {
	const char	*steps;	/* 0..9 octets, i EINTR, e EIO; then all */
	char		 file[16];
	int		 calls;
};

static ssize_t
next(struct script *s, size_t n)
{
	char	 step = *s->steps;

	s->calls++;
	if (step == '\0')
		return (ssize_t)n;
	s->steps++;
	if (step == 'i' || step == 'e') {
		errno = step == 'i' ? EINTR : EIO;
		return -1;
	}
	return (size_t)(step - '0') < n ? step - '0' : (ssize_t)n;
}

static ssize_t
script_pwrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	struct script	*s = ctx;
	ssize_t		 w = next(s, n);

	(void)fd;
	if (w > 0)
		memcpy(s->file + at, p, (size_t)w);
	return w;
}

static ssize_t
script_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	struct script	*s = ctx;
	size_t		 left = sizeof s->file - (size_t)at;
	ssize_t		 r = next(s, n < left ? n : left);

	(void)fd;
	if (r > 0)
		memcpy(p, s->file + at, (size_t)r);
	return r;
}

static const struct loop_case {
	const char	*name, *steps;
	int		 write, read;	/* what 10 octets at 2 return */
	int		 err;
} loop_cases[] = {
	{ "loop: at once",		"",		0, 10, 0 },
	{ "loop: in pieces",		"1234",		0, 10, 0 },
	{ "loop: interrupted",		"iii",		0, 10, 0 },
	{ "loop: pieces, interrupted",	"3i3ii1i",	0, 10, 0 },
	{ "loop: fails",		"e",		-1, -1, EIO },
	{ "loop: fails after some",	"3ie",		-1, -1, EIO },
	{ "loop: nothing",		"0",		-1, 0, EIO },
	{ "loop: nothing after some",	"50",		-1, 5, EIO },
};

static void
test_loop(void **state)
{
	const struct loop_case	*c = *state;
	struct script		 s = { .steps = c->steps };
	struct lk_io		 io = lk_io_system;
	char			 back[10] = "";

	io.ctx = &s;
	io.pread = script_pread;
	io.pwrite = script_pwrite;
	errno = 0;
	assert_int_equal(lk_io_write_all(&io, 7, "0123456789", 10, 2),
	    c->write);
	if (c->write == 0)
		assert_memory_equal(s.file, "\0\0" "0123456789\0\0\0\0", 16);
	else
		assert_int_equal(errno, c->err);

	memcpy(s.file + 2, "0123456789", 10);
	s.steps = c->steps;
	assert_int_equal(lk_io_read_at(&io, 7, back, 10, 2), c->read);
	if (c->read > 0)
		assert_memory_equal(back, "0123456789", c->read);
}

static void
test_nothing_to_do(void **state)
{
	struct script	 s = { .steps = "e" };
	struct lk_io	 io = lk_io_system;

	(void)state;
	io.ctx = &s;
	io.pread = script_pread;
	io.pwrite = script_pwrite;
	assert_int_equal(lk_io_write_all(&io, 7, "", 0, 0), 0);
	assert_int_equal(lk_io_read_at(&io, 7, &s, 0, 0), 0);
	assert_int_equal(s.calls, 0);
}

/* ------------------------------------------------- the system's own table */

struct place {
	char	 path[64];
	int	 dir;
};

static void
place_make(struct place *p)
{
	const char	*tmp = getenv("TMPDIR");

	snprintf(p->path, sizeof p->path, "%.40s/lk_io_XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->path));
	p->dir = open(p->path, O_RDONLY | O_DIRECTORY);
	assert_true(p->dir >= 0);
}

static void
place_remove(struct place *p)
{
	close(p->dir);
	assert_int_equal(rmdir(p->path), 0);
}

static void
test_file(void **state)
{
	const struct lk_io	*io = &lk_io_system;
	struct place		 p;
	struct stat		 st;
	struct statfs		 fs;
	char			 back[8];
	char			*map;
	int			 fd;

	(void)state;
	place_make(&p);
	fd = io->open(io->ctx, p.dir, "a", O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(lk_io_write_all(io, fd, "hello", 5, 0), 0);
	assert_int_equal(lk_io_read_at(io, fd, back, sizeof back, 1), 4);
	assert_memory_equal(back, "ello", 4);
	assert_int_equal(io->fsync(io->ctx, fd), 0);
	assert_int_equal(io->fdatasync(io->ctx, fd), 0);
	assert_int_equal(io->fchmod(io->ctx, fd, 0640), 0);
	assert_int_equal(io->fchown(io->ctx, fd, geteuid(), getegid()), 0);
	assert_int_equal(io->fstat(io->ctx, fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(io->fstatfs(io->ctx, fd, &fs), 0);
	assert_int_equal(io->ftruncate(io->ctx, fd, 4096), 0);
	map = io->map(io->ctx, fd, 4096, PROT_READ | PROT_WRITE);
	assert_ptr_not_equal(map, MAP_FAILED);
	map[0] = 'J';
	assert_int_equal(lk_io_read_at(io, fd, back, 5, 0), 5);
	assert_memory_equal(back, "Jello", 5);
	assert_int_equal(io->unmap(io->ctx, map, 4096), 0);
	assert_int_equal(io->close(io->ctx, fd), 0);
	assert_int_equal(io->rename(io->ctx, p.dir, "a", "b"), 0);
	assert_int_equal(io->stat(io->ctx, p.dir, "a", &st), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(io->stat(io->ctx, p.dir, "b", &st), 0);
	assert_int_equal(io->unlink(io->ctx, p.dir, "b"), 0);
	place_remove(&p);
}

static void
test_links_and_folders(void **state)
{
	const struct lk_io	*io = &lk_io_system;
	struct place		 p;
	struct stat		 st;
	char			 sub[80];

	(void)state;
	place_make(&p);
	snprintf(sub, sizeof sub, "%s/sub", p.path);
	assert_int_equal(io->mkdir(io->ctx, sub, 0700), 0);
	assert_int_equal(io->mkdir(io->ctx, sub, 0700), -1);
	assert_int_equal(symlinkat("/", p.dir, "link"), 0);
	assert_int_equal(io->stat(io->ctx, p.dir, "link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(io->unlink(io->ctx, p.dir, "link"), 0);
	assert_int_equal(rmdir(sub), 0);
	place_remove(&p);
}

static void
test_lock(void **state)
{
	const struct lk_io	*io = &lk_io_system;
	struct place		 p;
	int			 a, b, err;

	(void)state;
	place_make(&p);
	a = io->open(io->ctx, p.dir, "lock", O_RDWR | O_CREAT, 0600);
	b = io->open(io->ctx, p.dir, "lock", O_RDWR, 0);
	assert_int_equal(io->lock(io->ctx, a, F_WRLCK), 0);
	/* Another descriptor is another owner, in one process as well. */
	assert_int_equal(io->lock(io->ctx, b, F_WRLCK), -1);
	err = errno;
	assert_true(err == EAGAIN || err == EACCES);
	assert_int_equal(io->lock(io->ctx, a, F_UNLCK), 0);
	assert_int_equal(io->lock(io->ctx, b, F_WRLCK), 0);
	io->close(io->ctx, a);
	io->close(io->ctx, b);
	assert_int_equal(io->unlink(io->ctx, p.dir, "lock"), 0);
	place_remove(&p);
}

static void
test_fallocate(void **state)
{
	const struct lk_io	*io = &lk_io_system;
	struct place		 p;
	struct stat		 st;
	int			 fd, r;

	(void)state;
	place_make(&p);
	fd = io->open(io->ctx, p.dir, "f", O_RDWR | O_CREAT, 0600);
	r = io->fallocate(io->ctx, fd, FALLOC_FL_KEEP_SIZE, 0, 65536);
	assert_true(r == 0 || errno == EOPNOTSUPP);
	assert_int_equal(io->fstat(io->ctx, fd, &st), 0);
	assert_int_equal(st.st_size, 0);
	if (r == 0)
		assert_true(st.st_blocks * 512 >= 65536);
	io->close(io->ctx, fd);
	assert_int_equal(io->unlink(io->ctx, p.dir, "f"), 0);
	place_remove(&p);
}

/* ------------------------------------------------------------------- large */

static struct calls {
	off_t		 pieces[8];
	int		 n, fails, error, syncs, closed;
	pthread_t	 closer;
} calls;

static int
count_piece(void *ctx, int fd, off_t at, off_t n)
{
	(void)ctx;
	(void)fd;
	assert_true(n > 0);
	calls.pieces[calls.n++] = at;
	errno = calls.error;
	return calls.n == calls.fails ? -1 : 0;
}

static int
count_sync(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	calls.syncs++;
	return 0;
}

static _Atomic int	 closes;

static int
count_close(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	calls.closer = pthread_self();
	atomic_fetch_add(&closes, 1);
	return 0;
}

#define MIB		((size_t)1 << 20)

static const struct gentle_case {
	const char	*name;
	size_t		 size;
	int		 fails, pieces;	/* at the nth piece; so many        */
	int		 error, r;
} gentle_cases[] = {
	{ "of nothing",			0,		0, 0,	0, 0 },
	{ "of a page",			4096,		0, 1,	0, 0 },
	{ "of 20 MiB",			20 * MIB,	0, 3,	0, 0 },
	{ "where it cannot be done",	20 * MIB,	1, 1,	ENOSYS, 0 },
	{ "no more halfway",		20 * MIB,	2, 2,	EINVAL, 0 },
	{ "in pieces, interrupted",	20 * MIB,	2, 2,	EINTR, 0 },
	{ "of a disk that fails",	20 * MIB,	1, 1,	EIO, -1 },
	{ "of a disk that fails later",	20 * MIB,	3, 3,	EIO, -1 },
	{ "of a disk that is full",	20 * MIB,	2, 2,	ENOSPC, -1 },
};

/* Whatever becomes of the pieces it is synced; but an error of the disk, of
 * which fsync would say nothing the second time, is one. */
static void
test_gently(void **state)
{
	const struct gentle_case	*c = *state;
	struct lk_io			 io = { .fsync = count_sync };

	memset(&calls, 0, sizeof calls);
	assert_int_equal(lk_io_sync_gently(&io, 0, c->size), 0);
	assert_int_equal(calls.syncs, 1);
	io.write_out = count_piece;
	calls.fails = c->fails;
	calls.error = c->error;
	assert_int_equal(lk_io_sync_gently(&io, 0, c->size), c->r);
	if (c->r != 0)
		assert_int_equal(errno, c->error);
	assert_int_equal(calls.syncs, c->r == 0 ? 2 : 1);
	assert_int_equal(calls.n, c->pieces);
	if (c->pieces > 1)
		assert_int_equal(calls.pieces[1] - calls.pieces[0], 8 * MIB);
}

/* Little is closed at once, much by another thread, and once. */
static void
test_close_aside(void **state)
{
	struct lk_io	 io = { .close = count_close };
	int		 i;

	(void)state;
	lk_io_close_aside(&io, 0, 4096);
	assert_int_equal(atomic_load(&closes), 1);
	assert_true(pthread_equal(calls.closer, pthread_self()));
	lk_io_close_aside(&io, 0, 64 * MIB);
	for (i = 0; i < 30000 && atomic_load(&closes) < 2; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&closes), 2);
	assert_false(pthread_equal(calls.closer, pthread_self()));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_loop, loop_cases);
	TABLE_TEST(&t, test_nothing_to_do);
	TABLE_TEST(&t, test_file);
	TABLE_TEST(&t, test_links_and_folders);
	TABLE_TEST(&t, test_lock);
	TABLE_TEST(&t, test_fallocate);
	TABLE_ROWS(&t, test_gently, gentle_cases);
	TABLE_TEST(&t, test_close_aside);
	return table_run(&t, "io");
}
