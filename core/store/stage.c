/*
 * stage.c: the lines of a batch, before any reader sees what they do.
 */
#include <stdlib.h>
#include <string.h>

#include "index_inner.h"

static int
impossible(const char **why, const char *text)
{
	*why = text;
	return LK_EDAMAGE;
}

static int
add_op(struct lk_index *ix, const struct lk_ix_op *op)
{
	struct lk_ix_op	*p;
	size_t		 cap;

	if (ix->nops == ix->cap) {
		cap = ix->cap == 0 ? 16 : ix->cap * 2;
		p = realloc(ix->ops, cap * sizeof *p);
		if (p == NULL)
			return LK_ENOMEM;
		ix->ops = p;
		ix->cap = cap;
	}
	ix->ops[ix->nops++] = *op;
	return 0;
}

/* The account of that name; a new one is found but listed later. */
static struct lk_ix_account *
have_account(struct lk_index *ix, const char *name)
{
	struct lk_ix_account	*a;

	if ((a = lk_index_account(ix, name)) != NULL)
		return a;
	if (lk_table_reserve(&ix->accounts, 1) != 0 ||
	    (a = lk_arena_get(&ix->arena, sizeof *a)) == NULL)
		return NULL;
	a->name_len = strlen(name);
	memcpy(a->name, name, a->name_len);
	atomic_init(&a->package, "");
	lk_table_add(&ix->accounts, a);
	return a;
}

static struct lk_ix_key *
make_key(struct lk_index *ix, const struct lk_line *l)
{
	const char		*digest = lk_line_get(l, "digest");
	const char		*label = lk_line_get(l, "label");
	struct lk_ix_key	*k;

	if ((k = lk_arena_get(&ix->arena, sizeof *k)) == NULL)
		return NULL;
	/* Its form was checked when the line was parsed. */
	lk_base64url_decode(digest, strlen(digest), k->digest,
	    sizeof k->digest);
	memcpy(k->id, l->key_id, sizeof k->id);
	k->type = lk_arena_str(&ix->arena, lk_line_get(l, "type"));
	k->label = lk_arena_str(&ix->arena, label != NULL ? label : "");
	k->hint = lk_arena_str(&ix->arena, lk_line_get(l, "hint"));
	k->created_by = lk_arena_str(&ix->arena, l->actor);
	k->account = have_account(ix, lk_line_get(l, "account"));
	k->created = l->time;
	k->expires = lk_line_number(l, "expires");
	k->not_before = lk_line_number(l, "not_before");
	atomic_init(&k->state, LK_STATE_ACTIVE);
	if (k->type == NULL || k->label == NULL || k->hint == NULL ||
	    k->created_by == NULL || k->account == NULL)
		return NULL;
	return k;
}

int
lk_index_end_nets(struct lk_index *ix)
{
	struct lk_ix_key	*k;
	struct lk_net		*nets;

	if (ix->nnets == 0)
		return 0;
	k = ix->ops[ix->nops - 1].key;
	nets = lk_arena_get(&ix->arena, ix->nnets * sizeof *nets);
	if (nets == NULL)
		return LK_ENOMEM;
	memcpy(nets, ix->nets, ix->nnets * sizeof *nets);
	k->nets = nets;
	k->nnets = ix->nnets;
	ix->nnets = 0;
	return 0;
}

static int
stage_generate(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	struct lk_ix_op	 op = { .kind = l->kind };
	int		 r;

	if (lk_index_id(ix, l->key_id, LK_KEYID_LEN) != NULL)
		return impossible(why, "it makes a key that is there already");
	if ((op.key = make_key(ix, l)) == NULL)
		return LK_ENOMEM;
	if (lk_index_digest(ix, op.key->digest) != NULL)
		return impossible(why, "its digest is that of another key");
	if ((r = add_op(ix, &op)) == 0)
		ix->nkeys++;
	return r;
}

/* A key of this batch that is not published yet. */
static struct lk_ix_key *
staged(struct lk_index *ix, const char *id)
{
	size_t	 i;

	for (i = 0; i < ix->nops; i++)
		if (ix->ops[i].kind == LK_EVENT_GENERATE &&
		    strcmp(ix->ops[i].key->id, id) == 0)
			return ix->ops[i].key;
	return NULL;
}

static int
stage_addresses(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	const struct lk_ix_op	*last = NULL;
	int			 n;

	if (ix->nops > 0)
		last = &ix->ops[ix->nops - 1];
	if (last == NULL || last->kind != LK_EVENT_GENERATE ||
	    strcmp(last->key->id, l->key_id) != 0) {
		/* The line that made it may be the one that is lost. */
		if (lk_index_damage(ix) > 0 && staged(ix, l->key_id) == NULL &&
		    lk_index_id(ix, l->key_id, LK_KEYID_LEN) == NULL)
			return 0;
		return impossible(why, "its key was not made right before");
	}
	n = lk_line_nets(lk_line_get(l, "add"), &ix->nets[ix->nnets],
	    LK_ADDRESSES_MAX - ix->nnets);
	if (n < 0)
		return impossible(why, "its key has too many addresses");
	ix->nnets += (size_t)n;
	return 0;
}

static int
stage_change(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	struct lk_ix_op	 op = { .kind = l->kind, .when = l->time };

	if (l->key_id[0] != '\0') {
		op.key = lk_index_id(ix, l->key_id, LK_KEYID_LEN);
		if (op.key == NULL && ix->nkeys > 0)
			op.key = staged(ix, l->key_id);
	}
	if (op.key != NULL)
		return add_op(ix, &op);
	/* As above; or one that is not known may have made it. */
	if (l->kind == LK_EVENT_UNKNOWN)
		ix->staged_newer = 1;
	if (ix->staged_newer || lk_index_lacks(ix))
		return 0;
	return impossible(why, "its key was never made");
}

static int
stage_account(struct lk_index *ix, const struct lk_line *l)
{
	struct lk_ix_op	 op = { .kind = l->kind };

	op.account = have_account(ix, lk_line_get(l, "account"));
	op.package = lk_arena_str(&ix->arena, lk_line_get(l, "package"));
	if (op.account == NULL || op.package == NULL)
		return LK_ENOMEM;
	return add_op(ix, &op);
}

int
lk_index_stage(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	int	 r;

	if (l->kind == LK_EVENT_ADDRESSES)
		return stage_addresses(ix, l, why);
	if ((r = lk_index_end_nets(ix)) != 0)
		return r;
	switch (l->kind) {
	case LK_EVENT_GENERATE:
		return stage_generate(ix, l, why);
	case LK_EVENT_ACCOUNT:
		return stage_account(ix, l);
	case LK_EVENT_REPAIR:
		return 0;
	default:
		return stage_change(ix, l, why);
	}
}
