#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuts.h"
#include "recover.h"

#define FEW_TEARS	12		/* values of one thing               */
#define MANY		100000		/* states; then there is time for    */
#define MANY_TEARS	40
#define MORE		4		/* one of so many writes on          */
#define DEEP		512		/* one of so many is cut again       */
#define SEEN_BITS	16

struct seen {
	uint64_t	*v;
	uint64_t	 mask, n;
};

/* One walk over a tape. */
struct walk {
	struct record	*r;
	struct seen	*seen;
	struct counts	*c;
	struct cut	 cut;
	int		 depth;
	int		 mute;
	uint64_t	 random;
	unsigned long	 most;
	unsigned char	 values[ITEMS_MAX];
};

static void *
need(void *p)
{
	if (p != NULL)
		return p;
	fputs("cuts: no memory\n", stderr);
	abort();
}

/* -------------------------------------------------------------------- seen */

struct seen *
seen_new(void)
{
	struct seen	*s = need(calloc(1, sizeof *s));

	s->mask = ((uint64_t)1 << SEEN_BITS) - 1;
	s->v = need(calloc(s->mask + 1, sizeof *s->v));
	return s;
}

void
seen_free(struct seen *s)
{
	free(s->v);
	free(s);
}

static int
seen_put(uint64_t *v, uint64_t mask, uint64_t key)
{
	uint64_t	 i;

	for (i = key * 0x9e3779b97f4a7c15 >> 20 & mask; v[i] != 0;
	    i = (i + 1) & mask)
		if (v[i] == key)
			return 0;
	v[i] = key;
	return 1;
}

/* 1 when it was not there. */
static int
seen_add(struct seen *s, uint64_t key)
{
	uint64_t	*v, i, mask = s->mask * 2 + 1;

	key |= 1;
	if (s->n * 2 > s->mask) {
		v = need(calloc(mask + 1, sizeof *v));
		for (i = 0; i <= s->mask; i++)
			if (s->v[i] != 0)
				seen_put(v, mask, s->v[i]);
		free(s->v);
		s->v = v;
		s->mask = mask;
	}
	if (!seen_put(s->v, s->mask, key))
		return 0;
	s->n++;
	return 1;
}

/* -------------------------------------------------------------- one state */

static uint64_t
next(struct walk *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static void cut_again(struct walk *w);

static const char *
value_name(const struct item *it, int value)
{
	static const char *const names[] = { "all", "size", "garbage", "cut",
	    "head", "tail", "hole", "spot", "words", "words back" };

	return value == 0 ? "old" : names[it->value[value].kind];
}

static void
describe(const struct walk *w, const char *why)
{
	static const char *const names[] = { "made", "entry", "write", "size",
	    "page", "sync", "mark" };
	const struct op		*o;
	const struct item	*it;
	char			*out = w->c->why;
	size_t			 n = sizeof w->c->why, at;
	int			 i;

	at = (size_t)snprintf(out, n, "%s, after operation %d of %d%s: %s;",
	    w->r->name, w->cut.done, w->cut.t->n, w->depth ? " of a recovery" :
	    "", why);
	for (i = 0; i < w->cut.nitems && at < n - 80; i++) {
		it = &w->cut.item[i];
		o = &w->cut.t->op[it->op];
		if (w->values[i] != it->newest)
			at += (size_t)snprintf(out + at, n - at,
			    " %s %s %d.%zu is %s %zu,", names[o->kind],
			    o->name, o->ino, o->at,
			    value_name(it, w->values[i]),
			    w->values[i] == 0 ? 0 :
			    it->value[w->values[i]].at);
	}
}

static void
count(struct walk *w, enum kind kind, enum verdict v, const char *why)
{
	struct counts	*c = w->c;

	c->states++;
	c->kind[kind]++;
	c->deep += w->depth > 0;
	c->stopped += v == STOPPED;
	if (v != BROKEN)
		return;
	if (c->broken++ == 0)
		describe(w, why);
}

/* 1 when it was a new one. */
static int
try_state(struct walk *w)
{
	enum kind	 kind;
	enum verdict	 v;
	uint64_t	 key = cut_build(&w->cut, w->values, &kind);
	char		 why[200] = "";

	if (!seen_add(w->seen, key ^ w->r->model.stamp))
		return 0;
	if (w->depth == 0 && w->mute == ALL_SITES && kind != KIND_GARBAGE &&
	    key % DEEP == 0)
		cut_again(w);
	v = recover(&w->r->model, kind == KIND_GARBAGE, key / DEEP % MORE == 0,
	    why, sizeof why);
	count(w, kind, v, why);
	return 1;
}

static int
over(const struct walk *w)
{
	return w->mute != ALL_SITES && w->c->broken > 0;
}

/* ----------------------------------------------------------------- choices */

static void
set_all(struct walk *w, int newest)
{
	int	 i;

	for (i = 0; i < w->cut.nitems; i++)
		w->values[i] = newest ? (unsigned char)w->cut.item[i].newest :
		    0;
}

/* Each value of each thing, the others as they are. */
static void
each(struct walk *w, int newest)
{
	unsigned char	 was;
	int		 i, v;

	set_all(w, newest);
	(void)try_state(w);
	for (i = 0; i < w->cut.nitems && !over(w); i++) {
		was = w->values[i];
		for (v = 0; v < w->cut.item[i].nvalues; v++) {
			w->values[i] = (unsigned char)v;
			if (v != was)
				(void)try_state(w);
		}
		w->values[i] = was;
	}
}

/* What came first is there, and no more. */
static void
in_order(struct walk *w)
{
	int	 i;

	set_all(w, 0);
	for (i = 0; i < w->cut.nitems && !over(w); i++) {
		w->values[i] = (unsigned char)w->cut.item[i].newest;
		(void)try_state(w);
	}
}

static void
any(struct walk *w)
{
	const struct item	*it;
	uint64_t		 r;
	int			 i;

	for (i = 0; i < w->cut.nitems; i++) {
		it = &w->cut.item[i];
		r = next(w) >> 8;
		w->values[i] = (unsigned char)(r % 8 < 3 ? 0 : r % 8 < 6 ?
		    it->newest : (int)(r / 8 % (uint64_t)it->nvalues));
	}
}

static void
at_random(struct walk *w, unsigned long most)
{
	unsigned long	 tries, found = 0;

	if (w->cut.nitems < 2)
		return;
	for (tries = 0; found < most && tries < most * 2 && !over(w);
	    tries++) {
		any(w);
		found += (unsigned long)try_state(w);
	}
}

/* ------------------------------------------------------------------- walks */

static void
try_place(struct walk *w, unsigned long left)
{
	cut_items(&w->cut);
	each(w, 0);
	each(w, 1);
	in_order(w);
	if (w->c->states < w->most)
		at_random(w, (w->most - w->c->states) / left);
}

static void
walk(struct walk *w)
{
	const struct tape	*t = w->cut.t;
	unsigned long		 left;

	for (;;) {
		left = (unsigned long)(t->n - w->cut.done) + 1;
		if (w->cut.done >= w->r->from)
			try_place(w, left);
		if (w->cut.done == t->n || over(w))
			return;
		if (t->op[w->cut.done].kind == OP_MARK)
			model_pass(&w->r->model, &t->op[w->cut.done]);
		cut_step(&w->cut);
	}
}

/* The power goes again while it comes back: all old, all new, one by one. */
static void
cut_again(struct walk *w)
{
	struct walk	 deep = *w;
	struct disk	 d;
	struct tape	 t;
	char		 why[200];
	char		*torn = w->r->model.torn;

	w->r->model.torn = NULL;	/* there will be others              */
	disk_take(&d);
	tape_start(&t);
	(void)recover(&w->r->model, 0, 0, why, sizeof why);
	tape_stop(&t);
	deep.depth = 1;
	deep.most = 0;
	cut_start(&deep.cut, &t, &d, ALL_SITES, 3);
	for (;;) {
		cut_items(&deep.cut);
		each(&deep, 0);
		in_order(&deep);
		if (deep.cut.done == t.n)
			break;
		cut_step(&deep.cut);
	}
	cut_free(&deep.cut);
	tape_free(&t);
	disk_put(&d);
	disk_free(&d);
	w->r->model.torn = torn;
}

void
cuts_try(struct record *r, struct seen *seen, int mute, unsigned long most,
    uint64_t seed, struct counts *c)
{
	struct walk	 w = { .r = r, .seen = seen, .c = c, .mute = mute,
			    .most = most, .random = seed | 1 };

	memset(c, 0, sizeof *c);
	model_reset(&r->model);
	cut_start(&w.cut, &r->tape, &r->start, mute, most > MANY ?
	    MANY_TEARS : FEW_TEARS);
	walk(&w);
	cut_free(&w.cut);
}
