/*
 * io.c: the system's file operations behind the table, and the two loops.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/io.h"
#include "base/thread.h"

#define PIECE		((size_t)8 << 20)	/* octets                    */
#define MUCH		((size_t)64 << 20)	/* octets; 10 ms to free     */

static int
sys_open(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	(void)ctx;
	return openat(dir, name, flags | O_CLOEXEC, mode);
}

static int
sys_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd);
}

static ssize_t
sys_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	(void)ctx;
	return pread(fd, p, n, at);
}

static ssize_t
sys_pwrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	(void)ctx;
	return pwrite(fd, p, n, at);
}

static int
sys_fsync(void *ctx, int fd)
{
	(void)ctx;
	return fsync(fd);
}

static int
sys_fdatasync(void *ctx, int fd)
{
	(void)ctx;
	return fdatasync(fd);
}

static int
sys_ftruncate(void *ctx, int fd, off_t length)
{
	(void)ctx;
	return ftruncate(fd, length);
}

static int
sys_fallocate(void *ctx, int fd, int mode, off_t at, off_t n)
{
	(void)ctx;
	return fallocate(fd, mode, at, n);
}

static int
sys_rename(void *ctx, int dir, const char *from, const char *to)
{
	(void)ctx;
	return renameat(dir, from, dir, to);
}

static int
sys_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	return unlinkat(dir, name, 0);
}

static int
sys_mkdir(void *ctx, const char *path, mode_t mode)
{
	(void)ctx;
	return mkdir(path, mode);
}

static int
sys_fstat(void *ctx, int fd, struct stat *st)
{
	(void)ctx;
	return fstat(fd, st);
}

static int
sys_stat(void *ctx, int dir, const char *name, struct stat *st)
{
	(void)ctx;
	return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW);
}

static int
sys_fstatfs(void *ctx, int fd, struct statfs *st)
{
	(void)ctx;
	return fstatfs(fd, st);
}

static int
sys_fchmod(void *ctx, int fd, mode_t mode)
{
	(void)ctx;
	return fchmod(fd, mode);
}

static int
sys_fchown(void *ctx, int fd, uid_t uid, gid_t gid)
{
	(void)ctx;
	return fchown(fd, uid, gid);
}

/* A lock of the open file, not of the process: another thread of this one that
 * opened the file itself is kept out too. */
static int
sys_lock(void *ctx, int fd, short type)
{
	struct flock	 l = { .l_type = type, .l_whence = SEEK_SET };

	(void)ctx;
	return fcntl(fd, F_OFD_SETLK, &l);
}

static int
sys_read_locked(void *ctx, int fd)
{
	struct flock	 l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	(void)ctx;
	return fcntl(fd, F_OFD_GETLK, &l) == 0 && l.l_type == F_RDLCK;
}

static void *
sys_map(void *ctx, int fd, size_t n, int prot)
{
	void	*p = mmap(NULL, n, prot, MAP_SHARED, fd, 0);

	(void)ctx;
	if (p != MAP_FAILED)
		lk_guard_add(p, n, prot);
	return p;
}

static int
sys_unmap(void *ctx, void *p, size_t n)
{
	(void)ctx;
	lk_guard_forget(p);
	return munmap(p, n);
}

static int
sys_link(void *ctx, int dir, const char *from, const char *to)
{
	(void)ctx;
	return linkat(dir, from, dir, to, 0);
}

static int
sys_dup(void *ctx, int fd, int to)
{
	(void)ctx;
	return to == -1 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) :
	    dup3(fd, to, O_CLOEXEC);
}

static int
sys_write_out(void *ctx, int fd, off_t at, off_t n)
{
	(void)ctx;
	return sync_file_range(fd, at, n, SYNC_FILE_RANGE_WAIT_BEFORE |
	    SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

const struct lk_io	 lk_io_system = {
	.open		= sys_open,
	.close		= sys_close,
	.pread		= sys_pread,
	.pwrite		= sys_pwrite,
	.fsync		= sys_fsync,
	.fdatasync	= sys_fdatasync,
	.ftruncate	= sys_ftruncate,
	.fallocate	= sys_fallocate,
	.rename		= sys_rename,
	.unlink		= sys_unlink,
	.mkdir		= sys_mkdir,
	.fstat		= sys_fstat,
	.stat		= sys_stat,
	.fstatfs	= sys_fstatfs,
	.fchmod		= sys_fchmod,
	.fchown		= sys_fchown,
	.lock		= sys_lock,
	.map		= sys_map,
	.unmap		= sys_unmap,
	.link		= sys_link,
	.dup		= sys_dup,
	.read_locked	= sys_read_locked,
	.write_out	= sys_write_out,
};

int
lk_io_write_all(const struct lk_io *io, int fd, const void *p, size_t n,
    off_t at)
{
	const char	*from = p;
	ssize_t		 w;

	while (n > 0) {
		w = io->pwrite(io->ctx, fd, from, n, at);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == 0)		/* no progress and no reason given */
			errno = EIO;
		if (w <= 0)
			return -1;
		from += w;
		n -= (size_t)w;
		at += w;
	}
	return 0;
}

ssize_t
lk_io_read_at(const struct lk_io *io, int fd, void *p, size_t n, off_t at)
{
	char	*to = p;
	size_t	 have = 0;
	ssize_t	 r;

	while (have < n) {
		r = io->pread(io->ctx, fd, to + have, n - have,
		    at + (off_t)have);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return -1;
		if (r == 0)
			break;
		have += (size_t)r;
	}
	return (ssize_t)have;
}

/* A file system that cannot do it does all of it in fsync; EINTR: nothing was
 * found wrong yet. */
static int
is_lacking(int error)
{
	return error == ENOSYS || error == EOPNOTSUPP || error == EINVAL ||
	    error == ESPIPE || error == EPERM || error == EINTR;
}

int
lk_io_sync_gently(const struct lk_io *io, int fd, size_t size)
{
	size_t	 at;

	for (at = 0; io->write_out != NULL && at < size; at += PIECE)
		if (io->write_out(io->ctx, fd, (off_t)at, (off_t)PIECE) != 0) {
			/* An error of the disk is told once: fsync would not
			 * know of it any more. */
			if (!is_lacking(errno))
				return -1;
			break;
		}
	return io->fsync(io->ctx, fd);
}

struct parting {
	const struct lk_io *io;
	int		 fd;
};

static void *
part(void *arg)
{
	struct parting	*p = arg;

	p->io->close(p->io->ctx, p->fd);
	free(p);
	return NULL;
}

void
lk_io_close_aside(const struct lk_io *io, int fd, size_t size)
{
	struct parting	*p = size < MUCH ? NULL : malloc(sizeof *p);
	pthread_t	 thread;

	if (p != NULL) {
		p->io = io;
		p->fd = fd;
		if (lk_thread_start(&thread, part, p) == 0) {
			pthread_detach(thread);
			return;
		}
		free(p);
	}
	io->close(io->ctx, fd);
}
