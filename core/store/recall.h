/*
 * recall.h: keys for a listing, on their way: which they are, and then all that
 * is known of each; for recall.c and pages.c alone.
 */
#ifndef LK_STORE_RECALL_H
#define LK_STORE_RECALL_H

#include "inner.h"

#define LK_RECALL_WINDOW	262144	/* octets read at once of many keys  */

/* A key of a listing; its offset tells how old it is. */
struct item {
	uint64_t	 offset;
	char		 id[LK_KEYID_LEN + 1];
	char		 deleted;
};

/* When a key was deleted; found by its id. */
struct ended {
	char		 id[LK_KEYID_LEN + 1];
	int64_t		 when;
};

struct recalling {
	struct lk_store	*s;
	uint64_t	 generation;	/* when the journal was opened       */
	int		 fd;
	uint64_t	 end;		/* octets of it that count           */
	int64_t		 now;
	struct lk_buf	 items;		/* struct item                       */
	struct lk_buf	 ended;		/* struct ended, in order of id      */
	int		 failed;	/* the journal could not be read     */
	char		*window;	/* of the journal                    */
	size_t		 size, n;	/* of it; octets that are in it      */
	uint64_t	 off;
};

/* 0, LK_ENOMEM, LK_EUNAVAIL; then lk_recall_end. */
int	lk_recall_start(struct recalling *x, struct lk_store *s,
	    size_t window);
void	lk_recall_end(struct recalling *x);
/* Another journal, or a bigger index, took its place since it was opened. */
int	lk_recall_over(const struct recalling *x);
/* Open it as it is now, with no key yet.  0 or as lk_recall_start. */
int	lk_recall_again(struct recalling *x);
void	lk_recall_add(struct recalling *x, const struct lk_found *k,
	    int deleted);
/* When those were deleted that are.  0, LK_ENOMEM, LK_EIO. */
int	lk_recall_ended(struct recalling *x);
/* Each, from behind after, which is among them, or NULL.  0; LK_EDATA it is
 * not; LK_EUNAVAIL, LK_EIO; what fn answered. */
int	lk_recall_tell(struct recalling *x, const char *after, lk_key_fn fn,
	    void *arg);

/* lk_store_keys_wanted, a page at a time (pages.c). */
int	lk_recall_pages(struct lk_store *s, const struct lk_keys_wanted *w,
	    lk_key_fn fn, void *arg);

#endif
