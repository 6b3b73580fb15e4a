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
