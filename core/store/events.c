/*
 * events.c: what happened, line by line.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "base/text.h"
#include "events.h"
#include "inner.h"
#include "scan.h"

#define TRIES	4			/* to meet an account's keys in one
					 * index                             */

struct telling {
	struct lk_events_file	 f;
	const struct lk_events_wanted *w;
	struct lk_buf		 ids;	/* of the account's keys, in order   */
	struct lk_scan		 scan;
	uint64_t		 end;	/* from here on another call goes on */
	struct lk_line		 line;	/* the one that was read             */
	struct lk_mark		 at;	/* of it, but for its sum            */
	struct lk_raw		 raw;	/* its octets                        */
	lk_event_fn		 fn;
	void			*arg;
};

static void
fill_event(const struct lk_line *l, uint64_t number, struct lk_event *out)
{
	out->seq = l->seq;
	out->line = number;
	out->time = l->time;
	lk_text_copy(out->event, sizeof out->event, l->event);
	lk_text_copy(out->actor, sizeof out->actor, l->actor);
	lk_text_copy(out->from, sizeof out->from, l->from);
	lk_text_copy(out->key_id, sizeof out->key_id, l->key_id);
	lk_line_details(l, out->details, sizeof out->details);
	out->unsigned_line = !l->is_signed;
}

/* --------------------------------------------------------- of one account */

static int
take_id(void *arg, const struct lk_found *k)
{
	struct lk_buf	*ids = arg;

	lk_buf_add(ids, k->key_id, LK_KEYID_LEN);
	return ids->failed ? LK_ENOMEM : 0;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, LK_KEYID_LEN);
}

/* The keys that it has and had, all by one index. */
static int
gather_ids(struct telling *x)
{
	struct lk_store	*s = x->f.s;
	uint64_t	 was;
	int		 i, r = -1;

	for (i = 0; i < TRIES && r == -1; i++) {
		lk_buf_reset(&x->ids);
		was = lk_state_generation(&lk_store_image(s)->state);
		r = lk_index_walk(lk_store_image(s)->index, x->w->account,
		    take_id, &x->ids);
		if (r == 0 &&
		    lk_state_generation(&lk_store_image(s)->state) != was)
			r = -1;
	}
	if (r == 0 && x->ids.n != 0)
		qsort(x->ids.p, x->ids.n / LK_KEYID_LEN, LK_KEYID_LEN, by_id);
	return r == -1 ? LK_EUNAVAIL : r;
}

/* An event names the account, or a key of it. */
static int
is_of_account(const struct telling *x)
{
	const char	*account = lk_line_get(&x->line, "account");

	if (account != NULL && strcmp(account, x->w->account) == 0)
		return 1;
	return x->ids.n != 0 && x->line.key_id[0] != '\0' &&
	    bsearch(x->line.key_id, x->ids.p, x->ids.n / LK_KEYID_LEN,
	    LK_KEYID_LEN, by_id) != NULL;
}

/* --------------------------------------------------------------- all lines */

/* A line of another key need not be read, unless another call begins there. */
static int
may_be_wanted(const struct telling *x, const struct lk_raw *raw)
{
	const char	*id = x->w->key_id;

	return id == NULL || raw->off >= x->end ||
	    memmem(raw->p, raw->n, id, strlen(id)) != NULL;
}

/* The next line that can be read: one that cannot is store check's matter.  1,
 * 0, or an error. */
static int
next_line(struct telling *x)
{
	struct lk_raw	*raw = &x->raw;
	int		 r;

	while ((r = lk_scan_next(&x->scan, raw)) == 1) {
		x->at.line++;
		if (!may_be_wanted(x, raw) ||
		    lk_line_parse(raw->p, raw->n, &x->line, NULL) != 0)
			continue;
		x->at.off = raw->off;
		x->at.seq = x->line.seq;
		return 1;
	}
	return r;
}

static int
is_wanted(const struct telling *x)
{
	const struct lk_events_wanted	*w = x->w;

	return x->line.seq > w->after && (w->key_id == NULL ||
	    strcmp(w->key_id, x->line.key_id) == 0) &&
	    (w->account == NULL || is_of_account(x));
}

static void
mark(const struct telling *x, struct lk_mark *out)
{
	*out = x->at;
	out->sum = lk_crc32c(x->raw.p, x->raw.n);
}

static int
tell_events(struct telling *x, struct lk_mark *next)
{
	struct lk_event	 ev;
	int		 r;

	while ((r = next_line(x)) == 1) {
		if (x->at.off >= x->end) {
			mark(x, next);
			return 0;
		}
		if (!is_wanted(x))
			continue;
		fill_event(&x->line, x->at.line, &ev);
		if ((r = x->fn(x->arg, &ev)) != 0) {
			mark(x, next);
			return r;
		}
	}
	return r;
}

static int
tell(struct telling *x, struct lk_mark *next, struct lk_error *e)
{
	int	 r;

	if (x->w->account != NULL && (r = gather_ids(x)) != 0)
		return lk_fail(e, r, r == LK_ENOMEM ? "no memory" : "the keys "
		    "of %s cannot be known (latchkey store check)",
		    x->w->account);
	if ((r = lk_events_from(&x->f, x->w, &x->at, e)) != 0)
		return r;
	x->end = x->w->octets != 0 ? x->at.off + x->w->octets : UINT64_MAX;
	x->at.line--;			/* of the line before it             */
	r = lk_scan_start(&x->scan, x->f.s->o.io, x->f.fd, x->at.off,
	    x->f.size);
	if (r != 0)
		return lk_fail(e, r, "no memory");
	if ((r = tell_events(x, next)) == LK_EIO)
		lk_fail(e, r, "%s/%s cannot be read", x->f.s->o.dir,
		    LK_JOURNAL_NAME);
	return r;
}

int
lk_store_events_wanted(struct lk_store *s, const struct lk_events_wanted *w,
    lk_event_fn fn, void *arg, struct lk_mark *next, struct lk_error *e)
{
	struct telling	 x = { .f = { .s = s }, .w = w, .ids = LK_BUF_NONE,
			     .scan = LK_SCAN_NONE, .fn = fn, .arg = arg };
	int		 r;

	memset(next, 0, sizeof *next);
	if ((r = lk_store_hold(s, &x.f.fd, &x.f.size, e)) != 0)
		return r;
	r = tell(&x, next, e);
	lk_scan_end(&x.scan);
	lk_buf_free(&x.ids);
	s->o.io->close(s->o.io->ctx, x.f.fd);
	return r;
}

int
lk_store_events(struct lk_store *s, const char *key_id, lk_event_fn fn,
    void *arg, struct lk_error *e)
{
	struct lk_events_wanted	 w = { .key_id = key_id };
	struct lk_mark		 next;

	return lk_store_events_wanted(s, &w, fn, arg, &next, e);
}
