/*
 * keys.c: list and show.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "keys.h"
#include "operator.h"
#include "token/token.h"

#define FILTER_LEAST	offsetof(struct lk_filter, expiring)

/* A listing as it goes on. */
struct listing {
	struct lk_filter	 f;
	lk_key_fn		 fn;
	void			*arg;
	int64_t			 now;
	int			 told;		/* fn was called             */
};

/* As people read it: a key whose time is over is expired. */
static void
derive_state(struct lk_key *k, int64_t now)
{
	if (k->state == LK_STATE_ACTIVE && k->expires != 0 &&
	    now >= k->expires)
		k->state = LK_STATE_EXPIRED;
}

static int
is_alive(const struct lk_key *k)
{
	return (k->state == LK_STATE_ACTIVE || k->state == LK_STATE_DISABLED ||
	    k->state == LK_STATE_UNSURE);
}

static int
is_expiring(const struct lk_key *k, int64_t now, int64_t within)
{
	return is_alive(k) && k->expires > now && k->expires - now <= within;
}

static int
is_unused(const struct lk_key *k, int64_t now, int64_t since)
{
	int64_t	 last = k->created;

	if (k->last_used > last)
		last = k->last_used;
	if (k->not_before > last)
		last = k->not_before;
	return is_alive(k) && (k->expires == 0 || now < k->expires) &&
	    now - last >= since;
}

static int
each(void *arg, const struct lk_key *key)
{
	struct listing	*l = arg;
	struct lk_key	 k = *key;

	if (k.state == LK_STATE_DELETED && !l->f.deleted)
		return 0;
	derive_state(&k, l->now);
	if ((l->f.expiring != 0 && !is_expiring(&k, l->now, l->f.expiring)) ||
	    (l->f.unused != 0 && !is_unused(&k, l->now, l->f.unused)))
		return 0;
	l->told = 1;
	return l->fn(l->arg, &k);
}

int
lk_list(struct lk *lk, const struct lk_operator *op,
    const struct lk_filter *f, lk_key_fn fn, void *arg, struct lk_error *e)
{
	struct listing	 l = { .fn = fn, .arg = arg };
	struct lk_keys_wanted	 w;
	int		 r;

	if (f == NULL || f->size < FILTER_LEAST || f->size > sizeof(*f) ||
	    fn == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_list: an argument is missing");
	memcpy(&l.f, f, f->size);
	if ((r = lk_operator_may(lk, op, LK_MAY_LIST, e)) != 0 ||
	    (r = lk_store_refresh(lk->store, e)) != 0)
		return r;
	l.now = lk_store_now(lk->store);
	if (e != NULL)
		e->text[0] = '\0';
	w.type = l.f.type;
	w.account = l.f.account;
	w.after = l.f.after;
	w.deleted = l.f.deleted;
	w.page = l.f.page;
	r = lk_store_keys_wanted(lk->store, &w, each, &l);
	if (r == LK_EDATA && l.told == 0 && w.after != NULL)
		return lk_fail(e, r, "there is no key %.12s to go on behind: "
		    "begin anew", w.after);
	if (r < 0 && e != NULL && e->text[0] == '\0')
		lk_fail(e, r, "the keys cannot be listed: %s (latchkey store "
		    "check)", r == LK_ENOMEM ? "no memory" :
		    "the store cannot be read");
	return r;
}

int
lk_show(struct lk *lk, const struct lk_operator *op, const char *id,
    struct lk_key *key, struct lk_error *e)
{
	int	 r;

	if ((r = lk_operator_may(lk, op, LK_MAY_LIST, e)) != 0 ||
	    (r = lk_store_refresh(lk->store, e)) != 0)
		return r;
	if (!lk_keyid_valid(id, strlen(id)) ||
	    (r = lk_store_key(lk->store, id, key)) == 0)
		return lk_no_such_key(id, e);
	if (r != 1)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell of %s "
		    "(latchkey store check)", id);
	derive_state(key, lk_store_now(lk->store));
	return 0;
}
