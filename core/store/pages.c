/*
 * pages.c: keys as they stand in the journal, from one of them on, so that a
 * page of a long list takes the time and the memory of a page.
 */
#include <string.h>

#include "base/text.h"
#include "recall.h"
#include "scan.h"

#define TRIES	4			/* of a page that growth disturbs    */

static const char	 mark[] = ":generate:";

struct paging {
	struct recalling	 x;
	const struct lk_keys_wanted *w;
	char			 last[LK_KEYID_LEN + 1];	/* seen; "" */
	int			 whole;	/* the journal is at its end         */
};

/* Where the line of the last one stands, or the first line. */
static int
find_last(struct paging *p, uint64_t *from)
{
	struct lk_found	 f;
	int		 r;

	*from = LK_JOURNAL_FIRST;
	if (p->last[0] == '\0')
		return 0;
	r = lk_index_id(lk_store_image(p->x.s)->index, p->last, LK_KEYID_LEN,
	    &f);
	if (r != 1)
		return r == 0 ? LK_EDATA : LK_EUNAVAIL;
	*from = f.offset;
	return 0;
}

/* Is it a key's line, whose key the index has with that line? */
static int
take_line(struct paging *p, const struct lk_raw *raw, struct lk_line *line)
{
	const struct lk_keys_wanted	*w = p->w;
	struct lk_found			 f;
	size_t				 head = raw->n;
	int				 gone, r;

	if (head > LK_LINE_HEAD + sizeof mark)
		head = LK_LINE_HEAD + sizeof mark;
	if (memmem(raw->p, head, mark, sizeof mark - 1) == NULL ||
	    lk_line_parse(raw->p, raw->n, line, NULL) != 0 ||
	    line->kind != LK_EVENT_GENERATE ||
	    strcmp(line->key_id, p->last) == 0)
		return 0;
	r = lk_index_id(lk_store_image(p->x.s)->index, line->key_id,
	    LK_KEYID_LEN, &f);
	if (r != 1)
		return r == 0 ? 0 : LK_EUNAVAIL;
	lk_text_copy(p->last, sizeof p->last, line->key_id);
	gone = f.state == LK_STATE_DELETED;
	if (f.offset == raw->off && (w->deleted || !gone) &&
	    (w->type == NULL || strcmp(w->type, f.type) == 0))
		lk_recall_add(&p->x, &f, gone);
	return p->x.items.failed ? LK_ENOMEM : 0;
}

static int
scan_page(struct paging *p, struct lk_scan *scan)
{
	struct lk_line	 line;
	struct lk_raw	 raw;
	int		 more = 1, r = 0;

	while (r == 0 && p->x.items.n / sizeof(struct item) < p->w->page &&
	    (more = lk_scan_next(scan, &raw)) == 1)
		r = take_line(p, &raw, &line);
	p->whole = more != 1;
	return r != 0 ? r : more < 0 ? more : lk_recall_ended(&p->x);
}

/* The keys of a page; what is read of another journal is read again. */
static int
collect(struct paging *p)
{
	struct lk_scan	 scan;
	char		 last[LK_KEYID_LEN + 1];
	uint64_t	 from;
	int		 i, r;

	memcpy(last, p->last, sizeof last);
	for (i = 0; i < TRIES; i++) {
		memcpy(p->last, last, sizeof last);
		if ((r = lk_recall_again(&p->x)) != 0 ||
		    (r = find_last(p, &from)) != 0 ||
		    (r = lk_scan_start(&scan, p->x.s->o.io, p->x.fd, from,
		    p->x.end)) != 0)
			return r;
		r = scan_page(p, &scan);
		lk_scan_end(&scan);
		if (r != 0 || !lk_recall_over(&p->x))
			return r;
	}
	return LK_EUNAVAIL;
}

int
lk_recall_pages(struct lk_store *s, const struct lk_keys_wanted *w,
    lk_key_fn fn, void *arg)
{
	struct paging	 p = { .w = w };
	int		 r;

	if (w->after != NULL) {
		if (strlen(w->after) != LK_KEYID_LEN)
			return LK_EDATA;
		memcpy(p.last, w->after, sizeof p.last);
	}
	r = lk_recall_start(&p.x, s, LK_RECALL_WINDOW);
	while (r == 0 && !p.whole && (r = collect(&p)) == 0)
		r = lk_recall_tell(&p.x, NULL, fn, arg);
	lk_recall_end(&p.x);
	return r;
}
