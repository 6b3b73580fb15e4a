/*
 * operator.h: may this operator do this?
 */
#ifndef LK_OPERATOR_H
#define LK_OPERATOR_H

#include "snapshot.h"

/*
 * 0 when a role of the policy lets op do what (one of LK_MAY_*); LK_EPERM with
 * a sentence that names who may, and a line to syslog.  A handle without a
 * policy lets its store's owner list and delete: files say who that is.
 */
int	lk_operator_may(struct lk *lk, const struct lk_operator *op,
	    unsigned what, struct lk_error *e);

#endif
