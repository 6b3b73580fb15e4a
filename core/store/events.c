/*
 * events.c: what happened, line by line.
 */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "inner.h"
#include "scan.h"

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

static int
tell_events(struct lk_scan *scan, const char *key_id, lk_event_fn fn,
    void *arg)
{
	struct lk_raw	 raw;
	struct lk_line	 line;
	struct lk_event	 ev;
	uint64_t	 number = 1;
	int		 r;

	while ((r = lk_scan_next(scan, &raw)) == 1) {
		number++;
		if (key_id != NULL && memmem(raw.p, raw.n, key_id,
		    strlen(key_id)) == NULL)
			continue;
		/* A line that cannot be read is store check's matter. */
		if (lk_line_parse(raw.p, raw.n, &line, NULL) != 0 ||
		    (key_id != NULL && strcmp(key_id, line.key_id) != 0))
			continue;
		fill_event(&line, number, &ev);
		if ((r = fn(arg, &ev)) != 0)
			return r;
	}
	return r;
}

int
lk_store_events(struct lk_store *s, const char *key_id, lk_event_fn fn,
    void *arg, struct lk_error *e)
{
	struct lk_scan	 scan;
	uint64_t	 size;
	int		 fd, r;

	if ((r = lk_store_hold(s, &fd, &size, e)) != 0)
		return r;
	r = lk_scan_start(&scan, s->o.io, fd, LK_JOURNAL_FIRST, size);
	if (r != 0)
		r = lk_fail(e, r, "no memory");
	else if ((r = tell_events(&scan, key_id, fn, arg)) == LK_EIO)
		lk_fail(e, r, "%s/%s cannot be read", s->o.dir,
		    LK_JOURNAL_NAME);
	lk_scan_end(&scan);
	s->o.io->close(s->o.io->ctx, fd);
	return r;
}
