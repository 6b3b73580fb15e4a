/*
 * err.h: fill a caller-owned struct lk_error and return its code.
 *
 * Every call takes e == NULL.  The text is one sentence without a newline, cut
 * where it is too long; errno never crosses a header, so its words go into the
 * text here.
 */
#ifndef LK_BASE_ERR_H
#define LK_BASE_ERR_H

#include "latchkey.h"

#define LK_PRINTF(a, b)	__attribute__((format(printf, a, b)))

/* Set code and text, no place.  Returns code. */
int	lk_fail(struct lk_error *e, int code, const char *fmt, ...)
	    LK_PRINTF(3, 4);
/* The same, with ": " and the words of errno behind the text. */
int	lk_fail_errno(struct lk_error *e, int code, const char *fmt, ...)
	    LK_PRINTF(3, 4);
/* The same as lk_fail, with a place; line or column 0: none. */
int	lk_fail_at(struct lk_error *e, int code, const char *file,
	    unsigned line, unsigned column, const char *fmt, ...)
	    LK_PRINTF(6, 7);

#endif
