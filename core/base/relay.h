/*
 * relay.h: one thread fills slots, the caller empties them in the same order.
 *
 *	thread	fill 0   fill 1   fill 2   fill 0 ...
 *	caller	         next: 0  next: 1  next: 2 ...
 *
 * What is in the slots is the caller's affair, and filled alone; a slot belongs
 * to the thread until lk_relay_next gives its number, and from then on to the
 * caller until he asks for the next one.
 */
#ifndef LK_BASE_RELAY_H
#define LK_BASE_RELAY_H

#include <pthread.h>

/* Fill a slot.  1: there will be more; else it is the last one. */
typedef int (*lk_fill_fn)(void *arg, unsigned slot);

struct lk_relay {
	lk_fill_fn	 fill;
	void		*arg;
	unsigned	 slots;
	int		 threaded;
	pthread_t	 thread;
	pthread_mutex_t	 mutex;		/* of these:                         */
	pthread_cond_t	 change;
	unsigned	 filled, emptied;	/* so far, each a count      */
	int		 taken;		/* the caller has one                */
	int		 stop;
};

/*
 * Begin.  The thread has all signals blocked: they stay the caller's.  Where no
 * thread can be made, or slots is 1, lk_relay_next fills slot 0 itself.
 */
void	lk_relay_start(struct lk_relay *r, unsigned slots, lk_fill_fn fill,
	    void *arg);
/* The slot that was filled next; the one before is given back.  Not to be
 * called any more after the last one. */
unsigned lk_relay_next(struct lk_relay *r);
/* The thread is over when this returns.  All zero: there was none. */
void	lk_relay_end(struct lk_relay *r);

#endif
