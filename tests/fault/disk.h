/*
 * disk.h: what a disk may hold when the power goes: what was synced for
 * certain, and of each thing that was not, any of several values.
 *
 * Things are apart from each other, in any order: an entry of a folder (a
 * rename is one thing), a file's size, a write, a page of a map.  A write may
 * be there, or not; have its size without its octets (zeros) or with garbage;
 * be torn at 512 and 4,096 octets.  Garbage is never in octets that the write
 * did not touch.  Of a page each version since the last sync, or a part of the
 * newest.  A sync makes durable what it is of: a file's octets and size, a
 * folder's entries; not the entry of the file.
 */
#ifndef FAULT_DISK_H
#define FAULT_DISK_H

#include "tape.h"

struct disk_file {
	int		 used, folder;
	unsigned char	*p;
	size_t		 size, room, blocks;
	int64_t		 changed;
	uint64_t	 hash;		/* 0: not known                      */
};

struct disk {
	struct disk_file file[VFS_FILES];
	struct vfs_name	 name[VFS_NAMES];
	int		 nnames;
};

/* How a value is exotic, for the counts. */
enum kind {
	KIND_SUBSET,			/* each thing old or new             */
	KIND_TORN512,
	KIND_TORN4096,
	KIND_ZEROS,
	KIND_WORDS,			/* a page while it was stored to     */
	KIND_GARBAGE,
	KINDS
};

enum value_kind {
	V_FULL, V_SIZE, V_GARBAGE, V_CUT, V_HEAD, V_TAIL, V_HOLE, V_SPOT,
	V_WORDS, V_WORDS_BACK
};

struct value {
	enum value_kind	 kind;
	int		 op;		/* whose data                        */
	size_t		 at;		/* offset in the file, or words      */
};

#define VALUES_MAX	64

/* Something that is not durable yet; value 0 is what was synced. */
struct item {
	int		 op;		/* the first                         */
	int		 versions;
	int		 nvalues;	/* with 0                            */
	int		 newest;	/* the value with all of it          */
	struct value	 value[VALUES_MAX];
};

#define ITEMS_MAX	256

struct cut {
	const struct tape *t;
	int		 mute;		/* a site that syncs nothing, or < 0 */
	int		 tears;		/* most values of one item           */
	struct disk	 base;
	int		 done;		/* ops so far                        */
	int		*pending;	/* ops, in order                     */
	int		 npending;
	struct item	*item;
	int		 nitems;
};

/* What the files of vfs.h are now, durable. */
void	disk_take(struct disk *d);
void	disk_free(struct disk *d);
void	disk_copy(struct disk *to, const struct disk *from);
/* The machine is started anew: each `state` in vfs.h has another boot id. */
void	disk_boot(void);
/* And back into vfs.h, with all names. */
void	disk_put(const struct disk *d);

/* Before the first operation; the disk is copied. */
void	cut_start(struct cut *c, const struct tape *t, const struct disk *d,
	    int mute, int tears);
void	cut_free(struct cut *c);
/* One operation more. */
void	cut_step(struct cut *c);
/* What may or may not be on the disk now. */
void	cut_items(struct cut *c);
/* Make the files of vfs.h so, after a start of the machine; a hash of it.  The
 * most exotic kind of the values goes into *kind. */
uint64_t cut_build(struct cut *c, const unsigned char *values,
	    enum kind *kind);

#endif
