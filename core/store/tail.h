/*
 * tail.h: what the end of a journal looks like from where it cannot be read on.
 *
 * A power cut leaves of a batch that was not yet synced: less of it, or zeros
 * in place of whole sectors.  This tells that from octets that changed at rest,
 * as well as it can be told from the octets alone.
 */
#ifndef LK_STORE_TAIL_H
#define LK_STORE_TAIL_H

#include <stdint.h>

#include "base/io.h"
#include "latchkey.h"

#define LK_SECTOR	512		/* octets                            */

struct lk_tail {
	int		 newline;	/* it ends in one                    */
	int		 flipped;	/* its last octet was that newline   */
	int		 zeros;		/* a whole sector of it is NUL       */
	int		 batches;	/* that lines in it name, 0..2       */
	uint64_t	 batch;		/* the first of them                 */
	uint64_t	 alone;		/* from here on there is but one     */
	uint64_t	 seq;		/* the highest that a line in it has */
	uint64_t	 lines;		/* physical ones, the last included  */
};

/*
 * Look at [from, size), where from is the start of a batch.  0, LK_EIO,
 * LK_ENOMEM.
 */
int	lk_tail_look(const struct lk_io *io, int fd, uint64_t from,
	    uint64_t size, struct lk_tail *out);

#endif
