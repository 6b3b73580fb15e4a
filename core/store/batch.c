/*
 * batch.c: the lines of a batch.
 */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "batch_inner.h"

static int
add_pending(struct lk_batch *b, const struct lk_new_key *k, struct lk_error *e)
{
	struct lk_pending	 p = { .expires = k->expires };

	lk_text_copy(p.id, sizeof p.id, k->id);
	lk_text_copy(p.type, sizeof p.type, k->type);
	lk_text_copy(p.account, sizeof p.account, k->account);
	if (k->replaced_by != NULL)
		lk_text_copy(p.successor, sizeof p.successor, k->replaced_by);
	memcpy(p.digest, k->digest, sizeof p.digest);
	return lk_pendings_add(&b->keys, &p) == 0 ? 0 :
	    lk_fail(e, LK_ENOMEM, "no memory");
}

/* May this key be added?  0, or as lk_batch_generate. */
static int
judge_new(struct lk_batch *b, const struct lk_new_key *k, struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	struct lk_found	 twin;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot add "
		    "a key");
	if (k->naddresses > LK_ADDRESSES_MAX)
		return lk_fail(e, LK_EDATA, "a key may have %d addresses, not "
		    "%zu", LK_ADDRESSES_MAX, k->naddresses);
	if (lk_index_digest(ix, k->digest, &twin) == 1 ||
	    lk_index_id(ix, k->id, strlen(k->id), &twin) == 1 ||
	    lk_group_has(b->s, k->id, k->digest) ||
	    lk_pendings_have(&b->keys, k->id, k->digest))
		return lk_fail(e, LK_EDATA, "this key is there already");
	return 0;
}

int
lk_batch_generate(struct lk_batch *b, const struct lk_new_key *k,
    struct lk_error *e)
{
	size_t	 before = b->draft.bodies.n, n = b->draft.n;
	int	 r;

	if ((r = judge_new(b, k, e)) != 0 ||
	    (r = lk_draft_key(&b->draft, k, e)) != 0)
		return r;
	if ((r = add_pending(b, k, e)) != 0) {
		b->draft.bodies.n = before;
		b->draft.n = n;
	}
	return r;
}

int
lk_batch_take(struct lk_batch *b, const struct lk_new_key *k, const char *p,
    size_t n, size_t lines, struct lk_error *e)
{
	int	 r;

	if ((r = judge_new(b, k, e)) != 0)
		return r;
	lk_buf_add(&b->draft.bodies, p, n);
	if (b->draft.bodies.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if ((r = add_pending(b, k, e)) != 0) {
		b->draft.bodies.n -= n;
		return r;
	}
	b->draft.n += lines;
	return 0;
}

/* A line of an event that says no more than of which key. */
static int
change(struct lk_batch *b, enum lk_event_kind kind, const char *id,
    struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	struct lk_found	 k;

	if (lk_index_id(ix, id, strlen(id), &k) == 0)
		return lk_fail(e, LK_ENOTFOUND, "there is no key %.*s",
		    LK_KEYID_LEN, id);
	return lk_draft_change(&b->draft, kind, id, e);
}

static int
end_key(struct lk_batch *b, enum lk_event_kind kind, int state, const char *id,
    struct lk_error *e)
{
	struct lk_end	 end = { .state = (uint8_t)state };
	int		 r;

	if ((r = change(b, kind, id, e)) != 0)
		return r;
	memcpy(end.id, id, LK_KEYID_LEN);
	lk_buf_add(&b->ended, &end, sizeof end);
	return b->ended.failed ? lk_fail(e, LK_ENOMEM, "no memory") : 0;
}

int
lk_batch_delete(struct lk_batch *b, const char *id, struct lk_error *e)
{
	return end_key(b, LK_EVENT_DELETE, LK_SLOT_DELETED, id, e);
}

int
lk_batch_disable(struct lk_batch *b, const char *id, struct lk_error *e)
{
	return end_key(b, LK_EVENT_DISABLE, LK_SLOT_DISABLED, id, e);
}

int
lk_batch_enable(struct lk_batch *b, const char *id, struct lk_error *e)
{
	int	 r;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "enable a key");
	if ((r = lk_store_enter(b->s, e)) != 0)
		return r;
	lk_store_forgive(b->s, id);
	lk_store_leave(b->s);
	return change(b, LK_EVENT_ENABLE, id, e);
}

int
lk_batch_account(struct lk_batch *b, const char *account, const char *package,
    struct lk_error *e)
{
	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot set "
		    "a package");
	return lk_draft_account(&b->draft, account, package, e);
}

int
lk_batch_account_delete(struct lk_batch *b, const char *account,
    struct lk_error *e)
{
	/* Its next key would have the default package, which may be more. */
	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "delete an account");
	return lk_draft_account_delete(&b->draft, account, e);
}

int
lk_batch_expire(struct lk_batch *b, const char *id, int64_t expires,
    const char *successor, struct lk_error *e)
{
	int	 r;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "change when a key ends");
	r = lk_draft_expire(&b->draft, id, expires, successor, e);
	if (r == 0 && successor != NULL)
		lk_pendings_rotate(&b->keys, id, successor);
	return r;
}

int
lk_batch_replaces(struct lk_batch *b, const char *account, const char *id)
{
	return lk_group_replaces(b->s, account, id) ||
	    lk_pendings_heir(&b->keys, account, id) != NULL;
}
