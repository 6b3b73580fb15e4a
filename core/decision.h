/*
 * decision.h: the one table of reasons, and how a decision is filled.
 *
 * A decision starts as *deny*; a step can only stop it or hand it on.  LK_ALLOW
 * is assigned in lk_decision_allow alone.  The table itself is printed in
 * latchkey(1) and in DESIGN.md 7.
 */
#ifndef LK_DECISION_H
#define LK_DECISION_H

#include "latchkey.h"

/* Seconds a caller is told to wait where nothing better is known. */
#define LK_RETRY_AFTER	1

/* Deny, no reason, no names; everything else zero. */
void	lk_decision_start(struct lk_decision *d);
/* Stop with a reason of the table; wait is for rate_limited, in seconds. */
void	lk_decision_stop(struct lk_decision *d, uint32_t reason,
	    unsigned wait);
/* The one place that says yes. */
void	lk_decision_allow(struct lk_decision *d);

/* Add a step to a trace; t may be NULL, name and note too.  Steps beyond
 * LK_TRACE_MAX are left out, but the last, which tells why it stopped. */
void	lk_trace_step(struct lk_trace *t, const char *step, const char *name,
	    uint32_t reason, unsigned line, const char *note);

/* Note what a check that is observed would have denied; the decision stays as
 * it is. */
void	lk_decision_observe(struct lk_decision *d, struct lk_trace *t,
	    const char *check, uint32_t reason, unsigned line,
	    const char *note);

#endif
