/*
 * lines.h: a line of the log a decision, and how many of them.
 *
 * No line has anything that a caller wrote: names of the policy, of the store
 * and of users, an address, a number of our own.  So no token can be in one,
 * wherever it was put.
 *
 * Denials of one reason and address are written up to so many a minute; those
 * beyond are counted, and the minute's end, or the next one, tells how many.
 * IPv6 counts by its first 64 bits.
 */
#ifndef LK_DAEMON_LINES_H
#define LK_DAEMON_LINES_H

#include "daemon/counts.h"
#include "daemon/log.h"

struct lk_lines;

/* What a line is made of; all borrowed. */
struct lk_facts {
	const struct lk_decision *d;
	const struct lk_net	*peer;	/* of the caller; family 0: unknown  */
	const char		*id;	/* of the answer, or ""              */
	int			 status;	/* of the answer             */
	int64_t			 ns;
};

/* An answer of the admin. */
struct lk_answered {
	const char		*name;	/* of what was asked for             */
	const char		*reason;	/* of a failure, or NULL     */
	const char		*who, *from;	/* the operator, or ""       */
	const struct lk_net	*peer;
	const char		*id;	/* of the answer, or ""              */
	int			 status;	/* of it                     */
	int64_t			 ns;
};

/* Of one loop; d, c and r are borrowed.  NULL: no memory. */
struct lk_lines	*lk_lines_new(const struct lk_daemon *d, struct lk_counts *c,
		    struct lk_ring *r);
/* What is counted and not told yet is told. */
void		 lk_lines_free(struct lk_lines **l);
void		 lk_lines_decision(struct lk_lines *l,
		    const struct lk_facts *f);
void		 lk_lines_answer(struct lk_lines *l,
		    const struct lk_answered *a);
/* Once a second or so: tell what was counted in minutes that are over. */
void		 lk_lines_look(struct lk_lines *l);
/* What there is may be written. */
void		 lk_lines_flush(struct lk_lines *l);

#endif
