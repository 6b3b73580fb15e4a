/*
 * peppers.h: which pepper a store is under, and what becomes of peppers.
 */
#ifndef LK_PEPPERS_H
#define LK_PEPPERS_H

#include "snapshot.h"

/* lk_pepper_load, and the version that the journal of the store says is
 * current; where that cannot be read, lk_store_open says why. */
int	lk_peppers_load(const char *dir, const char *store,
	    struct lk_pepper **out, struct lk_error *e);
/* Of a store's options; arg is the handle. */
int	lk_peppers_learn(void *arg, const uint8_t check[LK_MAC_SIZE],
	    struct lk_hmac **mac, struct lk_error *e);

#endif
