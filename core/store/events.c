/*
 * events.c: what happened, line by line.
 */
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "scan.h"

static void
copy(char *out, size_t size, const char *s)
{
	size_t	 n = strlen(s);

	if (n >= size)
		n = size - 1;		/* parsing made sure that it is not  */
	memcpy(out, s, n);
	out[n] = '\0';
}

static void
fill_event(const struct lk_line *l, uint64_t number, struct lk_event *out)
{
	out->seq = l->seq;
	out->line = number;
	out->time = l->time;
	copy(out->event, sizeof out->event, l->event);
	copy(out->actor, sizeof out->actor, l->actor);
	copy(out->from, sizeof out->from, l->from);
	copy(out->key_id, sizeof out->key_id, l->key_id);
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
	struct lk_image	*im;
	uint64_t	 end;
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	im = lk_store_image(s);
	end = atomic_load(&im->shared) ? lk_image_end(im) : im->load.pos.end;
	lk_store_leave(s);
	r = lk_scan_start(&scan, im->folder.io, im->fd, LK_JOURNAL_FIRST, end);
	if (r != 0)
		return lk_fail(e, r, "no memory");
	r = tell_events(&scan, key_id, fn, arg);
	lk_scan_end(&scan);
	if (r == LK_EIO)
		return lk_fail(e, r, "%s/%s cannot be read", s->o.dir,
		    LK_JOURNAL_NAME);
	return r;
}
