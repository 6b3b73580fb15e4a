/*
 * frame.h: named values over a pipe, from one process of ours to another.
 *
 *	length of all LF, then of each value: name LF length LF octets
 *
 * A frame may hold a token: buffers that held one are wiped (lk_buf_free).
 */
#ifndef LK_BASE_FRAME_H
#define LK_BASE_FRAME_H

#include "base/buf.h"

#define LK_FRAME_LINE	32		/* octets of a name or a length      */

/* One more value; the name has no newline and is below LK_FRAME_LINE octets. */
void	lk_frame_add(struct lk_buf *b, const char *name, const void *p,
	    size_t n);
void	lk_frame_str(struct lk_buf *b, const char *name, const char *s);
/* All of it.  0, or LK_EIO with errno: EPIPE, the other one is gone. */
int	lk_frame_write(int fd, const struct lk_buf *b);
/*
 * The next one, of at most max octets, into b, which is emptied first.
 * 1; 0 the other one is gone; LK_EIO errno; LK_ESYNTAX no frame, or longer;
 * LK_ENOMEM.
 */
int	lk_frame_read(int fd, size_t max, struct lk_buf *b);
/* The first value of that name, borrowed from b.  1, or 0: there is none. */
int	lk_frame_get(const struct lk_buf *b, const char *name,
	    struct lk_slice *out);
/* The same as text of below size octets; "" where there is none or it is
 * longer or holds a NUL. */
void	lk_frame_text(const struct lk_buf *b, const char *name, char *out,
	    size_t size);

#endif
