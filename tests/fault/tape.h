/*
 * tape.h: what a run did to the files of vfs.h, operation by operation.
 *
 * What is stored through maps has no operation: before each one, and at each
 * mark, the pages that changed are put on the tape.
 */
#ifndef FAULT_TAPE_H
#define FAULT_TAPE_H

#include "vfs.h"

enum op_kind {
	OP_MADE,			/* ino, folder                       */
	OP_NAMED,			/* dir, name, ino, from              */
	OP_WROTE,			/* ino, at, n, data                  */
	OP_SIZED,			/* ino, at: the new size             */
	OP_PAGE,			/* as OP_WROTE, through a map        */
	OP_SYNCED,			/* ino, site                         */
	OP_MARK				/* mark, batch                       */
};

struct op {
	enum op_kind	 kind;
	int		 ino, dir, folder;
	int		 site, mark, batch;
	size_t		 at, n;
	int		 over;		/* of octets that were there */
	unsigned char	*data;		/* of the tape                       */
	char		 name[VFS_NAME], from[VFS_NAME];
};

struct tape {
	struct op	*op;
	int		 n, room;
	unsigned char	*shadow[VFS_FILES];	/* as far as it was told     */
	size_t		 size[VFS_FILES];
	int		 last[VFS_FILES];	/* op of the file since its  */
						/* last sync, plus 1, or 0   */
	int		 syncs[VFS_FILES];
	struct vfs_watch watch;
	int		(*on_sync)(void *arg);	/* NULL; a sync that fails   */
	void		*on_sync_arg;
	int		 between;	/* frames between vfs_io and who     */
					/* called the sync                   */
};

/* Record from now on, or stop. */
void	tape_start(struct tape *t);
void	tape_stop(struct tape *t);
void	tape_free(struct tape *t);
void	tape_mark(struct tape *t, int mark, int batch);

/*
 * Call sites of syncs: the places in the code that lead to it, the name of
 * the file, numbers apart, and whether it is the first of the file.  Named by
 * what is synced, and after what the first time.
 */
#define SITES_MAX	64
#define CALLERS		3

struct site {
	const void *caller[CALLERS];
	int	 data, first;		/* of the file                       */
	char	 file[VFS_NAME];
	char	 name[96];
	int	 needed;		/* its removal was caught            */
	char	 caught[160];		/* where, and how                    */
};

extern struct sites {
	struct site	 v[SITES_MAX];
	int		 n;
} sites;

#endif
