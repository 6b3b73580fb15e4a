#include "ahead.h"
#include "scan.h"

static void
take_line(struct lk_index *ix, const struct lk_raw *raw)
{
	struct lk_line	 l;

	if (lk_line_parse(raw->p, raw->n, &l, NULL) != 0)
		return;
	if (l.kind == LK_EVENT_DELETE)
		lk_index_doubt(ix, l.key_id, LK_STATE_DELETED);
	else if (l.kind == LK_EVENT_DISABLE)
		lk_index_doubt(ix, l.key_id, LK_STATE_DISABLED);
}

int
lk_ahead_look(struct lk_index *ix, const struct lk_io *io, int fd,
    uint64_t from, uint64_t size)
{
	struct lk_scan	 s;
	struct lk_raw	 raw;
	int		 r = 0;

	if (from < size) {
		if ((r = lk_scan_start(&s, io, fd, from, size)) != 0)
			return r;
		while ((r = lk_scan_next(&s, &raw)) == 1)
			take_line(ix, &raw);
		lk_scan_end(&s);
	}
	if (r == 0)
		lk_index_doubts_renew(ix);
	return r;
}
