/*
 * counts.h: what a loop counts, and the sum of what all loops do.
 *
 * The loop's thread alone writes its counts, any other may read them; there is
 * no lock, and no line that two loops write.
 */
#ifndef LK_DAEMON_COUNTS_H
#define LK_DAEMON_COUNTS_H

#include <stddef.h>

#include "latchkey.h"

#define LK_COUNTS_TIMES		16	/* buckets, without the last, +Inf   */
#define LK_COUNTS_STATUS	600	/* of HTTP; less than that           */

/* Upper bounds of the buckets, in nanoseconds, rising. */
extern const int64_t lk_counts_bounds[LK_COUNTS_TIMES];

/* Lines of the log. */
enum lk_line {
	LK_LINE_WRITTEN,
	LK_LINE_COUNTED,	/* over log_lines: in a sum                  */
	LK_LINE_LOST,		/* whoever reads the log is too slow         */
	LK_LINE_COUNT
};

struct lk_counts;

struct lk_counts *lk_counts_new(void);	/* NULL: no memory */
void	lk_counts_free(struct lk_counts **c);

/* A decision, and the nanoseconds that it took. */
void	lk_counts_decision(struct lk_counts *c, const struct lk_decision *d,
	    int64_t ns);
void	lk_counts_answer(struct lk_counts *c, int status);
void	lk_counts_line(struct lk_counts *c, enum lk_line what);

/* Sums; of types that were counted. */
struct lk_sum_type {
	char		 name[LK_NAME_MAX + 1];	/* "": of none               */
	uint64_t	 reasons[LK_REASON_COUNT];
	uint64_t	 observed[LK_REASON_COUNT];	/* would have denied */
};

struct lk_sums {
	size_t		 ntypes, cap;
	struct lk_sum_type *types;	/* owned                             */
	uint64_t	 times[LK_COUNTS_TIMES + 1];
	uint64_t	 ns;
	uint64_t	 answers[LK_COUNTS_STATUS];
	uint64_t	 lines[LK_LINE_COUNT];
};

/* Add c to s, which is zero at first.  0, or -1: no memory. */
int	lk_sums_add(struct lk_sums *s, const struct lk_counts *c);
void	lk_sums_free(struct lk_sums *s);

#endif
