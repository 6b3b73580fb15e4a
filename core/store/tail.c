#include <string.h>

#include "line.h"
#include "scan.h"
#include "tail.h"

/* A batch that a line names: one, or more than one. */
static void
note_line(struct lk_tail *t, const struct lk_line *l)
{
	if (t->batches == 0) {
		t->batches = 1;
		t->batch = l->batch;
	} else if (l->batch != t->batch)
		t->batches = 2;
	if (l->seq > t->seq)
		t->seq = l->seq;
}

static int
one_bit_off(char c)
{
	return __builtin_popcount((unsigned char)c ^ (unsigned char)'\n') == 1;
}

/*
 * What stands behind the last newline.  A write that was torn leaves a part of
 * a line; a whole one with an octet more lost its newline at rest.  A signed
 * line that was torn right behind a "-" reads as one without a MAC, and then
 * the octet after it tells: it is one of base64url, not a changed newline.
 */
static void
note_rest(struct lk_tail *t, const struct lk_raw *raw)
{
	struct lk_line	 l;

	if (raw->n == 0)
		return;
	t->lines++;
	if (lk_line_parse(raw->p, raw->n - 1, &l, NULL) == 0)
		t->flipped = l.is_signed || one_bit_off(raw->p[raw->n - 1]);
}

static int
look_lines(const struct lk_io *io, int fd, uint64_t from, uint64_t size,
    struct lk_tail *t)
{
	struct lk_scan	 s;
	struct lk_raw	 raw;
	struct lk_line	 l;
	uint64_t	 last = 0, next = from;
	int		 r;

	if ((r = lk_scan_start(&s, io, fd, from, size)) != 0)
		return r;
	while ((r = lk_scan_next(&s, &raw)) == 1) {
		t->lines++;
		/* A torn line may still say which batch it is of. */
		if (lk_line_parse(raw.p, raw.n, &l, NULL) != 0 && l.batch == 0)
			continue;
		note_line(t, &l);
		if (l.batch != last)
			t->alone = next;
		last = l.batch;
		next = raw.next;
	}
	if (r == 0)
		note_rest(t, &raw);
	lk_scan_end(&s);
	return r < 0 ? r : 0;
}

static int
look_zeros(const struct lk_io *io, int fd, uint64_t from, uint64_t size,
    struct lk_tail *t)
{
	static const char	 zeros[LK_SECTOR];
	char			 b[LK_SECTOR];
	uint64_t		 end;
	ssize_t			 n;

	for (; from < size && !t->zeros; from = end) {
		end = (from / LK_SECTOR + 1) * LK_SECTOR;
		if (end > size)
			end = size;
		n = lk_io_read_at(io, fd, b, (size_t)(end - from),
		    (off_t)from);
		if (n != (ssize_t)(end - from))
			return LK_EIO;
		t->zeros = memcmp(b, zeros, (size_t)n) == 0;
	}
	return 0;
}

int
lk_tail_look(const struct lk_io *io, int fd, uint64_t from, uint64_t size,
    struct lk_tail *out)
{
	char	 last = '\0';
	int	 r;

	memset(out, 0, sizeof *out);
	if (size > from &&
	    lk_io_read_at(io, fd, &last, 1, (off_t)size - 1) != 1)
		return LK_EIO;
	out->newline = last == '\n';
	if ((r = look_lines(io, fd, from, size, out)) != 0)
		return r;
	if (out->batches > 1)
		return 0;		/* it is no tail, whatever is in it  */
	return look_zeros(io, fd, from, size, out);
}
