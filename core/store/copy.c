/*
 * copy.c: from a map to a bigger one.
 *
 * Slots lie in order of their digests in both, so both are gone through once.
 * References change: records are copied first and a table leads from the old
 * ones to the new.
 */
#include <stdlib.h>
#include <string.h>

#include "map_inner.h"

struct copying {
	struct lk_map		*to;
	const struct lk_map	*from;
	uint32_t		*refs;	/* old -> new, of records            */
};

static int
copy_account(struct copying *c, uint32_t ref)
{
	char		 name[LK_ACCOUNT_MAX + 1], package[LK_RECORD_MAX];
	uint32_t	 p, new;
	int		 r;

	if (lk_map_name(c->from, ref, LK_RECORD_ACCOUNT, name,
	    sizeof name) != 1 || lk_map_package(c->from, ref, &p) != 0)
		return LK_EDAMAGE;
	if ((r = lk_map_have_account(c->to, name, &new)) != 0)
		return r;
	c->refs[ref] = new;
	if (p == 0)
		return 0;
	if (p == LK_MAP_GONE) {
		lk_map_forget_account(c->to, new);
		return 0;
	}
	if (lk_map_name(c->from, p, LK_RECORD_NAME, package,
	    sizeof package) != 1)
		return LK_EDAMAGE;
	return lk_map_set_package(c->to, new, package);
}

static int
by_ref(const void *a, const void *b)
{
	const uint32_t	*x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
lk_map_accounts(const struct lk_map *m, uint32_t **out, size_t *n)
{
	uint32_t	*refs;
	uint64_t	 i;
	int		 r = 0;

	*n = 0;
	if ((refs = calloc(m->shape.names, sizeof *refs)) == NULL)
		return LK_ENOMEM;
	for (i = 0; i < m->shape.names && r != -1; i++)
		if ((r = lk_map_entry_account(m, i, &refs[*n])) == 1)
			(*n)++;
	if (r == -1) {
		*n = 0;
		free(refs);
		return LK_EDAMAGE;
	}
	qsort(refs, *n, sizeof *refs, by_ref);
	*out = refs;
	return 0;
}

static int
copy_accounts(struct copying *c)
{
	uint32_t	*refs = NULL;
	size_t		 i, n;
	int		 r;

	r = lk_map_accounts(c->from, &refs, &n);
	for (i = 0; i < n && r == 0; i++)
		r = copy_account(c, refs[i]);
	free(refs);
	return r;
}

static int
copy_types(struct copying *c)
{
	char		 name[LK_NAME_MAX + 1];
	uint32_t	 ref;
	unsigned	 i, type;
	size_t		 n;
	int		 r;

	for (i = 0; i < LK_SLOT_TYPES; i++) {
		if (lk_word_value(lk_load(&c->from->types[i]), LK_SALT_TYPE,
		    &ref) != 0)
			return LK_EDAMAGE;
		if (ref == 0)
			return 0;
		if (lk_map_type(c->from, i, name, &n) != 1)
			return LK_EDAMAGE;
		if ((r = lk_map_have_type(c->to, name, &type)) != 0)
			return r;
	}
	return 0;
}

static int
copy_rest(struct copying *c, uint32_t *ref)
{
	unsigned char	 rest[LK_RECORD_MAX];
	size_t		 n;

	if (lk_map_record(c->from, *ref, LK_RECORD_REST, rest, sizeof rest,
	    &n) != 1)
		return LK_EDAMAGE;
	return lk_map_put_rest(c->to, rest, n, ref);
}

/* Where the way of its digest goes on at the first slot, a key may have moved
 * to one that was empty when it was passed: 1, and the copy lacks it. */
static int
find_passed(const struct copying *c, uint64_t i, struct lk_slot *s)
{
	uint64_t	 w[LK_SLOT_WORDS];
	uint32_t	 at;
	int		 r;

	if ((r = lk_map_digest(c->from, s->digest, w, &at)) != 1)
		return r == 0 ? 0 : LK_EDAMAGE;
	if (at > i)
		return 0;
	lk_slot_unpack(w, s);
	if ((r = lk_map_digest(c->to, s->digest, w, &at)) == -1)
		return LK_EDAMAGE;
	return r == 0;
}

static int
copy_slot(struct copying *c, uint64_t i, uint64_t offset)
{
	uint64_t	 w[LK_SLOT_WORDS];
	struct lk_place	 place;
	struct lk_slot	 s;
	uint32_t	 twin;
	int		 r;

	if ((r = lk_map_slot(c->from, i, w)) != 1)
		return r;
	lk_slot_unpack(w, &s);
	if (s.state == LK_SLOT_MOVED &&
	    (r = find_passed(c, i, &s)) != 1)
		return r;
	if (s.offset >= offset)
		return 0;
	if (s.account >= c->from->shape.units || c->refs[s.account] == 0)
		return LK_EDAMAGE;
	if (s.rest != 0 && (r = copy_rest(c, &s.rest)) != 0)
		return r;
	s.account = c->refs[s.account];
	if (lk_map_place(c->to, &s, &place, &twin) != 0 ||
	    lk_map_put(c->to, &s, &place) != 0)
		return LK_EDAMAGE;
	if (c->from->sure != NULL)
		c->to->sure[place.slot] = c->from->sure[i];
	return 0;
}

int
lk_map_copy(struct lk_map *to, const struct lk_map *from, uint64_t offset)
{
	struct copying	 c = { to, from, NULL };
	uint8_t		 was[LK_MAC_SIZE];
	uint64_t	 i;
	int		 r = LK_ENOMEM;

	c.refs = calloc(from->shape.units, sizeof *c.refs);
	if (c.refs == NULL)
		return r;
	if (from->sure != NULL && (to->sure = calloc(to->shape.slots,
	    sizeof *to->sure)) == NULL)
		goto out;
	if (lk_map_was(from, was) == 1)
		lk_map_set_was(to, was);
	if ((r = copy_types(&c)) != 0 || (r = copy_accounts(&c)) != 0)
		goto out;
	for (i = 0; i < from->shape.slots && r == 0; i++)
		r = copy_slot(&c, i, offset);
	if (r == -1)
		r = LK_EDAMAGE;
out:
	free(c.refs);
	return r;
}
