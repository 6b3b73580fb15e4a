#include "ahead.h"
#include "scan.h"

static int
take_line(struct lk_index *ix, const struct lk_raw *raw)
{
	struct lk_line	 l;

	if (lk_line_parse(raw->p, raw->n, &l, NULL) != 0)
		return 0;
	if (l.kind == LK_EVENT_DELETE)
		return lk_index_doubt(ix, l.key_id, LK_STATE_DELETED);
	if (l.kind == LK_EVENT_DISABLE)
		return lk_index_doubt(ix, l.key_id, LK_STATE_DISABLED);
	return 0;
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
			if ((r = take_line(ix, &raw)) != 0)
				break;
		lk_scan_end(&s);
	}
	return r == 0 ? lk_index_doubts_renew(ix) : r;
}
