/*
 * accounts.h: what an account's name may be.
 */
#ifndef LK_ACCOUNTS_H
#define LK_ACCOUNTS_H

#include "latchkey.h"

/* 0, or LK_EDATA: [a-z0-9][a-z0-9._-]{0,63}; e says what is off. */
int	lk_account_name_check(const char *name, struct lk_error *e);

#endif
