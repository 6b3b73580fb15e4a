/*
 * text.c: UTF-8, and the nearest word for a "did you mean".
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/text.h"

#define NEAREST_MAX	64		/* octets of a word worth comparing  */

/*
 * Well-formed sequences by their first octet: which second octets may follow
 * (that is where overlong forms, surrogates and what lies beyond U+10FFFF are
 * kept out), and the length.  Source: Unicode 15, table 3-7; RFC 3629, 4.
 */
static const struct utf8 {
	unsigned char	 first, last, low, high, len;
} utf8[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* The length of the character at p of n octets, or 0 when it is none. */
static size_t
character(const unsigned char *p, size_t n)
{
	const struct utf8	*u = utf8;
	const struct utf8	*end = utf8 + sizeof utf8 / sizeof utf8[0];
	size_t			 i;

	while (u < end && (*p < u->first || *p > u->last))
		u++;
	if (u == end || u->len > n)
		return 0;
	if (u->len > 1 && (p[1] < u->low || p[1] > u->high))
		return 0;
	for (i = 2; i < u->len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return u->len;
}

size_t
lk_text_next(const char *p, size_t n, unsigned long *cp)
{
	static const unsigned char	 mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char		*u = (const unsigned char *)p;
	size_t				 i, len = character(u, n);

	*cp = LK_TEXT_BROKEN;
	if (len == 0)
		return 1;
	*cp = u[0] & mask[len];
	for (i = 1; i < len; i++)
		*cp = *cp << 6 | (u[i] & 0x3f);
	return len;
}

/* C0, DEL, C1, and the separators of lines and paragraphs. */
static int
is_control(const unsigned char *p, size_t len)
{
	switch (len) {
	case 1:
		return p[0] < 0x20 || p[0] == 0x7f;
	case 2:
		return p[0] == 0xc2 && p[1] < 0xa0;
	case 3:
		return p[0] == 0xe2 && p[1] == 0x80 &&
		    (p[2] == 0xa8 || p[2] == 0xa9);
	}
	return 0;
}

int
lk_utf8_plain(const char *p, size_t n)
{
	const unsigned char	*u = (const unsigned char *)p;
	size_t			 i, len;

	for (i = 0; i < n; i += len) {
		len = character(u + i, n - i);
		if (len == 0 || is_control(u + i, len))
			return 0;
	}
	return 1;
}

void
lk_text_copy(char *out, size_t size, const char *s)
{
	size_t	 n = strnlen(s, size - 1);

	memcpy(out, s, n);
	out[n] = '\0';
}

size_t
lk_utf8_count(const char *p, size_t n)
{
	const unsigned char	*u = (const unsigned char *)p;
	size_t			 i, len, count = 0;

	for (i = 0; i < n; i += len) {
		if ((len = character(u + i, n - i)) == 0)
			len = 1;
		count++;
	}
	return count;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * Damerau-Levenshtein, optimal string alignment: how many letters to change,
 * drop, add or swap with their neighbour.  Three rows of the matrix are alive.
 */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned	 rows[3][NEAREST_MAX + 1];
	unsigned	*two = rows[0], *one = rows[1], *now = rows[2], *spare;
	size_t		 i, j;

	for (j = 0; j <= nb; j++)
		one[j] = two[j] = (unsigned)j;
	for (i = 1; i <= na; i++) {
		now[0] = (unsigned)i;
		for (j = 1; j <= nb; j++) {
			now[j] = least(one[j], now[j - 1]) + 1;
			now[j] = least(now[j],
			    one[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j], two[j - 2] + 1);
		}
		spare = two;
		two = one;
		one = now;
		now = spare;
	}
	return one[nb];
}

const char *
lk_nearest(const char *word, const char *const *words, size_t n)
{
	const char	*best = NULL;
	size_t		 len = strlen(word), wlen, i;
	unsigned	 d, limit;

	if (len == 0 || len > NEAREST_MAX)
		return NULL;
	limit = len / 3 > 1 ? (unsigned)(len / 3) : 1;
	for (i = 0; i < n; i++) {
		wlen = strlen(words[i]);
		if (wlen == 0 || wlen > NEAREST_MAX)
			continue;
		d = distance(word, len, words[i], wlen);
		/* The first of those that are equally near. */
		if (d <= limit && (best == NULL || d < limit)) {
			best = words[i];
			limit = d;
		}
	}
	return best;
}
