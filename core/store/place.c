/*
 * place.c: writing to a map, by the one thread that may.
 *
 * What others can reach is whole: a record before the entry that leads to it,
 * a slot by its last word.  Who is killed in between leaves a record or a slot
 * that nothing leads to.
 */
#include <string.h>

#include "map_inner.h"

/* ---------------------------------------------------------------- records */

/* One more of what a word of the header counts. */
static int
count_one(struct lk_map *m, enum lk_map_word w)
{
	uint32_t	 n;

	if (lk_map_get(m, w, &n) != 0)
		return LK_EDAMAGE;
	lk_map_set(m, w, n + 1);
	return 0;
}

/* Room for a record of so many octets in all; 0: none. */
static uint32_t
take_units(struct lk_map *m, size_t octets)
{
	uint64_t	 units = (octets + LK_MAP_UNIT - 1) / LK_MAP_UNIT;
	uint32_t	 at;

	if (lk_map_get(m, LK_MAP_UNITS, &at) != 0 || at == 0)
		return 0;
	if (units == 2 && at % 2 == 1)
		at++;			/* not across two cache lines        */
	if (at + units > m->shape.units)
		return 0;
	lk_map_set(m, LK_MAP_UNITS, (uint32_t)(at + units));
	return at;
}

static int
put_record(struct lk_map *m, enum lk_record_kind kind, const void *p, size_t n,
    uint32_t *ref)
{
	unsigned		 words = lk_record_words(kind);
	_Atomic uint64_t	*rec;

	*ref = take_units(m, words * sizeof(uint64_t) + n);
	if (n > LK_RECORD_MAX || (rec = lk_record_at(m, *ref)) == NULL)
		return LK_EDAMAGE;
	memcpy(rec + words, p, n);
	if (kind == LK_RECORD_ACCOUNT) {
		lk_put(&rec[1], lk_word_make(0, LK_SALT_NEWEST ^ *ref << 8));
		lk_put(&rec[2], lk_word_make(0, LK_SALT_PACKAGE ^ *ref << 8));
	}
	lk_put(rec, lk_record_head(kind, *ref, p, n));
	return 0;
}

int
lk_map_put_rest(struct lk_map *m, const void *p, size_t n, uint32_t *ref)
{
	return put_record(m, LK_RECORD_REST, p, n, ref);
}

/* ---------------------------------------------------------------- entries */

static int
put_entry(_Atomic uint64_t *table, uint64_t n, uint32_t value, uint64_t hash)
{
	uint64_t	 i = lk_home(hash, n), k;
	uint32_t	 is;
	int		 r;

	for (k = n; k > 0; k--, i = lk_next(i, n)) {
		if ((r = lk_entry_value(lk_load(&table[i]), &is)) == -1)
			return LK_EDAMAGE;
		if (r == 0) {
			lk_put(&table[i], lk_entry_make(value, hash));
			return 0;
		}
	}
	return LK_EDAMAGE;
}

static int
have_named(struct lk_map *m, enum lk_record_kind kind, const char *name,
    uint32_t *ref)
{
	size_t	 n = strlen(name);
	int	 r;

	if ((r = lk_map_named(m, kind, name, n, ref)) == 1)
		return 0;
	if (r == -1 || (r = put_record(m, kind, name, n, ref)) != 0)
		return LK_EDAMAGE;
	if (count_one(m, LK_MAP_NAMES) != 0)
		return LK_EDAMAGE;
	return put_entry(m->names, m->shape.names, *ref,
	    lk_name_hash(kind, name, n));
}

int
lk_map_have_type(struct lk_map *m, const char *name, unsigned *type)
{
	char		 is[LK_RECORD_MAX];
	uint32_t	 ref;
	int		 r;

	for (*type = 0; *type < m->ncached; (*type)++)
		if (strcmp(m->cached[*type].name, name) == 0)
			return 0;
	for (; *type < LK_SLOT_TYPES; (*type)++) {
		if (lk_word_value(lk_load(&m->types[*type]), LK_SALT_TYPE,
		    &ref) != 0)
			return LK_EDAMAGE;
		if (ref == 0)
			break;
		if (lk_map_name(m, ref, LK_RECORD_NAME, is, sizeof is) != 1)
			return LK_EDAMAGE;
		if (strcmp(is, name) == 0)
			return 0;
	}
	if (*type == LK_SLOT_TYPES)
		return 0;
	if ((r = have_named(m, LK_RECORD_NAME, name, &ref)) == 0)
		lk_put(&m->types[*type], lk_word_make(ref, LK_SALT_TYPE));
	return r;
}

static void
put_word(struct lk_map *m, uint32_t account, unsigned word, uint32_t salt,
    uint32_t value)
{
	lk_put(&lk_record_at(m, account)[word],
	    lk_word_make(value, salt ^ account << 8));
}

void
lk_map_set_newest(struct lk_map *m, uint32_t account, uint32_t value)
{
	put_word(m, account, 1, LK_SALT_NEWEST, value);
}

int
lk_map_have_account(struct lk_map *m, const char *name, uint32_t *ref)
{
	uint32_t	 package;
	int		 r;

	if ((r = have_named(m, LK_RECORD_ACCOUNT, name, ref)) != 0)
		return r;
	if (lk_map_package(m, *ref, &package) != 0)
		return LK_EDAMAGE;
	if (package == LK_MAP_GONE)
		put_word(m, *ref, 2, LK_SALT_PACKAGE, 0);
	return 0;
}

void
lk_map_forget_account(struct lk_map *m, uint32_t account)
{
	put_word(m, account, 2, LK_SALT_PACKAGE, LK_MAP_GONE);
}

int
lk_map_set_package(struct lk_map *m, uint32_t account, const char *name)
{
	uint32_t	 ref = 0;
	int		 r = 0;

	if (*name != '\0')
		r = have_named(m, LK_RECORD_NAME, name, &ref);
	if (r == 0)
		put_word(m, account, 2, LK_SALT_PACKAGE, ref);
	return r;
}

/* ------------------------------------------------------------------ slots */

/* A key was found at a slot: 0 and *there, it is this one, since somebody was
 * killed while he put it there; 1 and *at, it is another. */
static int
judge_found(const struct lk_slot *s, const uint64_t w[LK_SLOT_WORDS],
    uint32_t slot, int *there, uint32_t *at)
{
	*at = slot;
	*there = lk_slot_offset(w) == s->offset;
	return !*there;
}

static int
place_slot(const struct lk_map *m, const struct lk_slot *s,
    struct lk_place *p, uint32_t *at)
{
	uint64_t	 d[2], w[LK_SLOT_WORDS], i, k;
	int		 r;

	memcpy(d, s->digest, sizeof d);
	i = lk_home(d[0], m->shape.slots);
	for (k = m->shape.slots; k > 0; k--) {
		p->slot = (uint32_t)i;
		if ((r = lk_map_slot(m, i, w)) != 1)
			return r;
		if (w[0] == d[0] && w[1] == d[1] &&
		    lk_slot_state(w) != LK_SLOT_MOVED)
			return judge_found(s, w, p->slot, &p->there, at);
		i = lk_next(i, m->shape.slots);
	}
	return -1;
}

static int
place_id(const struct lk_map *m, const struct lk_slot *s, struct lk_place *p,
    uint32_t *at)
{
	uint64_t	 id[2], w[LK_SLOT_WORDS], entry, k, n = m->shape.ids;
	uint32_t	 value;
	int		 r;

	if (lk_slot_id(s->id, id) != 0)
		return -1;
	p->hash = lk_id_hash(id);
	p->entry = lk_home(p->hash, n);
	for (k = n; k > 0; k--, p->entry = lk_next(p->entry, n)) {
		entry = lk_load(&m->ids[p->entry]);
		if ((r = lk_entry_value(entry, &value)) != 1)
			return r;
		if (!lk_entry_like(entry, p->hash))
			continue;
		if (lk_map_slot(m, value - 1, w) != 1)
			return -1;
		if (lk_slot_is(w, id))
			return judge_found(s, w, value - 1, &p->named, at);
	}
	return -1;
}

int
lk_map_place(const struct lk_map *m, const struct lk_slot *s,
    struct lk_place *p, uint32_t *twin)
{
	uint32_t	 named = 0;
	int		 r;

	p->there = p->named = 0;
	if ((r = place_id(m, s, p, &named)) != 0) {
		*twin = named;
		return r;
	}
	if ((r = place_slot(m, s, p, twin)) != 0)
		return r;
	/* Two slots may be of it: somebody was killed while it moved. */
	return p->named && !p->there ? -1 : 0;
}

static int
lives(int state)
{
	return state != LK_SLOT_DELETED && state != LK_SLOT_MOVED;
}

/* One that cannot be read stays so: it says nothing of what lives. */
static void
count_off(struct lk_map *m, enum lk_map_word w)
{
	uint32_t	 n;

	if (lk_map_get(m, w, &n) == 0 && n > 0)
		lk_map_set(m, w, n - 1);
}

/* It is counted before it is there. */
int
lk_map_fill(struct lk_map *m, struct lk_slot *s, uint32_t at)
{
	uint64_t	 w[LK_SLOT_WORDS];

	if (lk_map_newest(m, s->account, &s->prev) != 0 ||
	    lk_slot_pack(s, w) != 0 ||
	    (lives(s->state) && count_one(m, lk_map_word_of(s->odd)) != 0))
		return LK_EDAMAGE;
	lk_slot_write(&m->slots[(uint64_t)at * LK_SLOT_WORDS], w);
	return count_one(m, LK_MAP_KEYS);
}

int
lk_map_put(struct lk_map *m, struct lk_slot *s, const struct lk_place *p)
{
	if (!p->there && lk_map_fill(m, s, p->slot) != 0)
		return LK_EDAMAGE;
	/* Lines come in one order, whoever puts them there: the chain of slots
	 * that are there already is what it would be. */
	lk_map_set_newest(m, s->account, p->slot + 1);
	if (!p->named)
		lk_put(&m->ids[p->entry], lk_entry_make(p->slot + 1, p->hash));
	return 0;
}

int
lk_map_set_state(struct lk_map *m, uint32_t at, int state)
{
	uint64_t	 w[LK_SLOT_WORDS];
	int		 is;

	if (lk_map_slot(m, at, w) != 1)
		return LK_EDAMAGE;
	if ((is = lk_slot_state(w)) == state)
		return 0;
	/* To end a key takes no count: one that is lost keeps nothing alive. */
	if (!lives(is) && lives(state))
		(void)count_one(m, lk_map_word_of(lk_slot_odd(w)));
	lk_put(&m->slots[(uint64_t)at * LK_SLOT_WORDS + 7],
	    lk_slot_last(w, state));
	if (lives(is) && !lives(state))
		count_off(m, lk_map_word_of(lk_slot_odd(w)));
	return 0;
}

/* Deleted is for good, and what is unsure stays an error. */
int
lk_map_end(struct lk_map *m, const struct lk_end *end)
{
	uint64_t	 w[LK_SLOT_WORDS];
	uint32_t	 at;
	int		 r, is;

	if ((r = lk_map_id(m, end->id, w, &at)) != 1)
		return r == 0 ? 0 : LK_EDAMAGE;
	is = lk_slot_state(w);
	if (is == LK_SLOT_DELETED ||
	    (end->state != LK_SLOT_DELETED && is != LK_SLOT_ACTIVE))
		return 0;
	return lk_map_set_state(m, at, end->state);
}
