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

#define LK_SPENDS_MAX	16		/* budgets of one call               */

struct lk_call {
	struct lk			*lk;
	const struct lk_snapshot	*snapshot;
	const struct lk_request		*request;	/* NULL: a token     */
	struct lk_decision		*d;
	struct lk_trace			*trace;		/* or NULL           */
	const struct lk_live_type	*type;		/* after route       */
	int				 api;		/* index, -1: "*"    */
	int64_t				 now;
	struct lk_view			 view;
	struct lk_credential		 credential;	/* after present     */
	struct lk_token			 token;		/* after parse       */
	uint8_t				 digest[LK_DIGEST_SIZE];
	struct lk_found			 found;		/* after look-up     */
	struct lk_record		 record;
	struct lk_json			*json;		/* owned             */
	int				 json_state;	/* 0 unread, 1, -1   */
	int				 json_failed;	/* for want of memory */
	int				 store_failed;	/* it cannot tell    */
	const char			*json_why;	/* of -1, or NULL    */
	int				 peek;		/* nothing is taken  */
	const struct lk_live_check	*check;		/* that is asked now */
	int64_t				 clock;		/* 0 unread; of them */
	unsigned			 nspends;
	struct lk_spend			 spends[LK_SPENDS_MAX];
	const struct lk_live_check	*spenders[LK_SPENDS_MAX];
};

/* Stop: reason with a note for the trace; the step and its line of the policy
 * are named.  Always LK_REFUSE. */
uint32_t lk_call_stop(struct lk_call *c, const char *step, uint32_t reason,
	    unsigned line, const char *note);
/* Note that a step passed; LK_PASS. */
uint32_t lk_call_pass(struct lk_call *c, const char *step, const char *name,
	    unsigned line, const char *note);

/* Start and end of a call; the decision is a deny until the end. */
void	lk_call_begin(struct lk_call *c, struct lk *lk,
	    struct lk_decision *d, struct lk_trace *t);
void	lk_call_end(struct lk_call *c);

/* The steps, in the order in which they run. */
uint32_t lk_step_route(struct lk_call *c);	/* method, path -> type, API */
uint32_t lk_step_type(struct lk_call *c, const struct lk_live_type *type,
	    const char *api);
uint32_t lk_step_present(struct lk_call *c);	/* request -> credential     */
uint32_t lk_step_parse(struct lk_call *c);	/* form, checksum, prefix    */
uint32_t lk_step_digest(struct lk_call *c);	/* token -> look-up key      */
uint32_t lk_step_lookup(struct lk_call *c);	/* -> record                 */
uint32_t lk_step_state(struct lk_call *c);	/* type, state, times        */
uint32_t lk_step_account(struct lk_call *c);	/* the claimed one           */
uint32_t lk_step_verify(struct lk_call *c);	/* the type's plugin         */
uint32_t lk_step_checks(struct lk_call *c);	/* in order, all             */
uint32_t lk_step_budgets(struct lk_call *c);	/* take what they found      */
/* lk_host.budget. */
int	lk_call_budget(struct lk_call *c, const struct lk_budget *b,
	    uint32_t *wait);
/* After the decision, which it does not change: an allowed key was used. */
void	lk_step_usage(struct lk_call *c);

#endif
