/*
 * upkeep.c: what the owner of a store does to all of it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "operator.h"

static int
judge(const struct lk *lk, const struct lk_operator *op,
    const struct lk_rewritten *out, const char *call, struct lk_error *e)
{
	if (lk == NULL || op == NULL || out == NULL ||
	    out->size != sizeof(*out))
		return lk_fail(e, LK_EUSAGE, "%s: an argument is missing",
		    call);
	return 0;
}

static void
describe(const struct lk_swapped *w, struct lk_rewritten *out)
{
	out->before = w->before;
	out->after = w->after;
	memcpy(out->file, w->file, sizeof(w->file));
}

int
lk_store_compact(struct lk *lk, const struct lk_operator *op, unsigned what,
    lk_progress_fn progress, void *arg, struct lk_rewritten *out,
    struct lk_error *e)
{
	struct lk_swapped	 w = { 0 };
	unsigned		 n = 0;
	int			 r;

	if ((r = judge(lk, op, out, "lk_store_compact", e)) != 0)
		return r;
	if (what == 0 || (what & ~(LK_COMPACT | LK_DISCARD)) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_store_compact: what 0x%x is "
		    "not known", what);
	if ((r = lk_operator_may(lk, op, LK_MAY_DELETE, e)) != 0)
		return r;
	if (what & LK_COMPACT)
		r = lk_store_shrink(lk->store, op->name, op->from, progress,
		    arg, &w, e);
	describe(&w, out);
	if (r == 0 && what & LK_DISCARD)
		r = lk_store_discard(lk->store, &n, e);
	out->discarded = n;
	return r;
}
