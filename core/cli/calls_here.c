/*
 * calls_here.c: by the library, on the store that this process opened.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static int
types(struct lk_cli *c, lk_type_fn fn, void *arg, struct lk_error *e)
{
	return lk_types(c->lk, &c->op, fn, arg, e);
}

/* A store hands out its accounts in no order that lasts. */
struct accounts {
	struct lk_account	*v;
	size_t			 n, cap;
};

static int
keep(void *arg, const struct lk_account *a)
{
	struct accounts		*all = arg;
	struct lk_account	*more;

	if (all->n == all->cap) {
		all->cap = all->cap != 0 ? 2 * all->cap : 64;
		more = reallocarray(all->v, all->cap, sizeof(*more));
		if (more == NULL)
			return LK_ENOMEM;
		all->v = more;
	}
	all->v[all->n++] = *a;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct lk_account	*x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
account_list(struct lk_cli *c, lk_account_fn fn, void *arg,
    struct lk_error *e)
{
	struct accounts	 all = { NULL, 0, 0 };
	size_t		 i;
	int		 r;

	r = lk_account_list(c->lk, &c->op, keep, &all, e);
	if (r == 0 && all.n != 0)
		qsort(all.v, all.n, sizeof(all.v[0]), by_name);
	for (i = 0; i < all.n && r == 0; i++)
		r = fn(arg, &all.v[i]);
	free(all.v);
	return r;
}

static int
account_set(struct lk_cli *c, const char *account, const char *package,
    struct lk_error *e)
{
	return lk_account_set(c->lk, &c->op, account, package, e);
}

static int
account_delete(struct lk_cli *c, const char *account, unsigned flags,
    uint64_t *ended, struct lk_error *e)
{
	return lk_account_delete(c->lk, &c->op, account, flags, ended, e);
}

static int
list(struct lk_cli *c, const struct lk_filter *f, lk_key_fn fn, void *arg,
    struct lk_error *e)
{
	return lk_list(c->lk, &c->op, f, fn, arg, e);
}

static int
show(struct lk_cli *c, const char *id, struct lk_key *key,
    struct lk_error *e)
{
	return lk_show(c->lk, &c->op, id, key, e);
}

static int
events(struct lk_cli *c, const char *id, lk_event_fn fn, void *arg,
    struct lk_error *e)
{
	return lk_store_log(c->lk, &c->op, id, fn, arg, e);
}

static int
keys_delete(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return lk_delete(c->lk, &c->op, ids, n, e);
}

static int
keys_disable(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return lk_disable(c->lk, &c->op, ids, n, e);
}

static int
keys_enable(struct lk_cli *c, const char *const *ids, size_t n,
    struct lk_error *e)
{
	return lk_enable(c->lk, &c->op, ids, n, e);
}

static int
generate(struct lk_cli *c, const struct lk_generate *g, char *token,
    struct lk_key *key, char *usage, size_t usage_len, struct lk_error *e)
{
	return lk_generate(c->lk, &c->op, g, token, key, usage, usage_len, e);
}

static int
generate_many(struct lk_cli *c, const struct lk_generate *g, uint64_t n,
    lk_made_fn fn, void *arg, uint64_t *shown, struct lk_error *e)
{
	return lk_generate_many(c->lk, &c->op, g, n, fn, arg, shown, e);
}

/*
 * Who may generate need not be one who may delete; here the key that nobody
 * has seen is taken back, so the owner's right on the store is enough.
 */
static int
take_back(struct lk_cli *c, const char *id, struct lk_error *e)
{
	int	 r;

	if ((r = lk_delete(c->lk, &c->op, &id, 1, e)) != LK_EPERM)
		return r;
	lk_close(&c->lk);
	if ((r = lk_open_store(c->store, LK_REMOVE_ONLY, &c->lk, e)) != 0)
		return r;
	return lk_delete(c->lk, &c->op, &id, 1, e);
}

static int
rotate(struct lk_cli *c, const struct lk_rotate *o, lk_made_fn fn, void *arg,
    struct lk_error *e)
{
	return lk_rotate(c->lk, &c->op, o, fn, arg, e);
}

const struct lk_calls lk_calls_here = {
	.types = types,
	.account_list = account_list,
	.account_set = account_set,
	.account_delete = account_delete,
	.list = list,
	.show = show,
	.log = events,
	.keys_delete = keys_delete,
	.keys_disable = keys_disable,
	.keys_enable = keys_enable,
	.generate = generate,
	.generate_many = generate_many,
	.take_back = take_back,
	.rotate = rotate,
};
