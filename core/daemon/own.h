/*
 * own.h: what a loop has for itself: its counts, and its end of the log.
 */
#ifndef LK_DAEMON_OWN_H
#define LK_DAEMON_OWN_H

#include "daemon/counts.h"
#include "daemon/lines.h"

struct lk_own {
	struct lk_counts	*counts;
	struct lk_lines		*lines;
};

/* n of them, each at a ring of the log; d and log are borrowed.  0; LK_ENOMEM.
 */
int	lk_owns_new(const struct lk_daemon *d, struct lk_log *log, unsigned n,
	    struct lk_own **out, struct lk_error *e);
/* What is counted and not told goes into the log, which is still there. */
void	lk_owns_free(struct lk_own **owns, size_t n);

#endif
