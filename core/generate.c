/*
 * generate.c: the way of a new key: role, type, values, limit, mint, digest,
 * journal; its token is shown once.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "accounts.h"
#include "base/err.h"
#include "making.h"
#include "operator.h"
#include "values.h"

#define LK_GENERATE_LEAST	offsetof(struct lk_generate, not_before)
#define LK_GENERATE_ROLE	offsetof(struct lk_generate, role)
#define TRIES		4		/* of a pepper that is rotated       */

/* ------------------------------------------------------------------ values */

static int
is_closed(const struct lk_policy *p, const struct lk_policy_type *t,
    struct lk_error *e)
{
	char	 when[32];

	lk_time_format(t->closes, when, sizeof(when));
	return lk_fail(e, LK_EPERM, "type %s is closed since %s: none of its "
	    "keys is let in any more (closes: in %s, line %u)", t->name, when,
	    p->source.path, t->closes_place.line);
}

static int
find_type(struct lk_making *m, struct lk_error *e)
{
	const struct lk_policy		*p = m->seat->snapshot->policy;
	const struct lk_policy_type	*t;

	if ((t = lk_policy_type_by_name(p, m->g->type)) == NULL)
		return lk_fail(e, LK_EUSAGE, "%s has no type %s (latchkey "
		    "types)", p->source.path, m->g->type);
	m->type = &m->seat->snapshot->types[t->index];
	if (t->closes != 0 && lk_store_now(m->lk->store) >= t->closes)
		return is_closed(p, t, e);
	if (m->type->plugin == NULL && m->type->fault_plugin[0] == '\0')
		return lk_fail(e, LK_EUSAGE, "opened to list or to delete: no "
		    "keys can be made");
	if (m->type->fault_plugin[0] != '\0')
		return lk_fail(e, LK_EUNAVAIL, "no keys of type %s can be "
		    "made: %s", t->name, m->type->fault);
	return 0;
}

/* A caller of an older header has no such member. */
static int64_t
not_before(const struct lk_generate *g)
{
	return g->size > LK_GENERATE_LEAST ? g->not_before : 0;
}

static const char *
role_of(const struct lk_generate *g)
{
	return g->size > LK_GENERATE_ROLE && g->role != NULL ? g->role : "";
}

static int
check_not_before(const struct lk_generate *g, struct lk_error *e)
{
	int64_t	 t = not_before(g);

	if (t < 0 || t > LK_EXPIRES_MAX)
		return lk_fail(e, LK_EDATA, "the time from which it may be "
		    "used lies before 1970 or behind the year 9999");
	if (g->expires != 0 && t >= g->expires)
		return lk_fail(e, LK_EDATA, "it would expire before it may be "
		    "used");
	return 0;
}

static int
check_values(const struct lk_making *m, struct lk_error *e)
{
	const char	*label = m->g->label;
	int		 r;

	if ((r = lk_account_name_check(m->g->account, e)) != 0 ||
	    (label != NULL &&
	    (r = lk_label_check(label, strlen(label), e)) != 0) ||
	    (r = lk_addresses_check(m->type->type, m->g->addresses,
	    m->g->naddresses, e)) != 0)
		return r;
	if (m->g->expires < 0 || (m->g->expires != 0 &&
	    m->g->expires <= lk_store_now(m->lk->store)))
		return lk_fail(e, LK_EDATA, "the expiry lies in the past");
	if (m->g->expires > LK_EXPIRES_MAX)
		return lk_fail(e, LK_EDATA, "the expiry lies behind the year "
		    "9999: leave it out for a key that does not expire");
	return check_not_before(m->g, e);
}

/* ---------------------------------------------------------- mint and digest */

/* An id that no key has had; 62^12 of them make a second try a rarity. */
static int
new_id(struct lk_making *m, struct lk_error *e)
{
	struct lk_found	 f;
	int		 i, r;

	for (i = 0; i < 8; i++) {
		if ((r = lk_keyid_mint(m->id, e)) != 0)
			return r;
		if (lk_store_by_id(m->lk->store, m->id, LK_KEYID_LEN, &f) != 1)
			return 0;
	}
	return lk_fail(e, LK_EUNAVAIL, "no free key id was found");
}

int
lk_making_sound(const struct lk_live_type *t, const char *token, size_t n)
{
	return lk_token_is(token, n, &t->prefix);
}

/* A bearer token that could never pass must not be handed out. */
static int
check_form(const struct lk_making *m, size_t n, struct lk_error *e)
{
	const struct lk_policy_type	*t = m->type->type;

	if (lk_instance_signs(m->type->plugin) ||
	    lk_making_sound(m->type, m->token, n))
		return 0;
	return lk_fail(e, LK_EUNAVAIL, "plugin %s made what is no token of the "
	    "prefix %s: it must take host->mint, or say LK_PLUGIN_SIGNS",
	    t->plugin, t->prefix);
}

int
lk_making_mint(struct lk_making *m, struct lk_error *e)
{
	struct lk_setup_env		 env;
	struct lk_answer		 a;
	size_t				 n;
	int				 r;

	if ((r = new_id(m, e)) != 0)
		return r;
	m->pepper = atomic_load(&m->lk->pepper);
	lk_snapshot_env(m->type->type, m->pepper, m->id, &env);
	if (lk_instance_mint(m->type->plugin, &env, m->token,
	    LK_TOKEN_MAX + 1, &a) != LK_PASS)
		return lk_fail(e, LK_EUNAVAIL, "plugin %s made no token: %s",
		    m->type->type->plugin, a.note);
	n = strlen(m->token);
	if ((r = check_form(m, n, e)) != 0)
		return r;
	lk_token_hint(m->type->type->prefix, m->token, n, m->hint);
	if ((r = lk_pepper_digest(m->pepper, lk_pepper_current(m->pepper),
	    m->token, n, m->digest)) != 0)
		return lk_fail(e, r, "libgcrypt gave no digest");
	return 0;
}

/* ----------------------------------------------------------------- journal */

int
lk_making_limit(const struct lk_making *m, struct lk_batch *b, uint64_t n,
    struct lk_error *e)
{
	const struct lk_policy_type	*t = m->type->type;
	struct lk_store			*s = m->lk->store;
	int64_t				 held;

	if (t->limit == 0)
		return 0;
	held = lk_batch_count(b, t->name, m->g->account, lk_store_now(s));
	if (held < 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell how many "
		    "keys %s holds (latchkey store check)", m->g->account);
	if ((uint64_t)held + n <= t->limit)
		return 0;
	if (n > 1)
		return lk_fail(e, LK_ELIMIT, "%s holds %" PRId64 " of %u %s "
		    "keys: there is no room for %" PRIu64 " more",
		    m->g->account, held, t->limit, t->name, n);
	return lk_fail(e, LK_ELIMIT, "%s holds %" PRId64 " of %u %s keys: "
	    "delete one first (latchkey list %s --account %s)",
	    m->g->account, held, t->limit, t->name, t->name, m->g->account);
}

int
lk_making_add(const struct lk_making *m, struct lk_batch *b, struct lk_error *e)
{
	struct lk_new_key	 k = { 0 };

	k.id = m->id;
	k.type = m->type->type->name;
	k.account = m->g->account;
	k.label = m->g->label != NULL ? m->g->label : "";
	k.hint = m->hint;
	memcpy(k.digest, m->digest, sizeof(k.digest));
	k.pepper = lk_pepper_current(m->pepper);
	k.expires = m->g->expires;
	k.not_before = not_before(m->g);
	k.replaces = m->replaces;
	k.role = role_of(m->g);
	k.addresses = m->g->addresses;
	k.naddresses = m->g->naddresses;
	return lk_batch_generate(b, &k, e);
}

int
lk_making_fresh(const struct lk_making *m)
{
	return m->pepper == atomic_load(&m->lk->pepper) ? 0 : LK_MAKING_AGAIN;
}

static int
write_key(struct lk_making *m, const struct lk_operator *op,
    struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r;

	if ((r = lk_batch_begin(m->lk->store, LK_BATCH_ADD, op->name, op->from,
	    m->g->accept_clock, &b, e)) != 0)
		return r;
	if ((r = lk_making_fresh(m)) != 0 ||
	    (r = lk_making_limit(m, b, 1, e)) != 0 ||
	    (r = lk_making_add(m, b, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

int
lk_making_healed(const struct lk_making *m, const struct lk_operator *op,
    int *r, struct lk_error *e)
{
	int	 healed;

	if (*r != LK_EUNAVAIL || (healed = lk_store_heal(m->lk->store,
	    op->name, op->from, e)) == 0)
		return 0;
	if (healed < 0)
		*r = healed;
	return healed == 1;
}

static int
record(struct lk_making *m, const struct lk_operator *op, struct lk_error *e)
{
	int	 r = write_key(m, op, e);

	return lk_making_healed(m, op, &r, e) ? write_key(m, op, e) : r;
}

static void
describe_key(const struct lk_making *m, struct lk_key *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->id, m->id, sizeof(m->id));
	snprintf(out->type, sizeof(out->type), "%s", m->g->type);
	snprintf(out->account, sizeof(out->account), "%s", m->g->account);
	if (m->g->label != NULL)
		snprintf(out->label, sizeof(out->label), "%s", m->g->label);
	memcpy(out->hint, m->hint, sizeof(m->hint));
	out->state = LK_STATE_ACTIVE;
	out->expires = m->g->expires;
	out->not_before = not_before(m->g);
	snprintf(out->role, sizeof(out->role), "%s", role_of(m->g));
	out->naddresses = m->g->naddresses;
	if (m->g->naddresses != 0)
		memcpy(out->addresses, m->g->addresses, m->g->naddresses *
		    sizeof(out->addresses[0]));
}

void
lk_making_key(const struct lk_making *m, struct lk_key *out)
{
	memset(out, 0, sizeof(*out));
	if (lk_store_key(m->lk->store, m->id, out) != 1)
		describe_key(m, out);
}

/* ------------------------------------------------------------------- public */

/* How to send it: for the first API of the type. */
static void
describe_usage(const struct lk_live_type *live, const char *account, char *out,
    size_t size)
{
	const struct lk_policy_type	*t = live->type;
	struct lk_usage			 u = { .size = sizeof(u) };
	const char			*method = "POST", *path = "/";

	if (out == NULL || size == 0)
		return;
	out[0] = '\0';
	if (t->napis != 0) {
		method = t->apis[0].methods[0];
		path = t->apis[0].pattern;
	}
	u.method = (struct lk_slice){ method, strlen(method) };
	u.path = (struct lk_slice){ path, strlen(path) };
	u.account = (struct lk_slice){ account, strlen(account) };
	u.token = (struct lk_slice){ "$TOKEN", 6 };
	if (lk_instance_usage(live->plugin, &u, out, size) != LK_PASS)
		out[0] = '\0';
}

static int
begin(struct lk_making *m, const struct lk_operator *op, struct lk_error *e)
{
	const struct lk_generate *g = m->g;
	struct lk		*lk = m->lk;
	int			 r;

	m->seat = NULL;
	if (lk == NULL || g == NULL || g->size < LK_GENERATE_LEAST ||
	    g->size > sizeof(*g) ||
	    g->type == NULL || g->account == NULL)
		return lk_fail(e, LK_EUSAGE, "to generate: an argument is "
		    "missing");
	if ((m->seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (m->seat->snapshot == NULL || atomic_load(&lk->pepper) == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a pepper: no "
		    "keys can be made");
	if ((r = lk_operator_may(lk, op, LK_MAY_GENERATE, e)) != 0 ||
	    (r = find_type(m, e)) != 0 ||
	    (r = lk_operator_give(m->seat->snapshot->policy, m->type->type, op,
	    role_of(g), e)) != 0)
		return r;
	return check_values(m, e);
}

int
lk_making_begin(struct lk_making *m, const struct lk_operator *op,
    struct lk_error *e)
{
	int	 r;

	if ((r = begin(m, op, e)) != 0)
		lk_making_end(m);
	return r;
}

void
lk_making_end(struct lk_making *m)
{
	if (m->seat != NULL)
		lk_release(m->seat);
	m->seat = NULL;
}

static int
make(struct lk_making *m, const struct lk_operator *op, struct lk_error *e)
{
	int	 i, r;

	for (i = 0; i < TRIES; i++) {
		if ((r = lk_making_mint(m, e)) != 0 ||
		    (r = record(m, op, e)) != LK_MAKING_AGAIN)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "the pepper is being rotated: try again");
}

int
lk_generate(struct lk *lk, const struct lk_operator *op,
    const struct lk_generate *g, char *token, struct lk_key *key,
    char *usage, size_t usage_len, struct lk_error *e)
{
	struct lk_making	 m = { .lk = lk, .g = g, .token = token };
	int		 r;

	if (token == NULL)
		return lk_fail(e, LK_EUSAGE, "to generate: an argument is "
		    "missing");
	memset(token, 0, LK_TOKEN_MAX + 1);
	if ((r = lk_making_begin(&m, op, e)) != 0)
		return r;
	if ((r = make(&m, op, e)) != 0)
		lk_wipe(token, LK_TOKEN_MAX + 1);
	else if (key != NULL)
		lk_making_key(&m, key);
	if (r == 0)
		describe_usage(m.type, g->account, usage, usage_len);
	lk_making_end(&m);
	lk_wipe(m.digest, sizeof(m.digest));
	return r;
}

int
lk_type_usage(struct lk *lk, const char *type, const char *account, char *out,
    size_t size, struct lk_error *e)
{
	const struct lk_policy_type	*t;
	const struct lk_live_type	*live;
	struct lk_seat			*seat;
	int				 r = 0;

	if (lk == NULL || type == NULL || account == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_type_usage: an argument is "
		    "missing");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	t = seat->snapshot == NULL ? NULL :
	    lk_policy_type_by_name(seat->snapshot->policy, type);
	live = t != NULL ? &seat->snapshot->types[t->index] : NULL;
	if (live == NULL)
		r = lk_fail(e, LK_EUSAGE, "there is no type %s", type);
	else if (live->plugin == NULL || live->fault_plugin[0] != '\0')
		r = lk_fail(e, LK_EUNAVAIL, "no plugin tells how keys of type "
		    "%s are sent", type);
	else
		describe_usage(live, account, out, size);
	lk_release(seat);
	return r;
}
