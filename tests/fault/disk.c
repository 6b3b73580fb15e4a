#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "disk.h"

#define STATE_MAGIC	"lkstate1"
#define STATE_SIZE	4096
#define COPY_WORDS	16
#define BOOT_WORD	4

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

/* ------------------------------------------------------------------- items */

static void
add_value(struct cut *c, struct item *it, enum value_kind kind, int op,
    size_t at)
{
	if (it->nvalues >= c->tears)
		return;
	it->value[it->nvalues++] = (struct value){ kind, op, at };
}

/* Where the octets old has and the page differ first after from. */
static size_t
next_change(const unsigned char *old, const struct op *o, size_t from)
{
	while (from < o->n && old[from] == o->data[from])
		from++;
	return from;
}

static const unsigned char *
page_before(const struct cut *c, const struct item *it, const struct op *o)
{
	static const unsigned char	 zeros[VFS_PAGE];
	const struct disk_file		*f = &c->base.file[o->ino];

	if (it->versions > 1)
		return c->t->op[it->value[it->versions - 1].op].data;
	return o->at + o->n <= f->size ? f->p + o->at : zeros;
}

/* The newest version of a page in part. */
static void
tear_page(struct cut *c, struct item *it)
{
	int			 op = it->value[it->versions].op;
	const struct op		*o = &c->t->op[op];
	const unsigned char	*old = page_before(c, it, o);
	size_t			 at = next_change(old, o, 0), sector, words = 0;

	while (at < o->n) {
		sector = at / VFS_SECTOR * VFS_SECTOR;
		if (sector > 0)
			add_value(c, it, V_HEAD, op, o->at + sector);
		if (sector > 0)
			add_value(c, it, V_TAIL, op, o->at + sector);
		add_value(c, it, V_SPOT, op, o->at + sector);
		at = next_change(old, o, sector + VFS_SECTOR);
	}
	for (at = 0; at < o->n; at += 8)
		words += memcmp(old + at, o->data + at, 8) != 0;
	for (at = 1; at < words && at < 24; at++) {
		add_value(c, it, V_WORDS, op, at);
		add_value(c, it, V_WORDS_BACK, op, at);
	}
}

/* A sector may end where a line does, or one octet off it. */
static void
tear_lines(struct cut *c, struct item *it, int op)
{
	const struct op		*o = &c->t->op[op];
	const unsigned char	*p = o->data, *end = p + o->n - 1, *nl;
	size_t			 at, step = o->n / 3;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL;
	    p = nl + 1 + step) {
		at = o->at + (size_t)(nl - o->data);
		add_value(c, it, V_CUT, op, at + 1);
		add_value(c, it, V_CUT, op, at);
		add_value(c, it, V_HEAD, op, at + 1);
		if (p + step + 1 >= end)
			break;
	}
	add_value(c, it, V_CUT, op, o->at + o->n - 1);
}

/* Is another write pending for octets of this file? */
static int
is_written_over(const struct cut *c, const struct op *o)
{
	const struct op	*p;
	int		 i;

	for (i = 0; i < c->npending; i++) {
		p = &c->t->op[c->pending[i]];
		if (p != o && p->kind == OP_WROTE && p->ino == o->ino)
			return 1;
	}
	return 0;
}

static void
tear_write(struct cut *c, struct item *it, int op)
{
	const struct op	*o = &c->t->op[op];
	size_t		 at = (o->at / VFS_SECTOR + 1) * VFS_SECTOR, step;

	if (!o->over)
		add_value(c, it, V_SIZE, op, 0);
	add_value(c, it, V_GARBAGE, op, 0);
	if (!is_written_over(c, o))
		tear_lines(c, it, op);
	/* Of a long one not every sector. */
	step = o->n / VFS_SECTOR / 8 * VFS_SECTOR;
	if (step == 0)
		step = VFS_SECTOR;
	for (; at < o->at + o->n; at += step) {
		add_value(c, it, V_CUT, op, at);
		add_value(c, it, V_HEAD, op, at);
		add_value(c, it, V_TAIL, op, at);
		add_value(c, it, V_HOLE, op, at);
		add_value(c, it, V_SPOT, op, at);
		if (step > VFS_SECTOR && at % VFS_PAGE != 0 &&
		    (at / VFS_PAGE + 1) * VFS_PAGE < o->at + o->n)
			add_value(c, it, V_CUT, op, (at / VFS_PAGE + 1) *
			    VFS_PAGE);
	}
}

static struct item *
item_of(struct cut *c, int op)
{
	const struct op	*o = &c->t->op[op], *p;
	struct item	*it;
	int		 i;

	for (i = 0; i < c->nitems && o->kind == OP_PAGE; i++) {
		p = &c->t->op[c->item[i].op];
		if (p->kind == OP_PAGE && p->ino == o->ino && p->at == o->at)
			return &c->item[i];
	}
	if (c->nitems == ITEMS_MAX)
		need(NULL);
	it = &c->item[c->nitems++];
	it->op = op;
	it->versions = 0;
	it->nvalues = 1;
	return it;
}

/* The oldest version gives way where there are too many. */
static void
add_version(struct cut *c, struct item *it, int op)
{
	if (it->versions >= c->tears / 2)
		memmove(&it->value[1], &it->value[2],
		    (size_t)(it->versions - 1) * sizeof it->value[0]);
	else
		it->versions++;
	it->value[it->versions] = (struct value){ V_FULL, op, 0 };
	it->nvalues = it->versions + 1;
	it->newest = it->versions;
}

void
cut_items(struct cut *c)
{
	const struct op	*o;
	struct item	*it;
	int		 i;

	c->nitems = 0;
	for (i = 0; i < c->npending; i++)
		add_version(c, item_of(c, c->pending[i]), c->pending[i]);
	for (i = 0; i < c->nitems; i++) {
		it = &c->item[i];
		o = &c->t->op[it->op];
		if (o->kind == OP_PAGE)
			tear_page(c, it);
		else if (o->kind == OP_WROTE)
			tear_write(c, it, it->op);
	}
}

/* ------------------------------------------------------------------- build */

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

/* Another boot id in each sound copy of a `state`. */
static void
start_machine(int ino)
{
	uint64_t	*w = (uint64_t *)(void *)vfs_data(ino);
	int		 at;

	if (vfs.file[ino].size != STATE_SIZE ||
	    memcmp(w, STATE_MAGIC, 8) != 0)
		return;
	for (at = COPY_WORDS; at <= 2 * COPY_WORDS; at += COPY_WORDS) {
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
hash(const unsigned char *p, size_t n)
{
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
		h += (one * 0x9e3779b97f4a7c15) ^ hash((const unsigned char *)
		    e->name, strlen(e->name)) * (uint64_t)(e->dir + 1);
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
