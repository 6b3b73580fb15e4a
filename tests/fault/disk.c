#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

static void *
need(void *p)
{
	if (p != NULL)
		return p;
	fputs("disk: no memory\n", stderr);
	abort();
}

/* -------------------------------------------------------------------- disk */

static void
fit(struct disk_file *f, size_t size)
{
	if (size + 1 > f->room) {
		f->room = size * 2 + 64;
		f->p = need(realloc(f->p, f->room));
	}
	if (size > f->size)
		memset(f->p + f->size, 0, size - f->size);
	f->size = size;
}

void
disk_take(struct disk *d)
{
	int	 i;

	memset(d, 0, sizeof *d);
	for (i = 0; i < vfs.nfiles; i++) {
		if (!vfs.file[i].used)
			continue;
		d->file[i].used = 1;
		d->file[i].folder = vfs.file[i].folder;
		if (vfs.file[i].folder)
			continue;
		d->file[i].changed = vfs.file[i].changed;
		d->file[i].blocks = vfs.file[i].blocks;
		fit(&d->file[i], vfs.file[i].size);
		memcpy(d->file[i].p, vfs_data(i), vfs.file[i].size);
	}
	memcpy(d->name, vfs.name, sizeof d->name);
	d->nnames = vfs.nnames;
}

void
disk_copy(struct disk *to, const struct disk *from)
{
	int	 i;

	*to = *from;
	for (i = 0; i < VFS_FILES; i++) {
		to->file[i].p = NULL;
		to->file[i].size = to->file[i].room = 0;
		if (!from->file[i].used || from->file[i].folder)
			continue;
		fit(&to->file[i], from->file[i].size);
		memcpy(to->file[i].p, from->file[i].p, from->file[i].size);
	}
}

void
disk_free(struct disk *d)
{
	int	 i;

	for (i = 0; i < VFS_FILES; i++)
		free(d->file[i].p);
	memset(d, 0, sizeof *d);
}

void
disk_put(const struct disk *d)
{
	unsigned char	 wanted[VFS_FILES] = { 0 };
	int		 i;

	vfs_clear();
	for (i = 0; i < d->nnames; i++)
		wanted[d->name[i].ino] = 1;
	for (i = VFS_ROOT + 1; i < VFS_FILES; i++) {
		if (!d->file[i].used || (!wanted[i] && !d->file[i].folder))
			continue;
		vfs_put(i, d->file[i].folder, d->file[i].p, d->file[i].size);
		if (d->file[i].changed != 0)
			vfs.file[i].changed = d->file[i].changed;
		if (d->file[i].blocks > vfs.file[i].blocks)
			vfs.file[i].blocks = d->file[i].blocks;
	}
	for (i = 0; i < d->nnames; i++)
		if (d->name[i].ino != 0)
			vfs_link(d->name[i].dir, d->name[i].name,
			    d->name[i].ino);
}

static void
name_on_disk(struct disk *d, int dir, const char *name, int ino)
{
	int	 i;

	for (i = 0; i < d->nnames; i++)
		if (d->name[i].dir == dir &&
		    strcmp(d->name[i].name, name) == 0)
			break;
	if (i == VFS_NAMES)
		need(NULL);
	if (i == d->nnames)
		d->nnames++;
	d->name[i].dir = dir;
	d->name[i].ino = ino;
	snprintf(d->name[i].name, VFS_NAME, "%s", name);
}

static void
settle(struct disk *d, const struct op *o)
{
	struct disk_file	*f = &d->file[o->ino];

	switch (o->kind) {
	case OP_NAMED:
		name_on_disk(d, o->dir, o->name, o->ino);
		if (o->from[0] != '\0')
			name_on_disk(d, o->dir, o->from, 0);
		return;
	case OP_SIZED:
		fit(f, o->at);
		break;
	case OP_WROTE:
	case OP_PAGE:
		if (o->at + o->n > f->size)
			fit(f, o->at + o->n);
		memcpy(f->p + o->at, o->data, o->n);
		break;
	default:
		return;
	}
	f->hash = 0;
}

/* --------------------------------------------------------------------- cut */

void
cut_start(struct cut *c, const struct tape *t, const struct disk *d, int mute,
    int tears)
{
	memset(c, 0, sizeof *c);
	c->t = t;
	c->mute = mute;
	c->tears = tears < VALUES_MAX ? tears : VALUES_MAX;
	disk_copy(&c->base, d);
	c->pending = need(calloc((size_t)t->n + 1, sizeof *c->pending));
	c->item = need(calloc(ITEMS_MAX, sizeof *c->item));
}

void
cut_free(struct cut *c)
{
	disk_free(&c->base);
	free(c->pending);
	free(c->item);
}

/* Is it what a sync of that inode makes durable? */
static int
is_of(const struct op *o, int ino)
{
	return o->kind == OP_NAMED ? o->dir == ino : o->ino == ino;
}

static void
sync_one(struct cut *c, int ino)
{
	const struct op	*o;
	int		 i, n = 0;

	for (i = 0; i < c->npending; i++) {
		o = &c->t->op[c->pending[i]];
		if (is_of(o, ino))
			settle(&c->base, o);
		else
			c->pending[n++] = c->pending[i];
	}
	c->npending = n;
}

void
cut_step(struct cut *c)
{
	const struct op	*o = &c->t->op[c->done++];

	switch (o->kind) {
	case OP_MARK:
		break;
	case OP_MADE:
		c->base.file[o->ino].used = 1;
		c->base.file[o->ino].folder = o->folder;
		break;
	case OP_SYNCED:
		if (o->site != c->mute)
			sync_one(c, o->ino);
		break;
	default:
		c->pending[c->npending++] = c->done - 1;
	}
}
