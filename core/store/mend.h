/*
 * mend.h: what is damaged in a journal.
 */
#ifndef LK_STORE_MEND_H
#define LK_STORE_MEND_H

#include "image.h"

/* A fault: line from 1; before: not the line itself is damaged, but something
 * before it is missing. */
struct lk_fault {
	uint64_t	 line;
	const char	*why;		/* static                            */
	int		 before;
};

/*
 * Read all of the journal and take down its faults, struct lk_fault, in the
 * order of lines.  0; LK_EIO, LK_ENOMEM, LK_EUNAVAIL, or as lk_store_open.
 */
int	lk_mend_faults(const struct lk_store_options *o, struct lk_buf *out,
	    struct lk_error *e);

#endif
