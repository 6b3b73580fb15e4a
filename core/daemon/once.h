/*
 * once.h: requests that carry an Idempotency-Key, so that one that is repeated
 * is not done twice.
 *
 * They are known for a day, the last LK_ONCE_MAX of them, in the memory of this
 * process alone.  What is kept of one is its digest, that of its body, and the
 * id of the key that it made: tokens are nowhere, so a repeat cannot have its.
 */
#ifndef LK_DAEMON_ONCE_H
#define LK_DAEMON_ONCE_H

#include "latchkey.h"

#define LK_ONCE_MAX	4096		/* requests                          */
#define LK_ONCE_TIME	86400		/* seconds                           */
#define LK_ONCE_KEY	255		/* octets of an Idempotency-Key      */

enum lk_once_state {
	LK_ONCE_NEW,		/* do it, and say how it ended               */
	LK_ONCE_RUNNING,	/* the first one is not over                 */
	LK_ONCE_OTHER,		/* the first one had another body            */
	LK_ONCE_DONE		/* it made a key                             */
};

struct lk_once;

/* What makes two requests the same. */
struct lk_once_ask {
	const char	*who;		/* asks                              */
	const char	*target;
	const char	*key;		/* key_len octets                    */
	size_t		 key_len;
	const void	*body;
	size_t		 body_len;
};

struct lk_once	*lk_once_new(void);	/* NULL: no memory */
void		 lk_once_free(struct lk_once **o);

/* Any thread.  *ticket is for lk_once_end, of LK_ONCE_NEW; id is the key's, of
 * LK_ONCE_DONE. */
enum lk_once_state lk_once_begin(struct lk_once *o,
	    const struct lk_once_ask *ask, size_t *ticket,
	    char id[LK_KEYID_LEN + 1]);
/* Which key it made; "" none: it is as if it had not been asked. */
void		 lk_once_end(struct lk_once *o, size_t ticket,
		    const char *id);

#endif
