/*
 * rekey.c: the journal under another pepper.
 *
 * Every line is kept as it is, with the digests of the keys, which stay those
 * of the pepper that they were made under; the MACs are the new one's.
 */
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "swap.h"

struct rekeying {
	unsigned	 version;
};

static int
keep(void *arg, struct lk_swap *w, struct lk_error *e)
{
	(void)arg;
	(void)w;
	(void)e;
	return 1;
}

static int
end(void *arg, struct lk_swap *w, struct lk_error *e)
{
	const struct rekeying	*k = arg;
	struct lk_buf		 body = LK_BUF_NONE;
	int			 r;

	lk_line_begin(&body, LK_EVENT_ROTATE, w->actor, w->from, NULL);
	lk_swap_add_head(w, &body);
	lk_line_attr_number(&body, "pepper", k->version);
	lk_line_attr(&body, "file", w->file);
	r = lk_swap_event(w, &body, e);
	lk_buf_free(&body);
	return r;
}

int
lk_store_rekey(struct lk_store *s, const char *actor, const char *from,
    struct lk_hmac *key, const uint8_t check[LK_MAC_SIZE], unsigned version,
    lk_progress_fn progress, void *arg, struct lk_swapped *out,
    struct lk_error *e)
{
	struct rekeying		 k = { version };
	struct lk_swap_job	 job = { .key = key, .check = check,
				     .keep = keep, .end = end, .arg = &k,
				     .progress = progress,
				     .progress_arg = arg };
	struct lk_swap		 w;
	int			 r;

	if (s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "the journal anew, and it is not at hand");
	r = lk_swap_run(&w, s, actor, from, &job, e);
	out->before = w.before;
	out->after = w.kept;
	memcpy(out->file, w.file, sizeof w.file);
	return r;
}

/* ---------------------------------------------------------- who is under it */

struct counting {
	uint64_t	*keys;
	int		 odd;
	int		(*fn)(void *arg, const char *id);
	void		*arg;
};

static int
count(void *arg, const struct lk_found *k)
{
	struct counting	*c = arg;

	if (k->state == LK_STATE_DELETED)
		return 0;
	c->keys[k->odd]++;
	return c->fn != NULL && k->odd == c->odd ? c->fn(c->arg, k->key_id) :
	    0;
}

int
lk_store_peppers(struct lk_store *s, uint64_t keys[2], int odd,
    int (*fn)(void *arg, const char *id), void *arg)
{
	struct counting	 c = { keys, odd, fn, arg };
	int		 r;

	keys[0] = keys[1] = 0;
	if (lk_store_refresh(s, NULL) != 0)
		return LK_EUNAVAIL;
	r = lk_index_walk(lk_store_image(s)->index, NULL, count, &c);
	return r == -1 ? LK_EUNAVAIL : r;
}

int
lk_store_under(struct lk_store *s, int odd, uint64_t *n)
{
	const struct lk_index	*ix = lk_store_image(s)->index;
	const struct lk_map	*m;
	uint32_t		 k;
	int			 r;

	/* One that gives way to another says nothing any more. */
	do {
		m = lk_index_map(ix);
		r = lk_map_under(m, odd, &k);
	} while (r != 0 && m != lk_index_map(ix));
	*n = r == 0 ? k : 0;
	return r == 0 ? k != 0 : -1;
}

static int
is_under(void *arg, const struct lk_found *k)
{
	return k->state != LK_STATE_DELETED && k->odd == *(const int *)arg;
}

int
lk_store_under_sure(struct lk_store *s, int odd, uint64_t *n)
{
	int	 r = lk_store_under(s, odd, n), sure;

	if (r == 0)
		return 0;
	/* Somebody may have been killed while he counted. */
	sure = lk_index_walk(lk_store_image(s)->index, NULL, is_under, &odd);
	return sure != -1 ? sure : r;
}

void
lk_store_none_under(struct lk_store *s, int odd)
{
	lk_map_none_under(lk_index_map(lk_store_image(s)->index), odd);
}
