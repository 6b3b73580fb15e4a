#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "inner.h"
#include "scan.h"

static void
copy(char *out, size_t size, const char *s)
{
	size_t	 n = strlen(s);

	if (n >= size)
		n = size - 1;		/* parsing made sure that it is not  */
	memcpy(out, s, n);
	out[n] = '\0';
}

static const char *
package_of(struct lk_ix_account *a)
{
	return atomic_load_explicit(&a->package, memory_order_acquire);
}

static struct lk_ix_key *
next_key(struct lk_ix_key *k)
{
	return atomic_load_explicit(&k->next, memory_order_acquire);
}

static struct lk_ix_key *
next_owned(struct lk_ix_key *k)
{
	return atomic_load_explicit(&k->next_owned, memory_order_acquire);
}

static void
fill_found(struct lk_index *ix, struct lk_ix_key *k, struct lk_found *out)
{
	out->state = lk_index_state(ix, k);
	memcpy(out->digest, k->digest, sizeof out->digest);
	memcpy(out->key_id, k->id, sizeof out->key_id);
	copy(out->type, sizeof out->type, k->type);
	memcpy(out->account, k->account->name, k->account->name_len + 1);
	out->account_len = k->account->name_len;
	copy(out->package, sizeof out->package, package_of(k->account));
	out->created = k->created;
	out->not_before = k->not_before;
	out->expires = k->expires;
	out->addresses = k->nets;
	out->naddresses = k->nnets;
}

/* A key that is not there may be the one whose line was lost. */
static int
found(struct lk_index *ix, struct lk_ix_key *k, struct lk_found *out)
{
	if (k == NULL)
		return lk_index_lacks(ix) ? -1 : 0;
	fill_found(ix, k, out);
	return 1;
}

int
lk_store_by_digest(struct lk_store *s, const uint8_t digest[LK_DIGEST_SIZE],
    struct lk_found *out)
{
	struct lk_index	*ix = lk_store_image(s)->index;

	return found(ix, lk_index_digest(ix, digest), out);
}

int
lk_store_by_id(struct lk_store *s, const char *id, size_t n,
    struct lk_found *out)
{
	struct lk_index	*ix = lk_store_image(s)->index;

	return found(ix, lk_index_id(ix, id, n), out);
}

static int
listed_state(struct lk_index *ix, struct lk_ix_key *k, int64_t now)
{
	int	 state = lk_index_state(ix, k);

	if (state == LK_STATE_ACTIVE && k->expires != 0 && now >= k->expires)
		return LK_STATE_EXPIRED;
	return state;
}

static void
fill_key(struct lk_index *ix, struct lk_ix_key *k, int64_t now,
    struct lk_key *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->id, k->id, sizeof out->id);
	copy(out->type, sizeof out->type, k->type);
	copy(out->account, sizeof out->account, k->account->name);
	copy(out->label, sizeof out->label, k->label);
	copy(out->hint, sizeof out->hint, k->hint);
	copy(out->created_by, sizeof out->created_by, k->created_by);
	out->state = listed_state(ix, k, now);
	out->created = k->created;
	out->expires = k->expires;
	out->deleted = atomic_load_explicit(&k->deleted, memory_order_acquire);
	out->naddresses = k->nnets;
	if (k->nnets != 0)
		memcpy(out->addresses, k->nets, k->nnets * sizeof *k->nets);
}

int
lk_store_key(struct lk_store *s, const char *id, struct lk_key *out)
{
	struct lk_index		*ix = lk_store_image(s)->index;
	struct lk_ix_key	*k = lk_index_id(ix, id, strlen(id));

	if (k == NULL)
		return lk_index_lacks(ix) ? -1 : 0;
	fill_key(ix, k, lk_store_now(s), out);
	out->last_used = lk_usage_last(s->usage, k->digest, lk_store_now(s));
	return 1;
}

int
lk_store_damaged(struct lk_store *s, struct lk_error *e)
{
	const struct lk_load	*l;
	int			 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	l = &lk_store_image(s)->load;
	if ((r = l->faults > 0))
		lk_fail(e, LK_NOTE, "%s/%s:%" PRIu64 ": %s: keys may be "
		    "missing here or unsure (latchkey store check)", s->o.dir,
		    LK_JOURNAL_NAME, l->fault_line, l->fault_why);
	lk_store_leave(s);
	return r;
}

/* The first key of an account, or of all. */
static struct lk_ix_key *
first_of(struct lk_index *ix, const char *account)
{
	struct lk_ix_account	*a;

	if (account == NULL)
		return lk_index_first(ix);
	if ((a = lk_index_account(ix, account)) == NULL)
		return NULL;
	return atomic_load_explicit(&a->first, memory_order_acquire);
}

int
lk_store_keys(struct lk_store *s, const char *type, const char *account,
    lk_key_fn fn, void *arg)
{
	struct lk_index		*ix = lk_store_image(s)->index;
	struct lk_ix_key	*k;
	struct lk_key		 key;
	int64_t			 now = lk_store_now(s);
	int			 r = 0;

	for (k = first_of(ix, account); k != NULL && r == 0;
	    k = account == NULL ? next_key(k) : next_owned(k)) {
		if (type != NULL && strcmp(type, k->type) != 0)
			continue;
		fill_key(ix, k, now, &key);
		key.last_used = lk_usage_last(s->usage, k->digest, now);
		r = fn(arg, &key);
	}
	return r;
}

size_t
lk_store_count(struct lk_store *s, const char *type, const char *account,
    int64_t now)
{
	struct lk_index		*ix = lk_store_image(s)->index;
	struct lk_ix_key	*k;
	size_t			 n = 0;

	for (k = first_of(ix, account); k != NULL;
	    k = account == NULL ? next_key(k) : next_owned(k)) {
		if (type != NULL && strcmp(type, k->type) != 0)
			continue;
		if (lk_index_state(ix, k) != LK_STATE_DELETED &&
		    (k->expires == 0 || now < k->expires))
			n++;
	}
	return n;
}

int
lk_store_accounts(struct lk_store *s, lk_account_fn fn, void *arg)
{
	struct lk_ix_account	*a;
	struct lk_account	 out;
	int64_t			 now = lk_store_now(s);
	int			 r = 0;

	for (a = lk_index_first_account(lk_store_image(s)->index);
	    a != NULL && r == 0;
	    a = atomic_load_explicit(&a->next, memory_order_acquire)) {
		memset(&out, 0, sizeof out);
		copy(out.name, sizeof out.name, a->name);
		copy(out.package, sizeof out.package, package_of(a));
		out.keys = lk_store_count(s, NULL, a->name, now);
		r = fn(arg, &out);
	}
	return r;
}

int
lk_store_account(struct lk_store *s, const char *account,
    char out[LK_NAME_MAX + 1])
{
	struct lk_ix_account	*a;

	out[0] = '\0';
	a = lk_index_account(lk_store_image(s)->index, account);
	/* One that was only staged has no key. */
	if (a == NULL || atomic_load_explicit(&a->first,
	    memory_order_acquire) == NULL)
		return 0;
	copy(out, LK_NAME_MAX + 1, package_of(a));
	return 1;
}

/* ----------------------------------------------------------------- events */

static void
fill_event(const struct lk_line *l, uint64_t number, struct lk_event *out)
{
	out->seq = l->seq;
	out->line = number;
	out->time = l->time;
	copy(out->event, sizeof out->event, l->event);
	copy(out->actor, sizeof out->actor, l->actor);
	copy(out->from, sizeof out->from, l->from);
	copy(out->key_id, sizeof out->key_id, l->key_id);
	lk_line_details(l, out->details, sizeof out->details);
	out->unsigned_line = !l->is_signed;
}

static int
tell_events(struct lk_scan *scan, const char *key_id, lk_event_fn fn,
    void *arg)
{
	struct lk_raw	 raw;
	struct lk_line	 line;
	struct lk_event	 ev;
	uint64_t	 number = 1;
	int		 r;

	while ((r = lk_scan_next(scan, &raw)) == 1) {
		number++;
		/* A line that cannot be read is store check's matter. */
		if (lk_line_parse(raw.p, raw.n, &line, NULL) != 0 ||
		    (key_id != NULL && strcmp(key_id, line.key_id) != 0))
			continue;
		fill_event(&line, number, &ev);
		if ((r = fn(arg, &ev)) != 0)
			return r;
	}
	return r;
}

int
lk_store_events(struct lk_store *s, const char *key_id, lk_event_fn fn,
    void *arg, struct lk_error *e)
{
	struct lk_scan	 scan;
	struct lk_image	*im;
	uint64_t	 end;
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	im = lk_store_image(s);
	end = im->load.pos.end;
	lk_store_leave(s);
	r = lk_scan_start(&scan, im->folder.io, im->fd, LK_JOURNAL_FIRST, end);
	if (r != 0)
		return lk_fail(e, r, "no memory");
	r = tell_events(&scan, key_id, fn, arg);
	lk_scan_end(&scan);
	if (r == LK_EIO)
		return lk_fail(e, r, "%s/%s cannot be read", s->o.dir,
		    LK_JOURNAL_NAME);
	return r;
}
