#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfs.h"

#define ARENA_PAGES	65536u		/* 256 MiB, most of it never touched */
#define FDS		128
#define FIRST_FD	1000		/* so that none is the system's      */
#define TMPFS		0x01021994

struct vfs		 vfs = { .room = -1 };
static unsigned char	*arena;
static uint32_t		 arena_end;	/* in pages                          */
static int		 open_ino[FDS];	/* 0: free                           */
static int64_t		 ticks;
static uid_t		 owner;
static gid_t		 group;
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

static void
die(const char *why)
{
	fprintf(stderr, "vfs: %s\n", why);
	abort();
}

/* ------------------------------------------------------------------- files */

void
vfs_start(void)
{
	arena = mmap(NULL, (size_t)ARENA_PAGES * VFS_PAGE,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED)
		die("no arena");
	owner = geteuid();
	group = getegid();
	vfs_clear();
}

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
	memset(open_ino, 0, sizeof open_ino);
	vfs_drop_locks();
}

void
vfs_clear(void)
{
	memset(vfs.file, 0, sizeof vfs.file);
	vfs.nnames = 0;
	vfs.nfiles = VFS_ROOT + 1;
	vfs.room = -1;
	vfs_drop_all();
	arena_end = 0;
	vfs.file[VFS_ROOT] = (struct vfs_file){ .used = 1, .folder = 1,
	    .links = 1, .mode = S_IFDIR | 0755 };
}

unsigned char *
vfs_data(int ino)
{
	return arena + (size_t)vfs.file[ino].at * VFS_PAGE;
}

/* Twice what is asked, so that a file moves seldom. */
static void
take_pages(struct vfs_file *f, size_t size)
{
	uint32_t	 pages = (uint32_t)(size / VFS_PAGE) + 1;
	uint32_t	 at = arena_end;

	if (pages <= f->pages)
		return;
	if (f->written_by_map)
		die("a mapped file becomes longer");
	if (f->pages != 0 || size < 16 * VFS_PAGE)
		pages += pages / 2 + 4;
	if ((arena_end += pages) > ARENA_PAGES)
		die("the arena is full");
	memcpy(arena + (size_t)at * VFS_PAGE, arena + (size_t)f->at * VFS_PAGE,
	    f->size);
	memset(arena + (size_t)at * VFS_PAGE + f->size, 0,
	    (size_t)pages * VFS_PAGE - f->size);
	f->at = at;
	f->pages = pages;
}

void
vfs_resize(int ino, size_t size)
{
	struct vfs_file	*f = &vfs.file[ino];

	take_pages(f, size);
	if (size < f->size)
		memset(vfs_data(ino) + size, 0, f->size - size);
	f->size = size;
}

void
vfs_put(int ino, int folder, const void *p, size_t size)
{
	struct vfs_file	*f = &vfs.file[ino];

	*f = (struct vfs_file){ .used = 1, .folder = folder,
	    .mode = folder ? S_IFDIR | 0700 : S_IFREG | 0640,
	    .changed = ++ticks };
	if (ino >= vfs.nfiles)
		vfs.nfiles = ino + 1;
	if (folder)
		return;
	vfs_resize(ino, size);
	f->blocks = (size + VFS_PAGE - 1) / VFS_PAGE * VFS_PAGE;
	if (p != NULL)
		memcpy(vfs_data(ino), p, size);
}

int
vfs_has(const void *p)
{
	return (const unsigned char *)p >= arena && (const unsigned char *)p <
	    arena + (size_t)ARENA_PAGES * VFS_PAGE;
}

static struct vfs_name *
entry(int dir, const char *name, size_t n)
{
	int	 i;

	for (i = 0; i < vfs.nnames; i++)
		if (vfs.name[i].dir == dir && vfs.name[i].ino != 0 &&
		    strlen(vfs.name[i].name) == n &&
		    memcmp(vfs.name[i].name, name, n) == 0)
			return &vfs.name[i];
	return NULL;
}

/* The disk has its blocks again once it has no name left. */
static void
unlinked(int ino)
{
	if (--vfs.file[ino].links == 0 && vfs.room != -1)
		vfs.room += (int64_t)vfs.file[ino].blocks;
}

void
vfs_link(int dir, const char *name, int ino)
{
	struct vfs_name	*e = entry(dir, name, strlen(name));
	int		 i;

	if (e != NULL)
		unlinked(e->ino);
	for (i = 0; e == NULL && ino != 0 && i <= vfs.nnames; i++)
		if (i == vfs.nnames || vfs.name[i].ino == 0)
			e = &vfs.name[i];
	if (e == NULL)
		return;
	if (e - vfs.name == vfs.nnames && ++vfs.nnames > VFS_NAMES)
		die("too many names");
	e->dir = dir;
	e->ino = ino;
	snprintf(e->name, sizeof e->name, "%s", name);
	if (ino != 0)
		vfs.file[ino].links++;
}

/* The folder of a path, and where its last name begins; 0: none such. */
static int
walk(int dir, const char *path, const char **last)
{
	const struct vfs_name	*e;
	const char		*slash;

	if (*path == '/')
		dir = VFS_ROOT;
	while (*path == '/')
		path++;
	while ((slash = strchr(path, '/')) != NULL) {
		e = entry(dir, path, (size_t)(slash - path));
		if (e == NULL || !vfs.file[e->ino].folder)
			return 0;
		dir = e->ino;
		for (path = slash; *path == '/'; path++)
			;
	}
	*last = path;
	return dir;
}

static int
look_up(int dir, const char *path)
{
	const struct vfs_name	*e;
	const char		*last;

	if ((dir = walk(dir, path, &last)) == 0)
		return 0;
	if (*last == '\0')
		return dir;
	e = entry(dir, last, strlen(last));
	return e == NULL ? 0 : e->ino;
}

int
vfs_find(const char *path)
{
	return look_up(VFS_ROOT, path);
}

/* ------------------------------------------------------------- descriptors */

static int
ino_of(int fd)
{
	if (fd < FIRST_FD || fd >= FIRST_FD + FDS)
		return 0;
	return open_ino[fd - FIRST_FD];
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
		if (open_ino[i] != 0)
			continue;
		open_ino[i] = ino;
		return FIRST_FD + i;
	}
	die("too many descriptors");
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
		die("too many files, or a name too long");
	before();
	ino = vfs.nfiles;
	vfs_put(ino, folder, NULL, 0);
	vfs_link(dir, name, ino);
	TELL(made, ino, folder);
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
	dir = walk(dir_of(dir), path, &last);
	if (dir == 0)
		return fail(ENOENT);
	ino = look_up(dir, last);
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

static int
do_close(void *ctx, int fd)
{
	int	 ino = ino_of(fd);

	(void)ctx;
	enter();
	if (ino == 0)
		return fail(EBADF);
	if (vfs.file[ino].lock == fd)
		vfs.file[ino].lock = 0;
	open_ino[fd - FIRST_FD] = 0;
	return leave(0);
}

/* ------------------------------------------------------------------ octets */

static ssize_t
do_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	const struct vfs_file	*f;

	(void)ctx;
	enter();
	f = &vfs.file[ino_of(fd)];
	if ((size_t)at >= f->size)
		return leave(0);
	if (n > f->size - (size_t)at)
		n = f->size - (size_t)at;
	memcpy(p, vfs_data(ino_of(fd)) + at, n);
	leave(0);
	return (ssize_t)n;
}

/* Blocks up to end.  0, or -1: the disk is full. */
static int
take_blocks(struct vfs_file *f, size_t end)
{
	size_t	 want = (end + VFS_PAGE - 1) / VFS_PAGE * VFS_PAGE;

	if (want <= f->blocks)
		return 0;
	if (vfs.room != -1 && vfs.room < (int64_t)(want - f->blocks))
		return -1;
	if (vfs.room != -1)
		vfs.room -= (int64_t)(want - f->blocks);
	f->blocks = want;
	return 0;
}

static ssize_t
do_pwrite(void *ctx, int fd, const void *p, size_t n, off_t at)
{
	int		 ino = ino_of(fd);
	struct vfs_file	*f = &vfs.file[ino];

	(void)ctx;
	enter();
	if (take_blocks(f, (size_t)at + n) != 0)
		return fail(ENOSPC);
	before();
	if ((size_t)at + n > f->size)
		vfs_resize(ino, (size_t)at + n);
	memcpy(vfs_data(ino) + at, p, n);
	f->changed = ++ticks;
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
	f->changed = ++ticks;
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
	if (take_blocks(f, end) != 0)
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
	if ((ino = look_up(dir, from)) == 0)
		return fail(ENOENT);
	before();
	vfs_link(dir, to, ino);
	vfs_link(dir, from, 0);
	TELL(named, dir, to, ino, from);
	return leave(0);
}

static int
do_unlink(void *ctx, int dir, const char *name)
{
	(void)ctx;
	enter();
	dir = walk(dir_of(dir), name, &name);
	if (look_up(dir, name) == 0)
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
	if ((dir = walk(VFS_ROOT, path, &last)) == 0)
		return fail(ENOENT);
	if (look_up(dir, last) != 0)
		return fail(EEXIST);
	make(dir, last, 1);
	return leave(0);
}

static void
describe(int ino, struct stat *st)
{
	const struct vfs_file	*f = &vfs.file[ino];

	memset(st, 0, sizeof *st);
	st->st_dev = 1;
	st->st_ino = (ino_t)ino;
	st->st_mode = f->mode;
	st->st_uid = owner;
	st->st_gid = group;
	st->st_nlink = (nlink_t)f->links;
	st->st_size = (off_t)f->size;
	st->st_blocks = (blkcnt_t)(f->blocks / 512);
	st->st_mtim.tv_sec = st->st_ctim.tv_sec = 1 + f->changed;
}

static int
do_fstat(void *ctx, int fd, struct stat *st)
{
	(void)ctx;
	enter();
	if (ino_of(fd) == 0)
		return fail(EBADF);
	describe(ino_of(fd), st);
	return leave(0);
}

static int
do_stat(void *ctx, int dir, const char *name, struct stat *st)
{
	int	 ino;

	(void)ctx;
	enter();
	if ((ino = look_up(dir_of(dir), name)) == 0)
		return fail(ENOENT);
	describe(ino, st);
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

	(void)ctx;
	enter();
	if (type == F_UNLCK) {
		if (f->lock == fd)
			f->lock = 0;
		return leave(0);
	}
	if (f->lock != 0 && f->lock != fd)
		return fail(EAGAIN);
	f->lock = fd;
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
	return arena + (size_t)f->at * VFS_PAGE;
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
	.map = do_map, .unmap = do_unmap,
};
