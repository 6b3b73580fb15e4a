/*
 * measure.c: a handle in numbers.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "hold.h"

static int
measure(struct lk *lk, const struct lk_snapshot *s, struct lk_measures *out,
    struct lk_error *e)
{
	size_t	 i;

	memset(out, 0, sizeof(*out));
	out->types = (unsigned)s->policy->ntypes;
	for (i = 0; i < s->policy->ntypes; i++)
		out->faulty += !s->types[i].sound;
	return lk_store_measure(lk->store, out, e);
}

int
lk_ready(struct lk *lk, struct lk_error *e)
{
	if (lk == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_ready: the handle is NULL");
	return lk_store_refresh(lk->store, e);
}

int
lk_measure(struct lk *lk, struct lk_measures *out, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (lk == NULL || out == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_measure: an argument is "
		    "NULL");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for a call");
	r = seat->snapshot == NULL ?
	    lk_fail(e, LK_EUSAGE, "lk_measure: no policy is at hand") :
	    measure(lk, seat->snapshot, out, e);
	lk_release(seat);
	return r;
}
