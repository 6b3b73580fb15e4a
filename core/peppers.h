/*
 * peppers.h: which pepper a store is under, and what becomes of peppers.
 */
#ifndef LK_PEPPERS_H
#define LK_PEPPERS_H

#include "hold.h"

/* lk_pepper_load, and the version that the journal of the store says is
 * current; where that cannot be read, lk_store_open says why. */
int	lk_peppers_load(const char *dir, const char *store,
	    struct lk_pepper **out, struct lk_error *e);
/*
 * Is the pepper before the current one there, and that one, if keys live under
 * it?  A token of theirs is unknown under any other.  0; LK_ECONFIG, e names
 * the file and the mend.  Where the index cannot tell, 0: then neither does a
 * verify.
 */
int	lk_peppers_whole(struct lk_store *store, const char *dir,
	    const struct lk_pepper *p, struct lk_error *e);
/* Of a store's options; arg is the handle. */
int	lk_peppers_learn(void *arg, const uint8_t check[LK_MAC_SIZE],
	    struct lk_hmac **mac, struct lk_error *e);

/*
 * The end of a reload: s in place of the snapshot that is there, with the
 * peppers that are now in its folder, of which one must be the journal's.  What
 * was there is retired.  0, and s is handed over; or nothing is changed:
 * LK_ECONFIG, LK_EPERM, LK_EUNAVAIL, LK_EIO, LK_ENOMEM.
 */
int	lk_peppers_swap(struct lk *lk, struct lk_snapshot *s,
	    struct lk_error *e);

/* A call on peppers, named call, begins: op may, the handle has some, and they
 * are those that are there now.  0, and lk_release ends it. */
int	lk_peppers_begin(struct lk *lk, const struct lk_operator *op,
	    unsigned may, const char *call, struct lk_seat **out,
	    struct lk_error *e);
/* The file of a version, within such a call.  0, LK_ECONFIG: too long. */
int	lk_peppers_path(const struct lk *lk, unsigned version, char *out,
	    size_t size);

#endif
