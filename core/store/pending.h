/*
 * pending.h: keys that are not in the index yet, and count all the same.
 *
 * Found by key id, by digest and by account, so that a batch of a million keys
 * is as quick a key as one of ten.
 */
#ifndef LK_STORE_PENDING_H
#define LK_STORE_PENDING_H

#include <stdint.h>

#include "base/buf.h"
#include "latchkey.h"
#include "token/digest.h"

enum lk_pending_by {
	LK_PENDING_ID,
	LK_PENDING_DIGEST,
	LK_PENDING_ACCOUNT,
	LK_PENDING_WAYS
};

struct lk_pending {
	char		 id[LK_KEYID_LEN + 1];
	char		 type[LK_NAME_MAX + 1];
	char		 account[LK_ACCOUNT_MAX + 1];
	uint8_t		 digest[LK_DIGEST_SIZE];
	int64_t		 expires;
	char		 replaces[LK_KEYID_LEN + 1];	/* rotated with it   */
	char		 successor[LK_KEYID_LEN + 1];	/* or "", both       */
	uint32_t	 next[LK_PENDING_WAYS];	/* its number plus 1, or 0   */
};

/* All zero: empty.  One thread at a time. */
struct lk_pendings {
	struct lk_pending *v;
	size_t		 n, cap;
	uint32_t	*heads;		/* LK_PENDING_WAYS for each of       */
	size_t		 nheads;	/* a power of two                    */
	size_t		 heirs;		/* with replaces                     */
};

/* 0 or LK_ENOMEM, and nothing is changed.  next and replaces need not be
 * set. */
int	lk_pendings_add(struct lk_pendings *s, const struct lk_pending *p);
/* All of them too, or none; likewise. */
int	lk_pendings_join(struct lk_pendings *s, const struct lk_pendings *from);
/* The key of that id, until one is added; or NULL. */
const struct lk_pending *lk_pendings_find(const struct lk_pendings *s,
	    const char *id);
/* Each of an account, or of all (NULL).  An answer of fn other than 0 ends it
 * and is handed back. */
typedef int (*lk_pending_fn)(void *arg, const struct lk_pending *p);
int	lk_pendings_walk(const struct lk_pendings *s, const char *account,
	    lk_pending_fn fn, void *arg);
/* heir, if it is one of them, takes the place of the key id. */
void	lk_pendings_rotate(struct lk_pendings *s, const char *id,
	    const char *heir);
/* The one that takes the place of the key id of that account; or NULL. */
const struct lk_pending *lk_pendings_heir(const struct lk_pendings *s,
	    const char *account, const char *id);
/* 1 when a key with that id or that digest is among them. */
int	lk_pendings_have(const struct lk_pendings *s, const char *id,
	    const uint8_t *digest);
void	lk_pendings_free(struct lk_pendings *s);

#endif
