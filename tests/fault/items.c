/*
 * items.c: what is not durable, and which values each thing of it may have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"

static void
die(void)
{
	fputs("items: too many\n", stderr);
	abort();
}

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
tear_pages(struct cut *c, struct item *it, int op)
{
	const struct op	*o = &c->t->op[op];
	size_t		 at = (o->at / VFS_PAGE + 1) * VFS_PAGE;

	for (; at < o->at + o->n; at += VFS_PAGE) {
		add_value(c, it, V_CUT, op, at);
		add_value(c, it, V_HEAD, op, at);
		if (o->n > 4 * VFS_PAGE)
			at += VFS_PAGE;
	}
}

static void
tear_sectors(struct cut *c, struct item *it, int op)
{
	const struct op	*o = &c->t->op[op];
	size_t		 at = (o->at / VFS_SECTOR + 1) * VFS_SECTOR, step;

	/* Of a long one not every sector. */
	step = o->n / VFS_SECTOR / 8 * VFS_SECTOR;
	if (step == 0)
		step = VFS_SECTOR;
	for (; at < o->at + o->n; at += step) {
		add_value(c, it, V_HOLE, op, at);
		add_value(c, it, V_CUT, op, at);
		add_value(c, it, V_SPOT, op, at);
		add_value(c, it, V_HEAD, op, at);
		add_value(c, it, V_TAIL, op, at);
	}
}

static void
tear_write(struct cut *c, struct item *it, int op)
{
	const struct op	*o = &c->t->op[op];

	if (!o->over)
		add_value(c, it, V_SIZE, op, 0);
	add_value(c, it, V_GARBAGE, op, 0);
	tear_pages(c, it, op);
	if (!is_written_over(c, o))
		tear_lines(c, it, op);
	tear_sectors(c, it, op);
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
		die();
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
