/*
 * grow.h: a bigger index beside the one that is.
 *
 *  1  index.new gets all that the index has of the lines up to where the
 *     journal was acknowledged, without the lock: slots of later lines are
 *     left out, and what later lines did to earlier ones may be in it
 *  2  what was written meanwhile is read from the journal, and index.new
 *     synced; again, until little is left
 *  3  with the lock, the rest is read and synced, index.new becomes the next
 *     generation, `state` names it, and the old one is removed
 *
 * So whoever deletes waits for the third step alone.  Who does it holds the
 * lock of journal.new, as who replaces the journal does; killed, he leaves
 * journal.new and index.new, which the next writer removes.
 */
#ifndef LK_STORE_GROW_H
#define LK_STORE_GROW_H

#include "inner.h"

/*
 * After a commit, without any lock: grow when it is time.  What cannot be done
 * now is tried after the next one; a batch that has no room in the old one
 * waits for a bigger one under the lock.
 */
void	lk_grow_fit(struct lk_store *s);
/*
 * A new index beside the old one, with all of step 1 from the journal.  0; 1:
 * it cannot be made without the lock, since the index or the journal is
 * damaged, or somebody else is at it; or an error, and nothing was changed.
 */
int	lk_grow_anew(struct lk_store *s, lk_progress_fn progress, void *arg,
	    struct lk_error *e);

#endif
