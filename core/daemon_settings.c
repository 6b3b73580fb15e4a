/*
 * daemon_settings.c: what the policy says of latchkeyd.
 */
#include "base/err.h"
#include "snapshot.h"

int
lk_daemon_settings(struct lk *lk, struct lk_daemon *out, struct lk_error *e)
{
	if (lk == NULL || out == NULL || lk->snapshot == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_daemon_settings: no policy "
		    "is at hand");
	*out = lk->snapshot->policy->daemon;
	return 0;
}
