/*
 * find.c: look-ups in a map, by whoever reads it.
 */
#include <stdlib.h>
#include <string.h>

#include "map_inner.h"

#define NEARBY		4		/* entries; most are among them      */

int
lk_map_slot(const struct lk_map *m, uint64_t at, uint64_t w[LK_SLOT_WORDS])
{
	if (at >= m->shape.slots)
		return -1;
	return lk_slot_read(&m->slots[at * LK_SLOT_WORDS], w);
}

/* Half of the keys are one slot further on. */
void
lk_map_expect(const struct lk_map *m, const void *digest)
{
	const _Atomic uint64_t	*slot;
	uint64_t		 d;

	memcpy(&d, digest, sizeof d);
	slot = &m->slots[lk_home(d, m->shape.slots) * LK_SLOT_WORDS];
	__builtin_prefetch((const void *)(uintptr_t)slot);
	__builtin_prefetch((const void *)(uintptr_t)(slot + LK_SLOT_WORDS));
}

void
lk_map_expect_account(const struct lk_map *m, uint32_t account)
{
	__builtin_prefetch((const void *)(uintptr_t)lk_record_at(m, account));
}

void
lk_map_expect_id(const struct lk_map *m, const char *id)
{
	const _Atomic uint64_t	*entry;
	uint64_t		 want[2];

	if (lk_slot_id(id, want) != 0)
		return;
	entry = &m->ids[lk_home(lk_id_hash(want), m->shape.ids)];
	__builtin_prefetch((const void *)(uintptr_t)entry);
}

uint64_t
lk_map_expect_name(const struct lk_map *m, const char *account, size_t n)
{
	uint64_t	 hash = lk_name_hash(LK_RECORD_ACCOUNT, account, n);

	__builtin_prefetch((const void *)(uintptr_t)&m->names[lk_home(hash,
	    m->shape.names)]);
	return hash;
}

void
lk_map_expect_led(const struct lk_map *m, uint64_t hash)
{
	uint64_t	 i = lk_home(hash, m->shape.names), entry;
	uint32_t	 ref = 0;
	unsigned	 n;

	if (i + NEARBY > m->shape.names)
		return;
	/* All of them: where the loop ends can then be foreseen. */
	for (n = 0; n < NEARBY; n++) {
		entry = lk_load(&m->names[i + n]);
		ref = lk_entry_like(entry, hash) ? (uint32_t)entry : ref;
	}
	lk_map_expect_account(m, ref);
}

int
lk_map_digest(const struct lk_map *m, const void *digest,
    uint64_t w[LK_SLOT_WORDS], uint32_t *at)
{
	return lk_map_seek(m, digest, w, at);
}

/* Is it the slot that an entry of ids leads to? */
static int
judge_id(const struct lk_map *m, uint32_t value, const uint64_t id[2],
    uint64_t w[LK_SLOT_WORDS])
{
	if (lk_map_slot(m, value - 1, w) != 1)
		return -1;
	return lk_slot_is(w, id);
}

/* What the entry leads to now that its slot is another one. */
static int
follow(const struct lk_map *m, uint64_t i, uint32_t *value,
    const uint64_t id[2], uint64_t w[LK_SLOT_WORDS])
{
	uint32_t	 was = *value;

	if (lk_entry_value(lk_load(&m->ids[i]), value) != 1 || *value == was)
		return -1;
	return judge_id(m, *value, id, w);
}

int
lk_map_id(const struct lk_map *m, const char *id, uint64_t w[LK_SLOT_WORDS],
    uint32_t *at)
{
	uint64_t	 want[2], hash, i, n, entry;
	uint32_t	 value;
	int		 r;

	if (lk_slot_id(id, want) != 0)
		return 0;
	hash = lk_id_hash(want);
	i = lk_home(hash, m->shape.ids);
	for (n = m->shape.ids; n > 0; n--, i = lk_next(i, m->shape.ids)) {
		entry = lk_load(&m->ids[i]);
		if ((r = lk_entry_value(entry, &value)) != 1)
			return r;
		if (!lk_entry_like(entry, hash))
			continue;
		r = judge_id(m, value, want, w);
		/* It moved between the two looks: its entry leads on. */
		while (r == 1 && lk_slot_state(w) == LK_SLOT_MOVED)
			r = follow(m, i, &value, want, w);
		if (r != 0) {
			*at = value - 1;
			return r;
		}
	}
	return -1;
}

/* ---------------------------------------------------------------- records */

int
lk_map_record(const struct lk_map *m, uint32_t ref, enum lk_record_kind kind,
    void *p, size_t size, size_t *n)
{
	const unsigned char	*from;
	_Atomic uint64_t	*rec;
	uint64_t		 head;

	if ((rec = lk_record_at(m, ref)) == NULL)
		return -1;
	head = lk_load(rec);
	*n = head & 0xffff;
	from = m->base + m->at_heap + (uint64_t)ref * LK_MAP_UNIT +
	    lk_record_words(kind) * sizeof *rec;
	if (*n > size || (size_t)(m->base + m->size - from) < *n)
		return -1;
	memcpy(p, from, *n);
	return head == lk_record_head(kind, ref, p, *n) ? 1 : -1;
}

int
lk_map_name(const struct lk_map *m, uint32_t ref, enum lk_record_kind kind,
    char *out, size_t size)
{
	size_t	 n;

	if (lk_map_record(m, ref, kind, out, size - 1, &n) != 1)
		return -1;
	out[n] = '\0';
	return 1;
}

/* The kind of a sound record, or -1; its octets are in p. */
static int
any_record(const struct lk_map *m, uint32_t ref, void *p, size_t size,
    size_t *n)
{
	_Atomic uint64_t	*rec = lk_record_at(m, ref);
	int			 kind;

	if (rec == NULL)
		return -1;
	kind = (int)(lk_load(rec) >> 16 & 0xff);
	if (kind < LK_RECORD_ACCOUNT || kind > LK_RECORD_REST)
		return -1;
	return lk_map_record(m, ref, (enum lk_record_kind)kind, p, size,
	    n) == 1 ? kind : -1;
}

/* Is it the record of that name? */
static int
judge_name(const struct lk_map *m, uint32_t ref, enum lk_record_kind kind,
    const char *name, size_t n)
{
	char	 is[LK_RECORD_MAX];
	size_t	 k;
	int	 has;

	if ((has = any_record(m, ref, is, sizeof is, &k)) == -1)
		return -1;
	return has == (int)kind && k == n && memcmp(is, name, n) == 0;
}

int
lk_map_named(const struct lk_map *m, enum lk_record_kind kind,
    const char *name, size_t n, uint32_t *ref)
{
	uint64_t	 hash = lk_name_hash(kind, name, n), i, k, entry;
	int		 r;

	i = lk_home(hash, m->shape.names);
	for (k = m->shape.names; k > 0; k--, i = lk_next(i, m->shape.names)) {
		entry = lk_load(&m->names[i]);
		if ((r = lk_entry_value(entry, ref)) != 1)
			return r;
		if (!lk_entry_like(entry, hash))
			continue;
		if ((r = judge_name(m, *ref, kind, name, n)) != 0)
			return r;
	}
	return -1;
}

static int
type_name(const struct lk_map *m, unsigned type, char out[LK_NAME_MAX + 1],
    size_t *len)
{
	uint32_t	 ref;

	if (type >= LK_SLOT_TYPES || lk_word_value(lk_load(&m->types[type]),
	    LK_SALT_TYPE, &ref) != 0)
		return -1;
	if (lk_map_name(m, ref, LK_RECORD_NAME, out, LK_NAME_MAX + 1) != 1)
		return -1;
	*len = strlen(out);
	return 1;
}

int
lk_map_type(const struct lk_map *m, unsigned type, char out[LK_NAME_MAX + 1],
    size_t *len)
{
	if (type >= m->ncached) {
		memset(out, 0, LK_NAME_MAX + 1);
		return type_name(m, type, out, len);
	}
	*len = m->cached[type].len;
	memcpy(out, m->cached[type].name, LK_NAME_MAX + 1);
	return 1;
}

void
lk_map_cache(struct lk_map *m)
{
	struct lk_type_name	*t, *p;

	for (;; m->ncached++) {
		p = reallocarray(m->cached, m->ncached + 1, sizeof *p);
		if (p == NULL)
			return;
		m->cached = p;
		t = &p[m->ncached];
		memset(t, 0, sizeof *t);	/* behind the name as well   */
		if (type_name(m, m->ncached, t->name, &t->len) != 1)
			return;
	}
}

static int
account_word(const struct lk_map *m, uint32_t account, unsigned word,
    uint32_t salt, uint32_t *value)
{
	_Atomic uint64_t	*rec = lk_record_at(m, account);

	if (rec == NULL)
		return -1;
	return lk_word_value(lk_load(&rec[word]), salt ^ account << 8, value);
}

int
lk_map_newest(const struct lk_map *m, uint32_t account, uint32_t *at)
{
	return account_word(m, account, 1, LK_SALT_NEWEST, at);
}

int
lk_map_package(const struct lk_map *m, uint32_t account, uint32_t *ref)
{
	return account_word(m, account, 2, LK_SALT_PACKAGE, ref);
}

int
lk_map_entry_account(const struct lk_map *m, uint64_t i, uint32_t *ref)
{
	char	 name[LK_RECORD_MAX];
	size_t	 n;
	int	 r;

	if ((r = lk_entry_value(lk_load(&m->names[i]), ref)) != 1)
		return r;
	if ((r = any_record(m, *ref, name, sizeof name, &n)) == -1)
		return -1;
	return r == LK_RECORD_ACCOUNT;
}
