/*
 * checkpoint.h: what of the journal is in the index for certain, also after a
 * crash of the machine; what comes behind it is then read again.
 */
#ifndef LK_STORE_CHECKPOINT_H
#define LK_STORE_CHECKPOINT_H

#include "inner.h"

/*
 * All that is in the shared index now is in it after a crash as well.  Without
 * the lock.  Where it cannot be synced, nobody knows what of it is on the disk,
 * however often others sync it later: nobody uses it any more, and the next
 * writer makes it anew; until then all read the journal.
 */
void	lk_checkpoint_make(struct lk_image *im);
/* After a commit that adds, without any lock: do that when 4 MiB of lines came
 * since, and a thirtieth of a writer's time goes into it at most. */
void	lk_checkpoint_fit(struct lk_store *s);

#endif
