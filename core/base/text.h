/*
 * text.h: small questions about text and time that know no word of the domain.
 */
#ifndef LK_BASE_TEXT_H
#define LK_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define LK_TEXT_BROKEN	0xfffffffful	/* an octet that is no UTF-8         */

/* The first character of n >= 1 octets, its length in octets, at least 1. */
size_t	lk_text_next(const char *p, size_t n, unsigned long *cp);
/* 1 when n octets are UTF-8 (RFC 3629) without a control character (C0, DEL,
 * C1, U+2028, U+2029), else 0. */
int	lk_utf8_plain(const char *p, size_t n);
/* How many characters n octets hold; an octet out of place counts as one. */
size_t	lk_utf8_count(const char *p, size_t n);
/* s and a NUL into size octets; what does not fit is cut off. */
void	lk_text_copy(char *out, size_t size, const char *s);
/*
 * The word of words (n of them) that is nearest to word, at most a third of
 * its letters away (Damerau-Levenshtein), or NULL.
 */
const char *lk_nearest(const char *word, const char *const *words, size_t n);
/* Seconds UTC since 1970, from the system's clock. */
int64_t	lk_clock_now(void);
/* The same in nanoseconds. */
int64_t	lk_clock_ns(void);
/* lk_time_parse, lk_time_format and lk_duration_parse are public. */

#endif
