/*
 * room.c: room in the map for what is staged, or a bigger one.
 */
#include <string.h>

#include "index_inner.h"

/* Names of a kind that were met last: types are few, and keys of one account
 * come together, as a rule. */
struct met {
	enum lk_record_kind	 kind;
	const char		*v[8];
	unsigned		 n;
};

static int
is_met(struct met *x, const char *name)
{
	unsigned	 i, size = sizeof x->v / sizeof *x->v;

	for (i = 0; i < size && x->v[i] != NULL; i++)
		if (strcmp(x->v[i], name) == 0)
			return 1;
	x->v[x->n++ % size] = name;
	return 0;
}

/* A name that may have to be put there. */
static void
want(const struct lk_index *ix, struct met *x, const char *name,
    uint64_t *names, uint64_t *units)
{
	uint32_t	 ref;
	size_t		 n = strlen(name);

	if (is_met(x, name) || lk_map_named(lk_index_map(ix), x->kind, name,
	    n, &ref) == 1)
		return;
	++*names;
	*units += lk_map_units(n);
}

/* Upper bounds of what the staged lines take: a name may count more than once
 * until it is there. */
static void
wanted(const struct lk_index *ix, uint64_t *names, uint64_t *units)
{
	struct met		 accounts = { .kind = LK_RECORD_ACCOUNT };
	struct met		 others = { .kind = LK_RECORD_NAME };
	const struct lk_ix_op	*op;
	const char		*text = ix->text.p;
	size_t			 i;

	*names = *units = 0;
	for (i = 0; i < ix->nops; i++) {
		op = &ix->ops[i];
		if (op->kind == LK_EVENT_EXPIRE)
			*units += lk_map_units(LK_REST_MAX);
		if (op->kind != LK_EVENT_GENERATE &&
		    op->kind != LK_EVENT_ACCOUNT)
			continue;
		want(ix, &accounts, text + op->account, names, units);
		want(ix, &others, text + (op->kind == LK_EVENT_GENERATE ?
		    op->type : op->package), names, units);
		if (op->nnets != 0 || op->not_before != 0)
			*units += lk_map_units(sizeof op->not_before +
			    op->nnets * sizeof *ix->nets);
	}
}

/* As much again by a third, where it is full. */
static uint64_t
more(uint64_t now, uint64_t used)
{
	return used <= now / 4 * 3 ? now : used * 100 / 57 + 1;
}

static int
bigger(struct lk_index *ix, uint64_t names, uint64_t units,
    struct lk_shape *out)
{
	const struct lk_map	*m = lk_index_map(ix);
	uint32_t		 k, n, u;

	if (lk_map_get(m, LK_MAP_KEYS, &k) != 0 ||
	    lk_map_get(m, LK_MAP_NAMES, &n) != 0 ||
	    lk_map_get(m, LK_MAP_UNITS, &u) != 0)
		return LK_EUNAVAIL;
	out->slots = more(m->shape.slots, k + ix->nkeys);
	out->ids = more(m->shape.ids, k + ix->nkeys);
	out->names = more(m->shape.names, n + names);
	out->units = m->shape.units;
	if (u + units > out->units)
		out->units = (u + units) / 10 * 13;
	return 0;
}

/* All that the old one says, into the new one. */
static int
take_over(struct lk_index *ix, struct lk_map *new, struct lk_map *old)
{
	uint32_t	 lacks, damaged;
	uint64_t	 applied;
	int		 r;

	if ((r = lk_map_copy(new, old, UINT64_MAX)) == LK_ENOMEM)
		return r;
	if (r != 0 || lk_map_get(old, LK_MAP_LACKS, &lacks) != 0 ||
	    lk_map_get(old, LK_MAP_DAMAGED, &damaged) != 0 ||
	    lk_map_applied(old, &applied) != 0)
		return LK_EUNAVAIL;
	lk_map_set(new, LK_MAP_LACKS, lacks);
	lk_map_set(new, LK_MAP_DAMAGED, damaged);
	lk_map_set_applied(new, applied);
	return ix->maker.over != NULL ?
	    ix->maker.over(ix->maker.arg, new, old) : 0;
}

static int
grow(struct lk_index *ix, uint64_t names, uint64_t units)
{
	struct lk_map	*old = lk_index_map(ix), *new;
	struct lk_shape	 shape;
	int		 r;

	if ((r = bigger(ix, names, units, &shape)) != 0)
		return r;
	r = ix->maker.make != NULL ? ix->maker.make(ix->maker.arg, &shape,
	    &new) : lk_map_new(&shape, &new);
	if (r != 0)
		return r;
	if ((r = take_over(ix, new, old)) != 0) {
		lk_map_free(&new);
		return r;
	}
	lk_index_swap(ix, new);
	return 0;
}

int
lk_index_reserve(struct lk_index *ix)
{
	uint64_t	 names, units;
	int		 r;

	lk_index_end_nets(ix);
	if (ix->text.failed)
		return LK_ENOMEM;
	wanted(ix, &names, &units);
	if (ix->nkeys + names + units == 0)
		return 0;		/* states change in their place      */
	r = lk_map_room(lk_index_map(ix), ix->nkeys, names, units,
	    LK_MAP_HARD);
	if (r == -1)
		return LK_EUNAVAIL;
	return r == 1 ? 0 : grow(ix, names, units);
}
