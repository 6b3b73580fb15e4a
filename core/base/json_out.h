/*
 * json_out.h: write one JSON object, in the order that it is built.
 *
 * A name is NULL inside of an array, and for the outermost value.  Octets that
 * are no UTF-8 come out as U+FFFD, so that what is written always is JSON.
 */
#ifndef LK_BASE_JSON_OUT_H
#define LK_BASE_JSON_OUT_H

#include "base/buf.h"

struct lk_out {
	struct lk_buf	 b;
};

#define LK_OUT_NONE	((struct lk_out){ { NULL, 0, 0, 0 } })

void	lk_out_open(struct lk_out *j, const char *name, char bracket);
void	lk_out_close(struct lk_out *j, char bracket);
/* A NULL value is null. */
void	lk_out_str(struct lk_out *j, const char *name, const char *value);
/* n octets, all of them or none: 0; -1 they are no UTF-8, or have a NUL. */
int	lk_out_text(struct lk_out *j, const char *name, const char *p,
	    size_t n);
/* As lk_out_str, but "" is null as well. */
void	lk_out_word(struct lk_out *j, const char *name, const char *value);
/* An array of the words of a text, which are parted by blanks or commas. */
void	lk_out_words(struct lk_out *j, const char *name, const char *text);
void	lk_out_int(struct lk_out *j, const char *name, int64_t value);
void	lk_out_bool(struct lk_out *j, const char *name, int value);
/* RFC 3339; 0 is null. */
void	lk_out_time(struct lk_out *j, const char *name, int64_t when);
/* A whole value that was built apart; it is freed. */
void	lk_out_raw(struct lk_out *j, const char *name, struct lk_out *v);
void	lk_out_free(struct lk_out *j);

#endif
