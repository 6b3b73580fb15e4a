/*
 * digest.h: SHA-256 and HMAC-SHA-256, the only user of libgcrypt.
 *
 * A keyed handle costs four times an HMAC to open, so each thread keeps one per
 * secret: struct lk_hmac holds the slots, each with a cache line of its own,
 * found by one thread key; a thread's slot is freed when it ends, all of them
 * when the object is freed.  A handle keeps the last block of what it digested:
 * it is reset after each read.
 */
#ifndef LK_TOKEN_DIGEST_H
#define LK_TOKEN_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/wipe.h"
#include "latchkey.h"

#define LK_DIGEST_SIZE	32		/* octets                            */
#define LK_MAC_SIZE	16		/* octets of a journal's MAC         */

struct lk_hmac;				/* opaque, any thread                */

/*
 * Initialise libgcrypt once, before threads, unless the host did; asks for a
 * minimum version.  0 or LK_EUNAVAIL.
 */
int	lk_digest_init(struct lk_error *e);

/* A keyed HMAC for many threads; key of 1 octet or more, copied. */
int	lk_hmac_new(const void *key, size_t n, struct lk_hmac **out,
	    struct lk_error *e);
void	lk_hmac_free(struct lk_hmac **h);
/*
 * The HMAC of n octets under h.  0, or LK_EUNAVAIL (no memory for a thread's
 * first handle, libgcrypt in its error state); out is then all zero.  The first
 * call of a thread allocates; later ones do not, but libgcrypt 1.10 does so
 * within gcry_md_read of an HMAC, and frees it.
 */
int	lk_hmac(struct lk_hmac *h, const void *p, size_t n,
	    uint8_t out[LK_DIGEST_SIZE]);
/*
 * The same in two parts, for who can use the digest before the rest is done:
 * *held, a thread's handle, holds the last block until lk_hmac_forget.  That
 * must follow whatever the first part returned, in this thread, before anything
 * else is done with h.
 */
struct lk_hmac_slot;
int	lk_hmac_held(struct lk_hmac *h, const void *p, size_t n,
	    uint8_t out[LK_DIGEST_SIZE], struct lk_hmac_slot **held);
void	lk_hmac_forget(struct lk_hmac_slot *held);

/* One-shot forms; key of 1 octet or more, else LK_EDATA. */
int	lk_hmac_once(const void *key, size_t key_len, const void *p, size_t n,
	    uint8_t out[LK_DIGEST_SIZE]);
int	lk_sha256(const void *p, size_t n, uint8_t out[LK_DIGEST_SIZE]);

/* A hash that is fed in parts (for the digest of a file). */
struct lk_sha256_ctx;
int	lk_sha256_open(struct lk_sha256_ctx **out);
void	lk_sha256_add(struct lk_sha256_ctx *c, const void *p, size_t n);
int	lk_sha256_close(struct lk_sha256_ctx **c, uint8_t out[LK_DIGEST_SIZE]);

#endif
