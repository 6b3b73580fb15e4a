/*
 * dump.c: all keys, as the journal has them, one after the other.
 *
 * A key's line has its digest, of which the index keeps the beginning alone;
 * the index has what became of the key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "scan.h"

#define STEP	4096			/* lines from look to look           */

static const char	 mark[] = ":generate:";

struct dumping {
	struct lk_store		*s;
	struct lk_image		*im;
	const struct lk_dump	*d;
	struct lk_line		 line;
};

static int
is_wanted(const struct lk_dump *d, const struct lk_line *l)
{
	return (d->type == NULL ||
	    strcmp(d->type, lk_line_get(l, "type")) == 0) &&
	    (d->account == NULL ||
	    strcmp(d->account, lk_line_get(l, "account")) == 0);
}

static int
tell(struct dumping *x, const struct lk_found *f)
{
	struct lk_dumped	 out = { .found = f };
	const struct lk_line	*l = &x->line;

	out.digest = lk_line_get(l, "digest");
	out.hint = lk_line_get(l, "hint");
	out.pepper = (unsigned)lk_line_number(l, "pepper");
	if ((out.label = lk_line_get(l, "label")) == NULL)
		out.label = "";
	if ((out.replaces = lk_line_get(l, "replaces")) == NULL)
		out.replaces = "";
	if ((out.role = lk_line_get(l, "role")) == NULL)
		out.role = "";
	if ((out.created_by = lk_line_get(l, "created_by")) == NULL)
		out.created_by = l->actor;
	return x->d->fn(x->d->arg, &out);
}

/* What no look-up finds is no key: its line was never acknowledged. */
static int
dump_line(struct dumping *x, const struct lk_raw *raw, struct lk_error *e)
{
	struct lk_found	 f;
	size_t		 head = raw->n;
	int		 r;

	if (head > LK_LINE_HEAD + sizeof mark)
		head = LK_LINE_HEAD + sizeof mark;
	if (memmem(raw->p, head, mark, sizeof mark - 1) == NULL ||
	    lk_line_parse(raw->p, raw->n, &x->line, NULL) != 0 ||
	    x->line.kind != LK_EVENT_GENERATE || !is_wanted(x->d, &x->line))
		return 0;
	r = lk_store_by_id(x->s, x->line.key_id, LK_KEYID_LEN, &f);
	if (r == 0 || (r == 1 && (f.offset != raw->off ||
	    f.state == LK_STATE_DELETED)))
		return 0;
	if (r != 1 || (f.state != LK_STATE_ACTIVE &&
	    f.state != LK_STATE_DISABLED))
		return lk_fail(e, LK_EDAMAGE, "the store cannot tell of key "
		    "%s (latchkey store check)", x->line.key_id);
	return tell(x, &f);
}

static int
dump_lines(struct dumping *x, struct lk_scan *scan, uint64_t end,
    struct lk_error *e)
{
	struct lk_raw	 raw;
	uint64_t	 n;
	int		 r = 0, more = 1;

	for (n = 1; r == 0; n++) {
		if ((more = lk_scan_next(scan, &raw)) != 1)
			break;
		r = dump_line(x, &raw, e);
		if (n % STEP != 0 || r != 0)
			continue;
		/* What was deleted meanwhile, and where that is noted. */
		r = lk_store_refresh(x->s, e);
		if (x->d->progress != NULL)
			x->d->progress(x->d->progress_arg, raw.next, end);
	}
	if (r == 0 && more < 0)
		return lk_fail(e, more, "%s/%s cannot be read", x->s->o.dir,
		    LK_JOURNAL_NAME);
	return r;
}

int
lk_store_dump(struct lk_store *s, const struct lk_dump *d, struct lk_error *e)
{
	struct dumping	*x;
	struct lk_scan	 scan;
	uint64_t	 end;
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	if ((x = malloc(sizeof *x)) == NULL) {
		lk_store_leave(s);
		return lk_fail(e, LK_ENOMEM, "no memory");
	}
	x->s = s;
	x->d = d;
	x->im = lk_store_image(s);
	end = atomic_load(&x->im->shared) ? lk_image_end(x->im) :
	    x->im->load.pos.end;
	lk_store_leave(s);
	if ((r = lk_scan_start(&scan, x->im->folder.io, x->im->fd,
	    LK_JOURNAL_FIRST, end)) != 0)
		r = lk_fail(e, r, "no memory");
	else
		r = dump_lines(x, &scan, end, e);
	if (scan.buf != NULL)
		lk_scan_end(&scan);
	free(x);
	return r;
}
