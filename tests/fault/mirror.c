#include <sys/stat.h>

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mirror.h"
#include "vfs.h"

#define FDS	256

#define REAL(type, name, params)	type __real_##name params;	\
					type __wrap_##name params

REAL(int, open, (const char *path, int flags, mode_t mode));
REAL(int, openat, (int dir, const char *name, int flags, mode_t mode));
REAL(int, close, (int fd));
REAL(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at));
REAL(int, fsync, (int fd));
REAL(int, fdatasync, (int fd));
REAL(int, ftruncate, (int fd, off_t n));
REAL(int, fallocate, (int fd, int mode, off_t at, off_t n));
REAL(int, renameat, (int dir, const char *from, int other, const char *to));
REAL(int, unlinkat, (int dir, const char *name, int flags));
REAL(int, unlink, (const char *path));
REAL(int, link, (const char *from, const char *to));
REAL(int, linkat, (int dir, const char *from, int other, const char *to,
    int flags));
REAL(int, mkdir, (const char *path, mode_t mode));

static char	 root[PATH_MAX];
static size_t	 nroot;
static int	 twin[FDS];		/* of a descriptor, in vfs.h; or 0   */

int		 mirror_count;
unsigned char	 mirror_syncs[MIRROR_OPERATIONS];
static int	 left;			/* operations before it is killed    */
static jmp_buf	*killed;

void
mirror_kill(int operation, jmp_buf *where)
{
	left = operation;
	killed = where;
}

/* One that changes something comes now. */
static void
step(int sync)
{
	if (nroot == 0)
		return;
	if (++mirror_count < MIRROR_OPERATIONS)
		mirror_syncs[mirror_count] = (unsigned char)sync;
	if (left > 0 && --left == 0)
		longjmp(*killed, 1);
}

void
mirror(const char *folder)
{
	snprintf(root, sizeof root, "%s", folder == NULL ? "" : folder);
	nroot = strlen(root);
	if (folder != NULL)
		mirror_count = 0;
	memset(twin, 0, sizeof twin);
}

/* The path in vfs.h, or NULL: it is not below the root. */
static const char *
below(const char *path)
{
	if (nroot == 0 || strncmp(path, root, nroot) != 0)
		return NULL;
	return path[nroot] == '\0' ? "/" : path[nroot] == '/' ? path + nroot :
	    NULL;
}

static int
twin_of(int fd)
{
	return fd >= 0 && fd < FDS ? twin[fd] : 0;
}

static int
opened(int fd, int dir, const char *path, int flags)
{
	if (fd < 0 || fd >= FDS || path == NULL)
		return fd;
	dir = vfs_io.open(NULL, dir, path, flags & ~O_EXCL, 0);
	twin[fd] = dir == -1 ? 0 : dir;
	return fd;
}

int
__wrap_open(const char *path, int flags, mode_t mode)
{
	return opened(__real_open(path, flags, mode), AT_FDCWD, below(path),
	    flags);
}

int
__wrap_openat(int dir, const char *name, int flags, mode_t mode)
{
	int	 fd = __real_openat(dir, name, flags, mode);

	if (dir == AT_FDCWD || *name == '/')
		return opened(fd, AT_FDCWD, below(name), flags);
	return twin_of(dir) == 0 ? fd : opened(fd, twin_of(dir), name, flags);
}

int
__wrap_close(int fd)
{
	if (twin_of(fd) != 0) {
		(void)vfs_io.close(NULL, twin[fd]);
		twin[fd] = 0;
	}
	return __real_close(fd);
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t at)
{
	step(0);
	if (twin_of(fd) != 0)
		(void)vfs_io.pwrite(NULL, twin[fd], p, n, at);
	return __real_pwrite(fd, p, n, at);
}

/* Not jumped to: the frames are counted. */
int
__wrap_fsync(int fd)
{
	volatile int	 r = 0;

	step(1);
	if (twin_of(fd) != 0)
		r = vfs_io.fsync(NULL, twin[fd]);
	return r;
}

int
__wrap_fdatasync(int fd)
{
	volatile int	 r = 0;

	step(1);
	if (twin_of(fd) != 0)
		r = vfs_io.fdatasync(NULL, twin[fd]);
	return r;
}

int
__wrap_ftruncate(int fd, off_t n)
{
	step(0);
	if (twin_of(fd) != 0)
		(void)vfs_io.ftruncate(NULL, twin[fd], n);
	return __real_ftruncate(fd, n);
}

int
__wrap_fallocate(int fd, int mode, off_t at, off_t n)
{
	step(0);
	if (twin_of(fd) != 0)
		(void)vfs_io.fallocate(NULL, twin[fd], mode, at, n);
	return __real_fallocate(fd, mode, at, n);
}

int
__wrap_renameat(int dir, const char *from, int other, const char *to)
{
	step(0);
	if (twin_of(dir) != 0)
		(void)vfs_io.rename(NULL, twin[dir], from, to);
	return __real_renameat(dir, from, other, to);
}

int
__wrap_unlinkat(int dir, const char *name, int flags)
{
	step(0);
	if (twin_of(dir) != 0)
		(void)vfs_io.unlink(NULL, twin[dir], name);
	return __real_unlinkat(dir, name, flags);
}

int
__wrap_unlink(const char *path)
{
	step(0);
	if (below(path) != NULL)
		(void)vfs_io.unlink(NULL, AT_FDCWD, below(path));
	return __real_unlink(path);
}

int
__wrap_link(const char *from, const char *to)
{
	int	 r;

	step(0);
	r = __real_link(from, to);
	if (r == 0 && below(from) != NULL && below(to) != NULL)
		(void)vfs_hard_link(below(from), below(to));
	return r;
}

int
__wrap_linkat(int dir, const char *from, int other, const char *to, int flags)
{
	int	 r;

	step(0);
	r = __real_linkat(dir, from, other, to, flags);
	if (r == 0 && twin_of(other) != 0 && dir == other)
		(void)vfs_io.link(NULL, twin[dir], from, to);
	return r;
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
	int	 r;

	step(0);
	r = __real_mkdir(path, mode);
	if (r == 0 && below(path) != NULL)
		(void)vfs_io.mkdir(NULL, below(path), mode);
	return r;
}

/* --------------------------------------------------------------------- out */

static void
die(const char *path)
{
	perror(path);
	abort();
}

static void
put_file(const char *path, int ino)
{
	const struct vfs_file	*f = &vfs.file[ino];
	mode_t			 mode = f->mode & 0777;
	int			 fd;

	fd = __real_open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd == -1 || (f->size > 0 && __real_pwrite(fd, vfs_data(ino),
	    f->size, 0) != (ssize_t)f->size) || fchmod(fd, mode) != 0)
		die(path);
	__real_close(fd);
}

static void
put_folder(const char *path, int ino)
{
	char	 inner[PATH_MAX];
	int	 i;

	for (i = 0; i < vfs.nnames; i++) {
		if (vfs.name[i].dir != ino || vfs.name[i].ino == 0)
			continue;
		snprintf(inner, sizeof inner, "%.3000s/%s", path,
		    vfs.name[i].name);
		if (!vfs.file[vfs.name[i].ino].folder) {
			put_file(inner, vfs.name[i].ino);
			continue;
		}
		if (__real_mkdir(inner, 0755) != 0)
			die(inner);
		put_folder(inner, vfs.name[i].ino);
	}
}

void
mirror_out(const char *path)
{
	put_folder(path, VFS_ROOT);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	return ftw->level == 0 ? 0 : remove(path);
}

void
mirror_clear(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
