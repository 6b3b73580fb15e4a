/*
 * progress.h: how far a long work is, on a terminal; elsewhere nothing.
 */
#ifndef LK_CLI_PROGRESS_H
#define LK_CLI_PROGRESS_H

#include <stdint.h>

struct lk_progress {
	const char	*what;		/* borrowed: "index"                 */
	const char	*unit;		/* of what is counted: "octets"      */
	int		 on;		/* standard error is a terminal      */
	int64_t		 began, last;	/* milliseconds                      */
	int		 drawn;		/* there is a line to wipe           */
};

void	lk_progress_start(struct lk_progress *p, const char *what,
	    const char *unit);
/* A lk_progress_fn: so many of all are done; all 0: it is not known. */
void	lk_progress_step(void *progress, uint64_t done, uint64_t all);
/* Wipe the line. */
void	lk_progress_end(struct lk_progress *p);

#endif
