/*
 * generate_many.c: keys by the thousand, for load and for tests.
 *
 * They are made durable a batch at a time, then shown one by one.  What could
 * not be shown is of no use to anybody, and so it is deleted again.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "making.h"

#define BATCH	500			/* keys                              */
#define TRIES	4			/* of a pepper that is rotated       */

struct many {
	const struct lk_operator *op;
	lk_made_fn		 fn;
	void			*arg;
	struct lk_making	 v[BATCH];
	char			 tokens[BATCH][LK_TOKEN_MAX + 1];
};

static int
mint_batch(struct many *x, const struct lk_making *model, size_t n,
    struct lk_error *e)
{
	size_t	 i;
	int	 r = 0;

	for (i = 0; i < n && r == 0; i++) {
		x->v[i] = *model;
		x->v[i].token = x->tokens[i];
		r = lk_making_mint(&x->v[i], e);
	}
	return r;
}

/* left: how many are still to come, this batch included. */
static int
write_keys(struct many *x, size_t n, uint64_t left, struct lk_error *e)
{
	const struct lk_making	*m = &x->v[0];
	struct lk_batch		*b = NULL;
	size_t			 i;
	int			 r;

	if ((r = lk_batch_begin(m->lk->store, LK_BATCH_ADD, x->op->name,
	    x->op->from, m->g->accept_clock, &b, e)) != 0)
		return r;
	if ((r = lk_making_fresh(m)) == 0)
		r = lk_making_limit(m, b, left, e);
	for (i = 0; i < n && r == 0; i++)
		if ((r = lk_making_fresh(&x->v[i])) == 0)
			r = lk_making_add(&x->v[i], b, e);
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static int
write_batch(struct many *x, size_t n, uint64_t left, struct lk_error *e)
{
	int	 r = write_keys(x, n, left, e);

	return lk_making_healed(&x->v[0], x->op, &r, e) ?
	    write_keys(x, n, left, e) : r;
}

static int
make_batch(struct many *x, const struct lk_making *model, size_t n,
    uint64_t left, struct lk_error *e)
{
	int	 i, r;

	for (i = 0; i < TRIES; i++) {
		if ((r = mint_batch(x, model, n, e)) != 0 ||
		    (r = write_batch(x, n, left, e)) != LK_MAKING_AGAIN)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "the pepper is being rotated: try again");
}

static int
delete_from(struct many *x, size_t i, size_t n, struct lk_error *e)
{
	struct lk_store	*s = x->v[0].lk->store;
	struct lk_batch	*b = NULL;
	int		 r;

	if ((r = lk_batch_begin(s, LK_BATCH_REMOVE, x->op->name, x->op->from,
	    0, &b, e)) != 0)
		return r;
	for (; i < n && r == 0; i++)
		r = lk_batch_delete(b, x->v[i].id, e);
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

/* Nobody has seen their tokens. */
static int
take_back(struct many *x, size_t i, size_t n, struct lk_error *e)
{
	struct lk_error	 why = { 0 };

	if (delete_from(x, i, n, &why) == 0)
		return lk_fail(e, LK_EIO, "the token of key %s could not be "
		    "shown: it and %zu made with it were deleted again",
		    x->v[i].id, n - i - 1);
	return lk_fail(e, LK_EIO, "the token of key %s could not be shown; it "
	    "and %zu made with it are still there: latchkey list %s --account "
	    "%s (%.300s)", x->v[i].id, n - i - 1, x->v[i].g->type,
	    x->v[i].g->account, why.text);
}

static int
show_batch(struct many *x, size_t n, uint64_t *shown, struct lk_error *e)
{
	struct lk_key	 key;
	size_t		 i;

	for (i = 0; i < n; i++) {
		lk_making_key(&x->v[i], &key);
		if (x->fn(x->arg, x->tokens[i], &key) != 0)
			return take_back(x, i, n, e);
		++*shown;
	}
	return 0;
}

static int
make_all(struct many *x, const struct lk_making *model, uint64_t n,
    uint64_t *shown, struct lk_error *e)
{
	size_t	 k;
	int	 r = 0;

	while (*shown < n && r == 0) {
		k = n - *shown < BATCH ? (size_t)(n - *shown) : BATCH;
		if ((r = make_batch(x, model, k, n - *shown, e)) == 0)
			r = show_batch(x, k, shown, e);
	}
	return r;
}

int
lk_generate_many(struct lk *lk, const struct lk_operator *op,
    const struct lk_generate *g, uint64_t n, lk_made_fn fn, void *arg,
    uint64_t *shown, struct lk_error *e)
{
	struct lk_making	 model = { .lk = lk, .g = g };
	struct many		*x;
	int			 r;

	if (fn == NULL || shown == NULL || n < 1 || n > LK_GENERATE_MAX)
		return lk_fail(e, LK_EUSAGE, "to generate: 1 to %d keys, and "
		    "a function to show them", LK_GENERATE_MAX);
	*shown = 0;
	if ((r = lk_making_begin(&model, op, e)) != 0)
		return r;
	if ((x = calloc(1, sizeof(*x))) == NULL) {
		r = lk_fail(e, LK_ENOMEM, "no memory");
		goto out;
	}
	x->op = op;
	x->fn = fn;
	x->arg = arg;
	r = make_all(x, &model, n, shown, e);
	lk_wipe(x, sizeof(*x));
	free(x);
out:
	lk_making_end(&model);
	return r;
}
