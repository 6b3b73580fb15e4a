/*
 * steps.h: what each step of a verify does, from a request to a key.
 *
 * Every step is a gate: it hands on with LK_PASS or it stops with a reason.
 * None of them can allow.
 *
 * They are here, and not behind a call each, for verify.c alone: calls would be
 * a quarter of what a verify costs.
 */
#ifndef LK_STEPS_H
#define LK_STEPS_H

#include <stdio.h>
#include <string.h>

#include "base/net.h"
#include "call.h"

LK_STEP void
lk_slice_set(struct lk_slice *s, const char *p, size_t n)
{
	s->p = p;
	s->n = n;
}

/* ------------------------------------------------------------------ route */

/* Type and API are known: name them in the decision. */
LK_STEP uint32_t
lk_call_routed(struct lk_call *c, const struct lk_live_type *live, int api)
{
	const struct lk_policy_type	*t = live->type;

	c->type = live;
	c->api = api;
	c->live = &live->apis[api >= 0 ? (size_t)api : t->napis];
	memcpy(c->d->type, live->name, sizeof(c->d->type));
	memcpy(c->d->api, c->live->name, sizeof(c->d->api));
	if (!live->sound)
		return lk_call_fault(c, "route", live->fault_plugin,
		    t->place.line, live->fault);
	return lk_call_pass(c, "route", t->name,
	    api >= 0 ? t->apis[api].place.line : t->place.line,
	    c->live->name);
}

LK_STEP void
lk_call_view(struct lk_call *c, const struct lk_request *rq, size_t n)
{
	lk_slice_set(&c->view.method, rq->method, strlen(rq->method));
	lk_slice_set(&c->view.target, rq->path, n);
	lk_slice_set(&c->view.body, rq->body,
	    rq->body != NULL ? rq->body_len : 0);
	if (rq->peer != NULL)
		lk_net_from_sockaddr(rq->peer, &c->view.peer);
}

/* named: the type that it must be of, or NULL. */
LK_STEP uint32_t
lk_step_route(struct lk_call *c, const struct lk_live_type *named)
{
	const struct lk_request		*rq = c->request;
	const struct lk_policy_type	*t;
	const char			*note = "";
	size_t				 n;
	int				 api;

	n = strnlen(rq->path, LK_PATH_MAX + 1);
	if (n > LK_PATH_MAX)
		return lk_call_stop(c, "route", LK_REASON_NO_ROUTE, 0,
		    "path over 4096 octets");
	if (named != NULL && named->type->napis == 0) {
		lk_call_view(c, rq, n);
		return lk_call_routed(c, named, -1);
	}
	if (lk_route(c->snapshot->policy, rq->method, rq->path, n, &t, &api,
	    &note) != 1)
		return lk_call_stop(c, "route", LK_REASON_NO_ROUTE, 0, note);
	if (named != NULL && named->type != t)
		return lk_call_stop(c, "route", LK_REASON_NO_ROUTE,
		    t->place.line, "the path is of another type");
	lk_call_view(c, rq, n);
	return lk_call_routed(c, &c->snapshot->types[t->index], api);
}

LK_STEP uint32_t
lk_step_type(struct lk_call *c, const struct lk_live_type *type,
    const char *api)
{
	const struct lk_policy_type	*t = type->type;
	size_t				 i;

	if (api == NULL || strcmp(api, "*") == 0)
		return lk_call_routed(c, type, -1);
	for (i = 0; i < t->napis; i++)
		if (strcmp(t->apis[i].name, api) == 0)
			return lk_call_routed(c, type, (int)i);
	return lk_call_stop(c, "route", LK_REASON_NO_ROUTE, t->place.line,
	    "the type has no such API");
}

/* ---------------------------------------------------------------- present */

/* Why the headers cannot be taken as they are, or NULL. */
LK_STEP const char *
lk_headers_fault(const struct lk_request *rq)
{
	size_t	 i;

	if (rq->nheaders > LK_HEADERS_MAX)
		return "over 100 headers";
	if (rq->nheaders != 0 && rq->headers == NULL)
		return "no headers at hand";
	for (i = 0; i < rq->nheaders; i++)
		if (rq->headers[i].name_len > LK_HEADER_MAX ||
		    rq->headers[i].value_len > LK_HEADER_MAX)
			return "a header over 8192 octets";
	return NULL;
}

LK_STEP uint32_t
lk_step_present(struct lk_call *c)
{
	const struct lk_policy_type	*t = c->type->type;
	struct lk_answer		 a;
	const char			*why;
	uint32_t			 r;

	if ((why = lk_headers_fault(c->request)) != NULL)
		return lk_call_stop(c, "present", LK_REASON_BAD_REQUEST, 0,
		    why);
	r = lk_instance_present(c->type->plugin, c, &c->credential, &a);
	/* A plugin learns that the body is no good, the core knows why. */
	if (r == LK_REFUSE && a.reason == LK_REASON_BAD_REQUEST &&
	    c->json_why != NULL)
		snprintf(a.note, sizeof(a.note), "the body: %s", c->json_why);
	return lk_call_judge(c, "present", t->plugin, t->plugin_place.line, r,
	    &a);
}

/*
 * Checks may ask for the package of the account.  What leads to the one that is
 * claimed is asked for while the digest is made, so that the account is there
 * as soon as the key is.  For a call on its own: in a group nobody waits.
 */
LK_STEP void
lk_call_expect_account(struct lk_call *c)
{
	const struct lk_slice	*a = &c->credential.account;

	if (c->live->nchecks != 0 && a->p != NULL && a->n <= LK_ACCOUNT_MAX)
		c->account_hash = lk_store_expect_name(c->lk->store, a->p,
		    a->n);
}

/* ------------------------------------------------------------------ parse */

LK_STEP uint32_t
lk_parse_signed(struct lk_call *c, unsigned line)
{
	const struct lk_slice	*id = &c->credential.key_id;

	if (!lk_keyid_valid(id->p, id->n))
		return lk_call_stop(c, "parse", LK_REASON_MALFORMED, line,
		    "not a key id");
	return lk_call_pass(c, "parse", NULL, line, "a key id and a proof");
}

LK_STEP uint32_t
lk_step_parse(struct lk_call *c)
{
	const struct lk_live_type	*t = c->type;
	const struct lk_slice		*text = &c->credential.token;
	unsigned			 line = t->type->place.line;

	if (text->p == NULL)
		return lk_parse_signed(c, line);
	if (!lk_token_is(text->p, text->n, &t->prefix))
		return lk_call_other(c, line);
	c->token = (struct lk_token){ text->p, t->prefix.len, text->p,
	    text->n };
	return lk_call_pass(c, "parse", NULL, line, NULL);
}

/* ------------------------------------------------------------------- news */

/* What others wrote until now: one look for all calls that began before it. */
struct lk_news {
	int		 failed;
	int64_t		 now;
};

LK_STEP void
lk_news_take(struct lk *lk, struct lk_news *n)
{
	n->failed = lk_store_refresh_now(lk->store, &n->now, NULL) != 0;
}

/* A pepper may have been swapped by it, so before it none is used. */
LK_STEP uint32_t
lk_step_news(struct lk_call *c, const struct lk_news *n)
{
	if (n->failed)
		return lk_call_stop(c, "look-up", LK_REASON_UNAVAILABLE, 0,
		    "the store cannot tell (latchkey store check)");
	if (c->now == 0)
		c->now = n->now;
	c->pepper = atomic_load_explicit(&c->lk->pepper,
	    memory_order_acquire);
	return LK_PASS;
}

/* ------------------------------------------------------ digest and look-up */

LK_STEP int
lk_call_digest(struct lk_call *c, unsigned version)
{
	if (__builtin_expect(c->token.prefix_len == 0, 0))
		return lk_call_digest_foreign(c, version);
	return lk_pepper_digest(c->pepper, version, c->token.text,
	    c->token.text_len, c->digest);
}

/* What the look-up reads is asked for as soon as it is known where it is, and
 * comes while the handle is made to forget the token. */
LK_STEP int
lk_call_digest_first(struct lk_call *c)
{
	struct lk_hmac_slot	*held;
	int			 r;

	if (__builtin_expect(c->token.prefix_len == 0, 0))
		return lk_call_digest_foreign(c, lk_pepper_current(c->pepper));
	r = lk_pepper_digest_held(c->pepper, c->token.text, c->token.text_len,
	    c->digest, &held);
	lk_store_expect(c->lk->store, c->digest);
	lk_hmac_forget(held);
	return r;
}

/* A key that is found by its id is not asked for ahead. */
LK_STEP void
lk_call_expect(struct lk_call *c)
{
	if (c->credential.token.p != NULL)
		lk_store_expect(c->lk->store, c->digest);
}

/* alone: what the look-up reads is asked for here, and not for all of a
 * group. */
LK_STEP uint32_t
lk_step_digest(struct lk_call *c, int alone)
{
	int	 r;

	if (c->credential.token.p == NULL)
		return lk_call_pass(c, "digest", NULL, 0, "not needed");
	r = alone ? lk_call_digest_first(c) :
	    lk_call_digest(c, lk_pepper_current(c->pepper));
	if (r != 0)
		return lk_call_stop(c, "digest", LK_REASON_UNAVAILABLE, 0,
		    "libgcrypt gave no digest");
	lk_store_expect_led(c->lk->store, c->account_hash);
	return lk_call_pass(c, "digest", NULL, 0, NULL);
}

/* Hand the record to the decision and to the plugins. */
LK_STEP uint32_t
lk_call_recorded(struct lk_call *c)
{
	struct lk_found	*f = &c->found;

	memcpy(c->d->key_id, f->key_id, sizeof(c->d->key_id));
	if (f->account_len < LK_SLOT_TEXT)
		memcpy(c->d->account, f->account, LK_SLOT_TEXT);
	else
		memcpy(c->d->account, f->account, sizeof(c->d->account));
	lk_slice_set(&c->record.key_id, f->key_id, LK_KEYID_LEN);
	lk_slice_set(&c->record.account, f->account, f->account_len);
	c->record.created = f->created;
	c->record.expires = f->expires;
	c->record.addresses = f->naddresses != 0 ? f->addresses : NULL;
	c->record.naddresses = (uint32_t)f->naddresses;
	return lk_call_pass(c, "look-up", NULL, 0, f->key_id);
}

/* A key may be under the pepper before, of which there is one at most.  Then
 * that digest is its own.  While that pepper is not there and keys live under
 * it, nobody knows whether the token is one of theirs. */
LK_STEP int
lk_call_find_older(struct lk_call *c)
{
	unsigned	 older = lk_pepper_before(c->pepper);
	uint64_t	 n;
	int		 r;

	if (older == 0)
		return lk_store_under(c->lk->store,
		    !(lk_pepper_current(c->pepper) & 1), &n) == 0 ? 0 : -1;
	if (lk_call_digest(c, older) != 0)
		return -1;
	r = lk_store_by_digest(c->lk->store, c->digest, &c->found);
	return r == 1 && c->found.odd != (int)(older & 1) ? -1 : r;
}

LK_STEP uint32_t
lk_step_lookup(struct lk_call *c)
{
	struct lk_store	*s = c->lk->store;
	int		 r;

	r = c->credential.token.p != NULL ?
	    lk_store_by_digest(s, c->digest, &c->found) :
	    lk_store_by_id(s, c->credential.key_id.p,
	    c->credential.key_id.n, &c->found);
	if (__builtin_expect(r == 0, 0) && c->credential.token.p != NULL)
		r = lk_call_find_older(c);
	if (r == 0)
		return lk_call_stop(c, "look-up", LK_REASON_UNKNOWN, 0,
		    "no such key");
	if (r != 1)
		return lk_call_stop(c, "look-up", LK_REASON_UNAVAILABLE, 0,
		    "the store cannot tell (latchkey store check)");
	if (c->found.state == LK_STATE_DELETED)
		return lk_call_stop(c, "look-up", LK_REASON_UNKNOWN, 0,
		    "deleted");
	if (c->live->nchecks != 0)
		lk_store_expect_package(s, &c->found);
	return lk_call_recorded(c);
}

/* -------------------------------------------------------- state and account */

/* Both with NULs up to their end. */
LK_STEP int
lk_name_same(const char a[LK_NAME_MAX + 1], const char b[LK_NAME_MAX + 1])
{
	uint64_t	 x[LK_NAME_MAX / 8], y[LK_NAME_MAX / 8];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) |
	    (x[3] ^ y[3])) == 0;
}

/* Why the key does not count now, or LK_REASON_NONE. */
LK_STEP uint32_t
lk_state_reason(const struct lk_call *c)
{
	const struct lk_found	*f = &c->found;

	if (!lk_name_same(f->type, c->type->name))
		return LK_REASON_WRONG_TYPE;
	if (c->type->closes != 0 && c->now >= c->type->closes)
		return LK_REASON_TYPE_CLOSED;
	if (f->state == LK_STATE_DISABLED)
		return LK_REASON_DISABLED;
	if (f->state != LK_STATE_ACTIVE)
		return LK_REASON_UNAVAILABLE;
	if (f->expires != 0 && c->now >= f->expires)
		return LK_REASON_EXPIRED;
	if (f->not_before != 0 && c->now < f->not_before)
		return LK_REASON_NOT_YET;
	return LK_REASON_NONE;
}

LK_STEP uint32_t
lk_step_state(struct lk_call *c)
{
	uint32_t	 reason = lk_state_reason(c);

	if (reason == LK_REASON_UNAVAILABLE)
		return lk_call_stop(c, "state", reason, 0,
		    "a damaged line may have ended it (latchkey store check)");
	if (reason == LK_REASON_TYPE_CLOSED)
		return lk_call_stop(c, "state", reason,
		    c->type->type->closes_place.line, NULL);
	if (reason != LK_REASON_NONE)
		return lk_call_stop(c, "state", reason, 0, NULL);
	return lk_call_pass(c, "state", NULL, 0, NULL);
}

LK_STEP uint32_t
lk_step_account(struct lk_call *c)
{
	const struct lk_slice	*a = &c->credential.account;

	if (a->p == NULL)
		return lk_call_pass(c, "account", NULL, 0, "none claimed");
	if (a->n != c->found.account_len ||
	    memcmp(a->p, c->found.account, a->n) != 0)
		return lk_call_stop(c, "account", LK_REASON_WRONG_ACCOUNT, 0,
		    "the key is of another account");
	return lk_call_pass(c, "account", NULL, 0, c->found.account);
}

#endif
