/*
 * pen.h: writing lines behind the journal's end.
 */
#ifndef LK_STORE_PEN_H
#define LK_STORE_PEN_H

#include "image.h"

/* Where the next line goes, and how: taken under the lock and the refresh
 * mutex, used under the lock alone. */
struct lk_pen {
	struct lk_image	*im;
	uint64_t	 end;		/* length of the file                */
	uint64_t	 seq;		/* of the last line                  */
	int64_t		 time;		/* likewise                          */
	uint64_t	 cut;
	int		 newline;	/* one is missing at the end         */
	int		 sign;		/* the chain is whole, a key at hand */
	int		 shared;	/* it goes into the index as well    */
	struct lk_pos	 after;		/* where the journal is then         */
	struct lk_buf	 out;		/* the lines                         */
	struct lk_chain	 chain;
};

#define LK_PEN_NONE	((struct lk_pen){ .chain = { .span = LK_BUF_NONE }, \
			    .out = LK_BUF_NONE })

int	lk_pen_take(struct lk_pen *p, struct lk_image *im, struct lk_error *e);
void	lk_pen_drop(struct lk_pen *p);
/*
 * Write n bodies (lk_line_begin …), each ended by a newline, as one batch:
 *
 * lk_pen_stage  make lines of them, and room in the index; under the refresh
 *               mutex too, since a bigger index may take the place of this one
 * lk_pen_put    write and sync; under the lock alone
 * lk_pen_show   let everybody see it, and acknowledge it
 *
 * 0; LK_EIO, nothing changed; LK_EINDOUBT; LK_ENOMEM; LK_EUNAVAIL; LK_EDATA,
 * they would not be read again.
 */
int	lk_pen_stage(struct lk_pen *p, const struct lk_buf *bodies, size_t n,
	    int64_t when, struct lk_error *e);
int	lk_pen_put(struct lk_pen *p, int remove, struct lk_error *e);
void	lk_pen_show(struct lk_pen *p);
/* All three. */
int	lk_pen_write(struct lk_pen *p, const struct lk_buf *bodies, size_t n,
	    int64_t when, int remove, struct lk_error *e);

#endif
