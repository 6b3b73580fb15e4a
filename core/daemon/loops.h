/*
 * loops.h: one loop a core, each in a thread of its own.
 */
#ifndef LK_DAEMON_LOOPS_H
#define LK_DAEMON_LOOPS_H

#include "daemon/http.h"

struct lk_loops;

/* n loops that are like o, but for share and own, of which there are n; they
 * run.  NULL with e. */
struct lk_loops	*lk_loops_start(const struct lk_http_options *o,
		    struct lk_own *owns, unsigned n, struct lk_error *e);
/* 1 when each of them beat since the last time this was asked. */
int		 lk_loops_alive(struct lk_loops *l);
/* End all answers in flight, join and free. */
void		 lk_loops_stop(struct lk_loops **l);
/* How many cores this process may use. */
unsigned	 lk_loops_cores(void);

#endif
