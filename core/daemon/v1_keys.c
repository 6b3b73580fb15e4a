/*
 * v1_keys.c: keys as they are listed, a page at a time, and one of them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

#define FULL	1			/* the page is                       */

struct page {
	struct lk_out	*out;
	uint64_t	 n, limit;
	char		 last[LK_KEYID_LEN + 1];
};

/* One more than the page holds tells that there is another page. */
static int
one(void *arg, const struct lk_key *k)
{
	struct page	*p = arg;

	if (p->n == p->limit)
		return FULL;
	lk_show_key(p->out, NULL, k);
	memcpy(p->last, k->id, sizeof(p->last));
	p->n++;
	return 0;
}

static int
read_filter(struct lk_admin_call *c, struct lk_filter *f, uint64_t *limit)
{
	int	 r;

	f->type = lk_admin_text(c, "type");
	f->account = lk_admin_text(c, "account");
	f->deleted = lk_admin_bool(c, "all");
	f->after = lk_admin_text(c, "cursor");
	if ((r = lk_admin_duration(c, "expiring", 0, &f->expiring)) != 0 || (r =
	    lk_admin_duration(c, "unused", 0, &f->unused)) != 0)
		return r;
	return lk_admin_page(c, limit);
}

static int
is_type(void *arg, const struct lk_type *t)
{
	return strcmp(arg, t->name) == 0 ? FULL : 0;
}

/* One that left the policy may still have keys; one that never was has none. */
static int
check_type(struct lk_admin_call *c, const char *type)
{
	int	 r = lk_types(c->s->lk, &c->op, is_type,
		    (void *)(uintptr_t)type, &c->e);

	if (r != 0)
		return r == FULL ? 0 : r;
	return lk_admin_no_type(c, type);
}

int
lk_v1_keys(struct lk_admin_call *c)
{
	struct lk_filter	 f = { .size = sizeof(f) };
	struct page		 p = { .out = &c->out };
	int			 r;

	if ((r = read_filter(c, &f, &p.limit)) != 0)
		return r;
	f.page = p.limit + 1;
	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, "keys", '[');
	r = lk_list(c->s->lk, &c->op, &f, one, &p, &c->e);
	if (r == 0 && p.n == 0 && f.type != NULL)
		r = check_type(c, f.type);
	lk_out_close(&c->out, ']');
	lk_out_str(&c->out, "next", r == FULL ? p.last : NULL);
	lk_out_close(&c->out, '}');
	return r == FULL ? 0 : r;
}

/* --------------------------------------------------------------------- one */

static int
event(void *arg, const struct lk_event *v)
{
	lk_show_event(arg, NULL, v);
	return 0;
}

int
lk_v1_key(struct lk_admin_call *c)
{
	struct lk_key	 k;
	int		 r;

	if ((r = lk_show(c->s->lk, &c->op, c->var, &k, &c->e)) != 0)
		return r;
	lk_out_open(&c->out, NULL, '{');
	lk_show_key(&c->out, "key", &k);
	lk_out_open(&c->out, "history", '[');
	r = lk_store_log(c->s->lk, &c->op, k.id, event, &c->out, &c->e);
	lk_out_close(&c->out, ']');
	lk_out_close(&c->out, '}');
	return r;
}

/* ------------------------------------------------------------------ change */

typedef int (*change_fn)(struct lk *lk, const struct lk_operator *op,
    const char *const *ids, size_t n, struct lk_error *e);

/* Ids by ",", in place.  How many; more than LK_ADMIN_IDS: too many. */
static size_t
split(char *text, const char *ids[LK_ADMIN_IDS])
{
	size_t	 n = 0;

	for (; text != NULL; n++) {
		if (n == LK_ADMIN_IDS)
			return n + 1;
		ids[n] = text;
		if ((text = strchr(text, ',')) != NULL)
			*text++ = '\0';
	}
	return n;
}

/* All of them or none. */
static int
change(struct lk_admin_call *c, change_fn fn, const char *done)
{
	const char	*ids[LK_ADMIN_IDS];
	size_t		 i, n = split(c->var, ids);
	int		 r;

	if (n > LK_ADMIN_IDS)
		return lk_fail(&c->e, LK_EDATA, "at most %d keys a request",
		    LK_ADMIN_IDS);
	if ((r = fn(c->s->lk, &c->op, ids, n, &c->e)) != 0)
		return r;
	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, done, '[');
	for (i = 0; i < n; i++)
		lk_out_str(&c->out, NULL, ids[i]);
	lk_out_close(&c->out, ']');
	if (c->e.code == LK_NOTE)
		lk_out_str(&c->out, "note", c->e.text);
	lk_out_close(&c->out, '}');
	return 0;
}

int
lk_v1_disable(struct lk_admin_call *c)
{
	return change(c, lk_disable, "disabled");
}

int
lk_v1_enable(struct lk_admin_call *c)
{
	return change(c, lk_enable, "enabled");
}

int
lk_v1_delete(struct lk_admin_call *c)
{
	return change(c, lk_delete, "deleted");
}
