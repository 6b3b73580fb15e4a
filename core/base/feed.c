#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/feed.h"
#include "latchkey.h"

#define WINDOW	262144			/* octets                            */

static const char	 mark[] = "\xef\xbb\xbf";

/* A record whose end is not found yet. */
struct search {
	size_t		 seen;		/* octets of it that were looked at  */
	unsigned	 odd;		/* so many quotes, modulo 2          */
	uint64_t	 lines;
	int		 dropped;	/* it is too long                    */
};

/* Read more behind what is there.  1, 0 at the end, LK_EIO. */
static int
more(struct lk_feed *f)
{
	ssize_t	 got;

	memmove(f->buf, f->buf + f->pos, f->n - f->pos);
	f->n -= f->pos;
	f->pos = 0;
	do
		got = pread(f->fd, f->buf + f->n, WINDOW - f->n, f->at);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return LK_EIO;
	f->n += (size_t)got;
	f->at += got;
	return got > 0;
}

int
lk_feed_start(struct lk_feed *f, int fd, off_t start)
{
	*f = LK_FEED_NONE;
	f->fd = fd;
	f->start = start;
	/* One more, for the NUL. */
	if ((f->buf = malloc(WINDOW + 1)) == NULL)
		return LK_ENOMEM;
	lk_feed_rewind(f);
	return 0;
}

void
lk_feed_end(struct lk_feed *f)
{
	free(f->buf);
	*f = LK_FEED_NONE;
}

void
lk_feed_rewind(struct lk_feed *f)
{
	f->at = f->start;
	f->n = f->pos = 0;
	f->line = 1;
}

static void
pass_mark(struct lk_feed *f)
{
	const size_t	 n = sizeof mark - 1;

	if (f->line != 1 || f->pos != 0 || f->at != f->start)
		return;
	while (f->n < n && more(f) == 1)
		;
	if (f->n >= n && memcmp(f->buf, mark, n) == 0)
		f->pos = n;
}

int
lk_feed_peek(struct lk_feed *f)
{
	pass_mark(f);
	if (f->pos == f->n && more(f) != 1)
		return -1;
	return (unsigned char)f->buf[f->pos];
}

/* The newline that ends the record, or NULL: it is not in the buffer. */
static char *
find_end(const struct lk_feed *f, struct search *s)
{
	char	*p = f->buf + f->pos + s->seen, *end = f->buf + f->n;
	char	*nl, *q, *stop;

	for (;; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		stop = nl != NULL ? nl : end;
		for (q = p; f->quotes && (q = memchr(q, '"',
		    (size_t)(stop - q))) != NULL; q++)
			s->odd ^= 1;
		if (nl == NULL) {
			s->seen = (size_t)(end - f->buf) - f->pos;
			return NULL;
		}
		s->lines++;
		if (!s->odd)
			return nl;
	}
}

/* Up to end, where its newline or that of the file is. */
static int
hand_out(struct lk_feed *f, struct search *s, char *end, size_t skip,
    struct lk_feed_record *out)
{
	char	*p = f->buf + f->pos;
	size_t	 n = (size_t)(end - p);

	f->pos += n + skip;
	f->line += s->lines;
	if (s->dropped || n > LK_RECORD_MAX)
		return LK_EDATA;
	if (n > 0 && p[n - 1] == '\r')
		n--;
	p[n] = '\0';
	out->p = p;
	out->n = n;
	return 1;
}

/* What is behind the last newline. */
static int
hand_out_last(struct lk_feed *f, struct search *s, struct lk_feed_record *out)
{
	int	 none = f->pos == f->n && !s->dropped;

	s->lines++;
	if (s->odd) {
		f->pos = f->n;
		return LK_ESYNTAX;
	}
	return none ? 0 : hand_out(f, s, f->buf + f->n, 0, out);
}

int
lk_feed_next(struct lk_feed *f, struct lk_feed_record *out)
{
	struct search	 s = { 0 };
	char		*nl;
	int		 r;

	pass_mark(f);
	*out = (struct lk_feed_record){ "", 0, f->line };
	for (;;) {
		if ((nl = find_end(f, &s)) != NULL)
			return hand_out(f, &s, nl, 1, out);
		/* Its octets go; what was counted of them stays. */
		if (s.seen > LK_RECORD_MAX) {
			s.dropped = 1;
			f->pos = f->n;
			s.seen = 0;
		}
		if ((r = more(f)) == 0)
			return hand_out_last(f, &s, out);
		if (r < 0)
			return r;
	}
}

uint64_t
lk_feed_done(const struct lk_feed *f)
{
	return (uint64_t)(f->at - f->start) - (f->n - f->pos);
}
