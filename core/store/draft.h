/*
 * draft.h: what the lines of a batch will say, before they have numbers, a time
 * and a MAC.  It needs no lock, so it can be made before there is a batch.
 */
#ifndef LK_STORE_DRAFT_H
#define LK_STORE_DRAFT_H

#include "base/buf.h"
#include "line.h"
#include "store.h"

struct lk_draft {
	const char	*actor, *from;	/* of each line; borrowed            */
	struct lk_buf	 bodies;	/* each ended by a newline           */
	size_t		 n;		/* how many                          */
	struct lk_buf	 check;		/* the last one, as a line           */
};

#define LK_DRAFT_NONE	((struct lk_draft){ .bodies = LK_BUF_NONE, \
			    .check = LK_BUF_NONE })

/*
 * lk_draft_key: the lines that make a key, each checked to be one that will be
 * read again.  All of them or none.  0, LK_EDATA (a line would be over 2,048
 * octets), LK_ENOMEM.
 */
int	lk_draft_key(struct lk_draft *d, const struct lk_new_key *k,
	    struct lk_error *e);
/* A line that says no more than of which key.  Likewise. */
int	lk_draft_change(struct lk_draft *d, enum lk_event_kind kind,
	    const char *id, struct lk_error *e);
int	lk_draft_account(struct lk_draft *d, const char *account,
	    const char *package, struct lk_error *e);
int	lk_draft_account_delete(struct lk_draft *d, const char *account,
	    struct lk_error *e);
/* successor may be NULL. */
int	lk_draft_expire(struct lk_draft *d, const char *id, int64_t expires,
	    const char *successor, struct lk_error *e);
/* Nothing is in it; its memory is kept. */
void	lk_draft_clear(struct lk_draft *d);
void	lk_draft_free(struct lk_draft *d);

#endif
