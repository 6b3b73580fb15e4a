/*
 * build.c: the files as a power cut leaves them.
 */
#include <string.h>

#include "base/crc32c.h"
#include "disk.h"

#define STATE_MAGIC	"lkstate1"
#define STATE_SIZE	4096
#define COPY_WORDS	16
#define BOOT_WORD	4

static void
garble(unsigned char *p, size_t n, uint64_t seed)
{
	seed = seed * 0x9e3779b97f4a7c15 + 1;
	while (n-- > 0) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		*p++ = (unsigned char)(seed >> 32);
	}
}

static void
put_words(unsigned char *to, const struct op *o, size_t count, int back)
{
	size_t	 at, i;

	for (i = 0; i < o->n / 8 && count > 0; i++) {
		at = (back ? o->n / 8 - 1 - i : i) * 8;
		if (memcmp(to + at, o->data + at, 8) == 0)
			continue;
		memcpy(to + at, o->data + at, 8);
		count--;
	}
}

static void
put_range(unsigned char *file, const struct op *o, size_t from, size_t to)
{
	if (from < o->at)
		from = o->at;
	if (to > o->at + o->n)
		to = o->at + o->n;
	if (from < to)
		memcpy(file + from, o->data + (from - o->at), to - from);
}

static void
put_value(const struct op *o, const struct value *v)
{
	struct vfs_file	*f = &vfs.file[o->ino];
	size_t		 end = o->at + o->n;
	size_t		 spot = v->at + VFS_SECTOR;
	unsigned char	*p;

	if (v->kind == V_CUT)
		end = v->at;
	if (o->kind == OP_WROTE && end > f->size)
		vfs_resize(o->ino, end);
	if (end > f->size)
		return;			/* a page beyond the end             */
	p = vfs_data(o->ino);
	switch (v->kind) {
	case V_SIZE:
		return;
	case V_GARBAGE:
		garble(p + o->at, o->n, o->at);
		return;
	case V_FULL:
		put_range(p, o, 0, SIZE_MAX);
		return;
	case V_CUT:
	case V_HEAD:
		put_range(p, o, 0, v->at);
		return;
	case V_TAIL:
		put_range(p, o, v->at, SIZE_MAX);
		return;
	case V_HOLE:
		put_range(p, o, 0, v->at);
		put_range(p, o, spot, SIZE_MAX);
		return;
	case V_SPOT:
		put_range(p, o, 0, SIZE_MAX);
		garble(p + v->at, (spot < end ? spot : end) - v->at, v->at);
		return;
	case V_WORDS:
	case V_WORDS_BACK:
		put_words(p + o->at, o, v->at, v->kind == V_WORDS_BACK);
		return;
	}
}

static void
put_item(const struct op *o, const struct value *v, unsigned char *touched)
{
	if (o->kind == OP_NAMED) {
		vfs_link(o->dir, o->name, o->ino);
		if (o->from[0] != '\0')
			vfs_link(o->dir, o->from, 0);
		return;
	}
	if (!vfs.file[o->ino].used)
		return;
	touched[o->ino] = 1;
	if (o->kind == OP_SIZED)
		vfs_resize(o->ino, o->at);
	else
		put_value(o, v);
}

static enum kind
kind_of(const struct value *v)
{
	switch (v->kind) {
	case V_FULL:
		return KIND_SUBSET;
	case V_SIZE:
	case V_HOLE:
		return KIND_ZEROS;
	case V_GARBAGE:
	case V_SPOT:
		return KIND_GARBAGE;
	case V_WORDS:
	case V_WORDS_BACK:
		return KIND_WORDS;
	default:
		return v->at % VFS_PAGE == 0 ? KIND_TORN4096 : KIND_TORN512;
	}
}

/* Another boot id in each sound copy of a `state`, and in the successor. */
static void
start_machine(int ino)
{
	uint64_t	*w = (uint64_t *)(void *)vfs_data(ino);
	int		 at;

	if (vfs.file[ino].size != STATE_SIZE ||
	    memcmp(w, STATE_MAGIC, 8) != 0)
		return;
	for (at = COPY_WORDS; at <= 3 * COPY_WORDS; at += COPY_WORDS) {
		if (w[at] == 0 ||
		    w[at + COPY_WORDS - 1] != lk_crc32c(&w[at], 120))
			continue;
		w[at + BOOT_WORD]++;
		w[at + COPY_WORDS - 1] = lk_crc32c(&w[at], 120);
	}
}

void
disk_boot(void)
{
	int	 i;

	for (i = VFS_ROOT + 1; i < vfs.nfiles; i++)
		if (vfs.file[i].used && !vfs.file[i].folder)
			start_machine(i);
}

static uint64_t
hash(const void *data, size_t n)
{
	const unsigned char *p = data;
	uint64_t	 h[4] = { 1, 2, 3, 4 }, w;
	size_t		 i, at;

	for (at = 0; at + 32 <= n; at += 32)
		for (i = 0; i < 4; i++) {
			memcpy(&w, p + at + i * 8, 8);
			h[i] = (h[i] ^ w) * 0x9e3779b97f4a7c15;
			h[i] ^= h[i] >> 32;
		}
	for (; at < n; at++)
		h[at % 4] = (h[at % 4] ^ p[at]) * 0x100000001b3;
	w = n;
	for (i = 0; i < 4; i++)
		w = (w ^ h[i]) * 0xc2b2ae3d27d4eb4f + (w >> 29);
	return w | 1;
}

/* When the usage file was written to is nothing that is promised. */
static uint64_t
hash_all(struct cut *c, const unsigned char *touched)
{
	const struct vfs_name	*e;
	uint64_t		 h = 0, one;
	int			 i;

	for (i = 0; i < vfs.nnames; i++) {
		e = &vfs.name[i];
		if (e->ino == 0)
			continue;
		one = 1;
		if (!vfs.file[e->ino].folder && !touched[e->ino] &&
		    c->base.file[e->ino].hash != 0)
			one = c->base.file[e->ino].hash;
		else if (!vfs.file[e->ino].folder)
			one = hash(vfs_data(e->ino), vfs.file[e->ino].size);
		if (!touched[e->ino])
			c->base.file[e->ino].hash = one;
		h += (one * 0x9e3779b97f4a7c15) ^
		    hash(e->name, strlen(e->name)) *
		    (uint64_t)(e->dir + 1);
	}
	return h;
}

/* Names that will be there must lead to something. */
static void
put_nameless(const struct cut *c)
{
	const struct op	*o;
	int		 i;

	for (i = 0; i < c->npending; i++) {
		o = &c->t->op[c->pending[i]];
		if (o->kind == OP_NAMED && o->ino != 0 &&
		    !vfs.file[o->ino].used)
			vfs_put(o->ino, c->base.file[o->ino].folder,
			    c->base.file[o->ino].p, c->base.file[o->ino].size);
	}
}

uint64_t
cut_build(struct cut *c, const unsigned char *values, enum kind *kind)
{
	unsigned char		 touched[VFS_FILES] = { 0 };
	const struct value	*v;
	uint64_t		 h;
	int			 i;

	*kind = KIND_SUBSET;
	disk_put(&c->base);
	put_nameless(c);
	for (i = 0; i < c->nitems; i++) {
		if (values[i] == 0)
			continue;
		v = &c->item[i].value[values[i]];
		put_item(&c->t->op[v->op], v, touched);
		if (kind_of(v) > *kind)
			*kind = kind_of(v);
	}
	h = hash_all(c, touched);
	disk_boot();
	return h;
}
