/*
 * rewrite.h: a journal written anew, as journal.new beside the one that is.
 *
 * Whoever writes it holds its lock, so there is one of them at a time; what a
 * killed one left has no lock, and the next writer of the store removes it.
 */
#ifndef LK_STORE_REWRITE_H
#define LK_STORE_REWRITE_H

#include "chain.h"
#include "fs.h"

#define LK_REWRITE_NAME	"journal.new"

struct lk_rewrite {
	const struct lk_folder *folder;	/* borrowed                          */
	int		 fd;
	struct lk_chain	 chain;
	struct lk_buf	 bodies;	/* of the batch that is gathered     */
	struct lk_buf	 marks;		/* struct mark of each               */
	size_t		 n;
	struct lk_buf	 out;		/* lines to be written               */
	uint64_t	 end;		/* octets that were                  */
	uint64_t	 seq;		/* of the last line                  */
};

#define LK_REWRITE_NONE	((struct lk_rewrite){ .fd = -1, \
			    .chain = LK_CHAIN_NONE, .bodies = LK_BUF_NONE, \
			    .marks = LK_BUF_NONE, .out = LK_BUF_NONE })

/*
 * Nobody else writes one, or makes an index beside the one that is, until it is
 * closed.  wait 0: who finds somebody at it does not wait.  0; LK_EAGAIN;
 * LK_EIO.
 */
int	lk_rewrite_claim(struct lk_rewrite *w, const struct lk_folder *f,
	    int wait, struct lk_error *e);
/*
 * Begin with the first line: mode and group of st, check, and the key of the
 * MACs, borrowed.  0; LK_EAGAIN, another one is at it; LK_EIO, LK_ENOMEM.
 */
int	lk_rewrite_open(struct lk_rewrite *w, const struct lk_folder *f,
	    const struct stat *st, struct lk_hmac *key, const uint8_t *check,
	    struct lk_error *e);
/*
 * A line: event:actor:from:keyid:name=value…, its time, and whether it goes
 * without a MAC.  glue: it must be in the batch of the one before.  0; LK_EIO
 * as on a full disk; LK_EDATA, LK_ENOMEM, LK_EUNAVAIL.
 */
int	lk_rewrite_put(struct lk_rewrite *w, const char *body, size_t n,
	    int64_t when, int bare, int glue, struct lk_error *e);
/* End the batch and write all there is; not synced.  Likewise. */
int	lk_rewrite_flush(struct lk_rewrite *w, struct lk_error *e);
/* All of it on the disk.  0 or LK_EIO. */
int	lk_rewrite_sync(struct lk_rewrite *w, struct lk_error *e);
/* Close; keep 0: remove it. */
void	lk_rewrite_close(struct lk_rewrite *w, int keep);
/* Remove what one that was killed left; the generation is that of state.  The
 * lock of the store is held. */
void	lk_rewrite_sweep(const struct lk_folder *f, uint64_t generation);

#endif
