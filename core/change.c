/*
 * change.c: delete, disable, enable: several keys in one call, all or none.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "keys.h"
#include "operator.h"
#include "token/token.h"

/* What is done to each key.  Whoever takes power away needs no pepper. */
static const struct change_kind {
	unsigned	 right;
	int		 batch;		/* LK_BATCH_*                        */
	const char	*done;		/* of a key that was so before       */
	int		 once;		/* and if all were, nothing is found */
	int		(*add)(struct lk_batch *, const char *,
			    struct lk_error *);
} kinds[] = {
	{ LK_MAY_DELETE, LK_BATCH_REMOVE, "deleted", 1, lk_batch_delete },
	{ LK_MAY_DELETE, LK_BATCH_REMOVE, "disabled", 0, lk_batch_disable },
	{ LK_MAY_GENERATE, LK_BATCH_ADD, "enabled", 0, lk_batch_enable },
};
enum { DELETE, DISABLE, ENABLE };

/* A call as it goes on. */
struct changing {
	const struct change_kind *kind;
	struct lk	*lk;
	const struct lk_operator *op;
	struct lk_store	*s;
	struct lk_batch	*b;
	size_t		 n;		/* in the batch                      */
	size_t		 before;	/* so already                        */
	char		 ids[512];	/* those, by ", "; a long list is cut */
};

int
lk_no_such_key(const char *id, struct lk_error *e)
{
	size_t	 n = strlen(id);

	if (!lk_keyid_valid(id, n))
		return lk_fail(e, LK_ENOTFOUND, "not a key id: it has %d "
		    "letters and digits (latchkey list)", LK_KEYID_LEN);
	return lk_fail(e, LK_ENOTFOUND, "no key %s (latchkey list)", id);
}

static void
note_before(struct changing *c, const char *id)
{
	size_t	 used = strlen(c->ids);

	snprintf(c->ids + used, sizeof(c->ids) - used, "%s%s",
	    used != 0 ? ", " : "", id);
	c->before++;
}

static int
is_so(const struct changing *c, const struct lk_key *k)
{
	switch (c->kind - kinds) {
	case DELETE:
		return k->state == LK_STATE_DELETED;
	case DISABLE:
		return k->state == LK_STATE_DISABLED;
	default:
		return k->state == LK_STATE_ACTIVE ||
		    k->state == LK_STATE_EXPIRED;
	}
}

/* May this one be let in again?  r: what the store told of it. */
static int
check_revive(const struct changing *c, const char *id, int r,
    const struct lk_key *k, struct lk_error *e)
{
	if (r != 1)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell of %s "
		    "(latchkey store check)", id);
	return lk_operator_revive(c->lk, c->op, k->role, e);
}

/* One id into the batch; twice in one call is once. */
static int
change_one(struct changing *c, const char *const *ids, size_t i,
    struct lk_error *e)
{
	struct lk_key	 k;
	size_t		 j;
	int		 r;

	for (j = 0; j < i; j++)
		if (strcmp(ids[j], ids[i]) == 0)
			return 0;
	if (!lk_keyid_valid(ids[i], strlen(ids[i])) ||
	    (r = lk_store_key(c->s, ids[i], &k)) == 0)
		return lk_no_such_key(ids[i], e);
	if (r == 1 && is_so(c, &k)) {
		note_before(c, ids[i]);
		return 0;
	}
	if (r == 1 && k.state == LK_STATE_DELETED)
		return lk_fail(e, LK_ENOTFOUND, "%s is deleted, which is for "
		    "good", ids[i]);
	if (c->kind == &kinds[ENABLE] &&
	    (r = check_revive(c, ids[i], r, &k, e)) != 0)
		return r;
	/* The line that made it may be the one that is damaged. */
	if ((r = c->kind->add(c->b, ids[i], e)) == 0)
		c->n++;
	return r;
}

static int
change_all(struct changing *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	size_t	 i;
	int	 r = 0;

	for (i = 0; i < n && r == 0; i++)
		r = change_one(c, ids, i, e);
	if (r == 0 && c->n == 0 && c->kind->once)
		r = lk_fail(e, LK_ENOTFOUND, "%s %s deleted already", c->ids,
		    c->before == 1 ? "is" : "are");
	return r;
}

static int
change(const struct change_kind *kind, struct lk *lk,
    const struct lk_operator *op, const char *const *ids, size_t n,
    struct lk_error *e)
{
	struct changing	 c = { .kind = kind, .lk = lk, .op = op,
			     .s = lk->store };
	int		 r;

	if (ids == NULL || n == 0)
		return lk_fail(e, LK_EUSAGE, "no key id was given");
	if ((r = lk_operator_may(lk, op, kind->right, e)) != 0 ||
	    (r = lk_batch_begin(lk->store, kind->batch, op->name, op->from, 0,
	    &c.b, e)) != 0)
		return r;
	if ((r = change_all(&c, ids, n, e)) != 0) {
		lk_batch_abandon(&c.b);
		return r;
	}
	if ((r = lk_batch_commit(&c.b, e)) == 0 && c.before != 0)
		lk_fail(e, LK_NOTE, "%s already: %s", kind->done, c.ids);
	return r;
}

int
lk_delete(struct lk *lk, const struct lk_operator *op,
    const char *const *ids, size_t n, struct lk_error *e)
{
	return change(&kinds[DELETE], lk, op, ids, n, e);
}

int
lk_disable(struct lk *lk, const struct lk_operator *op,
    const char *const *ids, size_t n, struct lk_error *e)
{
	return change(&kinds[DISABLE], lk, op, ids, n, e);
}

int
lk_enable(struct lk *lk, const struct lk_operator *op,
    const char *const *ids, size_t n, struct lk_error *e)
{
	return change(&kinds[ENABLE], lk, op, ids, n, e);
}
