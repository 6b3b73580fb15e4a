#include <stdlib.h>
#include <string.h>

#include "index_inner.h"

#define DOUBT_BITS	8		/* of a state, in lk_ix_key.doubt    */

static uint64_t
digest_word(const void *digest)
{
	uint64_t	 h;

	memcpy(&h, digest, sizeof h);	/* it is an HMAC: as good as random  */
	return h;
}

static uint64_t
digest_hash(const void *item)
{
	return digest_word(((const struct lk_ix_key *)item)->digest);
}

static int
digest_is(const void *item, const void *key, size_t n)
{
	return memcmp(((const struct lk_ix_key *)item)->digest, key, n) == 0;
}

static uint64_t
id_hash(const void *item)
{
	return lk_table_hash(((const struct lk_ix_key *)item)->id,
	    LK_KEYID_LEN);
}

static int
id_is(const void *item, const void *key, size_t n)
{
	return memcmp(((const struct lk_ix_key *)item)->id, key, n) == 0;
}

static uint64_t
account_hash(const void *item)
{
	const struct lk_ix_account	*a = item;

	return lk_table_hash(a->name, a->name_len);
}

static int
account_is(const void *item, const void *key, size_t n)
{
	const struct lk_ix_account	*a = item;

	return a->name_len == n && memcmp(a->name, key, n) == 0;
}

int
lk_index_new(struct lk_index **out)
{
	struct lk_index	*ix;

	if ((ix = calloc(1, sizeof *ix)) == NULL)
		return LK_ENOMEM;
	ix->digests.hash = digest_hash;
	ix->digests.is = digest_is;
	ix->ids.hash = id_hash;
	ix->ids.is = id_is;
	ix->accounts.hash = account_hash;
	ix->accounts.is = account_is;
	*out = ix;
	return 0;
}

void
lk_index_free(struct lk_index **ixp)
{
	struct lk_index	*ix = *ixp;

	*ixp = NULL;
	if (ix == NULL)
		return;
	lk_table_free(&ix->digests);
	lk_table_free(&ix->ids);
	lk_table_free(&ix->accounts);
	lk_arena_free(&ix->arena);
	free(ix->ops);
	free(ix);
}

struct lk_ix_key *
lk_index_digest(struct lk_index *ix, const uint8_t digest[LK_DIGEST_SIZE])
{
	return lk_table_find(&ix->digests, digest_word(digest), digest,
	    LK_DIGEST_SIZE);
}

struct lk_ix_key *
lk_index_id(struct lk_index *ix, const char *id, size_t n)
{
	if (n != LK_KEYID_LEN)
		return NULL;
	return lk_table_find(&ix->ids, lk_table_hash(id, n), id, n);
}

struct lk_ix_account *
lk_index_account(struct lk_index *ix, const char *name)
{
	size_t	 n = strlen(name);

	return lk_table_find(&ix->accounts, lk_table_hash(name, n), name, n);
}

struct lk_ix_key *
lk_index_first(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->first, memory_order_acquire);
}

struct lk_ix_account *
lk_index_first_account(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->first_account, memory_order_acquire);
}

unsigned
lk_index_damage(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->damage, memory_order_acquire);
}

int
lk_index_lacks(struct lk_index *ix)
{
	return lk_index_damage(ix) > 0 ||
	    atomic_load_explicit(&ix->newer, memory_order_acquire);
}

/* What a line that is not acknowledged says of it, or 0. */
static int
doubted(struct lk_index *ix, struct lk_ix_key *k)
{
	uint64_t	 doubt;

	doubt = atomic_load_explicit(&k->doubt, memory_order_acquire);
	if (doubt >> DOUBT_BITS <= atomic_load_explicit(&ix->doubts,
	    memory_order_acquire))
		return 0;
	return (int)(doubt & ((1 << DOUBT_BITS) - 1));
}

int
lk_index_state(struct lk_index *ix, struct lk_ix_key *k)
{
	unsigned	 sure;
	int		 state, doubt = doubted(ix, k);

	/* The writer stores them the other way round. */
	sure = atomic_load_explicit(&k->sure, memory_order_acquire);
	state = atomic_load_explicit(&k->state, memory_order_acquire);
	if (state == LK_STATE_DELETED || doubt == LK_STATE_DELETED)
		return LK_STATE_DELETED;
	if (sure != lk_index_damage(ix))
		return LK_STATE_UNSURE;
	/* A key that is unsure stays so: a deny would be one for good. */
	return state == LK_STATE_ACTIVE && doubt != 0 ? doubt : state;
}

int64_t
lk_index_time(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->time, memory_order_relaxed);
}

static void
list_account(struct lk_index *ix, struct lk_ix_account *a)
{
	if (a->listed)
		return;
	a->listed = 1;
	if (ix->last_account == NULL)
		atomic_store_explicit(&ix->first_account, a,
		    memory_order_release);
	else
		atomic_store_explicit(&ix->last_account->next, a,
		    memory_order_release);
	ix->last_account = a;
}

static void
publish_key(struct lk_index *ix, struct lk_ix_key *k)
{
	struct lk_ix_account	*a = k->account;

	atomic_init(&k->sure, ix->sure);
	list_account(ix, a);
	if (a->last == NULL)
		atomic_store_explicit(&a->first, k, memory_order_release);
	else
		atomic_store_explicit(&a->last->next_owned, k,
		    memory_order_release);
	a->last = k;
	if (ix->last == NULL)
		atomic_store_explicit(&ix->first, k, memory_order_release);
	else
		atomic_store_explicit(&ix->last->next, k,
		    memory_order_release);
	ix->last = k;
	lk_table_add(&ix->ids, k);
	lk_table_add(&ix->digests, k);
}

static void
set_state(struct lk_index *ix, struct lk_ix_key *k, int state)
{
	atomic_store_explicit(&k->state, state, memory_order_release);
	atomic_store_explicit(&k->sure, ix->sure, memory_order_release);
}

static int
state_of(struct lk_ix_key *k)
{
	return atomic_load_explicit(&k->state, memory_order_relaxed);
}

static void
set_deleted(struct lk_index *ix, struct lk_ix_key *k, int64_t when)
{
	if (state_of(k) == LK_STATE_DELETED)
		return;
	atomic_store_explicit(&k->deleted, when, memory_order_relaxed);
	set_state(ix, k, LK_STATE_DELETED);
}

/* Deleted is for good; after an event that is not known only delete counts. */
static void
change_key(struct lk_index *ix, struct lk_ix_key *k, enum lk_event_kind kind,
    int64_t when)
{
	if (kind == LK_EVENT_DELETE) {
		set_deleted(ix, k, when);
		return;
	}
	if (kind == LK_EVENT_UNKNOWN)
		k->unknown_event = 1;
	if (state_of(k) == LK_STATE_DELETED)
		return;
	if (k->unknown_event)
		set_state(ix, k, LK_STATE_UNSURE);
	else if (kind == LK_EVENT_DISABLE)
		set_state(ix, k, LK_STATE_DISABLED);
	else if (kind == LK_EVENT_ENABLE)
		set_state(ix, k, LK_STATE_ACTIVE);
}

static int
apply_generate(struct lk_index *ix, struct lk_ix_key *k)
{
	struct lk_ix_key	*twin;

	if ((twin = lk_index_id(ix, k->id, LK_KEYID_LEN)) == NULL)
		twin = lk_index_digest(ix, k->digest);
	if (twin != NULL) {
		set_state(ix, twin, LK_STATE_UNSURE);
		return LK_EDAMAGE;
	}
	publish_key(ix, k);
	return 0;
}

/* All that publishing may have no memory for. */
static int
make_room(struct lk_index *ix)
{
	if (lk_table_reserve(&ix->ids, ix->nkeys) != 0 ||
	    lk_table_reserve(&ix->digests, ix->nkeys) != 0)
		return LK_ENOMEM;
	return lk_index_end_nets(ix);
}

static int
apply_op(struct lk_index *ix, const struct lk_ix_op *op)
{
	if (op->kind == LK_EVENT_GENERATE)
		return apply_generate(ix, op->key);
	if (op->kind == LK_EVENT_ACCOUNT) {
		list_account(ix, op->account);
		atomic_store_explicit(&op->account->package, op->package,
		    memory_order_release);
	} else
		change_key(ix, op->key, op->kind, op->when);
	return 0;
}

static int
apply(struct lk_index *ix, int64_t time)
{
	size_t	 i;
	int	 r = 0;

	/* First this: a miss must not read as *not there* meanwhile. */
	if (ix->staged_newer)
		atomic_store_explicit(&ix->newer, 1, memory_order_release);
	for (i = 0; i < ix->nops; i++)
		if (apply_op(ix, &ix->ops[i]) != 0)
			r = LK_EDAMAGE;
	if (time > lk_index_time(ix))
		atomic_store_explicit(&ix->time, time, memory_order_relaxed);
	lk_index_discard(ix);
	return r;
}

int
lk_index_publish(struct lk_index *ix, int64_t time)
{
	if (make_room(ix) != 0)
		return LK_ENOMEM;
	return apply(ix, time);
}

void
lk_index_discard(struct lk_index *ix)
{
	ix->nops = ix->nkeys = ix->nnets = 0;
	ix->staged_newer = 0;
}

int
lk_index_fault(struct lk_index *ix, int64_t time)
{
	unsigned	 damage;

	if (make_room(ix) != 0)
		return LK_ENOMEM;
	damage = atomic_fetch_add_explicit(&ix->damage, 1,
	    memory_order_acq_rel);
	/* With the count before it: nothing of it was ever sure. */
	(void)apply(ix, time);
	ix->sure = damage + 1;
	return 0;
}

/* Of this renewal and the next, so that none is forgotten in between. */
void
lk_index_doubt(struct lk_index *ix, const char *id, int state)
{
	struct lk_ix_key	*k = lk_index_id(ix, id, strlen(id));
	uint64_t		 until, deleted;

	until = atomic_load_explicit(&ix->doubts, memory_order_relaxed) + 2;
	until <<= DOUBT_BITS;
	deleted = until | LK_STATE_DELETED;
	if (k != NULL && atomic_load_explicit(&k->doubt,
	    memory_order_relaxed) != deleted)
		atomic_store_explicit(&k->doubt, until | (unsigned)state,
		    memory_order_release);
}

void
lk_index_doubts_renew(struct lk_index *ix)
{
	atomic_fetch_add_explicit(&ix->doubts, 1, memory_order_acq_rel);
}

void
lk_index_delete(struct lk_index *ix, const char *id, int64_t when)
{
	struct lk_ix_key	*k = lk_index_id(ix, id, strlen(id));

	if (k != NULL)
		set_deleted(ix, k, when);
}
