/*
 * call.h: one verify as it travels, and the steps on its way.
 *
 * A call lives on the stack of lk_verify.  Each step answers LK_PASS, or stops
 * the decision with a reason and answers LK_REFUSE; the two lie far apart.
 */
#ifndef LK_CALL_H
#define LK_CALL_H

#include "decision.h"
#include "json.h"
#include "snapshot.h"
#include "store/budget.h"
#include "token/token.h"

/* A step has no call of its own: calls would be a quarter of a verify. */
#define LK_STEP		static inline __attribute__((always_inline))
#define LK_SPENDS_MAX	16		/* budgets of one call               */

struct lk_call {
	struct lk			*lk;
	const struct lk_snapshot	*snapshot;
	struct lk_decision		*d;
	struct lk_trace			*trace;		/* or NULL           */
	int				 api;		/* index, -1: "*"    */

	/* From here to the digest all is zero when it begins. */
	const struct lk_pepper		*pepper;	/* after digest      */
	const struct lk_request		*request;	/* NULL: a token     */
	const struct lk_live_type	*type;		/* after route       */
	const struct lk_live_api	*live;		/* its API           */
	int64_t				 now;
	struct lk_view			 view;
	struct lk_credential		 credential;	/* after present     */
	uint64_t			 account_hash;	/* 0: none claimed   */
	struct lk_record		 record;
	struct lk_json			*json;		/* owned             */
	int				 json_state;	/* 0 unread, 1, -1   */
	int				 json_failed;	/* for want of memory */
	int				 store_failed;	/* it cannot tell    */
	int				 peek;		/* nothing is taken  */
	const char			*json_why;	/* of -1, or NULL    */
	const struct lk_live_check	*check;		/* that is asked now */
	const struct lk_budget		*spent;		/* it refused; NULL  */
	int64_t				 clock;		/* 0 unread; of them */
	unsigned			 nspends;

	uint8_t				 digest[LK_DIGEST_SIZE];
	struct lk_token			 token;		/* after parse       */
	struct lk_found			 found;		/* after look-up     */
	struct lk_spend			 spends[LK_SPENDS_MAX];
	const struct lk_live_check	*spenders[LK_SPENDS_MAX];
	const struct lk_budget		*budgets[LK_SPENDS_MAX];
};

/* Stop: reason with a note for the trace; the step and its line of the policy
 * are named.  Always LK_REFUSE. */
uint32_t lk_call_stop(struct lk_call *c, const char *step, uint32_t reason,
	    unsigned line, const char *note);
/* A plugin's fault: it is named in the decision.  Likewise. */
uint32_t lk_call_fault(struct lk_call *c, const char *step,
	    const char *plugin, unsigned line, const char *note);
/* The verdict of a plugin's call, as the loader judged it. */
uint32_t lk_call_judged(struct lk_call *c, const char *step,
	    const char *plugin, unsigned line, uint32_t answer,
	    const struct lk_answer *a);

/* Likewise of a check that is observed: a denial is noted and LK_PASS; but what
 * is broken, or cannot be known, stops as ever. */
uint32_t lk_call_observed(struct lk_call *c, const struct lk_live_check *k,
	    uint32_t answer, const struct lk_answer *a);

/* Note that a step passed; LK_PASS. */
static inline uint32_t
lk_call_pass(struct lk_call *c, const char *step, const char *name,
    unsigned line, const char *note)
{
	if (__builtin_expect(c->trace != NULL, 0))
		lk_trace_step(c->trace, step, name, LK_REASON_NONE, line,
		    note);
	return LK_PASS;
}

/* As lk_call_judged; what most calls come to costs no call. */
static inline uint32_t
lk_call_judge(struct lk_call *c, const char *step, const char *plugin,
    unsigned line, uint32_t answer, const struct lk_answer *a)
{
	if (answer == LK_PASS && !(c->json_failed | c->store_failed))
		return lk_call_pass(c, step, plugin, line, NULL);
	return lk_call_judged(c, step, plugin, line, answer, a);
}

/* Start and end of a call, with the snapshot that is held; the decision is a
 * deny until the end. */
void	lk_call_begin(struct lk_call *c, struct lk *lk,
	    const struct lk_snapshot *s, struct lk_decision *d,
	    struct lk_trace *t);
void	lk_call_end(struct lk_call *c);

/* Take what the checks found: LK_PASS, or it stops. */
uint32_t lk_call_take(struct lk_call *c);
/* What is left of budgets, into the decision of an allow; and of the one that
 * stopped a call, if there is one. */
void	lk_call_left(struct lk_call *c);
void	lk_call_spent(struct lk_call *c);
/* lk_host.budget. */
int	lk_call_budget(struct lk_call *c, const struct lk_budget *b,
	    uint32_t *wait);
/* What is no token of its type: it passes where that takes those of other
 * systems and it may be one.  The digest of such a one: 0, LK_ENOTFOUND,
 * LK_EUNAVAIL. */
uint32_t lk_call_other(struct lk_call *c, unsigned line);
int	lk_call_digest_foreign(struct lk_call *c, unsigned version);

#endif
