#include <sys/stat.h>

#include <string.h>

#include "base/err.h"
#include "pen.h"

int
lk_pen_take(struct lk_pen *p, struct lk_image *im, struct lk_error *e)
{
	const struct lk_load	*l = &im->load;
	struct stat		 st;
	int			 tail = l->end == LK_LOAD_DAMAGED;

	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s: fstat",
		    im->folder.path, LK_JOURNAL_NAME);
	p->im = im;
	p->end = (uint64_t)st.st_size;
	p->seq = l->pos.seq + l->pos.lost;
	/* Not the number that would end a batch whose end is missing. */
	if (tail && l->tail.seq > p->seq)
		p->seq = l->tail.seq;
	if (tail && l->tail.batch > p->seq)
		p->seq = l->tail.batch;
	p->time = l->pos.time;
	p->cut = l->cut;
	p->newline = tail && !l->tail.newline;
	/* Behind damage nobody knows what the MAC would follow from. */
	p->sign = l->key != NULL && !tail && l->pos.link.sure;
	return lk_image_chain(im, &p->chain, e);
}

void
lk_pen_drop(struct lk_pen *p)
{
	lk_chain_free(&p->chain);
}

/* MAC and newline behind what it covers, which starts at from. */
static int
sign(struct lk_pen *p, struct lk_buf *out, size_t from)
{
	char	 text[32];
	uint8_t	 mac[LK_MAC_SIZE];
	int	 r;

	if (!p->sign) {
		lk_buf_add(out, "-\n", 2);
		return 0;
	}
	if (out->failed)
		return LK_ENOMEM;
	r = lk_chain_sign(&p->chain, out->p + from, out->n - from, mac);
	if (r != 0)
		return r;
	lk_buf_add(out, text, lk_base64url(mac, sizeof mac, text));
	lk_buf_add(out, "\n", 1);
	return 0;
}

/* What is written must be what is read. */
static int
check_line(const struct lk_buf *out, size_t from)
{
	struct lk_line	 line;

	if (out->failed)
		return LK_ENOMEM;
	return lk_line_parse(out->p + from, out->n - from - 1, &line, NULL) ==
	    0 ? 0 : LK_EDATA;
}

static int
compose(struct lk_pen *p, const struct lk_buf *bodies, size_t n, int64_t when,
    struct lk_buf *out)
{
	const char	*at = bodies->p, *nl;
	size_t		 i, from;
	int		 r;

	if (n > INT64_MAX || p->seq > INT64_MAX - n)
		return LK_EDATA;	/* no sequence number is left        */
	if (p->newline)
		lk_buf_add(out, "\n", 1);
	for (i = 1; i <= n; i++, at = nl + 1) {
		nl = memchr(at, '\n', (size_t)(bodies->p + bodies->n - at));
		from = out->n;
		lk_line_cover(out, p->seq + i, p->seq + n, when, at,
		    (size_t)(nl - at));
		if ((r = sign(p, out, from)) != 0 ||
		    (r = check_line(out, from)) != 0)
			return r;
	}
	return 0;
}

void
lk_pen_ack(struct lk_image *im, uint64_t end, const struct lk_link *at,
    int64_t when, uint64_t cut)
{
	struct lk_ack	 a = { .length = end, .time = when, .cut = cut };

	if (at->sure)
		memcpy(a.mac, at->mac[0], sizeof a.mac);
	lk_state_ack(&im->state, &a);
}

int
lk_pen_write(struct lk_pen *p, const struct lk_buf *bodies, size_t n,
    int64_t when, int remove, struct lk_error *e)
{
	struct lk_buf	 out = LK_BUF_NONE;
	int		 r;

	if ((r = compose(p, bodies, n, when, &out)) != 0) {
		lk_fail(e, r, r == LK_ENOMEM ? "no memory" :
		    r == LK_EDATA ? "it cannot be written to the journal as "
		    "lines that are read again: a number is too high" :
		    "libgcrypt does not work");
		goto out;
	}
	r = lk_journal_reserve(&p->im->folder, p->im->fd, p->end, out.n,
	    remove, e);
	if (r != 0)
		goto out;
	r = lk_journal_append(&p->im->folder, p->im->fd, p->end, out.p, out.n,
	    e);
	if (r != 0)
		goto out;
	p->end += out.n;
	p->seq += n;
	p->time = when;
	p->newline = 0;
	lk_pen_ack(p->im, p->end, &p->chain.at, when, p->cut);
out:
	lk_buf_free(&out);
	return r;
}
