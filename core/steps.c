/*
 * steps.c: what each step of a verify does.
 *
 * Every step is a gate: it hands on with LK_PASS or it stops with a reason.
 * None of them can allow.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/net.h"
#include "base/text.h"
#include "call.h"
#include "store/usage.h"
#include "token/token.h"

static void
slice(struct lk_slice *s, const char *p, size_t n)
{
	s->p = p;
	s->n = n;
}

/* ---------------------------------------------------------- begin and end */

void
lk_call_begin(struct lk_call *c, struct lk *lk, struct lk_decision *d,
    struct lk_trace *t)
{
	lk_decision_start(d);
	if (t != NULL)
		t->n = 0;
	c->lk = lk;
	c->snapshot = lk->snapshot;
	c->request = NULL;
	c->d = d;
	c->trace = t;
	c->type = NULL;
	c->api = -1;
	c->now = 0;
	memset(&c->view, 0, sizeof(c->view));
	c->view.size = sizeof(c->view);
	memset(&c->credential, 0, sizeof(c->credential));
	c->credential.size = sizeof(c->credential);
	memset(&c->record, 0, sizeof(c->record));
	c->record.size = sizeof(c->record);
	c->found.state = 0;
	c->json = NULL;
	c->json_state = 0;
	c->json_failed = 0;
	c->store_failed = 0;
	c->json_why = NULL;
	c->peek = 0;
	c->check = NULL;
	c->clock = 0;
	c->nspends = 0;
}

void
lk_call_end(struct lk_call *c)
{
	if (c->json != NULL)
		lk_json_free(&c->json);
	lk_wipe(c->digest, sizeof(c->digest));
}

uint32_t
lk_call_stop(struct lk_call *c, const char *step, uint32_t reason,
    unsigned line, const char *note)
{
	lk_decision_stop(c->d, reason, 0);
	lk_trace_step(c->trace, step, NULL, reason, line, note);
	return LK_REFUSE;
}

uint32_t
lk_call_pass(struct lk_call *c, const char *step, const char *name,
    unsigned line, const char *note)
{
	if (c->trace != NULL)
		lk_trace_step(c->trace, step, name, LK_REASON_NONE, line,
		    note);
	return LK_PASS;
}

/* A plugin's fault, or what the store cannot tell: named in the decision. */
static uint32_t
fault(struct lk_call *c, const char *step, const char *plugin, unsigned line,
    const char *note)
{
	size_t	 n = strnlen(plugin, LK_NAME_MAX);

	memcpy(c->d->fault, plugin, n);
	c->d->fault[n] = '\0';
	return lk_call_stop(c, step, LK_REASON_PLUGIN_FAULT, line, note);
}

/* The verdict of a plugin's call, as the loader judged it. */
static uint32_t
judge(struct lk_call *c, const char *step, const char *plugin, unsigned line,
    uint32_t answer, const struct lk_answer *a)
{
	if (c->json_failed)
		return lk_call_stop(c, step, LK_REASON_UNAVAILABLE, line,
		    "no memory for the body");
	if (c->store_failed)
		return lk_call_stop(c, step, LK_REASON_UNAVAILABLE, line,
		    "the store cannot tell (latchkey store check)");
	switch (answer) {
	case LK_PASS:
		return lk_call_pass(c, step, plugin, line, NULL);
	case LK_REFUSE:
		lk_decision_stop(c->d, a->reason, 0);
		break;
	case LK_WAIT:
		lk_decision_stop(c->d, LK_REASON_RATE_LIMITED, a->wait);
		break;
	case LK_NOT_MINE:
		lk_decision_stop(c->d, LK_REASON_NO_CREDENTIAL, 0);
		break;
	default:
		return fault(c, step, plugin, line, a->note);
	}
	lk_trace_step(c->trace, step, plugin, c->d->reason, line, a->note);
	return LK_REFUSE;
}

/* ------------------------------------------------------------------ route */

/* Type and API are known: name them in the decision. */
static uint32_t
routed(struct lk_call *c, const struct lk_policy_type *t, int api)
{
	const struct lk_live_type	*live;
	const char			*name;

	live = &c->snapshot->types[t->index];
	c->type = live;
	c->api = api;
	memcpy(c->d->type, t->name, live->name_len + 1);
	name = api >= 0 ? t->apis[api].name : "*";
	memcpy(c->d->api, name, strlen(name) + 1);
	if (live->plugin == NULL || live->fault_plugin[0] != '\0')
		return fault(c, "route", live->fault_plugin, t->place.line,
		    live->fault);
	return lk_call_pass(c, "route", t->name,
	    api >= 0 ? t->apis[api].place.line : t->place.line, name);
}

uint32_t
lk_step_route(struct lk_call *c)
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
	if (lk_route(c->snapshot->policy, rq->method, rq->path, n, &t, &api,
	    &note) != 1)
		return lk_call_stop(c, "route", LK_REASON_NO_ROUTE, 0, note);
	slice(&c->view.method, rq->method, strlen(rq->method));
	slice(&c->view.target, rq->path, n);
	slice(&c->view.body, rq->body, rq->body != NULL ? rq->body_len : 0);
	if (rq->peer != NULL)
		lk_net_from_sockaddr(rq->peer, &c->view.peer);
	return routed(c, t, api);
}

uint32_t
lk_step_type(struct lk_call *c, const struct lk_live_type *type,
    const char *api)
{
	const struct lk_policy_type	*t = type->type;
	size_t				 i;

	if (api == NULL || strcmp(api, "*") == 0)
		return routed(c, t, -1);
	for (i = 0; i < t->napis; i++)
		if (strcmp(t->apis[i].name, api) == 0)
			return routed(c, t, (int)i);
	return lk_call_stop(c, "route", LK_REASON_NO_ROUTE, t->place.line,
	    "the type has no such API");
}

/* ---------------------------------------------------------------- present */

/* Why the headers cannot be taken as they are, or NULL. */
static const char *
headers_fault(const struct lk_request *rq)
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

uint32_t
lk_step_present(struct lk_call *c)
{
	const struct lk_policy_type	*t = c->type->type;
	struct lk_answer		 a;
	const char			*why;
	uint32_t			 r;

	if ((why = headers_fault(c->request)) != NULL)
		return lk_call_stop(c, "present", LK_REASON_BAD_REQUEST, 0,
		    why);
	r = lk_instance_present(c->type->plugin, c, &c->credential, &a);
	/* A plugin learns that the body is no good, the core knows why. */
	if (r == LK_REFUSE && a.reason == LK_REASON_BAD_REQUEST &&
	    c->json_why != NULL)
		snprintf(a.note, sizeof(a.note), "the body: %s", c->json_why);
	return judge(c, "present", t->plugin, t->plugin_place.line, r, &a);
}

/* ------------------------------------------------------------------ parse */

static uint32_t
parse_signed(struct lk_call *c, unsigned line)
{
	const struct lk_slice	*id = &c->credential.key_id;

	if (!lk_keyid_valid(id->p, id->n))
		return lk_call_stop(c, "parse", LK_REASON_MALFORMED, line,
		    "not a key id");
	return lk_call_pass(c, "parse", NULL, line, "a key id and a proof");
}

/* A token of another system has no prefix. */
static uint32_t
parse_foreign(struct lk_call *c, unsigned line)
{
	c->token.text = c->credential.token.p;
	c->token.text_len = c->credential.token.n;
	return lk_call_pass(c, "parse", NULL, line, "of another system");
}

uint32_t
lk_step_parse(struct lk_call *c)
{
	const struct lk_policy_type	*t = c->type->type;
	const struct lk_slice		*text = &c->credential.token;
	unsigned			 line = t->place.line;

	if (text->p == NULL)
		return parse_signed(c, line);
	if (lk_token_parse(text->p, text->n, &c->token) != 0) {
		if (t->imported && lk_token_foreign(text->p, text->n))
			return parse_foreign(c, line);
		return lk_call_stop(c, "parse", LK_REASON_MALFORMED, line,
		    "form or checksum of a token");
	}
	if (c->token.prefix_len != c->type->prefix_len ||
	    memcmp(c->token.prefix, t->prefix, c->token.prefix_len) != 0)
		return lk_call_stop(c, "parse", LK_REASON_WRONG_TYPE, line,
		    "the prefix is of another type");
	return lk_call_pass(c, "parse", NULL, line, NULL);
}

/* ------------------------------------------------------ digest and look-up */

static int
digest(struct lk_call *c)
{
	const struct lk_pepper	*p = c->snapshot->pepper;
	uint8_t			 sha[LK_DIGEST_SIZE];
	int			 r;

	if (c->token.prefix_len != 0)
		return lk_pepper_digest(p, lk_pepper_current(p), c->token.text,
		    c->token.text_len, c->digest);
	if ((r = lk_sha256(c->token.text, c->token.text_len, sha)) == 0)
		r = lk_pepper_foreign(p, lk_pepper_current(p), sha, c->digest);
	lk_wipe(sha, sizeof(sha));
	return r;
}

uint32_t
lk_step_digest(struct lk_call *c)
{
	if (c->credential.token.p == NULL)
		return lk_call_pass(c, "digest", NULL, 0, "not needed");
	if (digest(c) != 0)
		return lk_call_stop(c, "digest", LK_REASON_UNAVAILABLE, 0,
		    "libgcrypt gave no digest");
	return lk_call_pass(c, "digest", NULL, 0, NULL);
}

/* Hand the record to the decision and to the plugins. */
static uint32_t
recorded(struct lk_call *c)
{
	struct lk_found	*f = &c->found;

	memcpy(c->d->key_id, f->key_id, sizeof(f->key_id));
	memcpy(c->d->account, f->account, f->account_len + 1);
	slice(&c->record.key_id, f->key_id, LK_KEYID_LEN);
	slice(&c->record.account, f->account, f->account_len);
	c->record.created = f->created;
	c->record.expires = f->expires;
	c->record.addresses = f->naddresses != 0 ? f->addresses : NULL;
	c->record.naddresses = (uint32_t)f->naddresses;
	return lk_call_pass(c, "look-up", NULL, 0, f->key_id);
}

uint32_t
lk_step_lookup(struct lk_call *c)
{
	struct lk_store	*s = c->lk->store;
	int		 r = -1;

	if (c->credential.token.p != NULL)
		lk_usage_prefetch(lk_store_usage(s), c->digest);
	if (lk_store_refresh(s, NULL) == 0)
		r = c->credential.token.p != NULL ?
		    lk_store_by_digest(s, c->digest, &c->found) :
		    lk_store_by_id(s, c->credential.key_id.p,
		    c->credential.key_id.n, &c->found);
	if (r == 0)
		return lk_call_stop(c, "look-up", LK_REASON_UNKNOWN, 0,
		    "no such key");
	if (r != 1)
		return lk_call_stop(c, "look-up", LK_REASON_UNAVAILABLE, 0,
		    "the store cannot tell (latchkey store check)");
	if (c->found.state == LK_STATE_DELETED)
		return lk_call_stop(c, "look-up", LK_REASON_UNKNOWN, 0,
		    "deleted");
	if (c->now == 0)
		c->now = lk_store_now(s);
	return recorded(c);
}

/* -------------------------------------------------------- state and account */

/* Why the key does not count now, or LK_REASON_NONE. */
static uint32_t
state_reason(const struct lk_call *c)
{
	const struct lk_found	*f = &c->found;

	if (f->type_len != c->type->name_len ||
	    memcmp(f->type, c->type->type->name, f->type_len) != 0)
		return LK_REASON_WRONG_TYPE;
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

uint32_t
lk_step_state(struct lk_call *c)
{
	uint32_t	 reason = state_reason(c);

	if (reason == LK_REASON_UNAVAILABLE)
		return lk_call_stop(c, "state", reason, 0,
		    "a damaged line may have ended it (latchkey store check)");
	if (reason != LK_REASON_NONE)
		return lk_call_stop(c, "state", reason, 0, NULL);
	return lk_call_pass(c, "state", NULL, 0, NULL);
}

uint32_t
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

/* ------------------------------------------------------- verify and checks */

uint32_t
lk_step_verify(struct lk_call *c)
{
	const struct lk_policy_type	*t = c->type->type;
	struct lk_answer		 a;
	uint32_t			 r;

	r = lk_instance_verify(c->type->plugin, c, &c->credential, &c->record,
	    &a);
	return judge(c, "verify", t->plugin, t->plugin_place.line, r, &a);
}

/* A key's own list holds even where no check of the policy looks at it. */
static uint32_t
own_addresses(struct lk_call *c)
{
	const struct lk_record	*k = &c->record;

	if (k->naddresses == 0 || (c->view.peer.family != 0 &&
	    lk_net_in(&c->view.peer, k->addresses, k->naddresses)))
		return LK_PASS;
	return lk_call_stop(c, "check", LK_REASON_ADDRESS_REFUSED, 0,
	    c->view.peer.family == 0 ? "the peer is not known" :
	    "the peer is not in the key's own list");
}

uint32_t
lk_step_checks(struct lk_call *c)
{
	const struct lk_live_type	*t = c->type;
	const struct lk_live_api	*api;
	const struct lk_live_check	*k;
	struct lk_answer		 a;
	uint32_t			 r = LK_PASS;
	size_t				 i;

	api = &t->apis[c->api >= 0 ? (size_t)c->api : t->type->napis];
	for (i = 0; i < api->nchecks && r == LK_PASS; i++) {
		k = api->checks[i];
		c->check = k;
		r = lk_instance_check(k->plugin, c, &c->record, &a);
		r = judge(c, "check", k->line->plugin, k->line->place.line, r,
		    &a);
	}
	return r == LK_PASS ? own_addresses(c) : r;
}
