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

static struct lk_ix_op *
add_op(struct lk_index *ix, const struct lk_line *l)
{
	struct lk_ix_op	*p;
	size_t		 cap;

	if (ix->nops == ix->cap) {
		cap = ix->cap == 0 ? 16 : ix->cap * 2;
		p = realloc(ix->ops, cap * sizeof *p);
		if (p == NULL)
			return NULL;
		ix->ops = p;
		ix->cap = cap;
	}
	p = &ix->ops[ix->nops++];
	memset(p, 0, sizeof *p);
	p->kind = l->kind;
	memcpy(p->key.id, l->key_id, sizeof p->key.id);
	return p;
}

/* Keep a string of the line, with its NUL; where. */
static size_t
keep(struct lk_index *ix, const char *s)
{
	size_t	 at = ix->text.n;

	lk_buf_add(&ix->text, s, strlen(s) + 1);
	return at;
}

/* 0 or LK_ENOMEM. */
static int
kept(const struct lk_index *ix)
{
	return ix->text.failed ? LK_ENOMEM : 0;
}

void
lk_index_end_nets(struct lk_index *ix)
{
	struct lk_ix_op	*op;

	if (ix->nnets == 0)
		return;
	op = &ix->ops[ix->nops - 1];
	op->nets = ix->text.n;
	op->nnets = ix->nnets;
	lk_buf_add(&ix->text, ix->nets, ix->nnets * sizeof *ix->nets);
	ix->nnets = 0;
}

void
lk_index_doubt_last(struct lk_index *ix)
{
	struct lk_ix_op	*op;

	if (ix->nops == 0)
		return;
	op = &ix->ops[ix->nops - 1];
	if (op->kind == LK_EVENT_GENERATE)
		op->key.state = LK_SLOT_NEWER;
}

/* Is there such a key, made by another line than that at offset?  As a look-up;
 * the same line is read again when who wrote it did not live to say so. */
static int
has_digest(const struct lk_index *ix, const uint8_t *digest, uint64_t offset)
{
	uint64_t	 w[LK_SLOT_WORDS];
	uint32_t	 at;
	int		 r;

	r = lk_map_digest(lk_index_map(ix), digest, w, &at);
	return r == 1 && lk_slot_offset(w) == offset ? 0 : r;
}

static int
has_id(const struct lk_index *ix, const char *id, uint64_t offset)
{
	uint64_t	 w[LK_SLOT_WORDS];
	uint32_t	 at;
	int		 r;

	r = lk_map_id(lk_index_map(ix), id, w, &at);
	return r == 1 && lk_slot_offset(w) == offset ? 0 : r;
}

/* Its form was checked when the line was parsed. */
static void
fill_key(struct lk_index *ix, const struct lk_line *l, struct lk_ix_op *op)
{
	const char	*account = lk_line_get(l, "account");
	size_t		 n = strlen(account);

	if (n <= LK_SLOT_NAME) {
		op->key.name_len = (uint8_t)n;
		memcpy(op->key.name, account, n);
	}
	op->key.state = LK_SLOT_ACTIVE;
	if ((op->key.created = lk_line_number(l, "created")) == 0)
		op->key.created = l->time;
	op->key.odd = (uint8_t)(lk_line_number(l, "pepper") & 1);
	op->key.expires = lk_line_number(l, "expires");
	op->not_before = lk_line_number(l, "not_before");
	op->account = keep(ix, account);
	op->type = keep(ix, lk_line_get(l, "type"));
}

static int
stage_generate(struct lk_index *ix, const struct lk_line *l, uint64_t offset,
    const char **why)
{
	const char	*text = lk_line_get(l, "digest");
	uint8_t		 digest[LK_DIGEST_SIZE];
	struct lk_ix_op	*op;
	int		 r;

	if ((r = has_id(ix, l->key_id, offset)) == 1)
		return impossible(why, "it makes a key that is there already");
	if (r == -1)
		return LK_EUNAVAIL;
	lk_base64url_decode(text, strlen(text), digest, sizeof digest);
	if ((r = has_digest(ix, digest, offset)) == 1)
		return impossible(why, "its digest is that of another key");
	if (r == -1)
		return LK_EUNAVAIL;
	if ((op = add_op(ix, l)) == NULL)
		return LK_ENOMEM;
	memcpy(op->key.digest, digest, sizeof op->key.digest);
	op->key.offset = offset;
	fill_key(ix, l, op);
	ix->nkeys++;
	return kept(ix);
}

/* Is it a key of this batch that is not published yet? */
static int
is_staged(const struct lk_index *ix, const char *id)
{
	size_t	 i;

	/* From the end: what changes a new key follows it closely. */
	for (i = ix->nops; ix->nkeys > 0 && i > 0; i--)
		if (ix->ops[i - 1].kind == LK_EVENT_GENERATE &&
		    strcmp(ix->ops[i - 1].key.id, id) == 0)
			return 1;
	return 0;
}

/* Made by a line before this one.  1, 0, LK_EUNAVAIL. */
static int
is_made(const struct lk_index *ix, const char *id)
{
	int	 r = has_id(ix, id, UINT64_MAX);

	return r == -1 ? LK_EUNAVAIL : r == 1 || is_staged(ix, id);
}

static int
stage_addresses(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	const struct lk_ix_op	*last = NULL;
	int			 n, r;

	if (ix->nops > 0)
		last = &ix->ops[ix->nops - 1];
	if (last == NULL || last->kind != LK_EVENT_GENERATE ||
	    strcmp(last->key.id, l->key_id) != 0) {
		if ((r = is_made(ix, l->key_id)) < 0)
			return r;
		/* The line that made it may be the one that is lost. */
		if (r == 0 && lk_index_damage(ix) > 0)
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
	int	 r = 0;

	if (l->key_id[0] != '\0' && (r = is_made(ix, l->key_id)) < 0)
		return r;
	if (r == 1)
		return add_op(ix, l) == NULL ? LK_ENOMEM : 0;
	/* As above; or one that is not known may have made it. */
	if (l->kind == LK_EVENT_UNKNOWN)
		ix->staged_newer = 1;
	if (ix->staged_newer || lk_index_lacks(ix))
		return 0;
	return impossible(why, "its key was never made");
}

/* A changed end takes a new slot. */
static int
stage_expire(struct lk_index *ix, const struct lk_line *l, const char **why)
{
	const char	*by = lk_line_get(l, "successor");
	size_t		 n = ix->nops;
	struct lk_ix_op	*op;
	int		 r;

	if ((r = stage_change(ix, l, why)) != 0 || ix->nops == n)
		return r;
	op = &ix->ops[n];
	op->key.expires = lk_line_number(l, "expires");
	if (by != NULL) {
		op->key.retired = 1;
		memcpy(op->successor, by, LK_KEYID_LEN);
	}
	ix->nkeys++;
	return 0;
}

static int
stage_account(struct lk_index *ix, const struct lk_line *l)
{
	struct lk_ix_op	*op;

	if ((op = add_op(ix, l)) == NULL)
		return LK_ENOMEM;
	op->account = keep(ix, lk_line_get(l, "account"));
	if (l->kind == LK_EVENT_ACCOUNT)
		op->package = keep(ix, lk_line_get(l, "package"));
	return kept(ix);
}

/* The journal was written anew.  Nobody uses such an index before all of it was
 * read. */
static void
take_was(struct lk_index *ix, const struct lk_line *l)
{
	const char	*text = lk_line_get(l, "was");
	uint8_t		 was[LK_MAC_SIZE];

	if (text != NULL && lk_base64url_decode(text, strlen(text), was,
	    sizeof was) == 0)
		lk_map_set_was(lk_index_map(ix), was);
}

int
lk_index_stage(struct lk_index *ix, const struct lk_line *l, uint64_t offset,
    const char **why)
{
	if (l->kind == LK_EVENT_ADDRESSES)
		return stage_addresses(ix, l, why);
	lk_index_end_nets(ix);
	switch (l->kind) {
	case LK_EVENT_GENERATE:
		return stage_generate(ix, l, offset, why);
	case LK_EVENT_ACCOUNT:
	case LK_EVENT_ACCOUNT_DELETE:
		return stage_account(ix, l);
	case LK_EVENT_EXPIRE:
		return stage_expire(ix, l, why);
	case LK_EVENT_COMPACT:
	case LK_EVENT_ROTATE:
	case LK_EVENT_RESTORE:
	case LK_EVENT_ACCEPT:
		take_was(ix, l);
		return 0;
	case LK_EVENT_REPAIR:
		return 0;
	default:
		return stage_change(ix, l, why);
	}
}
