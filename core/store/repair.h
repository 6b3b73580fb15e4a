/*
 * repair.h: what a writer does before it writes: cut a torn tail, make what
 * nobody acknowledged durable, make a missing `state`.
 *
 * All of it under the lock; lk_repair_settle under the refresh mutex as well.
 */
#ifndef LK_STORE_REPAIR_H
#define LK_STORE_REPAIR_H

#include "inner.h"

/* Who writes, and when. */
struct lk_who {
	const char	*actor, *from;
	int64_t		 when;
	int		 remove;	/* what cannot be kept as evidence is
					 * cut all the same */
};

/*
 * Make `state` where there is none, or, in a store opened to remove, where it
 * is of no known form; that one is kept as state.bad.TIME.  0; LK_EAGAIN, the
 * journal is locked; or as lk_store_make.
 */
int	lk_repair_state(struct lk_store *s, const struct lk_wait *w,
	    struct lk_error *e);
/* A name for evidence that no file has: STEM.TIME, or STEM.TIME.n.  0, -1. */
int	lk_repair_name(const struct lk_folder *f, const char *stem,
	    int64_t when, char *out, size_t size);
/*
 * What was caught up with is settled: an acknowledged journal, or a damaged
 * one.  0; LK_EINDOUBT, LK_EIO, LK_ENOMEM, LK_EUNAVAIL.
 */
int	lk_repair_settle(struct lk_store *s, const struct lk_who *who,
	    struct lk_error *e);

#endif
