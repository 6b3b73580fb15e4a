/*
 * verdict.h: a decision and its way, as text and as JSON.
 */
#ifndef LK_CLI_VERDICT_H
#define LK_CLI_VERDICT_H

#include "cli/cli.h"

/* The exit status of the decision, or of a failure to print it. */
int	lk_verdict_print(struct lk_cli *c, const struct lk_decision *d,
	    const struct lk_trace *t);

#endif
