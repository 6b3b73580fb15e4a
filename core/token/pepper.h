/*
 * pepper.h: the secret that all digests of a home are keyed with.
 *
 * A folder of files named by version (1, 2, …), each of 32 octets or more.  The
 * one whose check value is in the first line of the journal is current; one
 * that is lower serves the keys that were made under it, and one that is higher
 * was made for a rotation that did not come to be.
 */
#ifndef LK_TOKEN_PEPPER_H
#define LK_TOKEN_PEPPER_H

#include <sys/types.h>

#include "base/wipe.h"
#include "token/digest.h"

#define LK_PEPPER_MIN	32		/* octets                            */
#define LK_PEPPER_MAX	4096
#define LK_PEPPERS_MAX	2		/* live at once                      */
#define LK_PEPPER_NEW	".new."		/* of names while they are made      */

struct lk_pepper;			/* opaque, immutable, any thread     */

/*
 * Load the folder.  Each file: regular, no symbolic link, trusted (trust.h),
 * readable by nobody but its owner and one group, LK_PEPPER_MIN..MAX octets,
 * not of one octet repeated.
 *
 * 0, LK_ECONFIG (e names file, fault and mend), LK_EPERM, LK_EIO, LK_ENOMEM
 */
int	lk_pepper_load(const char *dir, struct lk_pepper **out,
	    struct lk_error *e);
void	lk_pepper_free(struct lk_pepper **p);

/* Make the version current that has this check value; before others use it.  1,
 * or 0: none has it, and the highest stays so; LK_EUNAVAIL. */
int	lk_pepper_choose(struct lk_pepper *p,
	    const uint8_t check[LK_MAC_SIZE]);
/* Likewise by its number.  1, 0. */
int	lk_pepper_choose_version(struct lk_pepper *p, unsigned version);
/* The version new keys are digested under. */
unsigned lk_pepper_current(const struct lk_pepper *p);
/* One that is live below it, or above it; 0: none. */
unsigned lk_pepper_older(const struct lk_pepper *p);
unsigned lk_pepper_newer(const struct lk_pepper *p);
/* The one right before it, if that is live; 0: it is not.  Keys are under these
 * two alone, as no third one is made before none is under the first. */
unsigned lk_pepper_before(const struct lk_pepper *p);
/* The live version up to the current one that is odd, or even; 0: none.  They
 * follow on each other, so that one bit tells them apart. */
unsigned lk_pepper_of(const struct lk_pepper *p, int odd);
/* Are they the same secrets in the same places?  1, 0. */
int	lk_pepper_same(const struct lk_pepper *a, const struct lk_pepper *b);
/* Has a version that check value?  1, 0; LK_ENOTFOUND, LK_EUNAVAIL. */
int	lk_pepper_is(const struct lk_pepper *p, unsigned version,
	    const uint8_t check[LK_MAC_SIZE]);
/* HMAC of a token under a version.  0, LK_ENOTFOUND, LK_EUNAVAIL. */
int	lk_pepper_digest(const struct lk_pepper *p, unsigned version,
	    const void *token, size_t n, uint8_t out[LK_DIGEST_SIZE]);
/* As lk_hmac_held, under the current version: lk_hmac_forget must follow. */
int	lk_pepper_digest_held(const struct lk_pepper *p, const void *token,
	    size_t n, uint8_t out[LK_DIGEST_SIZE],
	    struct lk_hmac_slot **held);
/* The digest of a token of another system, by its SHA-256: HMAC("sha256" NUL
 * SHA-256) under a version.  As lk_pepper_digest. */
int	lk_pepper_foreign(const struct lk_pepper *p, unsigned version,
	    const uint8_t sha256[LK_DIGEST_SIZE],
	    uint8_t out[LK_DIGEST_SIZE]);
/* HMAC(version, "sign" NUL type NUL key id): of the version that the key was
 * made under.  Likewise. */
int	lk_pepper_derive(const struct lk_pepper *p, unsigned version,
	    const char *type, const char *key_id, size_t key_id_len,
	    uint8_t out[LK_DIGEST_SIZE]);
/* The key of the journal's MACs, and the check value of its first line. */
int	lk_pepper_journal(const struct lk_pepper *p, struct lk_hmac **mac,
	    uint8_t check[LK_MAC_SIZE], struct lk_error *e);

/*
 * Make dir/VERSION, in a folder that is there, with 32 random octets; mode as
 * given, group gid or, for (gid_t)-1, the creator's.  On the disk when this
 * returns 0, and whole whenever it is there.  LK_ECONFIG when the file is there
 * already, LK_EIO, LK_EUNAVAIL (no randomness).
 */
int	lk_pepper_make(const char *dir, unsigned version, mode_t mode,
	    gid_t gid, struct lk_error *e);
/* 1 when there is a file of any version. */
int	lk_pepper_there(const char *dir);

#endif
