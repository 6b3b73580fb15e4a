/*
 * events.h: where a listing of events begins, for events.c and events_from.c.
 */
#ifndef LK_STORE_EVENTS_H
#define LK_STORE_EVENTS_H

#include "store.h"

/* The journal as it is read. */
struct lk_events_file {
	struct lk_store	*s;
	int		 fd;
	uint64_t	 size;		/* octets of it that count           */
};

/*
 * The first line that may be wanted, into *out: the one that w says; or, as far
 * as that can be known without reading what is before it, the one that made the
 * key, or is behind the number.  0; LK_EDATA, LK_EIO.
 */
int	lk_events_from(const struct lk_events_file *f,
	    const struct lk_events_wanted *w, struct lk_mark *out,
	    struct lk_error *e);

#endif
