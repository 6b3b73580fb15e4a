/*
 * hint.h: what lines of the journal that are read soon will look up is asked
 * for ahead, so that it is at hand then.
 *
 * A guess: it decides nothing, and a wrong one costs a moment.
 */
#ifndef LK_STORE_HINT_H
#define LK_STORE_HINT_H

#include "map.h"
#include "scan.h"

/* The lines from where the last call ended up to some behind the one that is
 * next, as far as they were read from the disk already. */
void	lk_hint_ahead(const struct lk_map *m, struct lk_scan *s);

#endif
