/*
 * inner.h: what is behind struct lk_store, for the files of this folder.
 */
#ifndef LK_STORE_INNER_H
#define LK_STORE_INNER_H

#include "image.h"
#include "lock.h"
#include "store.h"
#include "usage.h"

#define LK_IMAGES_MAX	32		/* a store, till it is closed        */
#define LK_STORE_WAIT	30		/* seconds for the lock              */

struct lk_store {
	struct lk_store_options o;	/* dir and check: its own copies     */
	uint8_t		 check[LK_MAC_SIZE];
	struct lk_self	 self;
	_Atomic(struct lk_image *) image;
	unsigned	 images;	/* it and the older ones             */

	/* Whoever reads new lines; look-ups go on meanwhile. */
	struct lk_mutex	 refresh;
	_Atomic int	 busy;		/* it is held: asked after a fork    */
	_Atomic int64_t	 looked;	/* second of the last look at names  */
	_Atomic int	 gone;		/* the journal had no name then      */
	struct lk_hmac	*macs[LK_IMAGES_MAX];	/* of earlier peppers        */
	unsigned	 nmacs;
	struct lk_buf	 denied;	/* struct lk_end, in doubt           */
	struct lk_usage_file *usage;	/* never NULL                        */

	/* Whoever writes. */
	struct lk_lock	 lock;
	int		 holding;	/* the locks, for batches or groups  */
	_Atomic int	 poisoned;	/* a sync failed                     */
	int		 wrote;		/* anything at all                   */
	_Atomic int	 marking;	/* a thread makes a checkpoint       */
	_Atomic int64_t	 mark_after;	/* the next one, in microseconds     */

	/* Groups of batches, oldest first; see batch_inner.h. */
	pthread_mutex_t	 group_mutex;
	pthread_cond_t	 group_end;
	pid_t		 group_pid;
	struct lk_group	*groups;
	int		 leading;	/* one of them is being written      */
	int		 shut;		/* no new one begins                 */
};

static inline struct lk_image *
lk_store_image(struct lk_store *s)
{
	return atomic_load_explicit(&s->image, memory_order_acquire);
}
/* Take and let go of the refresh mutex.  0, or LK_EUNAVAIL and it is not
 * held. */
int	lk_store_enter(struct lk_store *s, struct lk_error *e);
void	lk_store_leave(struct lk_store *s);
/* How many keys there are, with the refresh mutex held. */
uint64_t lk_store_size(struct lk_store *s);
/* Both with the refresh mutex held.  0 or as lk_store_open. */
int	lk_store_catch_up(struct lk_store *s, struct lk_error *e);
int	lk_store_reload(struct lk_store *s, struct lk_error *e);
/* Other files have the names: go over to the journal, or reload. */
int	lk_store_meet(struct lk_store *s, struct lk_error *e);
/* A descriptor of the caller's own of the journal as it is now, and how much of
 * it counts; another one may take its place meanwhile.  0; LK_EIO,
 * LK_EUNAVAIL. */
int	lk_store_hold(struct lk_store *s, int *fd, uint64_t *size,
	    struct lk_error *e);
/* The journal is under another pepper: take its key.  0, or an error, and
 * nothing is changed; the refresh mutex is held. */
int	lk_store_learn(struct lk_store *s, struct lk_error *e);
/* Their ends (struct lk_end) are in doubt, so nobody is let in with them. */
void	lk_store_deny(struct lk_store *s, const struct lk_buf *ends);
/* It is enabled: that it was disabled is in doubt no more. */
void	lk_store_forgive(struct lk_store *s, const char *id);

#endif
