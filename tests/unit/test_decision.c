#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "decision.h"
#include "table.h"

/* The table of DESIGN 7, once more and by hand. */
static const struct reason_case {
	const char	*name;
	uint32_t	 reason, outcome;
	int		 exit, status;
	const char	*challenge;	/* a part of it, or NULL: none       */
} reason_cases[] = {
	{ "allowed", LK_REASON_ALLOWED, LK_ALLOW, 0, 200, NULL },
	{ "no_route", LK_REASON_NO_ROUTE, LK_DENY, 1, 403, NULL },
	{ "no_credential", LK_REASON_NO_CREDENTIAL, LK_DENY, 1, 401,
	    "Bearer" },
	{ "two_credentials", LK_REASON_TWO_CREDENTIALS, LK_DENY, 1, 400,
	    NULL },
	{ "bad_request", LK_REASON_BAD_REQUEST, LK_DENY, 1, 400, NULL },
	{ "malformed", LK_REASON_MALFORMED, LK_DENY, 1, 401,
	    "invalid_token" },
	{ "unknown", LK_REASON_UNKNOWN, LK_DENY, 1, 401, "invalid_token" },
	{ "wrong_type", LK_REASON_WRONG_TYPE, LK_DENY, 1, 401,
	    "invalid_token" },
	{ "wrong_account", LK_REASON_WRONG_ACCOUNT, LK_DENY, 1, 401,
	    "invalid_token" },
	{ "disabled", LK_REASON_DISABLED, LK_DENY, 1, 401, "invalid_token" },
	{ "expired", LK_REASON_EXPIRED, LK_DENY, 1, 401, "invalid_token" },
	{ "not_yet", LK_REASON_NOT_YET, LK_DENY, 1, 401, "invalid_token" },
	{ "type_closed", LK_REASON_TYPE_CLOSED, LK_DENY, 1, 401,
	    "invalid_token" },
	{ "not_entitled", LK_REASON_NOT_ENTITLED, LK_DENY, 1, 403,
	    "insufficient_scope" },
	{ "address_refused", LK_REASON_ADDRESS_REFUSED, LK_DENY, 1, 403,
	    "insufficient_scope" },
	{ "rate_limited", LK_REASON_RATE_LIMITED, LK_LIMIT, 75, 429, NULL },
	{ "plugin_fault", LK_REASON_PLUGIN_FAULT, LK_ERROR, 69, 503, NULL },
	{ "unavailable", LK_REASON_UNAVAILABLE, LK_ERROR, 69, 503, NULL },
};

static void
reason(void **state)
{
	const struct reason_case	*c = *state;
	struct lk_decision		 d;

	assert_string_equal(lk_reason_name(c->reason), c->name);
	assert_int_equal(lk_reason_exit(c->reason), c->exit);
	if (c->outcome == LK_ALLOW)
		return;			/* a stop can not allow: below */
	lk_decision_start(&d);
	assert_int_equal(d.outcome, LK_DENY);
	lk_decision_stop(&d, c->reason, 0);
	assert_int_equal(d.outcome, c->outcome);
	assert_int_equal(d.reason, c->reason);
	assert_int_equal(d.status, c->status);
	if (c->challenge == NULL)
		assert_null(d.challenge);
	else
		assert_non_null(strstr(d.challenge, c->challenge));
	assert_true((d.retry_after != 0) ==
	    (c->status == 429 || c->status == 503));
}

static void
stop_never_allows(void **state)
{
	struct lk_decision	 d;
	uint32_t		 r;

	(void)state;
	for (r = 0; r < 4096; r++) {
		lk_decision_start(&d);
		lk_decision_stop(&d, r, 0);
		assert_int_not_equal(d.outcome, LK_ALLOW);
	}
}

static void
a_stop_without_a_reason_is_an_error(void **state)
{
	struct lk_decision	 d;

	(void)state;
	lk_decision_start(&d);
	lk_decision_stop(&d, LK_REASON_NONE, 0);
	assert_int_equal(d.outcome, LK_ERROR);
	lk_decision_stop(&d, LK_REASON_ALLOWED, 0);
	assert_int_equal(d.outcome, LK_ERROR);
	assert_int_equal(d.reason, LK_REASON_PLUGIN_FAULT);
}

static void
wait_is_handed_on(void **state)
{
	struct lk_decision	 d;

	(void)state;
	lk_decision_start(&d);
	lk_decision_stop(&d, LK_REASON_RATE_LIMITED, 17);
	assert_int_equal(d.retry_after, 17);
}

static void
codes_lie_eight_bits_apart(void **state)
{
	static const uint32_t	 codes[] = { 0, 0xffffffffU, LK_ALLOW, LK_DENY,
				     LK_LIMIT, LK_ERROR, LK_PASS, LK_REFUSE,
				     LK_WAIT, LK_NOT_MINE, LK_BROKEN };
	size_t			 i, j, n = sizeof(codes) / sizeof(codes[0]);

	(void)state;
	for (i = 0; i < n; i++)
		for (j = i + 1; j < n; j++)
			assert_true(__builtin_popcount(codes[i] ^
			    codes[j]) >= 8);
}

static void
outcomes_have_names(void **state)
{
	(void)state;
	assert_string_equal(lk_outcome_name(LK_ALLOW), "allow");
	assert_string_equal(lk_outcome_name(LK_DENY), "deny");
	assert_string_equal(lk_outcome_name(LK_LIMIT), "limit");
	assert_string_equal(lk_outcome_name(LK_ERROR), "error");
	assert_string_equal(lk_outcome_name(LK_ALLOW ^ 1), "error");
}

static void
a_long_trace_keeps_its_last_step(void **state)
{
	struct lk_trace	 t = { .size = sizeof(t) };
	int		 i;

	(void)state;
	for (i = 0; i < LK_TRACE_MAX + 9; i++)
		lk_trace_step(&t, "check", "a", LK_REASON_NONE, 1, "");
	lk_trace_step(&t, "check", "last", LK_REASON_NOT_ENTITLED, 2, NULL);
	assert_int_equal(t.n, LK_TRACE_MAX);
	assert_string_equal(t.steps[LK_TRACE_MAX - 1].name, "last");
	lk_trace_step(NULL, "check", NULL, 0, 0, NULL);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, reason, reason_cases);
	TABLE_TEST(&t, stop_never_allows);
	TABLE_TEST(&t, a_stop_without_a_reason_is_an_error);
	TABLE_TEST(&t, wait_is_handed_on);
	TABLE_TEST(&t, codes_lie_eight_bits_apart);
	TABLE_TEST(&t, outcomes_have_names);
	TABLE_TEST(&t, a_long_trace_keeps_its_last_step);
	return table_run(&t, "decision");
}
