#include <sys/mman.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfs.h"

#define ARENA_PAGES	65536u		/* 256 MiB, most of it never touched */

struct vfs		 vfs = { .room = -1 };
static unsigned char	*arena;
static uint32_t		 arena_end;	/* in pages                          */

void
vfs_die(const char *why)
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
		vfs_die("no arena");
	vfs_clear();
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
		vfs_die("a mapped file becomes longer");
	if (f->pages != 0 || size < 16 * VFS_PAGE)
		pages += pages / 2 + 4;
	if ((arena_end += pages) > ARENA_PAGES)
		vfs_die("the arena is full");
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
	    .changed = ++vfs.ticks };
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
		vfs_die("too many names");
	e->dir = dir;
	e->ino = ino;
	snprintf(e->name, sizeof e->name, "%s", name);
	if (ino != 0)
		vfs.file[ino].links++;
}

int
vfs_walk(int dir, const char *path, const char **last)
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

int
vfs_look_up(int dir, const char *path)
{
	const struct vfs_name	*e;
	const char		*last;

	if ((dir = vfs_walk(dir, path, &last)) == 0)
		return 0;
	if (*last == '\0')
		return dir;
	e = entry(dir, last, strlen(last));
	return e == NULL ? 0 : e->ino;
}

int
vfs_find(const char *path)
{
	return vfs_look_up(VFS_ROOT, path);
}

int
vfs_take_blocks(struct vfs_file *f, size_t end)
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

/* Asked for once: a recovery asks many times. */
static void
own(struct stat *st)
{
	static uid_t	 owner;
	static gid_t	 group;
	static int	 known;

	if (!known) {
		owner = geteuid();
		group = getegid();
		known = 1;
	}
	st->st_uid = owner;
	st->st_gid = group;
}

void
vfs_describe(int ino, struct stat *st)
{
	const struct vfs_file	*f = &vfs.file[ino];

	memset(st, 0, sizeof *st);
	st->st_dev = 1;
	st->st_ino = (ino_t)ino;
	st->st_mode = f->mode;
	own(st);
	st->st_nlink = (nlink_t)f->links;
	st->st_size = (off_t)f->size;
	st->st_blocks = (blkcnt_t)(f->blocks / 512);
	st->st_mtim.tv_sec = st->st_ctim.tv_sec = 1 + f->changed;
}
