/*
 * ahead.h: what stands in the journal behind the acknowledged length.
 *
 * It is not served, since nobody was told that it is there.  But a delete whose
 * sync failed was told as *indeterminate*, and the one who wrote it may have
 * ended: so whatever takes power away there holds for everybody, until it is
 * acknowledged or cut.
 */
#ifndef LK_STORE_AHEAD_H
#define LK_STORE_AHEAD_H

#include "base/io.h"
#include "index.h"

/*
 * Take the keys that lines of [from, size) delete or disable for such, and no
 * others any more.  from == size: none.  0, LK_EIO, LK_ENOMEM.
 */
int	lk_ahead_look(struct lk_index *ix, const struct lk_io *io, int fd,
	    uint64_t from, uint64_t size);

#endif
