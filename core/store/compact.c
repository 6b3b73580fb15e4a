/*
 * compact.c: a journal of what is alive.
 *
 * Of each key that is not deleted it keeps the line that made it and its
 * addresses, of one that is disabled the last line that did that, and likewise
 * of one whose end was changed; of each account the last line that gave it a
 * package, whether it has keys or not, since without it a new key would get the
 * default one, unless the account was deleted since.  All are as they were, in
 * the order that they had.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "inner.h"
#include "swap.h"

/* The last line about something; name: D or E and a key id, or A and an
 * account. */
struct last {
	char		 name[LK_ACCOUNT_MAX + 2];
	uint64_t	 offset;
};

struct compacting {
	struct lk_buf	 lasts;		/* struct last                       */
	struct lk_buf	 offsets;	/* theirs, uint64_t, in order        */
	size_t		 next;		/* of offsets                        */
	char		 id[LK_KEYID_LEN + 1];	/* whose line was last       */
	int		 kept;		/* and was it kept                   */
};

/* ----------------------------------------------------------- what is last */

static void
note_last(struct compacting *c, const struct lk_raw *raw)
{
	struct lk_line	 line;
	struct last	 l;
	const char	*name;

	if (lk_line_parse(raw->p, raw->n, &line, NULL) != 0)
		return;			/* it is refused later               */
	if (line.kind == LK_EVENT_DISABLE || line.kind == LK_EVENT_EXPIRE)
		name = line.key_id;
	else if (line.kind == LK_EVENT_ACCOUNT ||
	    line.kind == LK_EVENT_ACCOUNT_DELETE)
		name = lk_line_get(&line, "account");
	else
		return;
	memset(&l, 0, sizeof l);
	l.name[0] = line.kind == LK_EVENT_DISABLE ? 'D' :
	    line.kind == LK_EVENT_EXPIRE ? 'E' : 'A';
	memcpy(l.name + 1, name, strlen(name));
	l.offset = raw->off;
	lk_buf_add(&c->lasts, &l, sizeof l);
}

static int
by_name(const void *a, const void *b)
{
	const struct last	*x = a, *y = b;
	int			 r = memcmp(x->name, y->name, sizeof x->name);

	return r != 0 ? r : (x->offset > y->offset) - (x->offset < y->offset);
}

static int
by_offset(const void *a, const void *b)
{
	const uint64_t	*x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
pick_last(struct compacting *c)
{
	const struct last	*l = (const void *)c->lasts.p;
	size_t			 i, n = c->lasts.n / sizeof *l;

	if (n == 0)
		return;
	qsort(c->lasts.p, n, sizeof *l, by_name);
	for (i = 0; i < n; i++)
		if (i + 1 == n || strcmp(l[i].name, l[i + 1].name) != 0)
			lk_buf_add(&c->offsets, &l[i].offset,
			    sizeof l[i].offset);
	lk_buf_free(&c->lasts);
	if (!c->offsets.failed)
		qsort(c->offsets.p, c->offsets.n / sizeof(uint64_t),
		    sizeof(uint64_t), by_offset);
}

static int
start(void *arg, struct lk_swap *w, struct lk_error *e)
{
	struct compacting	*c = arg;
	struct lk_scan		 scan;
	struct lk_raw		 raw;
	int			 r;

	r = lk_scan_start(&scan, w->s->o.io, w->fd, LK_JOURNAL_FIRST,
	    w->limit);
	while (r == 0 && (r = lk_scan_next(&scan, &raw)) == 1) {
		r = 0;
		if (memmem(raw.p, raw.n, ":disable:", 9) != NULL ||
		    memmem(raw.p, raw.n, ":expire:", 8) != NULL ||
		    memmem(raw.p, raw.n, ":account:", 9) != NULL ||
		    memmem(raw.p, raw.n, ":account_delete:", 16) != NULL)
			note_last(c, &raw);
		if (raw.next >= w->limit)
			break;
	}
	lk_scan_end(&scan);
	if (r == LK_EIO)
		return lk_fail(e, r, "%s/%s cannot be read", w->s->o.dir,
		    LK_JOURNAL_NAME);
	if (r == 0 && !c->lasts.failed)
		pick_last(c);
	if (r != 0 || c->lasts.failed || c->offsets.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	return 0;
}

/* Lines come in order, so what is before this one is over. */
static int
is_last(struct compacting *c, uint64_t offset)
{
	const uint64_t	*o = (const void *)c->offsets.p;
	size_t		 n = c->offsets.n / sizeof *o;

	while (c->next < n && o[c->next] < offset)
		c->next++;
	return c->next < n && o[c->next] == offset;
}

/* ------------------------------------------------------------ what is kept */

static int
unknowable(const struct lk_swap *w, struct lk_error *e)
{
	return lk_fail(e, LK_EUNAVAIL, "the index of %s cannot tell of a key: "
	    "make it anew (latchkey store rebuild)", w->s->o.dir);
}

static int
keep_made(struct compacting *c, struct lk_swap *w, struct lk_error *e)
{
	const struct lk_line	*l = &w->src.line;
	struct lk_found		 k;

	if (lk_index_id(lk_store_image(w->s)->index, l->key_id, LK_KEYID_LEN,
	    &k) != 1)
		return unknowable(w, e);
	memcpy(c->id, l->key_id, sizeof c->id);
	c->kept = k.state != LK_STATE_DELETED;
	return c->kept;
}

/* What comes last of the key that it disables, if the key still is so; or of
 * the key whose end it changes. */
static int
keep_change(struct compacting *c, struct lk_swap *w, struct lk_error *e)
{
	struct lk_found	 k;

	if (!is_last(c, w->src.raw.off))
		return 0;
	if (lk_index_id(lk_store_image(w->s)->index, w->src.line.key_id,
	    LK_KEYID_LEN, &k) != 1)
		return unknowable(w, e);
	if (w->src.line.kind == LK_EVENT_EXPIRE)
		return k.state != LK_STATE_DELETED;
	return k.state == LK_STATE_DISABLED;
}

/* Written meanwhile: all of it, but for keys that were left out. */
static int
keep_later(struct lk_swap *w)
{
	const char	*id = w->src.line.key_id;
	struct lk_found	 k;

	if (id[0] == '\0' ||
	    lk_index_id(w->new->index, id, LK_KEYID_LEN, &k) == 1)
		return 1;
	return lk_index_id(lk_store_image(w->s)->index, id, LK_KEYID_LEN,
	    &k) != 1 || k.offset >= w->from_off;
}

static int
keep(void *arg, struct lk_swap *w, struct lk_error *e)
{
	struct compacting	*c = arg;

	if (w->round > 0)
		return keep_later(w);
	switch (w->src.line.kind) {
	case LK_EVENT_GENERATE:
		return keep_made(c, w, e);
	case LK_EVENT_ADDRESSES:
		return strcmp(c->id, w->src.line.key_id) == 0 && c->kept;
	case LK_EVENT_DISABLE:
	case LK_EVENT_EXPIRE:
		return keep_change(c, w, e);
	case LK_EVENT_ACCOUNT:
		return is_last(c, w->src.raw.off);
	default:
		return 0;
	}
}

static int
end(void *arg, struct lk_swap *w, struct lk_error *e)
{
	struct lk_buf	 body = LK_BUF_NONE;
	int		 r;

	(void)arg;
	lk_line_begin(&body, LK_EVENT_COMPACT, w->actor, w->from, NULL);
	lk_swap_add_head(w, &body);
	lk_line_attr_number(&body, "before", (int64_t)w->before);
	lk_line_attr_number(&body, "after", (int64_t)w->kept);
	lk_line_attr(&body, "file", w->file);
	r = lk_swap_event(w, &body, e);
	lk_buf_free(&body);
	return r;
}

int
lk_store_shrink(struct lk_store *s, const char *actor, const char *from,
    lk_progress_fn progress, void *arg, struct lk_swapped *out,
    struct lk_error *e)
{
	struct compacting	 c = { .lasts = LK_BUF_NONE,
				     .offsets = LK_BUF_NONE };
	struct lk_swap_job	 job = { .start = start, .keep = keep,
				     .end = end, .arg = &c,
				     .progress = progress,
				     .progress_arg = arg };
	struct lk_swap		 w;
	int			 r;

	if (s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "the journal anew, and it is not at hand");
	r = lk_swap_run(&w, s, actor, from, &job, e);
	lk_buf_free(&c.lasts);
	lk_buf_free(&c.offsets);
	out->before = w.before;
	out->after = w.kept;
	memcpy(out->file, w.file, sizeof w.file);
	return r;
}

/* ----------------------------------------------------------------- discard */

/* journal.TIME or journal.TIME.n */
static int
is_kept(const char *name)
{
	static const char	 stem[] = LK_JOURNAL_NAME ".";
	size_t			 n = sizeof stem - 1;

	return strncmp(name, stem, n) == 0 && name[n] >= '0' &&
	    name[n] <= '9' && name[n + strspn(name + n, "0123456789.")] == '\0';
}

static int
discard_all(const struct lk_folder *f, DIR *d, unsigned *n,
    struct lk_error *e)
{
	const struct dirent	*entry;

	while ((entry = readdir(d)) != NULL) {
		if (!is_kept(entry->d_name))
			continue;
		if (f->io->unlink(f->io->ctx, f->fd, entry->d_name) == 0)
			++*n;
		else if (errno != ENOENT)
			return lk_fail_errno(e, LK_EIO, "%s/%s cannot be "
			    "removed", f->path, entry->d_name);
	}
	return f->io->fsync(f->io->ctx, f->fd) == 0 ? 0 : lk_fail_errno(e,
	    LK_EIO, "%s cannot be synced", f->path);
}

int
lk_store_discard(struct lk_store *s, unsigned *n, struct lk_error *e)
{
	const struct lk_folder	*f = &lk_store_image(s)->folder;
	DIR			*d = NULL;
	int			 fd, r;

	*n = 0;
	if (!s->o.write)
		return lk_fail(e, LK_EPERM, "%s was opened to read",
		    s->o.dir);
	fd = f->io->open(f->io->ctx, f->fd, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd == -1 || (d = fdopendir(fd)) == NULL) {
		r = lk_fail_errno(e, LK_EIO, "%s cannot be read", f->path);
		if (fd != -1)
			f->io->close(f->io->ctx, fd);
		return r;
	}
	r = discard_all(f, d, n, e);
	closedir(d);
	return r;
}
