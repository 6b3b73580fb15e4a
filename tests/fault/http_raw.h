/*
 * http_raw.h: a request as octets, and what is made of one by chance.
 */
#ifndef HTTP_RAW_H
#define HTTP_RAW_H

#include "http_home.h"

#define OUT		65536		/* octets of answers                 */
#define RAW		32768		/* octets of a request               */

static char	 raw[RAW], out[OUT];
static size_t	 raw_n;

static void __attribute__((format(printf, 1, 2)))
raw_add(const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(raw + raw_n, sizeof(raw) - raw_n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(raw) - raw_n)
		http_die("too long", fmt);
	raw_n += (size_t)n;
}

static void
raw_octets(const char *p, size_t n)
{
	memcpy(raw + raw_n, p, n);
	raw_n += n;
}

/* The first status, or 0: it was ended without a word. */
static int
first_status(void)
{
	return strncmp(out, "HTTP/1.", 7) == 0 ? atoi(out + 9) : 0;
}

static const char *
printable(const char *s)
{
	static char	 p[128];
	size_t		 n = 0;

	for (; *s != '\0' && n < sizeof(p) - 5; s++)
		n += (size_t)snprintf(p + n, sizeof(p) - n,
		    *s >= 0x20 && *s < 0x7f && *s != '#' ? "%c" : "\\x%02x",
		    (unsigned char)*s);
	p[n] = '\0';
	return p;
}

static uint64_t	 seed = 0x9e3779b97f4a7c15;

static unsigned
chance(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

/* One change: an octet, a cut, a piece twice, a bit of HTTP. */
static void
raw_change(const char *const *bits, size_t nbits)
{
	unsigned	 at = chance((unsigned)raw_n + 1), n;
	const char	*bit;

	switch (chance(5)) {
	case 0:
		if (at < raw_n)
			raw[at] = (char)chance(256);
		break;
	case 1:
		n = chance(40);
		if (at + n > raw_n)
			n = (unsigned)raw_n - at;
		memmove(raw + at, raw + at + n, raw_n - at - n);
		raw_n -= n;
		break;
	case 2:
		n = chance(120);
		if (at + n <= raw_n && raw_n + n < sizeof(raw)) {
			memmove(raw + at + n, raw + at, raw_n - at);
			raw_n += n;
		}
		break;
	default:
		bit = bits[chance((unsigned)nbits)];
		n = (unsigned)strlen(bit);
		if (raw_n + n >= sizeof(raw))
			break;
		memmove(raw + at + n, raw + at, raw_n - at);
		memcpy(raw + at, bit, n);
		raw_n += n;
	}
}

/* Requests that make makes, changed here and there, until one is answered as
 * none may be. */
static void
raw_generate(void (*make)(void), int (*answered)(void),
    const char *const *bits, size_t nbits)
{
	unsigned long	 i, n = fault_states(3000, 1000000), before;
	unsigned	 k;

	before = atomic_load(&http_home.allows);
	for (i = 0; i < n; i++) {
		make();
		for (k = chance(6); k > 0; k--)
			raw_change(bits, nbits);
		if (!answered())
			break;
	}
	fault_point(i == n, "%lu requests by chance: nobody is let in but by "
	    "an allow", n);
	if (i != n)
		printf("# %s\n", printable(raw));
	fault_point(atomic_load(&http_home.allows) - before > n / 20,
	    "some of them are allowed");
}

#endif
