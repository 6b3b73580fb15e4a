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

/*
 * Lines in memory, each ended by a newline but perhaps the last: from from on
 * (where the last call ended), those up to some behind at.  Where it ended.
 */
const char *lk_hint_lines(const struct lk_map *m, const char *from,
	    const char *at, const char *end);
/* Likewise of a file, as far as it was read from the disk already. */
void	lk_hint_ahead(const struct lk_map *m, struct lk_scan *s);

#endif
