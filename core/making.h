/*
 * making.h: a new key as it travels: role, type, values, mint, limit, journal.
 */
#ifndef LK_MAKING_H
#define LK_MAKING_H

#include "hold.h"
#include "token/token.h"

#define LK_MAKING_AGAIN	1		/* mint it again                     */

struct lk_making {
	struct lk			*lk;
	struct lk_seat			*seat;	/* between begin and end     */
	const struct lk_generate	*g;
	const struct lk_live_type	*type;
	const char			*replaces;	/* a key, or NULL    */
	const struct lk_pepper		*pepper;	/* it is minted under */
	char				 id[LK_KEYID_LEN + 1];
	char				*token;	/* LK_TOKEN_MAX + 1          */
	char				 hint[LK_HINT_MAX + 1];
	uint8_t				 digest[LK_DIGEST_SIZE];
};

/* Arguments, role, type and values.  0, and lk_making_end ends it; or as
 * lk_generate. */
int	lk_making_begin(struct lk_making *m, const struct lk_operator *op,
	    struct lk_error *e);
void	lk_making_end(struct lk_making *m);
/* A token with its id, hint and digest.  0, LK_EUNAVAIL. */
int	lk_making_mint(struct lk_making *m, struct lk_error *e);
/* Is it a token of the prefix of its type? */
int	lk_making_sound(const struct lk_live_type *t, const char *token,
	    size_t n);
/* May n keys more be made?  Counted under the lock, so that two racing for the
 * last key get one.  0, LK_ELIMIT, LK_EUNAVAIL. */
int	lk_making_limit(const struct lk_making *m, struct lk_batch *b,
	    uint64_t n, struct lk_error *e);
/* With the lock: was the pepper rotated since it was minted?  What is derived
 * from it is another token now.  0, LK_MAKING_AGAIN. */
int	lk_making_fresh(const struct lk_making *m);
/* Into the batch.  As lk_batch_generate. */
int	lk_making_add(const struct lk_making *m, struct lk_batch *b,
	    struct lk_error *e);
/* What came of writing it is *r.  1: it was that the index could not be read,
 * which is made anew now, so write again; 0: *r is the result, or why no index
 * can be made. */
int	lk_making_healed(const struct lk_making *m,
	    const struct lk_operator *op, int *r, struct lk_error *e);
/* Its record, once it is written; where the store cannot tell, what is known of
 * it all the same: who shows a token must be able to name its key. */
void	lk_making_key(const struct lk_making *m, struct lk_key *out);

#endif
