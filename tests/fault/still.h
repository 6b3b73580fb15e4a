/*
 * still.h: what is compared of a store's folder before and after a recovery:
 * the journal, and what was kept of it.
 */
#ifndef FAULT_STILL_H
#define FAULT_STILL_H

#include "model.h"

#define STILL_JOURNAL	STORE "/journal"

struct still {
	char	*text;			/* the caller frees it               */
	size_t	 n;
	int	 torn;			/* files torn.*                      */
};

void	still_keep(struct still *k);
/* Lines but the first and those of repairs, of which what was cut is kept; -1:
 * something is wrong, and why. */
int	still_lines(const struct model *m, const struct still *before,
	    char *why, size_t n);
/* -1. */
int	still_say(char *why, size_t n, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
