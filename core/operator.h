/*
 * operator.h: what operators may hand on; latchkey.h asks what they may do.
 */
#ifndef LK_OPERATOR_H
#define LK_OPERATOR_H

#include "snapshot.h"

/* The type plugin whose keys are of operators. */
#define LK_OPERATOR_PLUGIN	"operator"

/*
 * May op make a key of type that carries role, or NULL or "" for none?  Only
 * keys of operators have one, and none may more than who makes it, else whoever
 * may generate might do all.
 *
 * 0; LK_EDATA no such role, or one too many, or too few; LK_EPERM
 */
int	lk_operator_give(const struct lk_policy *p,
	    const struct lk_policy_type *type, const struct lk_operator *op,
	    const char *role, struct lk_error *e);

/*
 * May op let a key in again that carries role, or ""?  Who has its token may
 * what the role may.  One that left the policy may be all when it comes back.
 *
 * 0; LK_EPERM, LK_ENOMEM
 */
int	lk_operator_revive(struct lk *lk, const struct lk_operator *op,
	    const char *role, struct lk_error *e);

#endif
