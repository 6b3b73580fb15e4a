#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "journal.h"
#include "lines.h"

static int
unread(const struct lk_lines *x, int r, struct lk_error *e)
{
	return lk_fail(e, r, "%s/%s cannot be read: %s", x->folder->path,
	    x->name, r == LK_ENOMEM ? "no memory" : r == LK_EIO ?
	    "input or output error" : "libgcrypt does not work");
}

int
lk_lines_start(struct lk_lines *x, const struct lk_folder *f,
    const char *name, int fd, uint64_t limit, struct lk_hmac *key,
    struct lk_error *e)
{
	char		 first[LK_JOURNAL_FIRST];
	struct lk_link	 at;

	x->folder = f;
	x->name = name;
	x->fd = fd;
	x->at = 1;
	lk_link_first(&at);
	lk_chain_start(&x->chain, key, &at);
	if (lk_io_read_at(f->io, fd, first, sizeof first, 0) != sizeof first)
		return unread(x, LK_EIO, e);
	lk_chain_pass(&x->chain, first, sizeof first);
	if (lk_scan_start(&x->scan, f->io, fd, sizeof first, limit) != 0)
		return unread(x, LK_ENOMEM, e);
	return 0;
}

void
lk_lines_end(struct lk_lines *x)
{
	lk_scan_end(&x->scan);
	lk_chain_free(&x->chain);
}

void
lk_lines_more(struct lk_lines *x, uint64_t limit)
{
	x->scan.limit = limit;
}

/* Why it does not follow, or NULL. */
static const char *
misplaced(const struct lk_lines *x)
{
	const struct lk_line	*l = &x->line;

	if (l->seq <= x->seq)
		return "its sequence number was there before";
	/* After a batch without its end the next one may begin. */
	if (x->lost == 0 && l->seq != x->seq + 1 &&
	    (x->accept == NULL || l->seq != x->batch + 1))
		return "a line before it is missing: its sequence number does "
		    "not follow";
	if (l->time < x->time)
		return "its time is before that of a line before it";
	return NULL;
}

/* 0 and *why, NULL when it is sound; or an error. */
static int
judge(struct lk_lines *x, const char **why)
{
	int	 r;

	*why = NULL;
	if (lk_line_parse(x->raw.p, x->raw.n, &x->line, why) != 0 ||
	    (*why = misplaced(x)) != NULL || !x->line.is_signed)
		return 0;
	if ((r = lk_chain_check(&x->chain, &x->line, x->raw.p)) < 0)
		return r;
	if (r == 0)
		*why = "its MAC does not match: it, or a line without a MAC "
		    "right before it, was changed, moved or put in";
	return 0;
}

static int
lose(struct lk_lines *x, const char *why, struct lk_error *e)
{
	char	 path[sizeof e->file];
	int	 r;

	if (x->accept != NULL && x->accept(x->arg, x, why)) {
		r = lk_chain_lose(&x->chain, x->raw.p, x->raw.n, x->raw.next);
		x->lost++;
		return r != 0 ? unread(x, r, e) : 2;
	}
	snprintf(path, sizeof path, "%s/%s", x->folder->path, x->name);
	return lk_fail_at(e, LK_EDAMAGE, path, (unsigned)x->at, 0, "%s", why);
}

static void
advance(struct lk_lines *x)
{
	x->seq = x->line.seq;
	x->batch = x->line.batch;
	x->lost = 0;
	if (!x->line.is_signed) {
		lk_chain_pass(&x->chain, x->raw.p, x->raw.n + 1);
		return;
	}
	x->time = x->line.time;
	x->head = x->line.seq;
	memcpy(x->head_mac, x->line.mac, sizeof x->head_mac);
	lk_chain_accept(&x->chain, &x->line, x->raw.next);
}

int
lk_lines_next(struct lk_lines *x, struct lk_error *e)
{
	const char	*why;
	int		 r;

	if ((r = lk_scan_next(&x->scan, &x->raw)) < 0)
		return unread(x, r, e);
	if (r == 0 && x->raw.n == 0)
		return 0;
	x->at++;
	if (r == 0)
		return lose(x, "the last line is not whole", e);
	if ((r = judge(x, &why)) != 0)
		return unread(x, r, e);
	if (why != NULL)
		return lose(x, why, e);
	advance(x);
	return 1;
}

const char *
lk_lines_body(const struct lk_lines *x, size_t *n)
{
	const char	*p = x->raw.p;
	int		 i;

	for (i = 0; i < 3; i++)
		p = (const char *)memchr(p, ':', x->raw.n) + 1;
	*n = (size_t)(x->raw.p + x->line.covered - 1 - p);
	return p;
}
