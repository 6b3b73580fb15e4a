/*
 * v1_log.c: the audit trail, a page at a time.
 *
 * Of a long journal little may be of what was asked for.  So a page also ends
 * where enough of it was looked through, be it empty: no request keeps a thread
 * for longer than that.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/err.h"
#include "daemon/admin.h"

#define FULL	1			/* the page is                       */

struct page {
	struct lk_out	*out;
	uint64_t	 n, limit;
};

static int
one(void *arg, const struct lk_event *v)
{
	struct page	*p = arg;

	if (p->n == p->limit)
		return FULL;
	lk_show_event(p->out, NULL, v);
	p->n++;
	return 0;
}

static int
read_filter(struct lk_admin_call *c, struct lk_trail *f, uint64_t *limit)
{
	int	 r;

	f->key_id = lk_admin_text(c, "key");
	f->account = lk_admin_text(c, "account");
	f->cursor = lk_admin_text(c, "cursor");
	f->octets = LK_ADMIN_LOG_OCTETS;
	if ((r = lk_admin_number(c, "after", INT64_MAX, &f->after)) != 0)
		return r;
	return lk_admin_page(c, limit);
}

int
lk_v1_log(struct lk_admin_call *c)
{
	struct lk_trail	 f = { .size = sizeof(f) };
	struct page	 p = { .out = &c->out };
	int		 r;

	if ((r = read_filter(c, &f, &p.limit)) != 0)
		return r;
	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, "events", '[');
	r = lk_store_log_page(c->s->lk, &c->op, &f, one, &p, &c->e);
	lk_out_close(&c->out, ']');
	lk_out_str(&c->out, "next", f.next[0] != '\0' ? f.next : NULL);
	lk_out_close(&c->out, '}');
	return r == FULL ? 0 : r;
}
