#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/frame.h"

#define DIGITS	10			/* of a length                       */

void
lk_frame_add(struct lk_buf *b, const char *name, const void *p, size_t n)
{
	lk_buf_fmt(b, "%s\n%zu\n", name, n);
	lk_buf_add(b, p, n);
}

void
lk_frame_str(struct lk_buf *b, const char *name, const char *s)
{
	lk_frame_add(b, name, s, strlen(s));
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t	 w;

	while (n != 0) {
		if ((w = write(fd, p, n)) == -1) {
			if (errno == EINTR)
				continue;
			return LK_EIO;
		}
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

int
lk_frame_write(int fd, const struct lk_buf *b)
{
	char	 head[LK_FRAME_LINE];
	int	 n;

	n = snprintf(head, sizeof(head), "%zu\n", b->n);
	if (write_all(fd, head, (size_t)n) != 0)
		return LK_EIO;
	return b->n == 0 ? 0 : write_all(fd, b->p, b->n);
}

/* Exactly n octets: 1; 0 there were none; LK_ESYNTAX it ended before. */
static int
read_all(int fd, char *p, size_t n)
{
	size_t	 done = 0;
	ssize_t	 r;

	while (done < n) {
		if ((r = read(fd, p + done, n - done)) == -1) {
			if (errno == EINTR)
				continue;
			return LK_EIO;
		}
		if (r == 0)
			return done == 0 ? 0 : LK_ESYNTAX;
		done += (size_t)r;
	}
	return 1;
}

/* Digits up to a newline, of at most left octets.  How many octets; 0: none. */
static size_t
number(const char *p, size_t left, size_t *out)
{
	size_t	 i;

	*out = 0;
	for (i = 0; i < left && i < DIGITS && p[i] >= '0' && p[i] <= '9'; i++)
		*out = *out * 10 + (size_t)(p[i] - '0');
	return i != 0 && i < left && p[i] == '\n' ? i + 1 : 0;
}

/* The length of what follows.  As lk_frame_read. */
static int
read_length(int fd, size_t *n)
{
	char	 line[DIGITS + 1];
	size_t	 i;
	int	 r;

	for (i = 0; i < sizeof(line); i++) {
		if ((r = read_all(fd, &line[i], 1)) != 1)
			return r == 0 && i != 0 ? LK_ESYNTAX : r;
		if (line[i] == '\n')
			return number(line, i + 1, n) != 0 ? 1 : LK_ESYNTAX;
	}
	return LK_ESYNTAX;
}

int
lk_frame_read(int fd, size_t max, struct lk_buf *b)
{
	char	 part[4096];
	size_t	 n, k;
	int	 r;

	lk_buf_reset(b);
	if ((r = read_length(fd, &n)) != 1)
		return r;
	if (n > max)
		return LK_ESYNTAX;
	for (; n != 0; n -= k) {
		k = n < sizeof(part) ? n : sizeof(part);
		if ((r = read_all(fd, part, k)) != 1) {
			r = r == 0 ? LK_ESYNTAX : r;
			break;
		}
		lk_buf_add(b, part, k);
	}
	lk_wipe(part, sizeof(part));
	return r == 1 && b->failed ? LK_ENOMEM : r;
}

/* The value at *at, which then is behind it.  1; 0 the end, or no frame. */
static int
next(const struct lk_buf *b, size_t *at, struct lk_slice *name,
    struct lk_slice *value)
{
	const char	*p = b->p + *at, *end;
	size_t		 left = b->n - *at, digits;

	if (b->p == NULL || (end = memchr(p, '\n', left)) == NULL)
		return 0;
	name->p = p;
	name->n = (size_t)(end - p);
	left -= name->n + 1;
	digits = number(end + 1, left, &value->n);
	if (digits == 0 || value->n > left - digits)
		return 0;
	value->p = end + 1 + digits;
	*at = (size_t)(value->p - b->p) + value->n;
	return 1;
}

int
lk_frame_get(const struct lk_buf *b, const char *name, struct lk_slice *out)
{
	struct lk_slice	 found;
	size_t		 at = 0;

	while (next(b, &at, &found, out))
		if (found.n == strlen(name) &&
		    memcmp(found.p, name, found.n) == 0)
			return 1;
	out->p = NULL;
	out->n = 0;
	return 0;
}

void
lk_frame_text(const struct lk_buf *b, const char *name, char *out,
    size_t size)
{
	struct lk_slice	 v;

	out[0] = '\0';
	if (!lk_frame_get(b, name, &v) || v.n >= size ||
	    memchr(v.p, '\0', v.n) != NULL)
		return;
	memcpy(out, v.p, v.n);
	out[v.n] = '\0';
}
