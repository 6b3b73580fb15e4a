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

static int
is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7f && c != ':' && c != '%';
}

void
lk_buf_escape(struct lk_buf *b, const char *p, size_t n)
{
	const unsigned char	*u = (const unsigned char *)p;
	char			 x[3] = "%";
	size_t			 i, from = 0;

	for (i = 0; i < n; i++) {
		if (is_plain(u[i]))
			continue;
		x[1] = hex[u[i] >> 4];
		x[2] = hex[u[i] & 15];
		lk_buf_add(b, p + from, i - from);
		lk_buf_add(b, x, sizeof x);
		from = i + 1;
	}
	if (from < n)
		lk_buf_add(b, p + from, n - from);
}

/* 0..15, or -1; lower case is another text for the same value: refused. */
static int
hex_value(char c)
{
	const char	*at = c == '\0' ? NULL : strchr(hex, c);

	return at == NULL ? -1 : (int)(at - hex);
}

/* One octet at p of n; how many octets of text it took, or 0. */
static size_t
unescape_one(const char *p, size_t n, char *out)
{
	int	 hi, lo;

	if (*p != '%') {
		*out = *p;
		return is_plain((unsigned char)*p);
	}
	if (n < 3 || (hi = hex_value(p[1])) < 0 || (lo = hex_value(p[2])) < 0)
		return 0;
	if (is_plain((unsigned char)(hi << 4 | lo)))
		return 0;
	*out = (char)(hi << 4 | lo);
	return 3;
}

int
lk_unescape(const char *p, size_t n, char *out, size_t *out_len)
{
	size_t	 i, used, k = 0;
	char	 c;

	*out_len = 0;
	for (i = 0; i < n; i += used) {
		if ((used = unescape_one(p + i, n - i, &c)) == 0)
			return LK_ESYNTAX;
		out[k++] = c;
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

int
lk_base64url_decode(const char *p, size_t n, void *out, size_t out_len)
{
	unsigned char	*o = out;
	const char	*at;
	unsigned	 acc = 0, bits = 0;
	size_t		 i, k = 0;

	if (n != out_len / 3 * 4 + (out_len % 3 * 8 + 5) / 6)
		return LK_ESYNTAX;
	for (i = 0; i < n; i++) {
		at = p[i] == '\0' ? NULL : strchr(sixty_four, p[i]);
		if (at == NULL)
			return LK_ESYNTAX;
		acc = (acc << 6 | (unsigned)(at - sixty_four)) & 0xffff;
		if ((bits += 6) < 8)
			continue;
		bits -= 8;
		o[k++] = (unsigned char)(acc >> bits);
	}
	/* Bits that no octet takes are zero, or one value had two texts. */
	return (acc & ((1U << bits) - 1)) == 0 ? 0 : LK_ESYNTAX;
}
