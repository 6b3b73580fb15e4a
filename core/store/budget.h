/*
 * budget.h: what one word of a rate-limit bucket says, and what it says next.
 *
 * Two kinds, told apart by who asks and never by the word:
 *
 *	a rate		GCRA: the time, in nanoseconds UTC since 1970, at which
 *			the budget is full again.  A call adds step to it and
 *			passes if it is then at most span ahead of the clock.
 *	a day		the end of the calendar day (UTC), of which the low 30
 *			bits are cut off, and the calls of that day in these
 *
 * Both read as a time: a word that is not after the clock is a full budget of
 * either kind, so a bucket can go to another budget as it is.  0 is full.
 *
 * The clock is the wall clock, since the words outlive a boot.  It may go back:
 * a time further ahead than a budget can be counts as now.  Threads look at
 * the clock one after the other, and so LK_BUDGET_SLACK ahead of that is taken
 * for a clock that was looked at a moment earlier, not for one that went back.
 *
 * Words come from a file that others may write: any is accepted, without
 * overflow.  Reads no clock or global; safe from any thread.
 *
 * Source: ITU-T I.371, annex A (virtual scheduling).
 */
#ifndef LK_STORE_BUDGET_H
#define LK_STORE_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#define LK_SECOND	1000000000LL		/* nanoseconds               */
#define LK_BUDGET_SLACK	(60 * LK_SECOND)
#define LK_BUDGET_MAX	1000000000		/* calls: a limit, a burst   */
#define LK_BUDGET_SPAN	(1ULL << 61)		/* nanoseconds, 73 years     */

/* One budget of one subject. */
struct lk_spend {
	uint64_t	 id;	/* hash of both                              */
	uint64_t	 step;	/* nanoseconds that a call costs; 0: a day   */
	uint64_t	 span;	/* burst, in nanoseconds; of a day, in calls */
};

/*
 * Fill step and span: limit calls in seconds, or 0: in a calendar day; burst of
 * them at once.  All within their ranges: 1..LK_BUDGET_MAX, a period of
 * a century at most.
 */
void	lk_budget_set(struct lk_spend *s, uint64_t limit, uint64_t seconds,
	    uint64_t burst);
/*
 * May one more call pass at now (nanoseconds since 1970), the word being old?
 * 1, and *next is the word then; 0, and *wait the seconds until it may, at
 * least 1.
 */
int	lk_budget_next(const struct lk_spend *s, uint64_t old, int64_t now,
	    uint64_t *next, uint32_t *wait);
/* How many more calls may pass at now, and *reset the seconds until all of them
 * may again, 0 when they may. */
uint32_t lk_budget_left(const struct lk_spend *s, uint64_t old, int64_t now,
	    uint32_t *reset);
/* The word when one call is taken back; old where there was none. */
uint64_t lk_budget_back(const struct lk_spend *s, uint64_t old, int64_t now);
/* n octets on top of a hash.  The same in each process; keeps no secret. */
uint64_t lk_budget_hash(uint64_t seed, const void *p, size_t n);

#endif
