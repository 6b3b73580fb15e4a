#include <stdlib.h>
#include <string.h>

#include "scan.h"

#define WINDOW	262144			/* octets                            */

int
lk_scan_start(struct lk_scan *s, const struct lk_io *io, int fd, uint64_t off,
    uint64_t limit)
{
	*s = LK_SCAN_NONE;
	s->io = io;
	s->fd = fd;
	s->off = off;
	s->limit = limit;
	s->buf = malloc(WINDOW);
	return s->buf == NULL ? LK_ENOMEM : 0;
}

void
lk_scan_end(struct lk_scan *s)
{
	free(s->buf);
	*s = LK_SCAN_NONE;
}

/* Read more behind what is there.  1, 0 at the end, LK_EIO. */
static int
more(struct lk_scan *s)
{
	uint64_t	 from = s->off + (s->n - s->at);
	size_t		 want;
	ssize_t		 got;

	memmove(s->buf, s->buf + s->at, s->n - s->at);
	s->n -= s->at;
	s->ahead -= s->ahead < s->at ? s->ahead : s->at;
	s->at = 0;
	want = WINDOW - s->n;
	if (want > s->limit - from)
		want = (size_t)(s->limit - from);
	if (want == 0)
		return 0;
	got = lk_io_read_at(s->io, s->fd, s->buf + s->n, want, (off_t)from);
	/* Nothing before the limit: the file is shorter than it was. */
	if (got <= 0)
		return LK_EIO;
	s->n += (size_t)got;
	return 1;
}

/* Hand out n octets and pass over them and over skip more. */
static void
hand_out(struct lk_scan *s, struct lk_raw *out, uint64_t start, size_t n,
    size_t skip)
{
	out->p = s->buf + s->at;
	out->n = n;
	out->off = start;
	s->at += n + skip;
	s->off += n + skip;
	out->next = s->off;
}

int
lk_scan_next(struct lk_scan *s, struct lk_raw *out)
{
	uint64_t	 start = s->off;
	size_t		 seen = 0;
	char		*nl;
	int		 r;

	for (;;) {
		nl = memchr(s->buf + s->at + seen, '\n', s->n - s->at - seen);
		if (nl != NULL) {
			hand_out(s, out, start,
			    (size_t)(nl - s->buf) - s->at, 1);
			return 1;
		}
		seen = s->n - s->at;
		if (seen == WINDOW) {	/* no line: its end is enough        */
			s->at += WINDOW / 2;
			s->off += WINDOW / 2;
			seen -= WINDOW / 2;
		}
		if ((r = more(s)) < 0)
			return r;
		if (r == 0) {
			hand_out(s, out, start, s->n - s->at, 0);
			return 0;
		}
	}
}
