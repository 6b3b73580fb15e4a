/*
 * values.h: what a key may be given.
 */
#ifndef LK_VALUES_H
#define LK_VALUES_H

#include "policy/policy.h"

#define LK_EXPIRES_MAX	253402300799LL	/* 9999-12-31T23:59:59Z, RFC 3339's */

/* 0, or LK_EDATA and e says what is off. */
int	lk_label_check(const char *label, size_t n, struct lk_error *e);
/* The same of a key's own addresses: how many, and within: of its type. */
int	lk_addresses_check(const struct lk_policy_type *t,
	    const struct lk_net *nets, size_t n, struct lk_error *e);

#endif
