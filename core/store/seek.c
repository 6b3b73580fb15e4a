/*
 * seek.c: look-ups in an index, and what they find.
 */
#include <stdlib.h>
#include <string.h>

#include "index_inner.h"
#include "map_inner.h"
#include "slot_text.h"

/* What a line that is not acknowledged says of it, or 0. */
static int
doubted(const struct lk_index *ix, const char *id)
{
	const struct lk_doubts	*d;
	size_t			 i;
	int			 state = 0;

	d = atomic_load_explicit(&ix->doubts, memory_order_acquire);
	for (i = 0; d != NULL && i < d->n; i++)
		if (memcmp(d->v[i].id, id, sizeof d->v[i].id) == 0 &&
		    state != LK_STATE_DELETED)
			state = d->v[i].state;
	return state;
}

static int
state_of(const struct lk_index *ix, int state, const char *id)
{
	int	 doubt = doubted(ix, id);

	if (state == LK_SLOT_DELETED || doubt == LK_STATE_DELETED)
		return LK_STATE_DELETED;
	if (state == LK_SLOT_DISABLED)
		return LK_STATE_DISABLED;
	/* A key that is unsure stays so: a deny would be one for good. */
	if (state == LK_SLOT_ACTIVE)
		return doubt != 0 ? doubt : LK_STATE_ACTIVE;
	return LK_STATE_UNSURE;
}

static int
fill_rest(const struct lk_map *m, uint32_t ref, struct lk_found *out)
{
	unsigned char	 rest[LK_RECORD_MAX];
	struct lk_rest	 head;
	size_t		 n, k;

	if (lk_map_record(m, ref, LK_RECORD_REST, rest, sizeof rest, &n) != 1 ||
	    lk_rest_head(rest, n, out->retired, &head, &k) != 0 ||
	    n - k > sizeof out->addresses)
		return -1;
	out->not_before = head.not_before;
	memcpy(out->successor, head.successor, LK_KEYID_LEN);
	memcpy(out->addresses, rest + k, n - k);
	out->naddresses = (n - k) / sizeof *out->addresses;
	return 1;
}

static inline int
fill_type(const struct lk_map *m, unsigned type, struct lk_found *out)
{
	if (type >= m->ncached)
		return lk_map_type(m, type, out->type, &out->type_len);
	out->type_len = m->cached[type].len;
	memcpy(out->type, m->cached[type].name, sizeof out->type);
	return 1;
}

/* A name that is not in the slot. */
static int
fill_account(const struct lk_map *m, struct lk_found *out)
{
	if (lk_map_name(m, out->place, LK_RECORD_ACCOUNT, out->account,
	    sizeof out->account) != 1)
		return -1;
	out->account_len = strlen(out->account);
	return 1;
}

/* A slot's key, and all that it leads to.  1, or -1. */
static inline int
fill(const struct lk_index *ix, const struct lk_map *m,
    const uint64_t w[LK_SLOT_WORDS], struct lk_found *out)
{
	uint32_t	 rest = lk_slot_rest(w);

	out->account_len = lk_slot_texts(w, out->key_id, out->account);
	/* A word each, as they were stored: one load of both would wait. */
	memcpy(out->digest, &w[0], sizeof w[0]);
	memcpy(out->digest + sizeof w[0], &w[1], sizeof w[1]);
	out->state = state_of(ix, lk_slot_state(w), out->key_id);
	out->created = lk_slot_created(w);
	out->expires = lk_slot_expires(w);
	out->not_before = 0;
	out->naddresses = 0;
	out->place = lk_slot_account(w);
	out->map = m;
	out->offset = lk_slot_offset(w);
	out->odd = lk_slot_odd(w);
	out->retired = lk_slot_retired(w);
	out->successor[0] = out->successor[LK_KEYID_LEN] = '\0';
	if (fill_type(m, lk_slot_type(w), out) != 1)
		return -1;
	if (out->account_len == 0 && fill_account(m, out) != 1)
		return -1;
	return rest == 0 ? 1 : fill_rest(m, rest, out);
}

/* A map that gave way to another one says -1 to everything. */
static int
again(const struct lk_index *ix, const struct lk_map *m, int r)
{
	return r == -1 && lk_index_now(ix) != m;
}

int
lk_index_digest(struct lk_index *ix, const uint8_t digest[LK_DIGEST_SIZE],
    struct lk_found *out)
{
	uint64_t	 w[LK_SLOT_WORDS];
	struct lk_map	*m;
	uint32_t	 at;
	int		 r;

	do {
		m = lk_index_now(ix);
		if ((r = lk_map_seek(m, digest, w, &at)) == 1)
			r = fill(ix, m, w, out);
	} while (again(ix, m, r));
	if (r == -1)
		atomic_store_explicit(&ix->spoilt, m->generation + 1,
		    memory_order_relaxed);
	return r == 0 && lk_index_lacks(ix) ? -1 : r;
}

int
lk_index_id(struct lk_index *ix, const char *id, size_t n,
    struct lk_found *out)
{
	uint64_t	 w[LK_SLOT_WORDS];
	struct lk_map	*m;
	uint32_t	 at;
	int		 r = 0;

	do {
		m = lk_index_now(ix);
		if (n == LK_KEYID_LEN && (r = lk_map_id(m, id, w, &at)) == 1)
			r = fill(ix, m, w, out);
	} while (again(ix, m, r));
	return r == 0 && lk_index_lacks(ix) ? -1 : r;
}

/* ---------------------------------------------------------------- accounts */

static int
package_of(const struct lk_map *m, uint32_t account,
    char out[LK_NAME_MAX + 1])
{
	uint32_t	 ref;

	out[0] = '\0';
	if (lk_map_package(m, account, &ref) != 0)
		return -1;
	if (ref == LK_MAP_GONE)
		return 0;
	return ref == 0 ? 1 : lk_map_name(m, ref, LK_RECORD_NAME, out,
	    LK_NAME_MAX + 1);
}

int
lk_index_package(struct lk_index *ix, const struct lk_found *key,
    char out[LK_NAME_MAX + 1])
{
	struct lk_map	*m = lk_index_now(ix);

	/* In another map another account may have its place. */
	if (key->map == m && package_of(m, key->place, out) == 1)
		return 1;
	return lk_index_account(ix, key->account, out) == 1 ? 1 : -1;
}

int
lk_index_account(struct lk_index *ix, const char *name,
    char package[LK_NAME_MAX + 1])
{
	struct lk_map	*m;
	uint32_t	 account;
	int		 r;

	do {
		m = lk_index_now(ix);
		r = lk_map_named(m, LK_RECORD_ACCOUNT, name, strlen(name),
		    &account);
		if (r == 1)
			r = package_of(m, account, package);
	} while (again(ix, m, r));
	return r;
}

/* ------------------------------------------------------------------ walks */

static int
walk_all(struct lk_index *ix, const struct lk_map *m, lk_index_fn fn,
    void *arg)
{
	uint64_t	 w[LK_SLOT_WORDS], i;
	struct lk_found	 key;
	int		 r = 0;

	for (i = 0; i < m->shape.slots && r == 0; i++) {
		r = lk_map_slot(m, i, w);
		if (r == 1 && lk_slot_state(w) != LK_SLOT_MOVED)
			r = fill(ix, m, w, &key) == 1 ? fn(arg, &key) : -1;
		else if (r == 1)
			r = 0;
	}
	return r;
}

/* A key moved, to a slot in front of where the walk began: 1 and its words; 0,
 * it was met. */
static int
find_missed(const struct lk_map *m, uint32_t from, uint32_t to,
    uint64_t w[LK_SLOT_WORDS])
{
	uint64_t	 x[LK_SLOT_WORDS], left = m->shape.slots;
	uint32_t	 newest, at;

	if (lk_map_newest(m, lk_slot_account(w), &newest) != 0)
		return -1;
	if (newest == from)
		return 0;
	if (lk_map_digest(m, w, w, &at) != 1)
		return -1;
	for (; from != to; from = (uint32_t)(x[6] >> 32)) {
		if (from == at + 1)
			return 0;
		if (left-- == 0 || lk_map_slot(m, from - 1, x) != 1)
			return -1;
	}
	return 1;
}

/* Of the walk's slot at, plus 1. */
static int
tell_slot(struct lk_index *ix, const struct lk_map *m, uint32_t from,
    uint32_t at, uint64_t w[LK_SLOT_WORDS], lk_index_fn fn, void *arg)
{
	struct lk_found	 key;
	int		 r;

	if (lk_slot_state(w) == LK_SLOT_MOVED &&
	    (r = find_missed(m, from, at, w)) != 1)
		return r;
	return fill(ix, m, w, &key) == 1 ? fn(arg, &key) : -1;
}

/* From the newest slot of an account to its oldest. */
static int
walk_chain(struct lk_index *ix, const struct lk_map *m, uint32_t at,
    lk_index_fn fn, void *arg)
{
	uint64_t	 w[LK_SLOT_WORDS], left = m->shape.slots;
	uint32_t	 from = at, next;
	int		 r = 0;

	for (; at != 0 && r == 0; at = next) {
		if (left-- == 0 || lk_map_slot(m, at - 1, w) != 1)
			return -1;
		next = (uint32_t)(w[6] >> 32);
		r = tell_slot(ix, m, from, at, w, fn, arg);
	}
	return r;
}

int
lk_index_walk(struct lk_index *ix, const char *account, lk_index_fn fn,
    void *arg)
{
	const struct lk_map	*m = lk_index_now(ix);
	uint32_t		 ref, at;
	int			 r;

	if (account == NULL)
		return walk_all(ix, m, fn, arg);
	r = lk_map_named(m, LK_RECORD_ACCOUNT, account, strlen(account), &ref);
	if (r != 1)
		return r;
	if (lk_map_newest(m, ref, &at) != 0)
		return -1;
	return walk_chain(ix, m, at, fn, arg);
}

int
lk_index_walk_accounts(struct lk_index *ix, lk_index_account_fn fn, void *arg)
{
	const struct lk_map	*m = lk_index_now(ix);
	char			 name[LK_ACCOUNT_MAX + 1];
	uint32_t		*refs = NULL;
	size_t			 i, n;
	int			 r;

	r = lk_map_accounts(m, &refs, &n);
	for (i = 0; i < n && r == 0; i++)
		r = lk_map_name(m, refs[i], LK_RECORD_ACCOUNT, name,
		    sizeof name) == 1 ? fn(arg, name) : -1;
	free(refs);
	return r == LK_EDAMAGE ? -1 : r;
}
