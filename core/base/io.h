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
	/* NULL, or 1 when it is for reading that somebody else has locked it,
	 * which whoever may read it can do; 0. */
	int	(*read_locked)(void *ctx, int fd);
	/* NULL, or hand n octets to the disk and wait for that; what was not
	 * synced is as undurable as before. */
	int	(*write_out)(void *ctx, int fd, off_t at, off_t n);
};

/* The system's own. */
extern const struct lk_io lk_io_system;

/* All n octets at at; a short write goes on.  0, or -1 with errno. */
int	lk_io_write_all(const struct lk_io *io, int fd, const void *p, size_t n,
	    off_t at);
/* Up to n octets; fewer at the end of the file only.  -1 with errno. */
ssize_t	lk_io_read_at(const struct lk_io *io, int fd, void *p, size_t n,
	    off_t at);

/*
 * Write out size octets in pieces that leave the disk to others in between, and
 * sync: whoever syncs a line meanwhile waits for a piece, not for all of it.
 * 0, or -1 with errno, of a piece as well: who was told of an error once is not
 * told of it by fsync.
 */
int	lk_io_sync_gently(const struct lk_io *io, int fd, size_t size);
/*
 * Close a file of size octets.  The last one to close one that has no name any
 * more frees it, which takes 0.2 s for 1 GB: with much to free a thread of its
 * own does it, all signals blocked, which nobody waits for.
 */
void	lk_io_close_aside(const struct lk_io *io, int fd, size_t size);

#endif
