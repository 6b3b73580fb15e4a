/*
 * generate.c: the way of a new key: role, type, values, limit, mint, digest,
 * journal; its token is shown once.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "accounts.h"
#include "base/err.h"
#include "base/net.h"
#include "base/text.h"
#include "operator.h"
#include "token/token.h"

#define MINT_AGAIN	1
#define TRIES		4		/* of a pepper that is rotated       */
#define EXPIRES_MAX	253402300799LL	/* 9999-12-31T23:59:59Z, RFC 3339's */

/* One generate as it travels. */
struct making {
	struct lk			*lk;
	const struct lk_generate	*g;
	const struct lk_live_type	*type;
	const struct lk_pepper		*pepper;	/* it is minted under */
	char				 id[LK_KEYID_LEN + 1];
	char				*token;	/* LK_TOKEN_MAX + 1          */
	char				 hint[LK_HINT_MAX + 1];
	uint8_t				 digest[LK_DIGEST_SIZE];
};

/* ------------------------------------------------------------------ values */

static int
find_type(struct making *m, struct lk_error *e)
{
	const struct lk_policy		*p = m->lk->snapshot->policy;
	const struct lk_policy_type	*t;

	if ((t = lk_policy_type_by_name(p, m->g->type)) == NULL)
		return lk_fail(e, LK_EUSAGE, "%s has no type %s (latchkey "
		    "types)", p->source.path, m->g->type);
	m->type = &m->lk->snapshot->types[t->index];
	if (m->type->plugin == NULL && m->type->fault_plugin[0] == '\0')
		return lk_fail(e, LK_EUSAGE, "opened to list or to delete: no "
		    "keys can be made");
	if (m->type->fault_plugin[0] != '\0')
		return lk_fail(e, LK_EUNAVAIL, "no keys of type %s can be "
		    "made: %s", t->name, m->type->fault);
	return 0;
}

static int
check_label(const char *label, struct lk_error *e)
{
	size_t	 n;

	if (label == NULL)
		return 0;
	if ((n = strlen(label)) > LK_LABEL_MAX)
		return lk_fail(e, LK_EDATA, "the label has %zu octets: at "
		    "most %d", n, LK_LABEL_MAX);
	if (!lk_utf8_plain(label, n))
		return lk_fail(e, LK_EDATA, "the label is not UTF-8 without "
		    "control characters");
	return 0;
}

static int
check_addresses(const struct making *m, struct lk_error *e)
{
	const struct lk_policy_type	*t = m->type->type;
	const struct lk_generate	*g = m->g;
	char				 text[64];
	size_t				 i;

	if (g->naddresses > LK_ADDRESSES_MAX)
		return lk_fail(e, LK_EDATA, "%zu addresses: at most %d a key",
		    g->naddresses, LK_ADDRESSES_MAX);
	for (i = 0; t->nwithin != 0 && i < g->naddresses; i++) {
		if (lk_net_within(&g->addresses[i], t->within, t->nwithin))
			continue;
		lk_net_format(&g->addresses[i], text, sizeof(text));
		return lk_fail(e, LK_EDATA, "%s is outside of what type %s "
		    "allows (within: in the policy)", text, t->name);
	}
	return 0;
}

static int
check_values(const struct making *m, struct lk_error *e)
{
	int	 r;

	if ((r = lk_account_name_check(m->g->account, e)) != 0 ||
	    (r = check_label(m->g->label, e)) != 0 ||
	    (r = check_addresses(m, e)) != 0)
		return r;
	if (m->g->expires < 0 || (m->g->expires != 0 &&
	    m->g->expires <= lk_store_now(m->lk->store)))
		return lk_fail(e, LK_EDATA, "the expiry lies in the past");
	if (m->g->expires > EXPIRES_MAX)
		return lk_fail(e, LK_EDATA, "the expiry lies behind the year "
		    "9999: leave it out for a key that does not expire");
	return 0;
}

/* ---------------------------------------------------------- mint and digest */

/* An id that no key has had; 62^12 of them make a second try a rarity. */
static int
new_id(struct making *m, struct lk_error *e)
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

/* A bearer token that could never pass must not be handed out. */
static int
check_form(const struct making *m, size_t n, struct lk_error *e)
{
	const struct lk_policy_type	*t = m->type->type;
	struct lk_token			 token;

	if (lk_instance_signs(m->type->plugin) ||
	    (lk_token_parse(m->token, n, &token) == 0 &&
	    token.prefix_len == m->type->prefix_len &&
	    memcmp(token.prefix, t->prefix, token.prefix_len) == 0))
		return 0;
	return lk_fail(e, LK_EUNAVAIL, "plugin %s made what is no token of the "
	    "prefix %s: it must take host->mint, or say LK_PLUGIN_SIGNS",
	    t->plugin, t->prefix);
}

static int
mint(struct making *m, struct lk_error *e)
{
	const struct lk_snapshot	*s = m->lk->snapshot;
	struct lk_setup_env		 env;
	struct lk_answer		 a;
	size_t				 n;
	int				 r;

	if ((r = new_id(m, e)) != 0)
		return r;
	m->pepper = atomic_load(&m->lk->pepper);
	lk_snapshot_env(s, m->type->type, m->id, &env);
	env.pepper = m->pepper;
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

/* Counted under the lock, so that two racing for the last key get one. */
static int
check_limit(const struct making *m, struct lk_batch *b, struct lk_error *e)
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
	if (held < t->limit)
		return 0;
	return lk_fail(e, LK_ELIMIT, "%s holds %" PRId64 " of %u %s keys: "
	    "delete one first (latchkey list %s --account %s)",
	    m->g->account, held, t->limit, t->name, t->name, m->g->account);
}

static int
add(struct making *m, struct lk_batch *b, struct lk_error *e)
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
	k.addresses = m->g->addresses;
	k.naddresses = m->g->naddresses;
	return lk_batch_generate(b, &k, e);
}

static int
record(struct making *m, const struct lk_operator *op, struct lk_error *e)
{
	struct lk_batch	*b = NULL;
	int		 r;

	if ((r = lk_batch_begin(m->lk->store, LK_BATCH_ADD, op->name, op->from,
	    m->g->accept_clock, &b, e)) != 0)
		return r;
	/* With the lock: it was rotated meanwhile.  What is derived from it is
	 * another token now. */
	if (m->pepper != atomic_load(&m->lk->pepper)) {
		lk_batch_abandon(&b);
		return MINT_AGAIN;
	}
	if ((r = check_limit(m, b, e)) != 0 || (r = add(m, b, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

/* ------------------------------------------------------------------- public */

/* What is known of it where the store cannot tell: who shows a key must be able
 * to name it. */
static void
describe_key(const struct making *m, struct lk_key *out)
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
	out->naddresses = m->g->naddresses;
	if (m->g->naddresses != 0)
		memcpy(out->addresses, m->g->addresses, m->g->naddresses *
		    sizeof(out->addresses[0]));
}

/* How to send it: for the first API of the type. */
static void
describe_usage(const struct making *m, char *out, size_t size)
{
	const struct lk_policy_type	*t = m->type->type;
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
	u.account = (struct lk_slice){ m->g->account, strlen(m->g->account) };
	u.token = (struct lk_slice){ "$TOKEN", 6 };
	if (lk_instance_usage(m->type->plugin, &u, out, size) != LK_PASS)
		out[0] = '\0';
}

static int
make(struct making *m, const struct lk_operator *op, struct lk_error *e)
{
	int	 i, r;

	if ((r = lk_operator_may(m->lk, op, LK_MAY_GENERATE, e)) != 0 ||
	    (r = find_type(m, e)) != 0 ||
	    (r = check_values(m, e)) != 0)
		return r;
	for (i = 0; i < TRIES; i++) {
		if ((r = mint(m, e)) != 0 ||
		    (r = record(m, op, e)) != MINT_AGAIN)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "the pepper is being rotated: try "
	    "again");
}

int
lk_generate(struct lk *lk, const struct lk_operator *op,
    const struct lk_generate *g, char *token, struct lk_key *key,
    char *usage, size_t usage_len, struct lk_error *e)
{
	struct making	 m = { .lk = lk, .g = g, .token = token };
	int		 r;

	if (token != NULL)
		memset(token, 0, LK_TOKEN_MAX + 1);
	if (lk == NULL || g == NULL || token == NULL ||
	    g->size != sizeof(*g) || g->type == NULL || g->account == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_generate: an argument is "
		    "missing");
	if (lk->snapshot == NULL || lk->snapshot->pepper == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a pepper: no "
		    "keys can be made");
	r = make(&m, op, e);
	if (r != 0)
		lk_wipe(token, LK_TOKEN_MAX + 1);
	else if (key != NULL && lk_store_key(lk->store, m.id, key) != 1)
		describe_key(&m, key);
	if (r == 0)
		describe_usage(&m, usage, usage_len);
	lk_wipe(m.digest, sizeof(m.digest));
	return r;
}
