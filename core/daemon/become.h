/*
 * become.h: the user whose store it is, and one who may only read it.
 */
#ifndef LK_DAEMON_BECOME_H
#define LK_DAEMON_BECOME_H

#include "latchkey.h"

/*
 * Where root runs this, become the owner of the store that a policy names, with
 * that user's groups, for good; anybody else stays who he is.  Before there are
 * threads.  0, LK_EPERM, LK_ECONFIG, LK_ENOTFOUND.
 */
int	lk_become_owner(const char *policy, struct lk_error *e);
/*
 * Likewise the user of that name, who must be neither root nor the owner.  0,
 * LK_EPERM: this is not root; LK_ECONFIG, LK_ENOTFOUND.
 */
int	lk_become_verifier(const char *policy, const char *name,
	    struct lk_error *e);

#endif
