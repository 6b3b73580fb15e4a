/*
 * vfs_io.c: the table of base/io over the files of vfs.h.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "vfs.h"

#define FDS		128
#define FIRST_FD	1000		/* so that none is the system's      */
#define TMPFS		0x01021994

/* Descriptors; those that came of dup share what the first one was opened as,
 * and its lock. */
static struct {
	int	 ino;			/* 0: free                           */
	int	 opened;
} fds[FDS];
static int		 nopened;
static pthread_mutex_t	 mutex = PTHREAD_MUTEX_INITIALIZER;

static void
enter(void)
{
	pthread_mutex_lock(&mutex);
}

static int
leave(int r)
{
	pthread_mutex_unlock(&mutex);
	return r;
}

void
vfs_lock(void)
{
	enter();
}

void
vfs_unlock(void)
{
	leave(0);
}

static int
fail(int error)
{
	errno = error;
	return leave(-1);
}

/* ------------------------------------------------------------- descriptors */

void
vfs_drop_locks(void)
{
	int	 i;

	for (i = 0; i < VFS_FILES; i++)
		vfs.file[i].lock = 0;
}

void
vfs_drop_all(void)
{
	memset(fds, 0, sizeof fds);
	vfs_drop_locks();
}

static int
ino_of(int fd)
{
	if (fd < FIRST_FD || fd >= FIRST_FD + FDS)
		return 0;
	return fds[fd - FIRST_FD].ino;
}

static int
dir_of(int fd)
{
	return fd == AT_FDCWD ? VFS_ROOT : ino_of(fd);
}

static int
new_fd(int ino)
{
	int	 i;

	for (i = 0; i < FDS; i++) {
		if (fds[i].ino != 0)
			continue;
		fds[i].ino = ino;
		fds[i].opened = ++nopened;
		return FIRST_FD + i;
	}
	vfs_die("too many descriptors");
	return -1;
}

#define TELL(what, ...)							\
	do {								\
		if (vfs.watch != NULL)					\
			vfs.watch->what(vfs.watch->arg, __VA_ARGS__);	\
	} while (0)

static void
before(void)
{
	if (vfs.watch != NULL)
		vfs.watch->before(vfs.watch->arg);
}

static int
make(int dir, const char *name, int folder)
{
	int	 ino;

	if (strlen(name) >= VFS_NAME || vfs.nfiles == VFS_FILES)
		vfs_die("too many files, or a name too long");
	before();
	ino = vfs.nfiles;
	vfs_put(ino, folder, NULL, 0);
	TELL(made, ino, folder);
	vfs_link(dir, name, ino);
	TELL(named, dir, name, ino, NULL);
	return ino;
}

static int
do_open(void *ctx, int dir, const char *path, int flags, mode_t mode)
{
	const char	*last;
	int		 ino;

	(void)ctx;
	(void)mode;
	enter();
	dir = vfs_walk(dir_of(dir), path, &last);
	if (dir == 0)
		return fail(ENOENT);
	ino = vfs_look_up(dir, last);
	if (ino != 0 && (flags & O_CREAT) && (flags & O_EXCL))
		return fail(EEXIST);
	if (ino == 0 && !(flags & O_CREAT))
		return fail(ENOENT);
	if (ino == 0)
		ino = make(dir, last, 0);
	if ((flags & O_DIRECTORY) && !vfs.file[ino].folder)
		return fail(ENOTDIR);
	return leave(new_fd(ino));
}

static void
forget(int fd)
{
	int	 i, ino = fds[fd - FIRST_FD].ino;
	int	 opened = fds[fd - FIRST_FD].opened, others = 0;

	fds[fd - FIRST_FD].ino = 0;
	for (i = 0; i < FDS; i++)
		others += fds[i].ino != 0 && fds[i].opened == opened;
	if (others == 0 && vfs.file[ino].lock == opened)
		vfs.file[ino].lock = 0;
}

static int
do_close(void *ctx, int fd)
{
	(void)ctx;
	enter();
	if (ino_of(fd) == 0)
		return fail(EBADF);
	forget(fd);
	return leave(0);
}

static int
do_dup(void *ctx, int fd, int to)
{
	(void)ctx;
	enter();
	if (ino_of(fd) == 0)
		return fail(EBADF);
	if (to == -1)
		to = new_fd(ino_of(fd));
	else if (ino_of(to) != 0)
		forget(to);
	fds[to - FIRST_FD] = fds[fd - FIRST_FD];
	return leave(to);
}

/* ------------------------------------------------------------------ octets */

static ssize_t
do_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	const struct vfs_file	*f;

	(void)ctx;
	enter();
	before();			/* another look at what is mapped    */
	f = &vfs.file[ino_of(fd)];
	if ((size_t)at >= f->size)
		return leave(0);
	if (n > f->size - (size_t)at)
		n = f->size - (size_t)at;
	memcpy(p, vfs_data(ino_of(fd)) + at, n);
	leave(0);
	return (ssize_t)n;
}

static ssize_t
do_pwrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	int		 ino = ino_of(fd);
	struct vfs_file	*f = &vfs.file[ino];

	(void)ctx;
	enter();
	if (vfs_take_blocks(f, (size_t)at + n) != 0)
		return fail(ENOSPC);
	before();
	if ((size_t)at + n > f->size)
		vfs_resize(ino, (size_t)at + n);
	memcpy(vfs_data(ino) + at, p, n);
	f->changed = ++vfs.ticks;
	TELL(wrote, ino, p, n, (size_t)at);
	leave(0);
	return (ssize_t)n;
}

/* Neither this nor its callers are inlined or jumped to: see tape.c. */
static int __attribute__((noinline))
do_sync(int fd, int data)
{
	if (vfs.watch != NULL && vfs.watch->syncing(vfs.watch->arg) != 0)
		return -1;
	enter();
	before();
	TELL(synced, ino_of(fd), data);
	return leave(0);
}

static int
do_fsync(void *ctx, int fd)
{
	volatile int	 r;

	(void)ctx;
	r = do_sync(fd, 0);
	return r;
}

static int
do_fdatasync(void *ctx, int fd)
{
	volatile int	 r;

	(void)ctx;
	r = do_sync(fd, 1);
	return r;
}

static int
do_ftruncate(void *ctx, int fd, off_t length)
{
	int		 ino = ino_of(fd);
	struct vfs_file	*f = &vfs.file[ino];
	size_t		 kept = f->blocks;

	(void)ctx;
	enter();
	before();
	vfs_resize(ino, (size_t)length);
	f->blocks = (f->size + VFS_PAGE - 1) / VFS_PAGE * VFS_PAGE;
	if (vfs.room != -1)
		vfs.room += (int64_t)kept - (int64_t)f->blocks;
	f->changed = ++vfs.ticks;
	TELL(sized, ino, f->size);
	return leave(0);
}

static int
do_fallocate(void *ctx, int fd, int mode, off_t at, off_t n)
{
	int		 ino = ino_of(fd);
	struct vfs_file	*f = &vfs.file[ino];
	size_t		 end = (size_t)(at + n);

	(void)ctx;
	enter();
	if (vfs_take_blocks(f, end) != 0)
		return fail(ENOSPC);
	if ((mode & FALLOC_FL_KEEP_SIZE) || end <= f->size)
		return leave(0);
	before();
	vfs_resize(ino, end);
	TELL(sized, ino, f->size);
	return leave(0);
}

/* ------------------------------------------------------------------- names */

static int
do_rename(void *ctx, int dir, const char *from, const char *to)
{
	int	 ino;

	(void)ctx;
	enter();
	dir = dir_of(dir);
	if ((ino = vfs_look_up(dir, from)) == 0)
		return fail(ENOENT);
	before();
	vfs_link(dir, to, ino);
	vfs_link(dir, from, 0);
	TELL(named, dir, to, ino, from);
	return leave(0);
}

int
vfs_hard_link(const char *from, const char *to)
{
	const char	*last;
	int		 dir, ino;

	enter();
	if ((ino = vfs_find(from)) == 0 ||
	    (dir = vfs_walk(VFS_ROOT, to, &last)) == 0)
		return fail(ENOENT);
	before();
	vfs_link(dir, last, ino);
	TELL(named, dir, last, ino, NULL);
	return leave(0);
}

static int
do_link(void *ctx, int dir, const char *from, const char *to)
{
	int	 ino;

	(void)ctx;
	enter();
	dir = dir_of(dir);
	if ((ino = vfs_look_up(dir, from)) == 0)
		return fail(ENOENT);
	if (vfs_look_up(dir, to) != 0)
		return fail(EEXIST);
	before();
	vfs_link(dir, to, ino);
	TELL(named, dir, to, ino, NULL);
	return leave(0);
}

static int
do_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	enter();
	dir = vfs_walk(dir_of(dir), name, &name);
	if (vfs_look_up(dir, name) == 0)
		return fail(ENOENT);
	before();
	vfs_link(dir, name, 0);
	TELL(named, dir, name, 0, NULL);
	return leave(0);
}

static int
do_mkdir(void *ctx, const char *path, mode_t mode)
{
	const char	*last;
	int		 dir;

	(void)ctx;
	(void)mode;
	enter();
	if ((dir = vfs_walk(VFS_ROOT, path, &last)) == 0)
		return fail(ENOENT);
	if (vfs_look_up(dir, last) != 0)
		return fail(EEXIST);
	make(dir, last, 1);
	return leave(0);
}

static int
do_fstat(void *ctx, int fd, struct stat *st)
{
	(void)ctx;
	enter();
	if (ino_of(fd) == 0)
		return fail(EBADF);
	vfs_describe(ino_of(fd), st);
	return leave(0);
}

static int
do_stat(void *ctx, int dir, const char *name, struct stat *st)
{
	int	 ino;

	(void)ctx;
	enter();
	if ((ino = vfs_look_up(dir_of(dir), name)) == 0)
		return fail(ENOENT);
	vfs_describe(ino, st);
	return leave(0);
}

static int
do_fstatfs(void *ctx, int fd, struct statfs *st)
{
	(void)ctx;
	(void)fd;
	memset(st, 0, sizeof *st);
	st->f_type = TMPFS;
	return 0;
}

static int
do_fchmod(void *ctx, int fd, mode_t mode)
{
	struct vfs_file	*f = &vfs.file[ino_of(fd)];

	(void)ctx;
	f->mode = (f->mode & S_IFMT) | mode;
	return 0;
}

static int
do_fchown(void *ctx, int fd, uid_t uid, gid_t gid)
{
	(void)ctx;
	(void)fd;
	(void)uid;
	(void)gid;
	return 0;
}

static int
do_lock(void *ctx, int fd, short type)
{
	struct vfs_file	*f = &vfs.file[ino_of(fd)];
	int		 opened = fds[fd - FIRST_FD].opened;

	(void)ctx;
	enter();
	if (f->lock != 0 && f->lock != opened)
		return type == F_UNLCK ? leave(0) : fail(EAGAIN);
	f->lock = type == F_UNLCK ? 0 : opened;
	return leave(0);
}

/* Who unmaps it by himself does nothing: see quick.c. */
static void *
do_map(void *ctx, int fd, size_t n, int prot)
{
	struct vfs_file	*f = &vfs.file[ino_of(fd)];

	(void)ctx;
	(void)n;
	if (prot & PROT_WRITE)
		f->written_by_map = 1;
	return vfs_data(ino_of(fd));
}

static int
do_unmap(void *ctx, void *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return 0;
}

const struct lk_io	 vfs_io = {
	.open = do_open, .close = do_close, .pread = do_pread,
	.pwrite = do_pwrite, .fsync = do_fsync, .fdatasync = do_fdatasync,
	.ftruncate = do_ftruncate, .fallocate = do_fallocate,
	.rename = do_rename, .unlink = do_unlink, .mkdir = do_mkdir,
	.fstat = do_fstat, .stat = do_stat, .fstatfs = do_fstatfs,
	.fchmod = do_fchmod, .fchown = do_fchown, .lock = do_lock,
	.map = do_map, .unmap = do_unmap, .link = do_link, .dup = do_dup,
};
