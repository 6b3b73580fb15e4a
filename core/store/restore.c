/*
 * restore.c: a copy of the journal in its place.
 *
 * A copy does not know what was ended since it was made.  So for each of its
 * keys the journal that is there is asked: deleted or disabled there, or ended
 * sooner, it is so in the new one.  A key that the journal lacks was deleted
 * and then left out, if the journal was compacted since the key was made.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "mend.h"
#include "swap.h"

struct restoring {
	const struct lk_copy	*copy;
	struct lk_put_back	*out;
	struct lk_swap		*w;
	struct lk_error		*e;
	uint64_t		 lines;	/* of the copy, the first included   */
	uint64_t		 limit;	/* octets of it, of whole batches    */
	int64_t			 compacted;	/* when; -1: never           */
};

int
lk_copy_value(int fd, uint8_t check[LK_MAC_SIZE])
{
	const struct lk_folder	 f = { .io = &lk_io_system, .path = "",
				    .fd = -1 };

	return lk_journal_value(&f, fd, check, NULL) == 0 ? 0 : LK_EDATA;
}

/* ---------------------------------------------------------------- the copy */

/* What was copied while it was written may end within a batch. */
static int
measure(struct restoring *x, struct lk_error *e)
{
	const struct lk_io	*io = &lk_io_system;
	struct lk_scan		 scan;
	struct lk_raw		 raw;
	struct lk_line		 line;
	struct stat		 st;
	uint64_t		 n = 1;
	int			 r;

	if (io->fstat(io->ctx, x->copy->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s", x->copy->dir,
		    x->copy->name);
	x->lines = 1;
	x->limit = LK_JOURNAL_FIRST;
	r = lk_scan_start(&scan, io, x->copy->fd, LK_JOURNAL_FIRST,
	    (uint64_t)st.st_size);
	while (r == 0 && (r = lk_scan_next(&scan, &raw)) == 1) {
		r = 0;
		n++;
		/* One that is not sound is told of when it is copied. */
		if (lk_line_parse(raw.p, raw.n, &line, NULL) == 0 &&
		    line.seq != line.batch)
			continue;
		x->lines = n;
		x->limit = raw.next;
		if (raw.next >= (uint64_t)st.st_size)
			break;
	}
	lk_scan_end(&scan);
	return r == 0 ? 0 : lk_fail(e, r, "%s/%s cannot be read",
	    x->copy->dir, x->copy->name);
}

/* Do both begin with the same event? */
static int
is_of_one(const struct restoring *x, const struct lk_image *im)
{
	char		 a[LK_JOURNAL_FIRST + LK_LINE_MAX], b[sizeof a];
	const char	*nl;
	ssize_t		 n, m;

	n = lk_io_read_at(&lk_io_system, x->copy->fd, a, sizeof a, 0);
	m = lk_io_read_at(im->folder.io, im->fd, b, sizeof b, 0);
	if (n <= LK_JOURNAL_FIRST || m <= LK_JOURNAL_FIRST ||
	    (nl = memchr(a + LK_JOURNAL_FIRST, '\n',
	    (size_t)n - LK_JOURNAL_FIRST)) == NULL || nl - a >= m)
		return 0;
	return memcmp(a, b, (size_t)(nl - a) + 1) == 0;
}

/* May an end be lost that the copy does not have either? */
static int
may_lose(const struct restoring *x, const struct lk_image *im,
    const struct lk_fault *f)
{
	struct lk_ack	 a;

	if (!is_of_one(x, im))
		return 1;
	if (!f->before)
		return f->line > x->lines;
	return lk_state_read(&im->state, &a) == -1 || a.lines > x->lines;
}

static int
judge_loss(struct restoring *x, struct lk_store *s, struct lk_error *e)
{
	struct lk_buf		 faults = LK_BUF_NONE;
	const struct lk_fault	*f;
	size_t			 i;
	int			 r;

	if ((r = lk_mend_faults(&s->o, &faults, e)) == 0) {
		f = (const void *)faults.p;
		for (i = 0; i < faults.n / sizeof *f && r == 0; i++)
			if (may_lose(x, lk_store_image(s), &f[i]))
				r = lk_journal_fail(e, LK_EDAMAGE, s->o.dir,
				    f[i].line, "%s: the end of a key may be "
				    "lost there, and the copy does not have "
				    "it; nothing was changed (--accept-loss; "
				    "then delete again what should be)",
				    f[i].why);
	}
	lk_buf_free(&faults);
	return r;
}

/* ----------------------------------------------------------- what was ended */

/* The line that says kind; of an expire also what it says. */
static int
put_end(struct restoring *x, enum lk_event_kind kind, const char *id,
    const char *actor, const char *from, const struct lk_found *end)
{
	struct lk_buf	 body = LK_BUF_NONE;
	int		 r;

	lk_line_begin(&body, kind, actor, from, id);
	if (end != NULL) {
		lk_line_attr_number(&body, "expires", end->expires);
		if (end->successor[0] != '\0')
			lk_line_attr(&body, "successor", end->successor);
	}
	r = lk_swap_event(x->w, &body, x->e);
	lk_buf_free(&body);
	x->out->ended++;
	return r;
}

/* Does it end before the other says? */
static int
is_sooner(const struct lk_found *a, const struct lk_found *b)
{
	return a->expires != 0 && (b->expires == 0 || a->expires < b->expires);
}

static int
ask(void *arg, const struct lk_found *k)
{
	struct restoring	*x = arg;
	const char		*actor = x->w->actor, *from = x->w->from;
	struct lk_found		 was;
	int			 r, had;

	if (k->state == LK_STATE_DELETED)
		return 0;
	r = lk_index_id(lk_store_image(x->w->s)->index, k->key_id,
	    LK_KEYID_LEN, &was);
	had = r == 1;
	if (had ? was.state == LK_STATE_DELETED : k->created <= x->compacted)
		return put_end(x, LK_EVENT_DELETE, k->key_id, actor, from,
		    NULL);
	r = 0;
	if (had && was.state == LK_STATE_DISABLED &&
	    k->state == LK_STATE_ACTIVE)
		r = put_end(x, LK_EVENT_DISABLE, k->key_id, actor, from, NULL);
	if (r == 0 && had && is_sooner(&was, k))
		r = put_end(x, LK_EVENT_EXPIRE, k->key_id, actor, from, &was);
	return r;
}

static int
count_lacking(void *arg, const struct lk_found *k)
{
	struct restoring	*x = arg;
	struct lk_found		 f;

	if (k->state != LK_STATE_DELETED && lk_index_id(x->w->new->index,
	    k->key_id, LK_KEYID_LEN, &f) != 1)
		x->out->lacking++;
	return 0;
}

/* Of a line that takes power from a key of the copy: say it there too. */
static int
put_line(struct restoring *x, const struct lk_line *l)
{
	const char	*by = lk_line_get(l, "successor");
	struct lk_found	 k, end;

	if ((l->kind != LK_EVENT_DELETE && l->kind != LK_EVENT_DISABLE &&
	    l->kind != LK_EVENT_EXPIRE) || lk_index_id(x->w->new->index,
	    l->key_id, LK_KEYID_LEN, &k) != 1)
		return 0;
	if (l->kind != LK_EVENT_EXPIRE)
		return put_end(x, l->kind, l->key_id, l->actor, l->from, NULL);
	memset(&end, 0, sizeof end);
	end.expires = lk_line_number(l, "expires");
	if (by != NULL)
		memcpy(end.successor, by, LK_KEYID_LEN);
	return is_sooner(&end, &k) ? put_end(x, l->kind, l->key_id, l->actor,
	    l->from, &end) : 0;
}

/* Lines of the journal that is there, from..to; fn of those that parse. */
static int
each_line(struct restoring *x, uint64_t from, uint64_t to,
    int (*fn)(struct restoring *x, const struct lk_line *l))
{
	struct lk_scan	 scan;
	struct lk_raw	 raw;
	struct lk_line	 line;
	int		 r;

	r = lk_scan_start(&scan, x->w->s->o.io, x->w->fd, from, to);
	while (r == 0 && from < to && (r = lk_scan_next(&scan, &raw)) == 1) {
		r = 0;
		if (lk_line_parse(raw.p, raw.n, &line, NULL) == 0)
			r = fn(x, &line);
		if (raw.next >= to)
			break;
	}
	lk_scan_end(&scan);
	return r == LK_EIO || r == LK_ENOMEM ? lk_fail(x->e, r, "%s/%s cannot "
	    "be read", x->w->s->o.dir, LK_JOURNAL_NAME) : r;
}

/* Where the line that made a key is lost, the index does not have its end. */
static int
look_at(struct restoring *x, const struct lk_line *l)
{
	struct lk_found	 k;

	if (l->kind == LK_EVENT_COMPACT && l->time > x->compacted)
		x->compacted = l->time;
	if (lk_index_id(lk_store_image(x->w->s)->index, l->key_id,
	    LK_KEYID_LEN, &k) == 1)
		return 0;
	return put_line(x, l);
}

static int
late(void *arg, struct lk_swap *w, struct lk_error *e)
{
	struct restoring	*x = arg;
	int			 r;

	x->w = w;
	x->e = e;
	x->compacted = -1;
	lk_swap_now(w, lk_store_now(w->s));
	if ((r = each_line(x, LK_JOURNAL_FIRST, w->seen, look_at)) != 0)
		return r;
	r = lk_index_walk(w->new->index, NULL, ask, x);
	if (r == 0)
		r = lk_index_walk(lk_store_image(w->s)->index, NULL,
		    count_lacking, x);
	return r == -1 ? lk_fail(e, LK_EUNAVAIL, "the index of %s cannot tell "
	    "of its keys", w->s->o.dir) : r;
}

/* ----------------------------------------------------------- with the lock */

static int
end_later(struct restoring *x, const struct lk_line *l)
{
	if (l->kind == LK_EVENT_GENERATE)
		x->out->lacking++;
	return put_line(x, l);
}

static int
end(void *arg, struct lk_swap *w, struct lk_error *e)
{
	struct restoring	*x = arg;
	struct lk_buf		 body = LK_BUF_NONE;
	struct stat		 st;
	char			 name[256];
	int			 r;

	x->e = e;
	if (w->s->o.io->fstat(w->s->o.io->ctx, w->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s: fstat", w->s->o.dir,
		    LK_JOURNAL_NAME);
	if ((r = each_line(x, w->seen, (uint64_t)st.st_size, end_later)) != 0)
		return r;
	snprintf(name, sizeof name, "%s", x->copy->name);
	lk_line_begin(&body, LK_EVENT_RESTORE, w->actor, w->from, NULL);
	lk_swap_add_head(w, &body);
	lk_line_attr(&body, "source", name);
	lk_line_attr(&body, "file", w->file);
	r = lk_swap_event(w, &body, e);
	lk_buf_free(&body);
	return r;
}

static int
keep(void *arg, struct lk_swap *w, struct lk_error *e)
{
	(void)arg;
	(void)w;
	(void)e;
	return 1;
}

int
lk_store_put_back(struct lk_store *s, const char *actor, const char *from,
    const struct lk_copy *copy, int loss, lk_progress_fn progress, void *arg,
    struct lk_put_back *out, struct lk_error *e)
{
	struct lk_folder	 f = { .io = &lk_io_system, .fd = -1,
				    .path = copy->dir };
	struct restoring	 x = { .copy = copy, .out = out };
	struct lk_swap_job	 job = { .mend = 1, .keep = keep,
				    .late = late, .end = end, .arg = &x,
				    .progress = progress,
				    .progress_arg = arg };
	struct lk_swap		 w = { .before = 0 };
	int			 r;

	memset(out, 0, sizeof *out);
	if (s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "the journal anew, and it is not at hand");
	if ((r = measure(&x, e)) != 0 ||
	    (!loss && (r = judge_loss(&x, s, e)) != 0))
		return r;
	job.source.name = copy->name;
	job.source.folder = &f;
	job.source.fd = copy->fd;
	job.source.limit = x.limit;
	job.source.key = copy->key;
	r = lk_swap_run(&w, s, actor, from, &job, e);
	out->swapped.before = w.before;
	out->swapped.after = w.kept;
	memcpy(out->swapped.file, w.file, sizeof w.file);
	return r;
}
