#include <stdlib.h>
#include <string.h>

#include "index_inner.h"

#define AHEAD	8			/* operations                        */

struct lk_map *
lk_index_map(const struct lk_index *ix)
{
	return lk_index_now(ix);
}

int
lk_index_new(struct lk_index **out)
{
	struct lk_index	*ix;
	struct lk_map	*m;
	struct lk_shape	 shape;

	if ((ix = calloc(1, sizeof *ix)) == NULL)
		return LK_ENOMEM;
	lk_shape_fit(&shape, 0, 0, 0, 75, NULL);
	if (lk_map_new(&shape, &m) != 0) {
		free(ix);
		return LK_ENOMEM;
	}
	atomic_init(&ix->map, m);
	ix->text = ix->doubted = LK_BUF_NONE;
	*out = ix;
	return 0;
}

void
lk_index_free(struct lk_index **ixp)
{
	struct lk_index		*ix = *ixp;
	struct lk_doubts	*d, *older;
	struct lk_map		*m;

	*ixp = NULL;
	if (ix == NULL)
		return;
	m = lk_index_map(ix);
	lk_map_free(&m);
	for (d = atomic_load(&ix->doubts); d != NULL; d = older) {
		older = d->older;
		free(d);
	}
	lk_buf_free(&ix->doubted);
	lk_buf_free(&ix->text);
	free(ix->ops);
	free(ix);
}

unsigned
lk_index_damage(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->damage, memory_order_acquire);
}

int
lk_index_spoilt(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->spoilt, memory_order_relaxed) ==
	    lk_index_map(ix)->generation + 1;
}

/* What the map says of it too, or does not say for certain. */
int
lk_index_lacks(struct lk_index *ix)
{
	uint32_t	 lacks;

	return lk_index_damage(ix) > 0 ||
	    atomic_load_explicit(&ix->newer, memory_order_acquire) ||
	    lk_map_get(lk_index_map(ix), LK_MAP_LACKS, &lacks) != 0 ||
	    lacks != 0;
}

void
lk_index_swap(struct lk_index *ix, struct lk_map *new)
{
	struct lk_map	*old = lk_index_map(ix);

	new->older = old;
	lk_map_cache(new);
	atomic_store_explicit(&ix->map, new, memory_order_release);
	lk_map_retire(old);
}

void
lk_index_attach(struct lk_index *ix, struct lk_map *m,
    const struct lk_maker *maker)
{
	static const struct lk_maker	 none;

	ix->maker = maker != NULL ? *maker : none;
	if (m != lk_index_map(ix))
		lk_index_swap(ix, m);
}

int64_t
lk_index_time(struct lk_index *ix)
{
	return atomic_load_explicit(&ix->time, memory_order_relaxed);
}

/* ---------------------------------------------------------------- publish */

static int
set_state(struct lk_index *ix, uint32_t at, int state)
{
	struct lk_map	*m = lk_index_map(ix);

	if (m->sure != NULL)
		m->sure[at] = ix->sure;
	if (ix->unsure && state != LK_SLOT_DELETED && state != LK_SLOT_NEWER)
		state = LK_SLOT_UNSURE;
	return lk_map_set_state(m, at, state);
}

/* Deleted is for good; after an event that is not known only delete counts. */
static int
apply_change(struct lk_index *ix, const struct lk_ix_op *op)
{
	uint64_t	 w[LK_SLOT_WORDS];
	uint32_t	 at;
	int		 is;

	if (lk_map_id(lk_index_map(ix), op->key.id, w, &at) != 1)
		return LK_EUNAVAIL;
	is = lk_slot_state(w);
	if (is == LK_SLOT_DELETED)
		return 0;
	if (op->kind == LK_EVENT_DELETE)
		return set_state(ix, at, LK_SLOT_DELETED);
	if (is == LK_SLOT_NEWER)
		return set_state(ix, at, is);
	if (op->kind == LK_EVENT_EXPIRE) {
		if (lk_index_move(ix, op, w, &at) != 0)
			return LK_EUNAVAIL;
		return set_state(ix, at, is);
	}
	if (op->kind == LK_EVENT_DISABLE)
		return set_state(ix, at, LK_SLOT_DISABLED);
	if (op->kind == LK_EVENT_ENABLE)
		return set_state(ix, at, LK_SLOT_ACTIVE);
	return set_state(ix, at, LK_SLOT_NEWER);
}

/* As lk_map_have_account: keys of one account come together, as a rule. */
static int
have_account(struct lk_index *ix, const struct lk_ix_op *op, uint32_t *ref)
{
	const char	*name = ix->text.p + op->account;
	int		 r;

	if (ix->last != NULL && strcmp(ix->text.p + ix->last->account,
	    name) == 0) {
		*ref = ix->last_account;
		return 0;
	}
	if ((r = lk_map_have_account(lk_index_map(ix), name, ref)) != 0)
		return r;
	ix->last = op;
	ix->last_account = *ref;
	return 0;
}

static int
put_rest(struct lk_index *ix, const struct lk_ix_op *op, struct lk_slot *key)
{
	unsigned char	 rest[LK_RECORD_MAX];
	size_t		 n = op->nnets * sizeof *ix->nets;

	if (op->nnets == 0 && op->not_before == 0)
		return 0;
	memcpy(rest, &op->not_before, sizeof op->not_before);
	memcpy(rest + sizeof op->not_before, ix->text.p + op->nets, n);
	return lk_map_put_rest(lk_index_map(ix), rest,
	    sizeof op->not_before + n, &key->rest);
}

static int
apply_generate(struct lk_index *ix, const struct lk_ix_op *op)
{
	struct lk_map	*m = lk_index_map(ix);
	struct lk_slot	 key = op->key;
	struct lk_place	 place;
	unsigned	 type;
	uint32_t	 twin;
	int		 r;

	if ((r = lk_map_place(m, &key, &place, &twin)) != 0) {
		if (r == 1)
			r = set_state(ix, twin, LK_SLOT_UNSURE);
		return r == 0 ? LK_EDAMAGE : LK_EUNAVAIL;
	}
	if (have_account(ix, op, &key.account) != 0 ||
	    lk_map_have_type(m, ix->text.p + op->type, &type) != 0 ||
	    put_rest(ix, op, &key) != 0)
		return LK_EUNAVAIL;
	if (type == LK_SLOT_TYPES) {	/* more than there can be: error     */
		type = 0;
		key.state = LK_SLOT_NEWER;
	}
	if (ix->unsure && key.state == LK_SLOT_ACTIVE)
		key.state = LK_SLOT_UNSURE;
	key.type = (uint16_t)type;
	if (lk_map_put(m, &key, &place) != 0)
		return LK_EUNAVAIL;
	if (m->sure != NULL)
		m->sure[place.slot] = ix->sure;
	return 0;
}

static int
apply_account(struct lk_index *ix, const struct lk_ix_op *op)
{
	struct lk_map	*m = lk_index_map(ix);
	uint32_t	 account;

	if (lk_map_have_account(m, ix->text.p + op->account, &account) != 0 ||
	    lk_map_set_package(m, account, ix->text.p + op->package) != 0)
		return LK_EUNAVAIL;
	return 0;
}

/* One that no line of this journal made is gone already: compact leaves out
 * what was deleted. */
static int
forget_account(struct lk_index *ix, const struct lk_ix_op *op)
{
	const char	*name = ix->text.p + op->account;
	struct lk_map	*m = lk_index_map(ix);
	uint32_t	 account;
	int		 r;

	r = lk_map_named(m, LK_RECORD_ACCOUNT, name, strlen(name), &account);
	if (r == 1)
		lk_map_forget_account(m, account);
	ix->last = NULL;		/* its next key begins it anew       */
	return r == -1 ? LK_EUNAVAIL : 0;
}

/* What a later operation looks up: it was at hand when it was staged, but many
 * lines ago. */
static void
expect(const struct lk_index *ix, size_t i)
{
	const struct lk_map	*m = lk_index_map(ix);

	if (i >= ix->nops || ix->ops[i].kind != LK_EVENT_GENERATE)
		return;
	lk_map_expect(m, ix->ops[i].key.digest);
	lk_map_expect_id(m, ix->ops[i].key.id);
}

static int
apply_op(struct lk_index *ix, const struct lk_ix_op *op)
{
	if (op->kind == LK_EVENT_GENERATE)
		return apply_generate(ix, op);
	if (op->kind == LK_EVENT_ACCOUNT)
		return apply_account(ix, op);
	if (op->kind == LK_EVENT_ACCOUNT_DELETE)
		return forget_account(ix, op);
	return apply_change(ix, op);
}

static int
apply(struct lk_index *ix, int64_t time)
{
	size_t	 i;
	int	 r = 0, one;

	/* First this: a miss must not read as *not there* meanwhile. */
	if (ix->staged_newer) {
		atomic_store_explicit(&ix->newer, 1, memory_order_release);
		lk_map_set(lk_index_map(ix), LK_MAP_LACKS, 1);
	}
	ix->last = NULL;
	for (i = 0; i < ix->nops; i++) {
		expect(ix, i + AHEAD);
		if ((one = apply_op(ix, &ix->ops[i])) != 0 &&
		    r != LK_EUNAVAIL)
			r = one;
	}
	if (time > lk_index_time(ix))
		atomic_store_explicit(&ix->time, time, memory_order_relaxed);
	lk_index_discard(ix);
	return r;
}

int
lk_index_publish(struct lk_index *ix, int64_t time)
{
	int	 r;

	if ((r = lk_index_reserve(ix)) != 0)
		return r;
	return apply(ix, time);
}

void
lk_index_discard(struct lk_index *ix)
{
	ix->nops = ix->nkeys = ix->nnets = 0;
	ix->staged_newer = 0;
	lk_buf_reset(&ix->text);
}

/* ----------------------------------------------------------------- faults */

/*
 * What became sure after how many faults is noted beside the slots from the
 * first fault on, and looked at once, when all was read: so that a fault costs
 * the same however many keys there are.
 */
int
lk_index_fault(struct lk_index *ix, int64_t time)
{
	struct lk_map	*m;
	int		 r;

	if (ix->maker.strict)
		return LK_EDAMAGE;
	lk_index_doubt_last(ix);
	if ((r = lk_index_reserve(ix)) != 0)
		return r;
	m = lk_index_map(ix);
	if (m->sure == NULL &&
	    (m->sure = calloc(m->shape.slots, sizeof *m->sure)) == NULL)
		return LK_ENOMEM;
	atomic_fetch_add_explicit(&ix->damage, 1, memory_order_acq_rel);
	ix->faults++;
	/* With the count before it: nothing of it was ever sure. */
	ix->unsure = 1;
	r = apply(ix, time);
	ix->unsure = 0;
	ix->sure = ix->faults;
	return r == LK_EUNAVAIL ? r : 0;
}

void
lk_index_settle(struct lk_index *ix)
{
	struct lk_map	*m = lk_index_map(ix);
	uint64_t	 w[LK_SLOT_WORDS], i;
	int		 is;

	if (ix->faults == 0)
		return;
	for (i = 0; i < m->shape.slots; i++) {
		if (m->sure[i] == ix->faults || lk_map_slot(m, i, w) != 1)
			continue;
		is = lk_slot_state(w);
		if (is == LK_SLOT_ACTIVE || is == LK_SLOT_DISABLED)
			(void)lk_map_set_state(m, (uint32_t)i,
			    LK_SLOT_UNSURE);
	}
	free(m->sure);
	m->sure = NULL;
	ix->faults = ix->sure = 0;
}

/* ------------------------------------------------------------------ doubts */

int
lk_index_doubt(struct lk_index *ix, const char *id, int state)
{
	struct lk_doubt	 d = { .state = state };

	memcpy(d.id, id, sizeof d.id);
	lk_buf_add(&ix->doubted, &d, sizeof d);
	if (!ix->doubted.failed)
		return 0;
	lk_buf_reset(&ix->doubted);
	return LK_ENOMEM;
}

int
lk_index_doubts_renew(struct lk_index *ix)
{
	struct lk_doubts	*old, *new = NULL;
	size_t			 n = ix->doubted.n;
	int			 r = 0;

	old = atomic_load_explicit(&ix->doubts, memory_order_relaxed);
	if (n == 0 && (old == NULL || old->n == 0))
		return 0;
	if ((new = calloc(1, sizeof *new + n)) == NULL)
		r = LK_ENOMEM;
	if (r == 0) {
		new->older = old;	/* readers may be in it              */
		new->n = n / sizeof *new->v;
		if (n > 0)
			memcpy(new->v, ix->doubted.p, n);
		atomic_store_explicit(&ix->doubts, new, memory_order_release);
	}
	lk_buf_reset(&ix->doubted);
	return r;
}

void
lk_index_end(struct lk_index *ix, const struct lk_end *end)
{
	(void)lk_map_end(lk_index_map(ix), end);
}
