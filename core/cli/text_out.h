/*
 * text_out.h: text of others on a terminal: how wide it is, and without what
 * would steer the terminal.
 */
#ifndef LK_CLI_TEXT_OUT_H
#define LK_CLI_TEXT_OUT_H

#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"

/* Append s; controls and broken octets come out as \xNN. */
void	lk_text_safe(struct lk_buf *b, const char *s);
void	lk_text_put(FILE *f, const char *s);
/* As one word of a shell, to be copied; what a terminal cannot show as
 * lk_text_put does. */
void	lk_text_quoted(FILE *f, const char *s);
/* Columns of n octets. */
size_t	lk_text_width(const char *p, size_t n);
/* Octets of the longest start of p that is at most width columns. */
size_t	lk_text_fit(const char *p, size_t n, size_t width);

#endif
