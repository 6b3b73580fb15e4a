/*
 * hold.h: what a call uses of a handle stays until the call is over.
 *
 * A reload puts another policy in place of one that other threads are in.
 * Each thread has a seat in each handle that it calls, alone in its cache line.
 * When a call begins, the thread writes there since when it is in; what was
 * taken out of place later than that is not freed until it has left.
 *
 *	thread                          reload
 *	  since = epoch                   snapshot = new
 *	  -- nothing moves across --      epoch++
 *	  uses snapshot                   barrier, in all threads
 *	  since = 0                       free what is older than each since
 *
 * The thread has no barrier to wait for: who reloads has the kernel make one
 * in all of them (membarrier(2)).  Where that cannot be had, handles are fenced
 * and a call pays for it.
 */
#ifndef LK_HOLD_H
#define LK_HOLD_H

#include <pthread.h>

#include "snapshot.h"

/* Of one thread in one handle. */
struct lk_seat {
	_Alignas(64) _Atomic uint64_t since;	/* 0: in no call             */
	unsigned		 depth;	/* calls within calls                */
	struct lk_snapshot	*snapshot;	/* for all of the call; NULL:
						 * of a store alone          */
	const struct lk		*lk;
	pthread_t		 thread;
	struct lk_seat		*next;
};

/* 0; LK_EUNAVAIL, no thread key is left. */
int	lk_seats_open(struct lk *lk, struct lk_error *e);
/* Nobody may be in a call.  Frees what was retired as well. */
void	lk_seats_close(struct lk *lk);
/* The first call of a thread.  NULL: no memory. */
struct lk_seat *lk_seat_new(struct lk *lk);

/*
 * lk_hold: a call begins; what it loads from the handle is there until
 * lk_release.  A call within a call has the snapshot of the outer one.  NULL
 * when there is no memory for a thread's first.
 */
static inline struct lk_seat *
lk_hold(struct lk *lk)
{
	struct lk_seat	*s = pthread_getspecific(lk->seats);
	uint64_t	 epoch;

	if (__builtin_expect(s == NULL, 0) && (s = lk_seat_new(lk)) == NULL)
		return NULL;
	if (__builtin_expect(s->depth++ != 0, 0))
		return s;
	epoch = atomic_load_explicit(&lk->epoch, memory_order_acquire);
	if (__builtin_expect(lk->fenced, 0))
		atomic_exchange(&s->since, epoch);
	else
		atomic_store_explicit(&s->since, epoch, memory_order_release);
	atomic_signal_fence(memory_order_seq_cst);
	s->snapshot = atomic_load(&lk->snapshot);
	return s;
}

static inline void
lk_release(struct lk_seat *s)
{
	if (--s->depth == 0)
		atomic_store_explicit(&s->since, 0, memory_order_release);
}

/* What the call that this thread is in holds. */
static inline const struct lk_snapshot *
lk_held(const struct lk *lk)
{
	const struct lk_seat	*s = pthread_getspecific(lk->seats);

	return s->snapshot;
}

/* What was taken out of place, until nobody is in it. */
struct lk_retired {
	struct lk_retired	*next;
	uint64_t		 epoch;
	struct lk_snapshot	*snapshot;	/* either, or NULL           */
	struct lk_pepper	*pepper;
};

/* Take r, allocated by the caller, over; what is in it is out of place by now
 * and is freed when it can be. */
void	lk_retire(struct lk *lk, struct lk_retired *r);
/* Free what nobody is in.  How many are left. */
size_t	lk_reclaim(struct lk *lk);

#endif
