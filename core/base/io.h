/*
 * io.h: the one table of file operations of the store, so that tests can
 * record, replay, cut and fail each of them.
 *
 * Each returns what the system call returns, with errno.  EINTR is not retried
 * here: lk_io_write_all and lk_io_read_at do that.  ctx is the table's own.
 */
#ifndef LK_BASE_IO_H
#define LK_BASE_IO_H

#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

struct lk_io {
	void	*ctx;
	int	(*open)(void *ctx, int dir, const char *name, int flags,
		    mode_t mode);
	int	(*close)(void *ctx, int fd);
	ssize_t	(*pread)(void *ctx, int fd, void *p, size_t n, off_t at);
	ssize_t	(*pwrite)(void *ctx, int fd, const void *p, size_t n,
		    off_t at);
	int	(*fsync)(void *ctx, int fd);
	int	(*fdatasync)(void *ctx, int fd);
	int	(*ftruncate)(void *ctx, int fd, off_t length);
	int	(*fallocate)(void *ctx, int fd, int mode, off_t at, off_t n);
	int	(*rename)(void *ctx, int dir, const char *from,
		    const char *to);
	int	(*unlink)(void *ctx, int dir, const char *name);
	int	(*mkdir)(void *ctx, const char *path, mode_t mode);
	int	(*fstat)(void *ctx, int fd, struct stat *st);
	int	(*stat)(void *ctx, int dir, const char *name,
		    struct stat *st);	/* symbolic links are not followed */
	int	(*fstatfs)(void *ctx, int fd, struct statfs *st);
	int	(*fchmod)(void *ctx, int fd, mode_t mode);
	int	(*fchown)(void *ctx, int fd, uid_t uid, gid_t gid);
	/* OFD lock of the whole file, without waiting: F_WRLCK, F_UNLCK. */
	int	(*lock)(void *ctx, int fd, short type);
	void	*(*map)(void *ctx, int fd, size_t n, int prot);	/* shared */
	int	(*unmap)(void *ctx, void *p, size_t n);
	int	(*link)(void *ctx, int dir, const char *from,
		    const char *to);
	/* Onto the number to, as dup3; to -1: a number of its own. */
	int	(*dup)(void *ctx, int fd, int to);
};

/* The system's own. */
extern const struct lk_io lk_io_system;

/* All n octets at at; a short write goes on.  0, or -1 with errno. */
int	lk_io_write_all(const struct lk_io *io, int fd, const void *p, size_t n,
	    off_t at);
/* Up to n octets; fewer at the end of the file only.  -1 with errno. */
ssize_t	lk_io_read_at(const struct lk_io *io, int fd, void *p, size_t n,
	    off_t at);

#endif
