/*
 * daemon_settings.c: what the policy says of latchkeyd.
 */
#include "base/err.h"
#include "hold.h"
#include "snapshot.h"

int
lk_daemon_settings(struct lk *lk, struct lk_daemon *out, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r = 0;

	if (lk == NULL || out == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_daemon_settings: an argument "
		    "is NULL");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for a call");
	if (seat->snapshot != NULL)
		*out = seat->snapshot->policy->daemon;
	else
		r = lk_fail(e, LK_EUSAGE, "lk_daemon_settings: no policy is "
		    "at hand");
	lk_release(seat);
	return r;
}
