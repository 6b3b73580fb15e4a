/*
 * events_from.c: where a listing of events begins.
 *
 * Numbers rise from line to line, so the line of a number is found as a word is
 * in a dictionary.  In a journal that is not damaged a line's number is one
 * less than its place, which is why nobody has to count lines.
 */
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "events.h"
#include "inner.h"
#include "journal.h"
#include "line.h"

#define NEAR	(4 * LK_LINE_MAX)	/* octets; they are read through     */

/* The line that begins at off, and the sum of it.  1; 0: none that can be read
 * does; LK_EIO. */
static int
line_at(const struct lk_events_file *f, uint64_t off, struct lk_line *out,
    uint32_t *sum)
{
	char		 b[LK_LINE_MAX + 1];
	const char	*nl;
	ssize_t		 n;
	size_t		 want = sizeof b;

	if (off < LK_JOURNAL_FIRST || off >= f->size)
		return 0;
	if (want > f->size - off + 1)
		want = (size_t)(f->size - off) + 1;
	n = lk_io_read_at(f->s->o.io, f->fd, b, want, (off_t)off - 1);
	if (n < 0)
		return LK_EIO;
	if (n < 2 || b[0] != '\n' ||
	    (nl = memchr(b + 1, '\n', (size_t)n - 1)) == NULL)
		return 0;
	*sum = lk_crc32c(b + 1, (size_t)(nl - b) - 1);
	/* Its names are not looked at, which lie in b. */
	return lk_line_parse(b + 1, (size_t)(nl - b) - 1, out, NULL) == 0;
}

/* The first octet of a line at or behind off; 0: not there, or it cannot be
 * read. */
static uint64_t
next_line(const struct lk_events_file *f, uint64_t off)
{
	char		 b[LK_LINE_MAX];
	const char	*nl;
	ssize_t		 n;

	n = lk_io_read_at(f->s->o.io, f->fd, b, sizeof b, (off_t)off - 1);
	if (n <= 0 || (nl = memchr(b, '\n', (size_t)n)) == NULL)
		return 0;
	return off + (uint64_t)(nl - b);
}

static void
put(struct lk_mark *out, uint64_t off, const struct lk_line *l)
{
	out->off = off;
	out->line = l->seq + 1;
	out->seq = l->seq;
}

/* A line that is not behind the number, and from which those that are come
 * soon.  1; 0 it cannot be told. */
static int
find_after(const struct lk_events_file *f, uint64_t after,
    struct lk_mark *out)
{
	struct lk_line	 l;
	uint64_t	 low = LK_JOURNAL_FIRST, high = f->size, at;
	uint32_t	 sum;

	if (line_at(f, low, &l, &sum) != 1 || l.seq > after)
		return 0;
	put(out, low, &l);
	while (high - low > NEAR) {
		at = next_line(f, low + (high - low) / 2);
		if (at <= low || at >= high || line_at(f, at, &l,
		    &sum) != 1)
			return 0;
		if (l.seq > after) {
			high = at;
			continue;
		}
		low = at;
		put(out, low, &l);
	}
	return 1;
}

/* The line that made a key; likewise. */
static int
find_key(const struct lk_events_file *f, const char *id, struct lk_mark *out)
{
	struct lk_found	 k;
	struct lk_line	 l;
	uint32_t	 sum;

	if (lk_store_by_id(f->s, id, strlen(id), &k) != 1 ||
	    line_at(f, k.offset, &l, &sum) != 1 ||
	    l.kind != LK_EVENT_GENERATE || strcmp(l.key_id, id) != 0)
		return 0;
	put(out, k.offset, &l);
	return 1;
}

/* As it was told of before; who asks may have made it up. */
static int
find_again(const struct lk_events_file *f, const struct lk_mark *from,
    struct lk_error *e)
{
	struct lk_line	 l;
	uint32_t	 sum = 0;
	int		 r = line_at(f, from->off, &l, &sum);

	if (r < 0)
		return lk_fail(e, r, "%s/%s cannot be read", f->s->o.dir,
		    LK_JOURNAL_NAME);
	if (r == 1 && l.seq == from->seq && sum == from->sum)
		return 0;
	return lk_fail(e, LK_EDATA, "there is no such place to go on from in "
	    "the log, which may have been written anew: begin anew");
}

int
lk_events_from(const struct lk_events_file *f,
    const struct lk_events_wanted *w, struct lk_mark *out,
    struct lk_error *e)
{
	struct lk_mark	 first = { LK_JOURNAL_FIRST, 2, 0, 0 }, key;

	*out = first;
	if (w->from.off != 0) {
		*out = w->from;
		return find_again(f, &w->from, e);
	}
	if ((w->after == 0 && w->key_id == NULL) ||
	    lk_store_damaged(f->s, NULL) != 0)
		return 0;
	if (w->after == 0 || find_after(f, w->after, out) != 1)
		*out = first;
	if (w->key_id != NULL && find_key(f, w->key_id, &key) == 1 &&
	    key.off > out->off)
		*out = key;
	return 0;
}
