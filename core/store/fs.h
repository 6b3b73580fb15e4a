/*
 * fs.h: whether a folder and its files may be a store: the file system, the
 * owner, the modes.
 */
#ifndef LK_STORE_FS_H
#define LK_STORE_FS_H

#include "base/io.h"
#include "latchkey.h"

/* How a file system is taken. */
enum lk_fs_verdict {
	LK_FS_FINE,
	LK_FS_NOTE,			/* nothing promised on a full disk   */
	LK_FS_OVERLAY,			/* fine in its upper layer           */
	LK_FS_REFUSED
};

/* Its name, or NULL where it is not known, which is LK_FS_REFUSED too. */
const char *lk_fs_judge(unsigned long magic, enum lk_fs_verdict *verdict);

/* A folder that was opened and judged. */
struct lk_folder {
	const struct lk_io *io;
	const char	*path;		/* borrowed                          */
	int		 fd;		/* -1: not open                      */
	uid_t		 owner;
	enum lk_fs_verdict fs;
	int		 told;		/* that it cannot reserve space      */
};

/*
 * 0             *out is open
 * LK_ENOTFOUND  no folder there
 * LK_EPERM      write and the effective user is not its owner; not readable
 * LK_ECONFIG    others may write to it; e has the chmod
 * LK_EUNAVAIL   its file system is refused by name
 * LK_EIO
 */
int	lk_folder_open(const struct lk_io *io, const char *path, int write,
	    struct lk_folder *out, struct lk_error *e);
void	lk_folder_close(struct lk_folder *f);
/*
 * A file in it: regular, of the same owner, not to be written by others.
 * flags: O_RDONLY or O_RDWR.  As above; st, if not NULL, is its fstat.
 */
int	lk_folder_file(const struct lk_folder *f, const char *name, int flags,
	    int *fd, struct stat *st, struct lk_error *e);
/*
 * Write a new file whole, durable but for its name: mode, gid ((gid_t)-1: the
 * process's).  What had the name is replaced.  reserve: octets behind its end.
 */
int	lk_folder_write(const struct lk_folder *f, const char *name,
	    const void *p, size_t n, mode_t mode, gid_t gid, off_t reserve,
	    struct lk_error *e);

#endif
