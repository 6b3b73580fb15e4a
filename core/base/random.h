/*
 * random.h: octets from the system's generator, or none at all.
 */
#ifndef LK_BASE_RANDOM_H
#define LK_BASE_RANDOM_H

#include <stddef.h>

#include "latchkey.h"

#define LK_RANDOM_MAX	256	/* octets: getrandom(2) gives these at once */

/*
 * n octets, LK_RANDOM_MAX at most, from getrandom(2) without flags: it waits
 * until the pool was seeded once.  0; LK_EUNAVAIL when it fails or gives fewer:
 * p is then all zero, and there is no other source.
 */
int	lk_random(void *p, size_t n, struct lk_error *e);

#endif
