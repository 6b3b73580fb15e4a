/*
 * pepper.h: the secret that all digests of a home are keyed with.
 *
 * A folder of files named by version (1, 2, …), each of 32 octets or more.  The
 * highest version is current.
 */
#ifndef LK_TOKEN_PEPPER_H
#define LK_TOKEN_PEPPER_H

#include <sys/types.h>

#include "base/wipe.h"
#include "token/digest.h"

#define LK_PEPPER_MIN	32		/* octets                            */
#define LK_PEPPER_MAX	4096
#define LK_PEPPERS_MAX	2		/* live at once                      */
#define LK_PEPPER_NEW	".new."		/* a file that is not all there yet  */

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

/* The version new keys are digested under. */
unsigned lk_pepper_current(const struct lk_pepper *p);
/* HMAC of a token under a version.  0, LK_ENOTFOUND, LK_EUNAVAIL. */
int	lk_pepper_digest(const struct lk_pepper *p, unsigned version,
	    const void *token, size_t n, uint8_t out[LK_DIGEST_SIZE]);
/* HMAC(current, "sign" NUL type NUL key id). */
int	lk_pepper_derive(const struct lk_pepper *p, const char *type,
	    const char *key_id, size_t key_id_len,
	    uint8_t out[LK_DIGEST_SIZE]);
/* The key of the journal's MACs, and the check value of its first line. */
int	lk_pepper_journal(const struct lk_pepper *p, struct lk_hmac **mac,
	    uint8_t check[LK_MAC_SIZE], struct lk_error *e);

/*
 * Make dir/1, in a folder that is there, with 32 random octets; mode as given,
 * group gid or, for (gid_t)-1, the creator's.  On the disk when this returns 0;
 * nothing is left behind otherwise.  LK_ECONFIG when the file is there already,
 * LK_EIO, LK_EUNAVAIL (no randomness).
 */
int	lk_pepper_make(const char *dir, mode_t mode, gid_t gid,
	    struct lk_error *e);

#endif
