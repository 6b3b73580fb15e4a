/*
 * call.c: how a call begins, stops and ends.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stddef.h>
#include <string.h>

#include "base/wipe.h"
#include "call.h"

#define BEGUN	offsetof(struct lk_call, pepper)	/* zero from there   */

void
lk_call_begin(struct lk_call *c, struct lk *lk, const struct lk_snapshot *s,
    struct lk_decision *d, struct lk_trace *t)
{
	lk_decision_start(d);
	if (t != NULL)
		t->n = 0;
	c->lk = lk;
	c->snapshot = s;
	c->d = d;
	c->trace = t;
	c->api = -1;
	memset((char *)c + BEGUN, 0, offsetof(struct lk_call, digest) - BEGUN);
	c->view.size = sizeof(c->view);
	c->credential.size = sizeof(c->credential);
	c->record.size = sizeof(c->record);
	c->found.state = 0;
}

void
lk_call_end(struct lk_call *c)
{
	if (c->json != NULL)
		lk_json_free(&c->json);
	lk_wipe_here(c->digest, sizeof(c->digest));
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
lk_call_fault(struct lk_call *c, const char *step, const char *plugin,
    unsigned line, const char *note)
{
	size_t	 n = strnlen(plugin, LK_NAME_MAX);

	memcpy(c->d->fault, plugin, n);
	c->d->fault[n] = '\0';
	return lk_call_stop(c, step, LK_REASON_PLUGIN_FAULT, line, note);
}

uint32_t
lk_call_judged(struct lk_call *c, const char *step, const char *plugin,
    unsigned line, uint32_t answer, const struct lk_answer *a)
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
		lk_call_spent(c);
		break;
	case LK_NOT_MINE:
		lk_decision_stop(c->d, LK_REASON_NO_CREDENTIAL, 0);
		break;
	default:
		return lk_call_fault(c, step, plugin, line, a->note);
	}
	lk_trace_step(c->trace, step, plugin, c->d->reason, line, a->note);
	return LK_REFUSE;
}

uint32_t
lk_call_observed(struct lk_call *c, const struct lk_live_check *k,
    uint32_t answer, const struct lk_answer *a)
{
	const struct lk_policy_check	*line = k->line;

	if (c->json_failed || c->store_failed ||
	    (answer != LK_REFUSE && answer != LK_WAIT))
		return lk_call_judged(c, "check", line->plugin,
		    line->place.line, answer, a);
	c->spent = NULL;
	/* What it would have spent it has not. */
	while (c->nspends != 0 && c->spenders[c->nspends - 1] == k)
		c->nspends--;
	lk_decision_observe(c->d, c->trace, line->plugin,
	    answer == LK_WAIT ? LK_REASON_RATE_LIMITED : a->reason,
	    line->place.line, a->note);
	return LK_PASS;
}

/* What is no token of ours: of a type that takes those of other systems, it may
 * be one of them. */
static uint32_t
foreign(struct lk_call *c, unsigned line)
{
	const struct lk_slice	*text = &c->credential.token;

	if (!c->type->type->imported || !lk_token_foreign(text->p, text->n))
		return lk_call_stop(c, "parse", LK_REASON_MALFORMED, line,
		    "form or checksum of a token");
	/* A token of another system has no prefix. */
	c->token.text = text->p;
	c->token.text_len = text->n;
	return lk_call_pass(c, "parse", NULL, line, "of another system");
}

uint32_t
lk_call_other(struct lk_call *c, unsigned line)
{
	const struct lk_slice	*text = &c->credential.token;

	if (lk_token_parse(text->p, text->n, &c->token) != 0)
		return foreign(c, line);
	return lk_call_stop(c, "parse", LK_REASON_WRONG_TYPE, line,
	    "the prefix is of another type");
}

int
lk_call_digest_foreign(struct lk_call *c, unsigned version)
{
	uint8_t			 sha[LK_DIGEST_SIZE];
	int			 r;

	if ((r = lk_sha256(c->token.text, c->token.text_len, sha)) == 0)
		r = lk_pepper_foreign(c->pepper, version, sha, c->digest);
	lk_wipe(sha, sizeof(sha));
	return r;
}
