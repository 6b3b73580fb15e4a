/*
 * buf.c: a growing text.  Old memory is wiped when it grows, since a line may
 * hold what a caller presented.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define BUF_FIRST	128		/* octets of the first allocation    */

/* Room for n more octets and a NUL.  1, or 0 and failed set. */
static int
reserve(struct lk_buf *b, size_t n)
{
	size_t	 want, cap;
	char	*p;

	if (b->failed)
		return 0;
	if (n < b->cap && b->n < b->cap - n)
		return 1;
	b->failed = 1;
	if (n >= SIZE_MAX / 2 || b->n >= SIZE_MAX / 2 - n)
		return 0;
	want = b->n + n + 1;
	for (cap = b->cap == 0 ? BUF_FIRST : b->cap; cap < want; cap *= 2)
		continue;
	if ((p = malloc(cap)) == NULL)
		return 0;
	if (b->p != NULL) {
		memcpy(p, b->p, b->n);
		lk_wipe(b->p, b->cap);
		free(b->p);
	}
	b->p = p;
	b->cap = cap;
	b->failed = 0;
	return 1;
}

void
lk_buf_add(struct lk_buf *b, const void *p, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n != 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
lk_buf_str(struct lk_buf *b, const char *s)
{
	lk_buf_add(b, s, strlen(s));
}

void
lk_buf_fmt(struct lk_buf *b, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = 1;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void
lk_buf_number(struct lk_buf *b, uint64_t v)
{
	char	 digits[20];
	size_t	 n = sizeof digits;

	do
		digits[--n] = (char)('0' + v % 10);
	while ((v /= 10) != 0);
	lk_buf_add(b, digits + n, sizeof digits - n);
}

void
lk_buf_reset(struct lk_buf *b)
{
	b->n = 0;
	b->failed = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
lk_buf_free(struct lk_buf *b)
{
	if (b->p != NULL) {
		lk_wipe(b->p, b->cap);
		free(b->p);
	}
	*b = LK_BUF_NONE;
}
