/*
 * host.c: the host table of a trial: services as plugin.h promises them, each
 * of which can be made to fail.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/net.h"
#include "conform/trial.h"
#include "token/digest.h"
#include "token/token.h"

/* What a plugin looks for, so that the same is sent to it later. */
static void
asked(struct lk_board *b, const char *name, int json)
{
	uint32_t	 i;

	for (i = 0; i < b->nasked; i++)
		if (b->asked[i].json == json &&
		    strcmp(b->asked[i].name, name) == 0)
			return;
	if (i == LK_ASKED || strlen(name) >= sizeof(b->asked[i].name))
		return;
	b->asked[i].json = json;
	strcpy(b->asked[i].name, name);
	b->nasked++;
}

static struct lk_slice
trimmed(struct lk_slice s)
{
	for (; s.n > 0 && (*s.p == ' ' || *s.p == '\t'); s.p++)
		s.n--;
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static int
find_field(const struct lk_call *c, const char *name, struct lk_slice *value)
{
	const struct lk_field	*f;
	struct lk_slice		 v;
	size_t			 i, n = strlen(name);
	int			 found = 0;

	for (i = 0; i < c->nfields; i++) {
		f = &c->fields[i];
		if (f->name.n != n || !lk_plugin_same(f->name.p, name, n))
			continue;
		v = trimmed(f->value);
		if (found && (v.n != value->n ||
		    memcmp(v.p, value->p, v.n) != 0))
			return -1;
		*value = v;
		found = 1;
	}
	return found;
}

static int
header(const struct lk_call *c, const char *name, struct lk_slice *value)
{
	value->p = NULL;
	value->n = 0;
	if ((c->t->fail & LK_FAIL_HEADER) != 0)
		return -1;
	if (c->t->work == NULL)
		asked(c->t->board, name, 0);
	return find_field(c, name, value);
}

static int
parse(struct lk_call *c)
{
	const struct lk_slice	*b = &c->view->body;
	const char		*why;

	if (b->p == NULL || b->n == 0)
		return 0;
	if (c->json_state == 0)
		c->json_state = lk_json_parse(b->p, b->n, &c->json,
		    &why) == 1 ? 1 : -1;
	return c->json_state;
}

static int
json(struct lk_call *c, const char *name, struct lk_slice *value)
{
	const char	*call = lk_trial_out();
	int		 r;

	value->p = NULL;
	value->n = 0;
	if (c->t->work == NULL)
		asked(c->t->board, name, 1);
	if ((c->t->fail & (LK_FAIL_JSON | LK_FAIL_MEMBER)) != 0)
		r = (c->t->fail & LK_FAIL_JSON) != 0 ? -1 : -2;
	else if ((r = parse(c)) == 1)
		r = lk_json_string(c->json, name, value);
	if (r == 1)
		c->handed[c->nhanded++ % LK_HANDED] = *value;
	lk_trial_in(call);
	return r;
}

static const struct lk_view *
view(const struct lk_call *c)
{
	return c->view;
}

static int64_t
now(const struct lk_call *c)
{
	return c->t->now;
}

static int
entitled(const struct lk_call *c)
{
	return (c->t->fail & LK_FAIL_PACKAGE) == 0;
}

/* The services that have no call need to know the trial: there is one. */
static struct lk_trial	*the;

static int
sha256(const void *p, size_t n, uint8_t out[LK_SECRET_SIZE])
{
	const char	*call = lk_trial_out();
	int		 r = -1;

	memset(out, 0, LK_SECRET_SIZE);
	if ((the->fail & LK_FAIL_SHA256) == 0)
		r = lk_sha256(p, n, out) == 0 ? 0 : -1;
	lk_trial_in(call);
	return r;
}

static int
mac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[LK_SECRET_SIZE])
{
	const char	*call = lk_trial_out();
	int		 r = -1;

	memset(out, 0, LK_SECRET_SIZE);
	if ((the->fail & LK_FAIL_MAC) == 0)
		r = lk_hmac_once(key, key_len, p, n, out) == 0 ? 0 : -1;
	lk_trial_in(call);
	return r;
}

/* Any secret will do, if it is the same for the same key. */
static int
secret(const char *id, size_t n, uint8_t out[LK_SECRET_SIZE])
{
	static const char	 pepper[] = "the pepper of a conformance run";
	const char		*call = lk_trial_out();
	int			 r = -1;

	memset(out, 0, LK_SECRET_SIZE);
	if ((the->fail & LK_FAIL_DERIVE) == 0 && id != NULL)
		r = lk_hmac_once(pepper, sizeof(pepper), id, n, out) == 0 ?
		    0 : -1;
	lk_trial_in(call);
	return r;
}

static int
derive(const struct lk_call *c, const struct lk_slice *key_id,
    uint8_t out[LK_SECRET_SIZE])
{
	(void)c;
	return secret(key_id->p, key_id->n, out);
}

static int
derive_new(const struct lk_setup_env *env, uint8_t out[LK_SECRET_SIZE])
{
	return secret(env->key_id, env->key_id != NULL ?
	    strlen(env->key_id) : 0, out);
}

static int
mint(const struct lk_setup_env *env, char *out, size_t size)
{
	const char	*call = lk_trial_out();
	int		 r = -1;

	if ((the->fail & LK_FAIL_MINT) == 0 &&
	    lk_token_mint(env->prefix, out, size, NULL) == 0)
		r = (int)strlen(out);
	lk_trial_in(call);
	return r;
}

static int
budget_new(const struct lk_setup_env *env, struct lk_budget *b, char *why,
    size_t size)
{
	(void)env;
	if ((the->fail & LK_FAIL_BUDGET) == 0 && b->size >= sizeof(*b) &&
	    b->by >= LK_BY_ACCOUNT && b->by <= LK_BY_ADDRESS &&
	    b->limit >= 1 && b->limit <= LK_BUDGET_CALLS) {
		b->host[0] = 1;
		return 0;
	}
	snprintf(why, size, "no such budget can be");
	return -1;
}

static int
budget(struct lk_call *c, const struct lk_budget *b, uint32_t *wait)
{
	*wait = 0;
	if (b->host[0] == 0 || (c->t->fail & LK_FAIL_BUDGET) != 0)
		return -2;
	if (b->by == LK_BY_ADDRESS && c->view->peer.family == 0)
		return -1;
	if ((c->t->fail & LK_FAIL_ROOM) == 0)
		return 1;
	*wait = 7;
	return 0;
}

/* Whatever it says to the operator is not what is asked here. */
static void
log_line(int level, const char *text)
{
	(void)level;
	(void)text;
}

void
lk_trial_env(struct lk_trial *t, const char *key_id, struct lk_setup_env *env)
{
	memset(env, 0, sizeof(*env));
	env->prefix = "conform";
	env->type = "conform";
	env->key_id = (t->fail & LK_FAIL_KEY_ID) != 0 ? NULL : key_id;
	env->derive = derive_new;
	env->mint = mint;
	env->budget = t->run->table.kind == LK_PLUGIN_CHECK ? budget_new :
	    NULL;
	env->check = t->run->name;
	env->line = 1;
}

void
lk_trial_host(struct lk_trial *t)
{
	struct lk_host	*h = &t->host;

	the = t;
	*h = lk_setup_services;
	h->header = header;
	h->json = json;
	h->view = view;
	h->now = now;
	h->entitled = entitled;
	h->sha256 = sha256;
	h->mac = mac;
	h->derive = derive;
	h->log = log_line;
	h->budget = budget;
}
