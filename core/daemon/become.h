/*
 * become.h: the user whose store it is.
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

#endif
