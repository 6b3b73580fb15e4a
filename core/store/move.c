/*
 * move.c: a key whose end changes takes a new slot.
 *
 *	1 the new slot   2 the account's chain   3 its entry of ids
 *	4 the old slot is LK_SLOT_MOVED
 *
 * The new one lies behind the old one on the way of its digest, so a reader
 * meets one of them at any time.  Who is killed in between leaves both; the
 * line is read again before anything else is written, and each step that is
 * done already is found done.
 */
#include <string.h>

#include "index_inner.h"
#include "map_inner.h"

/* ------------------------------------------------------------------- maps */

/* Of a slot that has one; else none. */
static int
successor_of(const struct lk_map *m, const struct lk_slot *s,
    char out[LK_KEYID_LEN + 1])
{
	unsigned char	 rest[LK_RECORD_MAX];
	struct lk_rest	 head;
	size_t		 n, k;

	memset(out, 0, LK_KEYID_LEN + 1);
	if (!s->retired)
		return 0;
	if (lk_map_record(m, s->rest, LK_RECORD_REST, rest, sizeof rest,
	    &n) != 1 || lk_rest_head(rest, n, s->retired, &head, &k) != 0)
		return LK_EDAMAGE;
	memcpy(out, head.successor, LK_KEYID_LEN);
	return 0;
}

/* 1, 0, LK_EDAMAGE.  A key that is rotated again may end when it did. */
static int
is_same_end(const struct lk_map *m, const struct lk_slot *a,
    const struct lk_slot *b, const char *successor)
{
	char	 is[LK_KEYID_LEN + 1];

	if (a->expires != b->expires || a->retired != b->retired)
		return 0;
	if (successor_of(m, a, is) != 0)
		return LK_EDAMAGE;
	return strcmp(is, successor) == 0;
}

/*
 * On the way of a digest: the next slot of that key from *i on, n places at
 * most.  1 a slot that is not moved; 0 an empty one; LK_EDAMAGE.
 */
static int
next_slot(const struct lk_map *m, const struct lk_slot *s, uint64_t *i,
    uint64_t *n, struct lk_slot *is)
{
	uint64_t	 w[LK_SLOT_WORDS];
	int		 r;

	for (; *n > 0; --*n, *i = lk_next(*i, m->shape.slots)) {
		if ((r = lk_map_slot(m, *i, w)) != 1)
			return r == 0 ? 0 : LK_EDAMAGE;
		lk_slot_unpack(w, is);
		if (is->state != LK_SLOT_MOVED &&
		    memcmp(is->digest, s->digest, sizeof is->digest) == 0)
			return 1;
	}
	return LK_EDAMAGE;		/* it is never full                  */
}

static uint64_t
home(const struct lk_map *m, const struct lk_slot *s)
{
	uint64_t	 d;

	memcpy(&d, s->digest, sizeof d);
	return lk_home(d, m->shape.slots);
}

/* Where it goes: 1, it is there already; 0, a free one. */
static int
choose(const struct lk_map *m, const struct lk_slot *s, uint32_t old,
    uint32_t *at)
{
	uint64_t	 i = home(m, s), n = m->shape.slots;
	char		 by[LK_KEYID_LEN + 1];
	struct lk_slot	 is;
	int		 r, same;

	if ((r = successor_of(m, s, by)) != 0)
		return r;
	for (;;) {
		r = next_slot(m, s, &i, &n, &is);
		*at = (uint32_t)i;
		if (r != 1)
			return r;
		same = *at != old ? is_same_end(m, &is, s, by) : 0;
		if (same != 0)
			return same;
		i = lk_next(i, m->shape.slots);
		n--;
	}
}

/* No slot of the key but that one counts. */
static int
leave_others(struct lk_map *m, const struct lk_slot *s, uint32_t at)
{
	uint64_t	 i = home(m, s), n = m->shape.slots;
	struct lk_slot	 is;
	int		 r;

	while ((r = next_slot(m, s, &i, &n, &is)) == 1) {
		if (i != at && lk_map_set_state(m, (uint32_t)i,
		    LK_SLOT_MOVED) != 0)
			return LK_EDAMAGE;
		i = lk_next(i, m->shape.slots);
		n--;
	}
	return r;
}

/* Let the entry of ids lead there. */
static int
lead(struct lk_map *m, const struct lk_slot *s, uint32_t at)
{
	uint64_t	 id[2], w[LK_SLOT_WORDS], hash, i, n, entry;
	uint32_t	 value;

	if (lk_slot_id(s->id, id) != 0)
		return LK_EDAMAGE;
	hash = lk_id_hash(id);
	i = lk_home(hash, m->shape.ids);
	for (n = m->shape.ids; n > 0; n--, i = lk_next(i, m->shape.ids)) {
		entry = lk_load(&m->ids[i]);
		if (lk_entry_value(entry, &value) != 1)
			return LK_EDAMAGE;
		if (!lk_entry_like(entry, hash))
			continue;
		if (lk_map_slot(m, value - 1, w) != 1)
			return LK_EDAMAGE;
		if (!lk_slot_is(w, id))
			continue;
		if (value != at + 1)
			lk_put(&m->ids[i], lk_entry_make(at + 1, hash));
		return 0;
	}
	return LK_EDAMAGE;
}

int
lk_map_move(struct lk_map *m, struct lk_slot *s, uint32_t old, uint32_t *at)
{
	int	 r;

	if ((r = choose(m, s, old, at)) < 0)
		return r;
	if (r == 0 && lk_map_fill(m, s, *at) != 0)
		return LK_EDAMAGE;
	lk_map_set_newest(m, s->account, *at + 1);
	if (lead(m, s, *at) != 0)
		return LK_EDAMAGE;
	return leave_others(m, s, *at);
}

/* ------------------------------------------------------------------ index */

/* not_before and networks as they were, and the successor that it has now. */
static int
put_rest(struct lk_map *m, const struct lk_ix_op *op, int was_retired,
    struct lk_slot *s)
{
	unsigned char	 was[LK_RECORD_MAX], rest[LK_RECORD_MAX];
	struct lk_rest	 head;
	size_t		 n = 0, k = 0;

	memset(&head, 0, sizeof head);
	if (s->rest != 0 && (lk_map_record(m, s->rest, LK_RECORD_REST, was,
	    sizeof was, &n) != 1 || lk_rest_head(was, n, was_retired, &head,
	    &k) != 0))
		return LK_EDAMAGE;
	memcpy(head.successor, op->successor, LK_KEYID_LEN);
	s->rest = 0;
	if (!s->retired && head.not_before == 0 && n == k)
		return 0;
	memcpy(rest, &head, lk_rest_size(s->retired));
	memcpy(rest + lk_rest_size(s->retired), was + k, n - k);
	return lk_map_put_rest(m, rest, lk_rest_size(s->retired) + n - k,
	    &s->rest);
}

/* The name is not in a slot that has a rest. */
static int
put_name(struct lk_map *m, struct lk_slot *s)
{
	char	 name[LK_ACCOUNT_MAX + 1];
	size_t	 n;

	if (s->rest != 0 || s->name_len != 0)
		return 0;
	if (lk_map_name(m, s->account, LK_RECORD_ACCOUNT, name,
	    sizeof name) != 1)
		return LK_EDAMAGE;
	if ((n = strlen(name)) > LK_SLOT_NAME)
		return 0;
	memcpy(s->name, name, n);
	s->name_len = (uint8_t)n;
	return 0;
}

int
lk_index_move(struct lk_index *ix, const struct lk_ix_op *op,
    const uint64_t w[LK_SLOT_WORDS], uint32_t *at)
{
	struct lk_map	*m = lk_index_map(ix);
	struct lk_slot	 s;
	int		 r, was_retired;
	uint32_t	 old = *at;

	lk_slot_unpack(w, &s);
	if ((r = is_same_end(m, &s, &op->key, op->successor)) < 0)
		return r;
	if (r == 1)
		return leave_others(m, &s, *at);
	was_retired = s.retired;
	s.expires = op->key.expires;
	s.retired = op->key.retired;
	if (put_rest(m, op, was_retired, &s) != 0 || put_name(m, &s) != 0)
		return LK_EDAMAGE;
	return lk_map_move(m, &s, old, at);
}
