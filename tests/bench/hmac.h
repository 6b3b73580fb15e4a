/*
 * hmac.h: the best HMAC that libgcrypt gives, for the floor and the peers: a
 * handle that is keyed once and reset for each token.
 */
#ifndef BENCH_HMAC_H
#define BENCH_HMAC_H

#include <gcrypt.h>

#include "bench.h"

/* Under the pepper of h, so that its digests are those of its store. */
gcry_md_hd_t	hmac_open(const struct home *h);

#endif
