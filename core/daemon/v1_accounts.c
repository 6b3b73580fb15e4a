/*
 * v1_accounts.c: accounts and their packages.
 *
 * They are handed out in no order that lasts.  So of all of them as many of the
 * least names behind the cursor are kept as a page holds, and one more.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

struct page {
	const char		*after;
	struct lk_account	*v;	/* in order of name                  */
	size_t			 n, most;
};

/* Where a name belongs among those that are kept. */
static size_t
place(const struct page *p, const char *name)
{
	size_t	 low = 0, high = p->n, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (strcmp(p->v[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int
take(void *arg, const struct lk_account *a)
{
	struct page	*p = arg;
	size_t		 at;

	if (p->after != NULL && strcmp(a->name, p->after) <= 0)
		return 0;
	if ((at = place(p, a->name)) == p->most)
		return 0;
	if (p->n < p->most)
		p->n++;
	memmove(p->v + at + 1, p->v + at,
	    (p->n - 1 - at) * sizeof(p->v[0]));
	p->v[at] = *a;
	return 0;
}

static void
show(struct lk_admin_call *c, const struct page *p, size_t limit)
{
	size_t	 i, n = p->n < limit ? p->n : limit;

	lk_out_open(&c->out, NULL, '{');
	lk_out_open(&c->out, "accounts", '[');
	for (i = 0; i < n; i++)
		lk_show_account(&c->out, NULL, &p->v[i]);
	lk_out_close(&c->out, ']');
	lk_out_str(&c->out, "next", p->n > n ? p->v[n - 1].name : NULL);
	lk_out_close(&c->out, '}');
}

int
lk_v1_accounts(struct lk_admin_call *c)
{
	struct page	 p = { .after = lk_admin_text(c, "cursor") };
	uint64_t	 limit;
	int		 r;

	if ((r = lk_admin_page(c, &limit)) != 0)
		return r;
	p.most = limit + 1;
	if ((p.v = calloc(p.most, sizeof(p.v[0]))) == NULL)
		return lk_fail(&c->e, LK_ENOMEM, "no memory for a page");
	r = lk_account_list(c->s->lk, &c->op, take, &p, &c->e);
	if (r == 0)
		show(c, &p, limit);
	free(p.v);
	return r;
}

int
lk_v1_account_set(struct lk_admin_call *c)
{
	const char	*package = lk_admin_text(c, "package");
	int		 r;

	if ((r = lk_account_set(c->s->lk, &c->op, c->var, package,
	    &c->e)) != 0)
		return r;
	lk_out_open(&c->out, NULL, '{');
	lk_out_str(&c->out, "account", c->var);
	lk_out_str(&c->out, "package", package);
	lk_out_close(&c->out, '}');
	return 0;
}

int
lk_v1_account_delete(struct lk_admin_call *c)
{
	const char	*keys = lk_admin_text(c, "keys");
	uint64_t	 ended = 0;
	int		 r;

	if (keys != NULL && strcmp(keys, "delete") != 0)
		return lk_fail(&c->e, LK_EDATA, "keys is delete, or not given");
	if ((r = lk_account_delete(c->s->lk, &c->op, c->var,
	    keys != NULL ? LK_DELETE_KEYS : 0, &ended, &c->e)) != 0)
		return r;
	lk_out_open(&c->out, NULL, '{');
	lk_out_str(&c->out, "account", c->var);
	lk_out_int(&c->out, "deleted", (int64_t)ended);
	lk_out_close(&c->out, '}');
	return 0;
}
