#include <sys/stat.h>

#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "hint.h"
#include "pen.h"

int
lk_pen_take(struct lk_pen *p, struct lk_image *im, struct lk_error *e)
{
	const struct lk_load	*l = &im->load;
	struct stat		 st;
	int			 tail = l->end == LK_LOAD_DAMAGED;

	p->im = im;
	p->after = l->pos;
	p->end = l->pos.end;
	if (!atomic_load(&im->shared)) {
		if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0)
			return lk_fail_errno(e, LK_EIO, "%s/%s: fstat",
			    im->folder.path, LK_JOURNAL_NAME);
		p->end = (uint64_t)st.st_size;
	}
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
	lk_buf_free(&p->out);
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
		if ((r = sign(p, out, from)) != 0)
			return r;
	}
	return out->failed ? LK_ENOMEM : 0;
}

/* What is written must be what is read; and the index that others use as well
 * takes the lines as they will be: what cannot be is known before it is
 * written. */
static int
stage_lines(struct lk_pen *p, const char **why)
{
	const char	*at = p->out.p + p->newline, *nl, *ahead = at;
	const char	*end = p->out.p + p->out.n;
	struct lk_line	 line;
	int		 r = 0;

	for (; at < end && r == 0; at = nl + 1) {
		ahead = lk_hint_lines(lk_index_map(p->im->index), ahead, at,
		    end);
		nl = memchr(at, '\n', (size_t)(end - at));
		if (lk_line_parse(at, (size_t)(nl - at), &line, why) != 0)
			return LK_EDATA;
		if (p->shared)
			r = lk_index_stage(p->im->index, &line, p->end +
			    (uint64_t)(at - p->out.p), why);
	}
	return r != 0 || !p->shared ? r : lk_index_reserve(p->im->index);
}

static int
stage(struct lk_pen *p, struct lk_error *e)
{
	const char	*why = "";
	int		 r;

	if ((r = stage_lines(p, &why)) == 0)
		return 0;
	if (p->shared)
		lk_index_discard(p->im->index);
	if (r == LK_EDAMAGE || r == LK_EDATA)
		return lk_fail(e, LK_EDATA, "it cannot be written to the "
		    "journal: %s", why);
	if (r == LK_EIO)
		return lk_fail(e, r, "%s", p->im->why.text);
	return lk_fail(e, r, r == LK_ENOMEM ? "no memory" : "the index in %s "
	    "is damaged (latchkey store rebuild)", p->im->folder.path);
}

/* Where the journal is when n lines more are in it. */
static void
look_ahead(struct lk_pen *p, size_t n, int64_t when)
{
	p->after.end = p->end + p->out.n;
	p->after.line += n;
	p->after.seq = p->seq + n;
	p->after.time = when;
	p->after.link = p->chain.at;
	if (p->sign)
		p->after.link.span = p->after.end;
	else if (p->end == p->im->load.pos.end)
		lk_link_pass(&p->after.link, p->out.p, p->out.n);
	else
		p->after.link.bare = 0;	/* behind what cannot be read        */
}

int
lk_pen_stage(struct lk_pen *p, const struct lk_buf *bodies, size_t n,
    int64_t when, struct lk_error *e)
{
	int	 r;

	p->shared = atomic_load(&p->im->shared);
	if ((r = compose(p, bodies, n, when, &p->out)) != 0)
		return lk_fail(e, r, r == LK_ENOMEM ? "no memory" :
		    r == LK_EDATA ? "it cannot be written to the journal as "
		    "lines that are read again: a number is too high" :
		    "libgcrypt does not work");
	if ((r = stage(p, e)) != 0)
		return r;
	look_ahead(p, n, when);
	return 0;
}

int
lk_pen_put(struct lk_pen *p, int remove, struct lk_error *e)
{
	struct lk_image	*im = p->im;
	int		 r;

	r = lk_journal_append(&im->folder, im->fd, p->end, p->out.p,
	    p->out.n, remove, e);
	if (r != 0)
		lk_index_discard(im->index);
	return r;
}

void
lk_pen_show(struct lk_pen *p)
{
	if (p->shared) {
		if (lk_index_publish(p->im->index, p->after.time) != 0)
			lk_image_disown(p->im);
		p->im->load.pos = p->after;
	}
	lk_image_ack(p->im, &p->after, p->cut);
}

int
lk_pen_write(struct lk_pen *p, const struct lk_buf *bodies, size_t n,
    int64_t when, int remove, struct lk_error *e)
{
	int	 r;

	if ((r = lk_pen_stage(p, bodies, n, when, e)) != 0 ||
	    (r = lk_pen_put(p, remove, e)) != 0)
		return r;
	lk_pen_show(p);
	return 0;
}
