/*
 * usage.h: the mapped file `usage`: when each key was last used, and what is
 * spent of each rate limit.
 *
 * Best effort: losing it loses no key, so it is never synced.  It is the one
 * file that verifiers of the group may write (0660), and is read as hostile:
 * any word of it is taken, none is an offset or a count of anything.  The worst
 * that one can do is a wrong last used, a stricter or a looser limit; but
 * whoever may write it may also cut it short, which ends who has it mapped by
 * SIGBUS, unless he is guarded (lk_guard).  (They hold the pepper as well.)
 *
 * Words of 8 octets in the byte order of the machine, all atomic, in lines of
 * 64 octets:
 *
 *	line
 *	0	magic "lkusage1", version 1, number of sets, number of lines of
 *		buckets, 0, 0, 0, CRC-32C of the seven words before
 *	1..	sets: 8 keys each, found from the key's digest
 *		63             28 27          0
 *		| tag             | minute    |	0: no key
 *	then	buckets: two groups a line, found from a hash of budget and
 *		subject
 *		| tags | bucket | bucket | bucket |
 *		tags: 3 of 21 bits, 0: none; a bucket is a word of budget.h
 *
 *	The rest of the last page is zero.
 *
 * A key's minute is written only when it is a later one.  Where a set is full
 * the key that was not used for longest gives way; in a group, the budget that
 * is full soonest.  One word tells whose the three buckets of a group are, so
 * that two who come first never take two buckets for one budget.  A call that
 * is counted in the very moment that its bucket is given away may be lost; so
 * may what is counted in the last second of a file that is replaced.
 *
 * Whoever may not write or map it counts in the memory of the process, in the
 * same form, and says so once.  A bigger one takes its place by rename; those
 * that were mapped before stay so until lk_usage_close.
 *
 * After open, and but for fit, any thread; no lock, no allocation, no system
 * call but in open, look, fit and close.
 */
#ifndef LK_STORE_USAGE_H
#define LK_STORE_USAGE_H

#include "base/io.h"
#include "store/budget.h"
#include "token/digest.h"

#define LK_USAGE_NAME	"usage"
#define LK_USAGE_NEW	"usage.new"	/* while it is made                  */
#define LK_USAGE_BAD	"usage.bad"	/* of no known form, moved away      */
#define LK_USAGE_DIGEST	8		/* octets of a digest that are used  */
#define LK_USAGE_MIN	65536		/* octets; about 20 a key beyond     */
#define LK_USAGE_MAPS	32		/* a process, till it is closed      */

struct lk_usage_file;

/*
 * Map what is in the folder dir; write not 0: make it where there is none, or
 * one of no known form (that is moved away).  dir is borrowed.  0, whatever can
 * be had of it; LK_ENOMEM.
 */
int	lk_usage_open(const struct lk_io *io, const char *dir, int write,
	    struct lk_usage_file **out);
void	lk_usage_close(struct lk_usage_file **u);
/* Once a second or so: is the file still the one that is mapped?  One stat(2)
 * where it is. */
void	lk_usage_look(struct lk_usage_file *u);
/* Who opened to write: make a bigger one where it is too small for nkeys. */
void	lk_usage_fit(struct lk_usage_file *u, uint64_t nkeys);
/* 1 it is the file, 0 the memory of this process. */
int	lk_usage_shared(const struct lk_usage_file *u);
/* Octets of what is mapped. */
size_t	lk_usage_size(const struct lk_usage_file *u);

/* ---------------------------------------------------------------- last used */

/* Before a look-up of the key, so that both waits are one. */
void	lk_usage_prefetch(const struct lk_usage_file *u,
	    const uint8_t digest[LK_USAGE_DIGEST]);
/*
 * The key was used at now, in seconds.  It never goes back, but from a time
 * more than a day ahead: that was no time.
 */
void	lk_usage_touch(struct lk_usage_file *u,
	    const uint8_t digest[LK_USAGE_DIGEST], int64_t now);
/* When, to the minute, at most now; 0: not known. */
int64_t	lk_usage_last(const struct lk_usage_file *u,
	    const uint8_t digest[LK_USAGE_DIGEST], int64_t now);

/* ------------------------------------------------------------------ budgets */

/* May one more call pass at now (nanoseconds)?  Stores nothing.  As
 * lk_budget_next. */
int	lk_usage_peek(const struct lk_usage_file *u, const struct lk_spend *s,
	    int64_t now, uint32_t *wait);
/* 1, and it is counted; 0 and *wait. */
int	lk_usage_take(struct lk_usage_file *u, const struct lk_spend *s,
	    int64_t now, uint32_t *wait);
/* How many more may pass at once, and *reset; as lk_budget_left. */
uint32_t lk_usage_left(const struct lk_usage_file *u,
	    const struct lk_spend *s, int64_t now, uint32_t *reset);
/* Give back what lk_usage_take took. */
void	lk_usage_give(struct lk_usage_file *u, const struct lk_spend *s,
	    int64_t now);

#endif
