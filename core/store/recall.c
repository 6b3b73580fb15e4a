/*
 * recall.c: keys with all that is known of them, for lists: what is looked up,
 * and what their lines in the journal say.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "recall.h"
#include "scan.h"

#define TRIES	4			/* of a listing that growth disturbs */

/* The octets from off to the end of a line, or fewer; NULL: none. */
static const char *
read_at(struct recalling *x, uint64_t off, size_t *n)
{
	ssize_t	 got;

	if (off < x->off || off + LK_LINE_MAX > x->off + x->n) {
		got = lk_io_read_at(x->s->o.io, x->fd, x->window,
		    x->size, (off_t)off);
		x->n = got > 0 ? (size_t)got : 0;
		x->failed |= got < 0;
		x->off = off;
	}
	*n = x->n - (size_t)(off - x->off);
	return *n > 0 ? x->window + (off - x->off) : NULL;
}

/* The line that made a key, if it is still what it was. */
static int
read_line(struct recalling *x, const struct lk_found *k, struct lk_line *out)
{
	const char	*p, *nl, *why;
	size_t		 n;

	if ((p = read_at(x, k->offset, &n)) == NULL ||
	    (nl = memchr(p, '\n', n)) == NULL)
		return -1;
	if (lk_line_parse(p, (size_t)(nl - p), out, &why) != 0 ||
	    out->kind != LK_EVENT_GENERATE ||
	    strcmp(out->key_id, k->key_id) != 0)
		return -1;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, LK_KEYID_LEN);
}

static int64_t
when_ended(const struct recalling *x, const char *id)
{
	const struct ended	*d;

	if (x->ended.n == 0)
		return 0;
	d = bsearch(id, x->ended.p, x->ended.n / sizeof *d, sizeof *d, by_id);
	return d != NULL ? d->when : 0;
}

static int
listed_state(const struct lk_found *k, int64_t now)
{
	if (k->state == LK_STATE_ACTIVE && k->expires != 0 &&
	    now >= k->expires)
		return LK_STATE_EXPIRED;
	return k->state;
}

/* 0; -1: its line is not where it was, or not what it was. */
static int
fill_key(struct recalling *x, const struct lk_found *k, struct lk_key *out)
{
	struct lk_line	 line;
	const char	*label, *by, *heir, *role;

	memset(out, 0, sizeof *out);
	lk_text_copy(out->id, sizeof out->id, k->key_id);
	lk_text_copy(out->type, sizeof out->type, k->type);
	lk_text_copy(out->account, sizeof out->account, k->account);
	out->state = listed_state(k, x->now);
	out->created = k->created;
	out->expires = k->expires;
	out->not_before = k->not_before;
	memcpy(out->replaced_by, k->successor, sizeof out->replaced_by);
	out->naddresses = k->naddresses;
	memcpy(out->addresses, k->addresses,
	    k->naddresses * sizeof *k->addresses);
	out->last_used = lk_usage_last(x->s->usage, k->digest, x->now);
	if (k->state == LK_STATE_DELETED)
		out->deleted = when_ended(x, k->key_id);
	if (read_line(x, k, &line) != 0)
		return -1;		/* store check tells of it           */
	lk_text_copy(out->hint, sizeof out->hint, lk_line_get(&line, "hint"));
	if ((by = lk_line_get(&line, "created_by")) == NULL)
		by = line.actor;
	lk_text_copy(out->created_by, sizeof out->created_by, by);
	if ((heir = lk_line_get(&line, "replaces")) != NULL)
		lk_text_copy(out->replaces, sizeof out->replaces, heir);
	if ((label = lk_line_get(&line, "label")) != NULL)
		lk_text_copy(out->label, sizeof out->label, label);
	if ((role = lk_line_get(&line, "role")) != NULL)
		lk_text_copy(out->role, sizeof out->role, role);
	return 0;
}

/* ------------------------------------------------------------ when deleted */

/* Of a line that deletes one of the keys; the first one counts. */
static void
note_ended(struct recalling *x, const struct lk_raw *raw)
{
	struct lk_line	 line;
	struct ended	*d;

	if (memmem(raw->p, raw->n, ":delete:", 8) == NULL ||
	    lk_line_parse(raw->p, raw->n, &line, NULL) != 0 ||
	    line.kind != LK_EVENT_DELETE)
		return;
	d = bsearch(line.key_id, x->ended.p, x->ended.n / sizeof *d,
	    sizeof *d, by_id);
	if (d != NULL && d->when == 0)
		d->when = line.time;
}

/* From the oldest of the deleted keys on. */
static int
scan_ended(struct recalling *x, uint64_t from)
{
	struct lk_scan		 scan;
	struct lk_raw		 raw;
	int			 r;

	qsort(x->ended.p, x->ended.n / sizeof(struct ended),
	    sizeof(struct ended), by_id);
	r = lk_scan_start(&scan, x->s->o.io, x->fd, from, x->end);
	if (r != 0)
		return r;
	while ((r = lk_scan_next(&scan, &raw)) == 1)
		note_ended(x, &raw);
	lk_scan_end(&scan);
	return r;
}

int
lk_recall_ended(struct recalling *x)
{
	const struct item	*it = (const void *)x->items.p;
	struct ended		 d = { .when = 0 };
	uint64_t		 from = UINT64_MAX;
	size_t			 i;

	for (i = 0; i < x->items.n / sizeof *it; i++) {
		if (!it[i].deleted)
			continue;
		memcpy(d.id, it[i].id, sizeof d.id);
		lk_buf_add(&x->ended, &d, sizeof d);
		if (it[i].offset < from)
			from = it[i].offset;
	}
	if (x->ended.failed)
		return LK_ENOMEM;
	return x->ended.n == 0 ? 0 : scan_ended(x, from);
}

/* ---------------------------------------------------------------- one, all */

static int
open_journal(struct recalling *x)
{
	x->n = 0;
	x->fd = -1;
	x->generation = lk_state_generation(&lk_store_image(x->s)->state);
	return lk_store_hold(x->s, &x->fd, &x->end, NULL);
}

int
lk_recall_start(struct recalling *x, struct lk_store *s, size_t window)
{
	memset(x, 0, sizeof *x);
	x->s = s;
	x->fd = -1;
	x->now = lk_store_now(s);
	x->items = x->ended = LK_BUF_NONE;
	x->size = window;
	x->window = malloc(window);
	return x->window != NULL ? open_journal(x) : LK_ENOMEM;
}

static void
close_journal(struct recalling *x)
{
	if (x->fd != -1)
		x->s->o.io->close(x->s->o.io->ctx, x->fd);
	x->fd = -1;
}

int
lk_recall_again(struct recalling *x)
{
	close_journal(x);
	lk_buf_reset(&x->items);
	lk_buf_reset(&x->ended);
	return open_journal(x);
}

void
lk_recall_end(struct recalling *x)
{
	close_journal(x);
	free(x->window);
	lk_buf_free(&x->items);
	lk_buf_free(&x->ended);
}

static struct lk_index *
index_of(const struct recalling *x)
{
	return lk_store_image(x->s)->index;
}

/* Another journal, or a bigger index, took its place since it was opened. */
int
lk_recall_over(const struct recalling *x)
{
	return x->generation !=
	    lk_state_generation(&lk_store_image(x->s)->state);
}

/* All of a key.  1; 0 it is no longer there; LK_EUNAVAIL. */
static int
recall(struct recalling *x, const char *id, struct lk_key *out)
{
	struct lk_found	 k;
	int		 i, r;

	for (i = 0; ; i++) {
		r = lk_index_id(index_of(x), id, strlen(id), &k);
		if (r != 1)
			return r == 0 ? 0 : LK_EUNAVAIL;
		if (fill_key(x, &k, out) == 0 || i == TRIES ||
		    !lk_recall_over(x))
			return 1;
		/* Its place is one of another journal: look there. */
		close_journal(x);
		if (open_journal(x) != 0)
			return LK_EUNAVAIL;
	}
}

void
lk_recall_add(struct recalling *x, const struct lk_found *k, int deleted)
{
	struct item	 it = { .offset = k->offset };

	memcpy(it.id, k->key_id, sizeof it.id);
	it.deleted = (char)deleted;
	lk_buf_add(&x->items, &it, sizeof it);
}

int
lk_store_key(struct lk_store *s, const char *id, struct lk_key *out)
{
	struct recalling	 x;
	struct lk_found		 k;
	int			 r;

	r = lk_index_id(lk_store_image(s)->index, id, strlen(id), &k);
	if (r != 1)
		return r;
	if ((r = lk_recall_start(&x, s, LK_LINE_MAX)) == 0) {
		lk_recall_add(&x, &k, k.state == LK_STATE_DELETED);
		r = lk_recall_ended(&x);
	}
	if (r == 0)
		r = recall(&x, id, out);
	lk_recall_end(&x);
	return r < 0 || x.failed ? -1 : r;
}

int
lk_store_first_end(struct lk_store *s, const char *id, int64_t *expires)
{
	struct recalling	 x;
	struct lk_found		 k;
	struct lk_line		 line;
	int			 i, r = LK_EUNAVAIL;

	if (lk_recall_start(&x, s, LK_LINE_MAX) == 0)
		r = lk_index_id(index_of(&x), id, strlen(id), &k);
	for (i = 0; r == 1 && read_line(&x, &k, &line) != 0; i++) {
		r = LK_EUNAVAIL;
		if (i == TRIES || !lk_recall_over(&x))
			break;
		close_journal(&x);
		if (open_journal(&x) == 0)
			r = lk_index_id(index_of(&x), id, strlen(id), &k);
	}
	/* The line lies in the window. */
	if (r == 1)
		*expires = lk_line_number(&line, "expires");
	lk_recall_end(&x);
	return r < 0 ? -1 : r;
}

struct picking {
	struct recalling *x;
	const struct lk_keys_wanted *w;
};

static int
pick(void *arg, const struct lk_found *k)
{
	struct picking	*p = arg;
	const struct lk_keys_wanted	*w = p->w;
	int				 gone = k->state == LK_STATE_DELETED;

	if ((w->type == NULL || strcmp(w->type, k->type) == 0) &&
	    (w->deleted || !gone))
		lk_recall_add(p->x, k, gone);
	else if (w->after != NULL && strcmp(w->after, k->key_id) == 0)
		lk_recall_add(p->x, k, 0);	/* a place alone */
	return p->x->items.failed ? LK_ENOMEM : 0;
}

static int
by_age(const void *a, const void *b)
{
	const struct item	*x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* A key that moved meanwhile may have been met twice. */
static void
drop_twins(struct recalling *x)
{
	struct item	*it = (void *)x->items.p;
	size_t		 i, n = 0;

	for (i = 0; i < x->items.n / sizeof *it; i++)
		if (n == 0 || it[n - 1].offset != it[i].offset)
			it[n++] = it[i];
	x->items.n = n * sizeof *it;
}

/* All of it of one index and one journal. */
static int
collect_once(struct recalling *x, struct picking *p)
{
	int	 r;

	lk_buf_reset(&x->items);
	lk_buf_reset(&x->ended);
	if ((r = lk_index_walk(index_of(x), p->w->account, pick, p)) != 0)
		return r;
	if (x->items.n > 0)
		qsort(x->items.p, x->items.n / sizeof(struct item),
		    sizeof(struct item), by_age);
	drop_twins(x);
	return lk_recall_ended(x);
}

static int
collect(struct recalling *x, const struct lk_keys_wanted *w)
{
	struct picking	 p = { x, w };
	int		 i, r = -1;

	for (i = 0; i < TRIES; i++) {
		r = collect_once(x, &p);
		if ((r != 0 && r != -1) || (r == 0 && !lk_recall_over(x)))
			break;
		close_journal(x);
		if (open_journal(x) != 0)
			return LK_EUNAVAIL;
	}
	return r == -1 ? LK_EUNAVAIL : r;
}

/* The item behind that of a key.  1, or 0: it is not there. */
static int
find_after(const struct recalling *x, const char *id, size_t *i)
{
	const struct item	*it = (const void *)x->items.p;

	for (*i = 0; *i < x->items.n / sizeof *it; (*i)++)
		if (strcmp(it[*i].id, id) == 0) {
			(*i)++;
			return 1;
		}
	return 0;
}

int
lk_recall_tell(struct recalling *x, const char *after, lk_key_fn fn,
    void *arg)
{
	const struct item	*it = (const void *)x->items.p;
	struct lk_key		 key;
	size_t			 i = 0;
	int			 r = 0;

	if (after != NULL && !find_after(x, after, &i))
		return LK_EDATA;
	for (; i < x->items.n / sizeof *it && r == 0; i++) {
		if ((r = recall(x, it[i].id, &key)) < 0)
			return r;
		if (x->failed)
			return LK_EIO;
		r = r == 0 ? 0 : fn(arg, &key);
	}
	return r;
}

int
lk_store_keys_wanted(struct lk_store *s, const struct lk_keys_wanted *w,
    lk_key_fn fn, void *arg)
{
	struct recalling	 x;
	int			 r;

	if (w->page != 0 && w->account == NULL &&
	    lk_store_damaged(s, NULL) == 0)
		return lk_recall_pages(s, w, fn, arg);
	if ((r = lk_recall_start(&x, s, w->account != NULL ? LK_LINE_MAX :
	    LK_RECALL_WINDOW)) == 0 && (r = collect(&x, w)) == 0)
		r = lk_recall_tell(&x, w->after, fn, arg);
	lk_recall_end(&x);
	return r;
}
