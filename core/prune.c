/*
 * prune.c: delete what expired long ago.
 *
 * Keys are found without the lock, and each is looked at again with it: its end
 * may have changed.  They go a batch at a time: others write in between.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "operator.h"

#define BATCH	10000			/* keys                              */

struct pruning {
	const struct lk_prune	*o;
	struct lk_store		*s;
	int64_t			 before;	/* who expired by then       */
	struct lk_buf		 ids;	/* each ended by NUL                 */
};

/* At a time or before, of a key that is not deleted. */
static int
is_old(const struct pruning *x, int state, int64_t expires)
{
	return state != LK_STATE_DELETED && expires != 0 &&
	    expires <= x->before;
}

static int
collect(void *arg, const struct lk_key *k)
{
	struct pruning	*x = arg;

	if (is_old(x, k->state, k->expires))
		lk_buf_add(&x->ids, k->id, sizeof(k->id));
	return x->ids.failed ? LK_ENOMEM : 0;
}

static int
find(struct pruning *x, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_refresh(x->s, e)) != 0)
		return r;
	x->before = lk_store_now(x->s) - x->o->older_than;
	r = lk_store_keys(x->s, x->o->type, x->o->account, 0, collect, x);
	return r == 0 ? 0 : lk_fail(e, r, "the keys cannot be listed: %s "
	    "(latchkey store check)", r == LK_ENOMEM ? "no memory" :
	    "the store cannot be read");
}

/* Ids from..from+n; those that are old no more become "". */
static int
delete_some(struct pruning *x, const struct lk_operator *op, char *id,
    size_t n, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	struct lk_found	 f;
	size_t		 i;
	int		 r;

	if ((r = lk_batch_begin(x->s, LK_BATCH_REMOVE, op->name, op->from, 0,
	    &b, e)) != 0)
		return r;
	for (i = 0; i < n && r == 0; i++, id += LK_KEYID_LEN + 1) {
		if (lk_store_by_id(x->s, id, LK_KEYID_LEN, &f) == 1 &&
		    is_old(x, f.state, f.expires))
			r = lk_batch_delete(b, id, e);
		else
			id[0] = '\0';
	}
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static int
tell(const char *id, size_t n, lk_pruned_fn fn, void *arg)
{
	int	 r = 0;

	for (; n > 0 && r == 0; n--, id += LK_KEYID_LEN + 1)
		if (*id != '\0' && fn != NULL)
			r = fn(arg, id);
	return r;
}

static int
prune(struct pruning *x, const struct lk_operator *op, lk_pruned_fn fn,
    void *arg, struct lk_error *e)
{
	size_t	 i, k, n;
	char	*id;
	int	 r;

	if ((r = find(x, e)) != 0)
		return r;
	n = x->ids.n / (LK_KEYID_LEN + 1);
	for (i = 0; i < n && r == 0; i += k) {
		k = n - i < BATCH ? n - i : BATCH;
		id = x->ids.p + i * (LK_KEYID_LEN + 1);
		if (!x->o->dry_run)
			r = delete_some(x, op, id, k, e);
		if (r == 0)
			r = tell(id, k, fn, arg);
	}
	return r;
}

int
lk_prune(struct lk *lk, const struct lk_operator *op,
    const struct lk_prune *o, lk_pruned_fn fn, void *arg, struct lk_error *e)
{
	struct pruning	 x = { .o = o, .ids = LK_BUF_NONE };
	int		 r;

	if (lk == NULL || o == NULL || o->size != sizeof(*o) ||
	    o->older_than < 0)
		return lk_fail(e, LK_EUSAGE, "lk_prune: an argument is "
		    "missing");
	x.s = lk->store;
	if ((r = lk_operator_may(lk, op, LK_MAY_DELETE, e)) == 0)
		r = prune(&x, op, fn, arg, e);
	lk_buf_free(&x.ids);
	return r;
}
