/*
 * vfs.h: files in memory behind the table of base/io, for tests that build a
 * folder many thousand times.
 *
 * One at a time.  Contents lie in one shared mapping, so that a map of a file
 * and what is read of it are one.  Whatever changes something is told to a
 * watcher, which is how power cuts are recorded.
 */
#ifndef FAULT_VFS_H
#define FAULT_VFS_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "base/io.h"

#define VFS_FILES	256		/* inodes; 0 is none, 1 the root     */
#define VFS_ROOT	1
#define VFS_NAMES	64
#define VFS_NAME	40		/* octets of a name, with NUL        */
#define VFS_PAGE	4096
#define VFS_SECTOR	512

struct vfs_file {
	int		 used, folder;
	int		 links, written_by_map;
	uint32_t	 at, pages;	/* its part of the arena, in pages   */
	size_t		 size, blocks;	/* octets                            */
	int64_t		 changed;
	mode_t		 mode;
	int		 lock;		/* the descriptor that has it, or 0  */
};

struct vfs_name {
	int		 dir, ino;	/* ino 0: the entry is free          */
	char		 name[VFS_NAME];
};

/* Each after it has been done; from the thread that did it. */
struct vfs_watch {
	void	*arg;
	void	(*before)(void *arg);	/* each of them: look at the maps    */
	void	(*made)(void *arg, int ino, int folder);
	void	(*named)(void *arg, int dir, const char *name, int ino,
		    const char *from);	/* from NULL, or it was renamed      */
	void	(*wrote)(void *arg, int ino, const void *p, size_t n,
		    size_t at);
	void	(*sized)(void *arg, int ino, size_t size);
	/* What the next sync returns: 0, or -1 with errno.  Others go on. */
	int	(*syncing)(void *arg);
	void	(*synced)(void *arg, int ino, int data);
};

extern struct vfs {
	struct vfs_file	 file[VFS_FILES];
	struct vfs_name	 name[VFS_NAMES];
	int		 nnames, nfiles;
	int64_t		 ticks;		/* of the clock that files have      */
	int64_t		 room;		/* octets of the disk; -1: enough    */
	const struct vfs_watch *watch;
} vfs;

extern const struct lk_io vfs_io;

/* For whoever tells something to what a watcher writes to. */
void	vfs_lock(void);
void	vfs_unlock(void);
/* Once, before all else. */
void	vfs_start(void);
/* Nothing but the root. */
void	vfs_clear(void);
/* A file with size octets of p (NULL: zeros) under a number of the caller's. */
void	vfs_put(int ino, int folder, const void *p, size_t size);
/* name leads to ino from now; 0: to nothing. */
void	vfs_link(int dir, const char *name, int ino);
/* The inode of a path from the root; 0: there is none. */
int	vfs_find(const char *path);
/* The folder of a path, and where its last name begins; 0: none such. */
int	vfs_walk(int dir, const char *path, const char **last);
int	vfs_look_up(int dir, const char *path);
void	vfs_die(const char *why) __attribute__((noreturn));
/* Blocks up to end.  0, or -1: the disk is full. */
int	vfs_take_blocks(struct vfs_file *f, size_t end);
void	vfs_describe(int ino, struct stat *st);
/* Another name for a file.  0 or -1. */
int	vfs_hard_link(const char *from, const char *to);
/* Is it a place in a file? */
int	vfs_has(const void *p);
/* Contents, as long as nothing makes the file longer. */
unsigned char *vfs_data(int ino);
/* Make it so long; zeros are added. */
void	vfs_resize(int ino, size_t size);
/* Who had a lock is no more. */
void	vfs_drop_locks(void);
/* Nobody has it open any more: what a kill does. */
void	vfs_drop_all(void);

#endif
