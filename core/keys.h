/*
 * keys.h: what is said of keys in more than one place.
 */
#ifndef LK_KEYS_H
#define LK_KEYS_H

#include "latchkey.h"

/* LK_ENOTFOUND: there is no such key, or it is no key id. */
int	lk_no_such_key(const char *id, struct lk_error *e);

#endif
