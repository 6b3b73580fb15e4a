/*
 * faulty_io.h: the system's file operations, of which the nth fails.
 *
 * One at a time; operations are counted from 1.  With forever set, every later
 * one of the same kind fails as well.
 */
#ifndef FAULTY_IO_H
#define FAULTY_IO_H

#include <sys/mman.h>

#include <errno.h>
#include <unistd.h>

#include "base/io.h"

static struct faulty {
	unsigned	 count;		/* operations so far                 */
	unsigned	 at;		/* the one that fails; 0: none       */
	int		 error;
	int		 forever;
	int		 half;		/* a write or read does half first   */
	const char	*kind;		/* what failed, once it has          */
	const char	*only;		/* count these alone, or NULL: all   */
	int		 die;		/* the process ends there instead    */
} faulty;

/* 1 when this one is to fail. */
static inline int
faulty_now(const char *kind)
{
	if (faulty.kind != NULL) {
		if (!faulty.forever || strcmp(faulty.kind, kind) != 0)
			return 0;
		errno = faulty.error;
		return 1;
	}
	if (faulty.only != NULL && strcmp(faulty.only, kind) != 0)
		return 0;
	if (++faulty.count != faulty.at)
		return 0;
	faulty.kind = kind;
	if (faulty.die)
		_exit(77);
	errno = faulty.error;
	return 1;
}

#define FAULTY(type, name, bad, params, args)				\
	static inline type						\
	faulty_##name params						\
	{								\
		(void)ctx;						\
		if (faulty_now(#name))					\
			return bad;					\
		return lk_io_system.name args;				\
	}

FAULTY(int, open, -1, (void *ctx, int dir, const char *name, int flags,
    mode_t mode), (NULL, dir, name, flags, mode))
/* No power is lost here: a sync that does not fail does nothing. */
#define FAULTY_SYNC(name)						\
	static inline int						\
	faulty_##name(void *ctx, int fd)				\
	{								\
		(void)ctx;						\
		(void)fd;						\
		return faulty_now(#name) ? -1 : 0;			\
	}

FAULTY_SYNC(fsync)
FAULTY_SYNC(fdatasync)
FAULTY(int, ftruncate, -1, (void *ctx, int fd, off_t n), (NULL, fd, n))
FAULTY(int, fallocate, -1, (void *ctx, int fd, int mode, off_t at, off_t n),
    (NULL, fd, mode, at, n))
FAULTY(int, rename, -1, (void *ctx, int dir, const char *from, const char *to),
    (NULL, dir, from, to))
FAULTY(int, unlink, -1, (void *ctx, int dir, const char *name),
    (NULL, dir, name))
FAULTY(int, mkdir, -1, (void *ctx, const char *path, mode_t mode),
    (NULL, path, mode))
FAULTY(int, fstat, -1, (void *ctx, int fd, struct stat *st), (NULL, fd, st))
FAULTY(int, stat, -1, (void *ctx, int dir, const char *name, struct stat *st),
    (NULL, dir, name, st))
FAULTY(int, fstatfs, -1, (void *ctx, int fd, struct statfs *st),
    (NULL, fd, st))
FAULTY(int, fchmod, -1, (void *ctx, int fd, mode_t mode), (NULL, fd, mode))
FAULTY(int, fchown, -1, (void *ctx, int fd, uid_t uid, gid_t gid),
    (NULL, fd, uid, gid))
FAULTY(int, lock, -1, (void *ctx, int fd, short type), (NULL, fd, type))
FAULTY(void *, map, MAP_FAILED, (void *ctx, int fd, size_t n, int prot),
    (NULL, fd, n, prot))

FAULTY(int, link, -1, (void *ctx, int dir, const char *from, const char *to),
    (NULL, dir, from, to))
FAULTY(int, dup, -1, (void *ctx, int fd, int to), (NULL, fd, to))

static inline ssize_t
faulty_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	(void)ctx;
	if (!faulty_now("pread"))
		return lk_io_system.pread(NULL, fd, p, n, at);
	return faulty.half ? lk_io_system.pread(NULL, fd, p, (n + 1) / 2, at) :
	    -1;
}

static inline ssize_t
faulty_pwrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	int	 error;

	(void)ctx;
	if (!faulty_now("pwrite"))
		return lk_io_system.pwrite(NULL, fd, p, n, at);
	if (!faulty.half || n < 2)
		return -1;
	error = errno;
	faulty.half = 0;		/* the rest of it finds no room      */
	n = (size_t)lk_io_system.pwrite(NULL, fd, p, n / 2, at);
	errno = error;
	return (ssize_t)n;
}

static inline int
faulty_close(void *ctx, int fd)
{
	(void)ctx;
	return lk_io_system.close(NULL, fd);
}

static inline int
faulty_unmap(void *ctx, void *p, size_t n)
{
	(void)ctx;
	return lk_io_system.unmap(NULL, p, n);
}

static const struct lk_io faulty_io = {
	.open = faulty_open, .close = faulty_close, .pread = faulty_pread,
	.pwrite = faulty_pwrite, .fsync = faulty_fsync,
	.fdatasync = faulty_fdatasync, .ftruncate = faulty_ftruncate,
	.fallocate = faulty_fallocate, .rename = faulty_rename,
	.unlink = faulty_unlink, .mkdir = faulty_mkdir,
	.fstat = faulty_fstat, .stat = faulty_stat,
	.fstatfs = faulty_fstatfs, .fchmod = faulty_fchmod,
	.fchown = faulty_fchown, .lock = faulty_lock, .map = faulty_map,
	.unmap = faulty_unmap, .link = faulty_link, .dup = faulty_dup,
};

#endif
