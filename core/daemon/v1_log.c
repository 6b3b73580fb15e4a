/*
 * v1_log.c: the audit trail, a page at a time.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

#define FULL	1			/* the page is                       */

struct page {
	struct lk_out	*out;
	const char	*account;	/* NULL: of all                      */
	struct lk_buf	 ids;		/* of its keys, in order             */
	uint64_t	 after, n, limit, last;
};

static int
take_id(void *arg, const struct lk_key *k)
{
	struct lk_buf	*ids = arg;

	lk_buf_add(ids, k->id, sizeof(k->id));
	return ids->failed ? LK_ENOMEM : 0;
}

static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, LK_KEYID_LEN);
}

/* An event names its account, or a key of it. */
static int
is_of(const struct page *p, const struct lk_event *v)
{
	struct lk_detail d;
	size_t		 at = 0, size = LK_KEYID_LEN + 1;

	if (p->ids.n != 0 && v->key_id[0] != '\0' &&
	    bsearch(v->key_id, p->ids.p, p->ids.n / size, size, by_id) != NULL)
		return 1;
	while (lk_event_detail(v, &at, &d))
		if (strcmp(d.name, "account") == 0 &&
		    strcmp(d.value, p->account) == 0)
			return 1;
	return 0;
}

static int
one(void *arg, const struct lk_event *v)
{
	struct page	*p = arg;

	if (v->seq <= p->after || (p->account != NULL && !is_of(p, v)))
		return 0;
	if (p->n == p->limit)
		return FULL;
	lk_show_event(p->out, NULL, v);
	p->last = v->seq;
	p->n++;
	return 0;
}

static int
find_keys(struct lk_admin_call *c, struct page *p)
{
	struct lk_filter f = { .size = sizeof(f), .account = p->account,
			     .deleted = 1 };
	int		 r;

	if (p->account == NULL)
		return 0;
	r = lk_list(c->s->lk, &c->op, &f, take_id, &p->ids, &c->e);
	if (r == 0 && p->ids.n != 0)
		qsort(p->ids.p, p->ids.n / (LK_KEYID_LEN + 1),
		    LK_KEYID_LEN + 1, by_id);
	return r;
}

static int
show(struct lk_admin_call *c, struct page *p)
{
	int	 r;

	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, "events", '[');
	r = lk_store_log(c->s->lk, &c->op, lk_admin_text(c, "key"), one, p,
	    &c->e);
	lk_out_close(&c->out, ']');
	if (r == FULL)
		lk_out_int(&c->out, "next", (int64_t)p->last);
	else
		lk_out_str(&c->out, "next", NULL);
	lk_out_close(&c->out, '}');
	return r == FULL ? 0 : r;
}

int
lk_v1_log(struct lk_admin_call *c)
{
	struct page	 p = { .out = &c->out, .ids = LK_BUF_NONE };
	int		 r;

	p.account = lk_admin_text(c, "account");
	if ((r = lk_admin_number(c, "after", INT64_MAX, &p.after)) != 0 ||
	    (r = lk_admin_page(c, &p.limit)) != 0)
		return r;
	if ((r = find_keys(c, &p)) == 0)
		r = show(c, &p);
	lk_buf_free(&p.ids);
	return r;
}
