/*
 * escape.c: octets as text: percent-escapes of the journal, and base64url.
 * Both ways back are strict, so that one value has one text.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/buf.h"

static const char	 hex[] = "0123456789ABCDEF";
static const char	 sixty_four[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#define NO	0xff			/* of a digit: it is none            */

/* What a digit of sixty_four stands for; by its octet, from "-" on. */
static const uint8_t	 value[] = {
	62, NO, NO, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, NO, NO, NO,
	NO, NO, NO, NO,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11,
	12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, NO, NO,
	NO, NO, 63, NO, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,
	38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
};

static int
is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ':' && c != '%';
}

#define EACH(c)		(UINT64_C(0x0101010101010101) * (c))

/* Not 0: one of eight octets is below c, or is c. */
#define BELOW(w, c)	(((w) - EACH(c)) & ~(w) & EACH(0x80))
#define HAS(w, c)	BELOW((w) ^ EACH(c), 1)

/* Eight octets at p, none of which needs an escape. */
static int
are_plain(const char *p)
{
	uint64_t	 w;

	memcpy(&w, p, sizeof w);
	/* The sum: 0x7f and above. */
	return ((w | (w + EACH(1))) & EACH(0x80)) == 0 &&
	    (BELOW(w, 0x21) | HAS(w, ':') | HAS(w, '%')) == 0;
}

/* How many plain octets n at p begin with. */
static size_t
plain_run(const char *p, size_t n)
{
	size_t	 i = 0;

	while (n - i >= sizeof(uint64_t) && are_plain(p + i))
		i += sizeof(uint64_t);
	while (i < n && is_plain((unsigned char)p[i]))
		i++;
	return i;
}

void
lk_buf_escape(struct lk_buf *b, const char *p, size_t n)
{
	char	 x[3] = "%";
	size_t	 run;

	for (;;) {
		run = plain_run(p, n);
		lk_buf_add(b, p, run);
		if (run == n)
			return;
		x[1] = hex[(unsigned char)p[run] >> 4];
		x[2] = hex[p[run] & 15];
		lk_buf_add(b, x, sizeof x);
		p += run + 1;
		n -= run + 1;
	}
}

/* 0..15, or -1; lower case is another text for the same value: refused. */
static int
hex_value(char c)
{
	const char	*at = c == '\0' ? NULL : strchr(hex, c);

	return at == NULL ? -1 : (int)(at - hex);
}

/* The escape that n octets at p begin with.  0, or -1: it is none. */
static int
unescape_one(const char *p, size_t n, char *out)
{
	int	 hi, lo;

	if (n < 3 || *p != '%' || (hi = hex_value(p[1])) < 0 ||
	    (lo = hex_value(p[2])) < 0 ||
	    is_plain((unsigned char)(hi << 4 | lo)))
		return -1;
	*out = (char)(hi << 4 | lo);
	return 0;
}

int
lk_unescape(const char *p, size_t n, char *out, size_t *out_len)
{
	size_t	 run, k = 0;

	*out_len = 0;
	for (;;) {
		run = plain_run(p, n);
		memcpy(out + k, p, run);
		k += run;
		if (run == n)
			break;
		if (unescape_one(p + run, n - run, out + k) != 0)
			return LK_ESYNTAX;
		k++;
		p += run + 3;
		n -= run + 3;
	}
	*out_len = k;
	return 0;
}

size_t
lk_base64url(const void *p, size_t n, char *out)
{
	const unsigned char	*u = p;
	unsigned		 acc = 0, bits = 0;
	size_t			 i, k = 0;

	for (i = 0; i < n; i++) {
		acc = (acc << 8 | u[i]) & 0xffff;
		for (bits += 8; bits >= 6; bits -= 6)
			out[k++] = sixty_four[acc >> (bits - 6) & 63];
	}
	if (bits != 0)
		out[k++] = sixty_four[acc << (6 - bits) & 63];
	out[k] = '\0';
	return k;
}

static inline unsigned
digit_of(char c)
{
	size_t	 at = (unsigned char)c - (size_t)'-';

	return at < sizeof value ? value[at] : NO;
}

/* Four digits into three octets.  0, or -1: one is none. */
static inline int
decode_four(const char *p, unsigned char *out)
{
	unsigned	 a = digit_of(p[0]), b = digit_of(p[1]);
	unsigned	 c = digit_of(p[2]), d = digit_of(p[3]);

	if (((a | b | c | d) & 0xc0) != 0)
		return -1;
	out[0] = (unsigned char)(a << 2 | b >> 4);
	out[1] = (unsigned char)(b << 4 | c >> 2);
	out[2] = (unsigned char)(c << 6 | d);
	return 0;
}

int
lk_base64url_decode(const char *p, size_t n, void *out, size_t out_len)
{
	unsigned char	*o = out;
	unsigned	 acc = 0, bits = 0, digit;
	size_t		 i, k = 0;

	if (n != out_len / 3 * 4 + (out_len % 3 * 8 + 5) / 6)
		return LK_ESYNTAX;
	for (i = 0; n - i >= 4; i += 4, k += 3)
		if (decode_four(p + i, o + k) != 0)
			return LK_ESYNTAX;
	for (; i < n; i++) {
		if ((digit = digit_of(p[i])) == NO)
			return LK_ESYNTAX;
		acc = (acc << 6 | digit) & 0xffff;
		if ((bits += 6) < 8)
			continue;
		bits -= 8;
		o[k++] = (unsigned char)(acc >> bits);
	}
	/* Bits that no octet takes are zero, or one value had two texts. */
	return (acc & ((1U << bits) - 1)) == 0 ? 0 : LK_ESYNTAX;
}
