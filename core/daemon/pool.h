/*
 * pool.h: threads for what may take long, so that a loop need not wait for it.
 *
 * Tasks begin in the order that they came in, but for those that go first: each
 * thread takes them before all others, and one takes nothing else, so that they
 * wait for each other at most.  How many wait is bounded by who puts them, a
 * connection one at a time.
 */
#ifndef LK_DAEMON_POOL_H
#define LK_DAEMON_POOL_H

#include "latchkey.h"

struct lk_task {
	struct lk_task	*next;		/* of the pool                       */
	void		(*run)(struct lk_task *t);	/* one of its threads */
};

struct lk_pool;

/* n threads and the one for what goes first, with all signals blocked.  NULL
 * with e: LK_ENOMEM. */
struct lk_pool	*lk_pool_start(unsigned n, struct lk_error *e);
/* Any thread; t is the pool's until it runs.  first not 0: it goes first. */
void		 lk_pool_put(struct lk_pool *p, struct lk_task *t, int first);
/* Run what waits, join and free. */
void		 lk_pool_stop(struct lk_pool **p);

#endif
