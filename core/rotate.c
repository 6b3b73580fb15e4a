/*
 * rotate.c: a successor for a key, which goes on for a while.
 *
 * Both lines are one batch: there is a successor and the old key ends, or
 * neither.  The successor counts against the limit and the old key does not
 * while that one does (store/count.c).  So that no more than two keys stand for
 * one at any time, a key whose successor lives gets no other, and one whose
 * predecessor still lives none.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "keys.h"
#include "making.h"
#include "operator.h"
#include "values.h"

#define TRIES	4			/* of a pepper that is rotated       */

struct rotating {
	struct lk			*lk;
	const struct lk_operator	*op;
	const struct lk_rotate		*o;
	struct lk_key			 old;
	struct lk_generate		 g;
	struct lk_making		 m;
	char				 token[LK_TOKEN_MAX + 1];
};

/* ------------------------------------------------------------------- judge */

static int
unknowable(const char *id, struct lk_error *e)
{
	return lk_fail(e, LK_EUNAVAIL, "the store cannot tell of %s (latchkey "
	    "store check)", id);
}

static int
check_state(const struct lk_key *k, struct lk_error *e)
{
	switch (k->state) {
	case LK_STATE_ACTIVE:
		break;
	case LK_STATE_DISABLED:
		return lk_fail(e, LK_EDATA, "%s is disabled: enable it first "
		    "(latchkey enable %s)", k->id, k->id);
	case LK_STATE_DELETED:
		return lk_fail(e, LK_ENOTFOUND, "%s is deleted, which is for "
		    "good", k->id);
	case LK_STATE_EXPIRED:
		return lk_fail(e, LK_EDATA, "%s has expired: make a new key "
		    "(latchkey generate %s --account %s)", k->id, k->type,
		    k->account);
	default:
		return unknowable(k->id, e);
	}
	return 0;
}

static int
is_over(struct lk_store *s, const struct lk_found *f)
{
	return f->state == LK_STATE_DELETED ||
	    (f->expires != 0 && lk_store_now(s) >= f->expires);
}

/* One successor at a time: when it is gone the key may get another. */
static int
check_successor(struct lk_store *s, const struct lk_key *k, struct lk_error *e)
{
	struct lk_found	 f;
	int		 r;

	if (k->replaced_by[0] == '\0')
		return 0;
	if ((r = lk_store_by_id(s, k->replaced_by, LK_KEYID_LEN, &f)) == -1)
		return unknowable(k->replaced_by, e);
	if (r == 0 || is_over(s, &f))
		return 0;
	return lk_fail(e, LK_EDATA, "%s has a successor already, %s: rotate "
	    "that one", k->id, k->replaced_by);
}

/* A key has one predecessor at most. */
static int
check_chain(struct lk_store *s, const struct lk_key *k, struct lk_error *e)
{
	struct lk_found	 f;
	char		 when[32];
	int		 r;

	if (k->replaces[0] == '\0')
		return 0;
	if ((r = lk_store_by_id(s, k->replaces, LK_KEYID_LEN, &f)) == -1)
		return unknowable(k->replaces, e);
	if (r == 0 || is_over(s, &f))
		return 0;
	lk_time_format(f.expires, when, sizeof(when));
	return lk_fail(e, LK_ELIMIT, "%s took the place of %s, which lives "
	    "until %s: only one of a pair may be on its way out; delete %s "
	    "first (latchkey delete %s)", k->id, f.key_id, when, f.key_id,
	    f.key_id);
}

static int
read_old(struct rotating *x, struct lk_error *e)
{
	const char	*id = x->o->id;
	int		 r;

	if (!lk_keyid_valid(id, strlen(id)) ||
	    (r = lk_store_key(x->lk->store, id, &x->old)) == 0)
		return lk_no_such_key(id, e);
	if (r != 1)
		return unknowable(id, e);
	if ((r = check_state(&x->old, e)) != 0 ||
	    (r = check_successor(x->lk->store, &x->old, e)) != 0)
		return r;
	return check_chain(x->lk->store, &x->old, e);
}

/* When the old one was to end before it was rotated: of one that gets another
 * successor, it is no longer when it does. */
static int
first_end(struct rotating *x, int64_t *out, struct lk_error *e)
{
	const struct lk_key	*k = &x->old;

	*out = k->expires;
	if (k->replaced_by[0] != '\0' &&
	    lk_store_first_end(x->lk->store, k->id, out) != 1)
		return unknowable(k->id, e);
	return 0;
}

/* As long a life as the old one was given, from now on; and where it may not
 * be used yet, neither may its successor. */
static int
describe_new(struct rotating *x, struct lk_error *e)
{
	const struct lk_key	*k = &x->old;
	int64_t			 now = lk_store_now(x->lk->store), end;
	int			 r;

	if ((r = first_end(x, &end, e)) != 0)
		return r;
	x->g.size = sizeof(x->g);
	x->g.type = k->type;
	x->g.account = k->account;
	x->g.label = k->label[0] != '\0' ? k->label : NULL;
	x->g.addresses = k->addresses;
	x->g.naddresses = k->naddresses;
	x->g.role = k->role;
	x->g.accept_clock = x->o->accept_clock;
	if (k->not_before > now)
		x->g.not_before = k->not_before;
	if (end != 0)
		x->g.expires = now + (end > k->created ? end - k->created : 1);
	if (x->g.expires > LK_EXPIRES_MAX)
		x->g.expires = LK_EXPIRES_MAX;
	return 0;
}

/* ------------------------------------------------------------------- write */

/* Under the lock it may be another key than it was. */
static int
add_both(struct rotating *x, struct lk_batch *b, struct lk_error *e)
{
	int64_t	 end;
	int	 r;

	if ((r = read_old(x, e)) != 0 || (r = lk_making_add(&x->m, b, e)) != 0)
		return r;
	end = lk_store_now(x->lk->store) + x->o->grace;
	if (x->old.expires != 0 && x->old.expires < end)
		end = x->old.expires;
	return lk_batch_expire(b, x->old.id, end, x->m.id, e);
}

static int
record(struct rotating *x, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r;

	if ((r = lk_batch_begin(x->lk->store, LK_BATCH_ADD, x->op->name,
	    x->op->from, x->g.accept_clock, &b, e)) != 0)
		return r;
	if ((r = lk_making_fresh(&x->m)) == 0 &&
	    lk_batch_replaces(b, x->old.account, x->old.id))
		r = lk_fail(e, LK_EDATA, "%s is being rotated by somebody "
		    "else", x->old.id);
	if (r != 0 || (r = add_both(x, b, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static int
try(struct rotating *x, struct lk_error *e)
{
	int	 i, r;

	for (i = 0; i < TRIES; i++) {
		if ((r = lk_making_mint(&x->m, e)) != 0 ||
		    (r = record(x, e)) != LK_MAKING_AGAIN)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "the pepper is being rotated: try again");
}

static int
make(struct rotating *x, struct lk_error *e)
{
	int	 r;

	x->m.lk = x->lk;
	x->m.g = &x->g;
	x->m.token = x->token;
	x->m.replaces = x->old.id;
	if ((r = lk_making_begin(&x->m, x->op, e)) != 0)
		return r;
	r = try(x, e);
	lk_making_end(&x->m);
	return r;
}

/* -------------------------------------------------------------------- undo */

/* Nobody has seen the successor's token: the old key gets its time back. */
static int
undo_both(struct rotating *x, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	struct lk_key	 now;
	int		 r;

	if ((r = lk_batch_begin(x->lk->store, LK_BATCH_ADD, x->op->name,
	    x->op->from, x->g.accept_clock, &b, e)) != 0)
		return r;
	r = lk_batch_delete(b, x->m.id, e);
	if (r == 0 && lk_store_key(x->lk->store, x->old.id, &now) == 1 &&
	    strcmp(now.replaced_by, x->m.id) == 0)
		r = lk_batch_expire(b, x->old.id, x->old.expires,
		    x->old.replaced_by[0] != '\0' ? x->old.replaced_by : NULL,
		    e);
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static int
undo_new(struct rotating *x, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r;

	if ((r = lk_batch_begin(x->lk->store, LK_BATCH_REMOVE, x->op->name,
	    x->op->from, 0, &b, e)) != 0)
		return r;
	if ((r = lk_batch_delete(b, x->m.id, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static int
undo(struct rotating *x, struct lk_error *e)
{
	struct lk_error	 why = { 0 };

	if (undo_both(x, &why) == 0)
		return lk_fail(e, LK_EIO, "the token of %s could not be shown: "
		    "it was deleted again, and %s is as it was", x->m.id,
		    x->old.id);
	if (undo_new(x, &why) == 0)
		return lk_fail(e, LK_EIO, "the token of %s could not be shown: "
		    "it was deleted again, but %s still ends (latchkey show "
		    "%s): make a new key before", x->m.id, x->old.id,
		    x->old.id);
	return lk_fail(e, LK_EIO, "the token of %s could not be shown, and it "
	    "is still there: latchkey delete %s (%.300s)", x->m.id, x->m.id,
	    why.text);
}

/* ------------------------------------------------------------------ public */

static int
begin(struct rotating *x, struct lk_error *e)
{
	int	 r;

	if (x->o->grace < 0 || x->o->grace > LK_GRACE_MAX)
		return lk_fail(e, LK_EDATA, "the grace is 0 to %d days",
		    LK_GRACE_MAX / 86400);
	if ((r = lk_operator_may(x->lk, x->op, LK_MAY_GENERATE, e)) != 0 ||
	    (r = lk_operator_may(x->lk, x->op, LK_MAY_DELETE, e)) != 0 ||
	    (r = lk_store_refresh(x->lk->store, e)) != 0 ||
	    (r = read_old(x, e)) != 0)
		return r;
	return describe_new(x, e);
}

static int
rotate(struct rotating *x, lk_made_fn fn, void *arg, struct lk_key *key,
    struct lk_error *e)
{
	int	 r;

	if ((r = begin(x, e)) != 0 || (r = make(x, e)) != 0)
		return r;
	lk_making_key(&x->m, key);
	if (fn(arg, x->token, key) != 0)
		return undo(x, e);
	return 0;
}

int
lk_rotate(struct lk *lk, const struct lk_operator *op,
    const struct lk_rotate *o, lk_made_fn fn, void *arg, struct lk_error *e)
{
	struct rotating	*x;
	struct lk_key	 key;
	int		 r;

	if (lk == NULL || o == NULL || o->size != sizeof(*o) ||
	    o->id == NULL || fn == NULL)
		return lk_fail(e, LK_EUSAGE, "to rotate: an argument is "
		    "missing");
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	x->lk = lk;
	x->op = op;
	x->o = o;
	r = rotate(x, fn, arg, &key, e);
	lk_wipe(x, sizeof(*x));
	free(x);
	return r;
}
