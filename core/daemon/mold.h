/*
 * mold.h: answers of the library that are kept and changed, not made anew.
 *
 * An allow has no body, and most of its headers are those of the allow before;
 * to make them all anew for each would cost as much as the decision.  A mold is
 * in use from when it is taken until the request of its connection is over.
 */
#ifndef LK_DAEMON_MOLD_H
#define LK_DAEMON_MOLD_H

#include "daemon/reply.h"

struct MHD_Response;

struct lk_mold {
	struct MHD_Response	*m;	/* http.c's                          */
	struct lk_mold		*next;
	size_t			 n;	/* of its headers; 0: a new one      */
	const char		*names[LK_REPLY_FIELDS];
	size_t			 at[LK_REPLY_FIELDS];	/* values, in text   */
	char			 text[LK_REPLY_TEXT];
};

struct lk_molds {
	struct lk_mold		*free;
	size_t			 n;
};

/* One that has the names of the reply, or a new one that has none; NULL. */
struct lk_mold *lk_mold_take(struct lk_molds *ms, const struct lk_reply *r);
/* The value of its header i, or NULL: it has none yet. */
const char *lk_mold_value(const struct lk_mold *m, size_t i);
/* It has the reply's headers now.  -1: they do not fit. */
int	lk_mold_note(struct lk_mold *m, const struct lk_reply *r);
/* Its request is over.  1: there are enough, so its owner shall free it. */
int	lk_mold_give(struct lk_molds *ms, struct lk_mold *m);

#endif
