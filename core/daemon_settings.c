/*
 * daemon_settings.c: what the policy says of latchkeyd.
 */
#include "base/err.h"
#include "hold.h"
#include "policy/policy.h"
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

/* Whom a policy of others named might be anybody. */
int
lk_daemon_read(const char *policy, struct lk_daemon *out, struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_policy	*p = NULL;
	int			 r;

	if (policy == NULL || out == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_daemon_read: an argument is "
		    "NULL");
	if ((r = lk_policy_load(policy, 1, &quiet, &p, e)) == 0)
		*out = p->daemon;
	lk_policy_free(&p);
	return r;
}
