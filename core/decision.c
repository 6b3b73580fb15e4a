#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "decision.h"

#define REALM		"Bearer realm=\"latchkey\""
#define INVALID		REALM ", error=\"invalid_token\""
#define INSUFFICIENT	REALM ", error=\"insufficient_scope\""

#define SEND_ONE	"send one credential"
#define BAD_TOKEN	"invalid token"
#define NOT_THIS_KEY	"not allowed for this key"

static const struct reason_row {
	const char	*name;
	uint32_t	 outcome;
	int		 exit, status;
	const char	*challenge, *caller_text;
} reasons[LK_REASON_COUNT] = {
	[LK_REASON_NONE] = { "none", LK_ERROR, EX_UNAVAILABLE, 503, NULL,
	    "try again later" },
	[LK_REASON_ALLOWED] = { "allowed", LK_ALLOW, 0, 200, NULL, "" },
	[LK_REASON_NO_ROUTE] = { "no_route", LK_DENY, 1, 403, NULL,
	    "no such API" },
	[LK_REASON_NO_CREDENTIAL] = { "no_credential", LK_DENY, 1, 401, REALM,
	    "credential missing" },
	[LK_REASON_TWO_CREDENTIALS] = { "two_credentials", LK_DENY, 1, 400,
	    NULL, SEND_ONE },
	[LK_REASON_BAD_REQUEST] = { "bad_request", LK_DENY, 1, 400, NULL,
	    SEND_ONE },
	[LK_REASON_MALFORMED] = { "malformed", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_UNKNOWN] = { "unknown", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_WRONG_TYPE] = { "wrong_type", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_WRONG_ACCOUNT] = { "wrong_account", LK_DENY, 1, 401,
	    INVALID, BAD_TOKEN },
	[LK_REASON_DISABLED] = { "disabled", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_EXPIRED] = { "expired", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_NOT_YET] = { "not_yet", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_TYPE_CLOSED] = { "type_closed", LK_DENY, 1, 401, INVALID,
	    BAD_TOKEN },
	[LK_REASON_NOT_ENTITLED] = { "not_entitled", LK_DENY, 1, 403,
	    INSUFFICIENT, NOT_THIS_KEY },
	[LK_REASON_ADDRESS_REFUSED] = { "address_refused", LK_DENY, 1, 403,
	    INSUFFICIENT, NOT_THIS_KEY },
	[LK_REASON_RATE_LIMITED] = { "rate_limited", LK_LIMIT, EX_TEMPFAIL,
	    429, NULL, "too many requests" },
	[LK_REASON_PLUGIN_FAULT] = { "plugin_fault", LK_ERROR, EX_UNAVAILABLE,
	    503, NULL, "try again later" },
	[LK_REASON_UNAVAILABLE] = { "unavailable", LK_ERROR, EX_UNAVAILABLE,
	    503, NULL, "try again later" },
};

static const struct {
	uint32_t	 outcome;
	const char	*name;
} outcomes[] = {
	{ LK_ALLOW,	"allow" },
	{ LK_DENY,	"deny" },
	{ LK_LIMIT,	"limit" },
	{ LK_ERROR,	"error" },
};

static const struct reason_row *
row(uint32_t reason)
{
	if (reason >= LK_REASON_COUNT)
		reason = LK_REASON_NONE;
	return &reasons[reason];
}

const char *
lk_reason_name(uint32_t reason)
{
	return row(reason)->name;
}

uint32_t
lk_reason_outcome(uint32_t reason)
{
	return row(reason)->outcome;
}

int
lk_reason_exit(uint32_t reason)
{
	return row(reason)->exit;
}

const char *
lk_outcome_name(uint32_t outcome)
{
	size_t	 i;

	for (i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (outcomes[i].outcome == outcome)
			return outcomes[i].name;
	return "error";
}

void
lk_decision_start(struct lk_decision *d)
{
	/* One by one: to clear all of it costs as much as the look-up. */
	d->outcome = LK_DENY;
	d->reason = LK_REASON_NONE;
	d->status = 403;
	d->retry_after = 0;
	d->reason_name = row(LK_REASON_NONE)->name;
	d->caller_text = "";
	d->challenge = NULL;
	d->key_id[0] = d->type[0] = d->account[0] = '\0';
	d->api[0] = d->fault[0] = d->observed_check[0] = '\0';
	d->observed_reason = LK_REASON_NONE;
	d->observed = 0;
	d->rate_limit = d->rate_period = d->rate_left = d->rate_reset = 0;
	memset(d->reserved, 0, sizeof(d->reserved));
}

/* What the table says of a reason, but its outcome. */
static void
describe(struct lk_decision *d, uint32_t reason, const struct reason_row *r)
{
	d->reason = reason;
	d->reason_name = r->name;
	d->status = r->status;
	d->challenge = r->challenge;
	d->caller_text = r->caller_text;
}

void
lk_decision_stop(struct lk_decision *d, uint32_t reason, unsigned wait)
{
	const struct reason_row	*r;

	if (reason == LK_REASON_ALLOWED || reason >= LK_REASON_COUNT)
		reason = LK_REASON_PLUGIN_FAULT;
	r = row(reason);
	describe(d, reason, r);
	d->outcome = r->outcome;
	if (r->outcome == LK_LIMIT || r->outcome == LK_ERROR)
		d->retry_after = wait != 0 ? wait : LK_RETRY_AFTER;
}

void
lk_decision_allow(struct lk_decision *d)
{
	describe(d, LK_REASON_ALLOWED, row(LK_REASON_ALLOWED));
	d->outcome = LK_ALLOW;
}

void
lk_trace_step(struct lk_trace *t, const char *step, const char *name,
    uint32_t reason, unsigned line, const char *note)
{
	struct lk_step	*s;

	if (t == NULL)
		return;
	s = &t->steps[t->n < LK_TRACE_MAX ? t->n++ : LK_TRACE_MAX - 1];
	s->step = step;
	s->reason = reason;
	s->observed = 0;
	s->line = line;
	snprintf(s->name, sizeof(s->name), "%s", name != NULL ? name : "");
	snprintf(s->note, sizeof(s->note), "%s", note != NULL ? note : "");
}

void
lk_decision_observe(struct lk_decision *d, struct lk_trace *t,
    const char *check, uint32_t reason, unsigned line, const char *note)
{
	if (d->observed++ == 0) {
		snprintf(d->observed_check, sizeof(d->observed_check), "%s",
		    check);
		d->observed_reason = reason;
	}
	lk_trace_step(t, "check", check, reason, line, note);
	if (t != NULL)
		t->steps[t->n - 1].observed = 1;
}
