/*
 * test_answer.c: answers of a latchkeyd, which may be anything.
 *
 * What the command prints under --json is what a latchkeyd answers: it must
 * come back octet for octet.  Each bad one is a good one with one change.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/answer.h"
#include "show/show.h"
#include "table.h"

#define KEY	"{\"id\":\"4fJx0aPq9ZrT\",\"type\":\"ucd\"," \
		"\"account\":\"acme\",\"label\":\"CRM \xc3\xbc\"," \
		"\"hint\":\"ucd_\xe2\x80\xa6" "9aZ2\",\"state\":\"active\"," \
		"\"created\":\"2026-11-23T22:38:38Z\",\"created_by\":\"ann\"," \
		"\"expires\":\"2027-01-31T00:00:00Z\",\"not_before\":null," \
		"\"last_used\":null,\"deleted\":null," \
		"\"addresses\":[\"192.0.2.7\",\"2001:db8::/32\"]," \
		"\"replaces\":null,\"replaced_by\":\"bKGOvjq1etqC\"," \
		"\"role\":\"viewer\"}"
#define TYPE	"{\"type\":\"ucd\",\"title\":\"Unified Customer Database\"," \
		"\"prefix\":\"ucd\",\"plugin\":\"ucd\",\"limit\":5," \
		"\"held\":3,\"apis\":3,\"generators\":[\"administrator\"," \
		"\"clerk\"],\"closes\":null,\"line\":80}"
#define NO_LIMIT "{\"type\":\"web_push\",\"title\":null,\"prefix\":\"wpush\"," \
		"\"plugin\":\"web_push\",\"limit\":null,\"held\":0," \
		"\"apis\":2,\"generators\":[]," \
		"\"closes\":\"2027-01-31T00:00:00Z\",\"line\":1}"
#define ACCOUNT	"{\"account\":\"acme\",\"package\":\"growth\",\"keys\":12}"
#define PLAIN	"{\"account\":\"a-b.c_d\",\"package\":null,\"keys\":0}"
#define EVENT	"{\"seq\":7,\"line\":8,\"time\":\"2026-11-23T22:38:38Z\"," \
		"\"event\":\"generate\",\"actor\":\"ann\"," \
		"\"from\":\"cli sudo=bob\",\"key\":\"4fJx0aPq9ZrT\"," \
		"\"details\":{\"type\":\"ucd\",\"account\":\"acme\"," \
		"\"pepper\":1,\"expires\":\"2027-01-31T00:00:00Z\"," \
		"\"label\":\"a b=c\"},\"signed\":true}"
#define NETS	"{\"seq\":9007199254740991,\"line\":1,\"time\":" \
		"\"2026-11-23T22:38:38Z\",\"event\":\"addresses\"," \
		"\"actor\":\"ann\",\"from\":\"cli\",\"key\":null," \
		"\"details\":{\"add\":[\"192.0.2.7\",\"2001:db8::/32\"]}," \
		"\"signed\":false}"
#define BARE	"{\"seq\":1,\"line\":2,\"time\":\"2026-11-23T22:38:38Z\"," \
		"\"event\":\"delete\",\"actor\":\"ann\",\"from\":\"cli\"," \
		"\"key\":\"4fJx0aPq9ZrT\",\"details\":{},\"signed\":false}"

#define ALLOW	"{\"outcome\":\"allow\",\"reason\":\"allowed\"," \
		"\"key\":\"4fJx0aPq9ZrT\",\"type\":\"ucd\"," \
		"\"account\":\"acme\",\"api\":\"upsert\"," \
		"\"retry_after\":null,\"observed\":1,\"trace\":[" \
		"{\"step\":\"route\",\"name\":\"ucd\"," \
		"\"verdict\":\"pass\",\"reason\":null,\"line\":87," \
		"\"note\":\"upsert\"},{\"step\":\"check\"," \
		"\"name\":\"address\",\"verdict\":\"observed\"," \
		"\"reason\":\"address_refused\",\"line\":9," \
		"\"note\":null}]}"
#define LIMIT	"{\"outcome\":\"limit\",\"reason\":\"rate_limited\"," \
		"\"key\":null,\"type\":null,\"account\":null," \
		"\"api\":null,\"retry_after\":7,\"observed\":0," \
		"\"trace\":[]}"

/* Read and, where out is not NULL, write again. */
typedef int (*read_fn)(const struct lk_json_value *v, struct lk_out *out,
	    struct lk_error *e);

static int
as_key(const struct lk_json_value *v, struct lk_out *out, struct lk_error *e)
{
	struct lk_key	 k;
	int		 r = lk_answer_key(v, &k, e);

	if (r == 0)
		lk_show_key(out, NULL, &k);
	return r;
}

static int
as_type(const struct lk_json_value *v, struct lk_out *out, struct lk_error *e)
{
	struct lk_type	 t;
	int		 r = lk_answer_type(v, &t, e);

	if (r == 0)
		lk_show_type(out, NULL, &t);
	return r;
}

static int
as_account(const struct lk_json_value *v, struct lk_out *out,
    struct lk_error *e)
{
	struct lk_account	 a;
	int			 r = lk_answer_account(v, &a, e);

	if (r == 0)
		lk_show_account(out, NULL, &a);
	return r;
}

static int
as_event(const struct lk_json_value *v, struct lk_out *out, struct lk_error *e)
{
	struct lk_event	 v2;
	int		 r = lk_answer_event(v, &v2, e);

	if (r == 0)
		lk_show_event(out, NULL, &v2);
	return r;
}

static int
as_decision(const struct lk_json_value *v, struct lk_out *out,
    struct lk_error *e)
{
	struct lk_trace		 t = { .size = sizeof(t) };
	struct lk_decision	 d;
	int			 r = lk_answer_decision(v, &d, &t, e);

	if (r == 0)
		lk_show_decision(out, NULL, &d, &t);
	return r;
}

static int
as_token(const struct lk_json_value *v, struct lk_out *out, struct lk_error *e)
{
	char	 token[LK_TOKEN_MAX + 1];
	int	 r = lk_answer_token(v, token, sizeof(token), e);

	if (r != 0)
		assert_string_equal(token, "");
	lk_out_open(out, NULL, '{');
	lk_out_str(out, "token", token);
	lk_out_close(out, '}');
	return r;
}

static int
as_failure(const struct lk_json_value *v, struct lk_out *out,
    struct lk_error *e)
{
	int	 r = lk_answer_failure(v, e);

	assert_int_not_equal(e->code, 0);
	lk_out_open(out, NULL, '{');
	lk_out_str(out, "error", e->text);
	lk_out_str(out, "reason", lk_show_reason(e->code));
	lk_out_int(out, "exit", lk_exit_status(e->code));
	lk_out_close(out, '}');
	return r;
}

static const struct good_case {
	const char	*name, *text;
	read_fn		 read;
} good_cases[] = {
	{ "a key",			KEY,		as_key },
	{ "a type",			TYPE,		as_type },
	{ "a type without limit",	NO_LIMIT,	as_type },
	{ "an account",			ACCOUNT,	as_account },
	{ "an account of no package",	PLAIN,		as_account },
	{ "an event",			EVENT,		as_event },
	{ "an event with networks",	NETS,		as_event },
	{ "an event without details",	BARE,		as_event },
	{ "an allow",			ALLOW,		as_decision },
	{ "a limit",			LIMIT,		as_decision },
	{ "a token",	"{\"token\":\"ucd_x9~\"}",	as_token },
	{ "a failure",	"{\"error\":\"acme holds 5 of 5\",\"reason\":"
	  "\"limit_reached\",\"exit\":73}",		as_failure },
	{ "a failure of data", "{\"error\":\"the label is too long\","
	  "\"reason\":\"bad_data\",\"exit\":65}",	as_failure },
};

static void
parse(const char *text, struct lk_json **j)
{
	const char	*why = "";

	if (lk_json_parse(text, strlen(text), j, &why) != 1)
		fail_msg("%s: %s", why, text);
}

static void
test_good(void **state)
{
	const struct good_case	*c = *state;
	struct lk_out		 out = LK_OUT_NONE;
	struct lk_error		 e = { 0 };
	struct lk_json		*j;

	parse(c->text, &j);
	if (c->read(lk_json_root(j), &out, &e) != 0)
		fail_msg("%s", e.text);
	assert_string_equal(out.b.p, c->text);
	lk_json_free(&j);
	lk_out_free(&out);
}

/* A good one with from replaced by to; from NULL: to is all of it. */
static const struct bad_case {
	const char	*name, *good;
	read_fn		 read;
	const char	*from, *to, *member;
} bad_cases[] = {
	{ "an empty object", KEY, as_key, NULL, "{}", "id" },
	{ "no id", KEY, as_key, "\"id\"", "\"di\"", "id" },
	{ "an id that is null", KEY, as_key, "\"4fJx0aPq9ZrT\"", "null", "id" },
	{ "an id of eleven digits", KEY, as_key, "4fJ", "4f", "id" },
	{ "an id of thirteen digits", KEY, as_key, "4fJ", "4fJJ", "id" },
	{ "an id with an escape", KEY, as_key, "4fJ", "4f\\u001b", "id" },
	{ "an id with a dash", KEY, as_key, "4fJ", "4f-", "id" },
	{ "a type in upper case", KEY, as_key, "ucd\"", "UCD\"", "type" },
	{ "a type that is a number", KEY, as_key, "\"ucd\"", "1", "type" },
	{ "a type of 33 octets", KEY, as_key, "\"ucd\"",
	  "\"abcdefghijklmnopqrstuvwxyzabcdefg\"", "type" },
	{ "an account with a blank", KEY, as_key, "acme", "ac me", "account" },
	{ "a label with a newline", KEY, as_key, "CRM ", "CRM\\n", "label" },
	{ "a label with C1", KEY, as_key, "CRM ", "CRM\\u009b", "label" },
	{ "a label of another kind", KEY, as_key, "\"CRM \xc3\xbc\"",
	  "[\"CRM\"]", "label" },
	{ "a hint that is too long", KEY, as_key, "ucd_",
	  "ucd_ucd_ucd_ucd_ucd_", "hint" },
	{ "a state that is none", KEY, as_key, "active", "alive", "state" },
	{ "a state cut short", KEY, as_key, "active", "activ", "state" },
	{ "a state that is null", KEY, as_key, "\"active\"", "null", "state" },
	{ "a time that is none", KEY, as_key, "11-23T22", "13-23T22",
	  "created" },
	{ "a time that is a number", KEY, as_key, "\"2026-11-23T22:38:38Z\"",
	  "1", "created" },
	{ "a time of 1970, which is null", KEY, as_key,
	  "2026-11-23T22:38:38Z", "1970-01-01T00:00:00Z", "created" },
	{ "no creator", KEY, as_key, "\"ann\"", "null", "created_by" },
	{ "addresses of another kind", KEY, as_key,
	  "[\"192.0.2.7\",\"2001:db8::/32\"]", "{}", "addresses" },
	{ "an address that is none", KEY, as_key, "192.0.2.7", "192.0.2",
	  "addresses" },
	{ "an address that is a number", KEY, as_key, "\"192.0.2.7\"", "7",
	  "addresses" },
	{ "a successor that is none", KEY, as_key, "bKGOvjq1etqC",
	  "bKGOvjq1etq?", "replaced_by" },
	{ "a role that is none", KEY, as_key, "viewer", "a viewer", "role" },
	{ "a limit below zero", TYPE, as_type, ":5,", ":-5,", "limit" },
	{ "a limit with a fraction", TYPE, as_type, ":5,", ":5.5,", "limit" },
	{ "a limit over 32 bits", TYPE, as_type, ":5,", ":4294967296,",
	  "limit" },
	{ "a limit that is a text", TYPE, as_type, ":5,", ":\"5\",", "limit" },
	{ "held without number", TYPE, as_type, ":3,\"apis\"",
	  ":null,\"apis\"", "held" },
	{ "held beyond what is exact", TYPE, as_type, ":3,\"apis\"",
	  ":9007199254740992,\"apis\"", "held" },
	{ "generators of another kind", TYPE, as_type,
	    "[\"administrator\",\"clerk\"]", "\"administrator\"",
	  "generators" },
	{ "a generator without name", TYPE, as_type, "clerk", "",
	  "generators" },
	{ "a generator that is a number", TYPE, as_type, "\"clerk\"", "1",
	  "generators" },
	{ "a title with a bell", TYPE, as_type, "Unified", "\\u0007",
	  "title" },
	{ "an account without name", ACCOUNT, as_account, "acme\"",
	  "\\u0020\"", "account" },
	{ "a count of keys that is a text", ACCOUNT, as_account, "12",
	  "\"12\"", "keys" },
	{ "a count of keys that is true", ACCOUNT, as_account, "12", "true",
	  "keys" },
	{ "an event of another name", EVENT, as_event, "\"generate\"",
	  "\"generate-or-what-else\"", "event" },
	{ "details of another kind", EVENT, as_event,
	  "{\"type\":\"ucd\",\"account\":\"acme\",\"pepper\":1,"
	  "\"expires\":\"2027-01-31T00:00:00Z\",\"label\":\"a b=c\"}",
	  "[]", "details" },
	{ "a detail without name", EVENT, as_event, "\"label\"", "\"\"",
	  "details" },
	{ "a detail's name with an escape", EVENT, as_event, "\"label\"",
	  "\"\\u001b[2J\"", "details" },
	{ "a number that is a text", EVENT, as_event, ":1,\"expires\"",
	  ":\"1\",\"expires\"", "details" },
	{ "a time that is a text", EVENT, as_event, "\"2027-01-31T00:00:00Z\"",
	  "\"soon\"", "details" },
	{ "a detail that is an object", EVENT, as_event, "\"a b=c\"", "{}",
	  "details" },
	{ "a network that is a list", NETS, as_event, "\"192.0.2.7\"", "[]",
	  "details" },
	{ "signed by a text", EVENT, as_event, ":true}", ":\"true\"}",
	  "signed" },
	{ "an outcome that is none", ALLOW, as_decision, "\"allow\"",
	  "\"yes\"", "outcome" },
	{ "an outcome of another reason", LIMIT, as_decision, "\"limit\"",
	  "\"allow\"", "reason" },
	{ "an allow for no reason", ALLOW, as_decision, "\"allowed\"",
	  "null", "reason" },
	{ "an allow of no key", ALLOW, as_decision, "\"4fJx0aPq9ZrT\"",
	  "null", "key" },
	{ "an allow of no account", ALLOW, as_decision, "\"acme\"", "\"\"",
	  "account" },
	{ "an allow of no API", ALLOW, as_decision, "\"api\"", "\"ipa\"",
	  "api" },
	{ "a wait that is a text", LIMIT, as_decision, ":7", ":\"7\"",
	  "retry_after" },
	{ "a wait without end", LIMIT, as_decision, ":7", ":4294967296",
	  "retry_after" },
	{ "steps of another kind", LIMIT, as_decision, "[]", "{}", "trace" },
	{ "a step that is none", ALLOW, as_decision, "\"route\"",
	  "\"rout\"", "trace" },
	{ "a step with an escape", ALLOW, as_decision, ":\"upsert\"}",
	  ":\"\\u001b\"}", "trace" },
	{ "a pass with a reason", ALLOW, as_decision, "null,\"line\":87",
	  "\"unknown\",\"line\":87", "trace" },
	{ "no token", "", as_token, NULL, "{}", "token" },
	{ "a token of no octets", "", as_token, NULL, "{\"token\":\"\"}",
	  "token" },
	{ "a token that is a number", "", as_token, NULL, "{\"token\":1}",
	  "token" },
	{ "a token in a list", "", as_token, NULL, "{\"token\":[\"ucd_x\"]}",
	  "token" },
	{ "a token with a blank", "", as_token, NULL,
	  "{\"token\":\"ucd x\"}", "token" },
	{ "a token with a newline", "", as_token, NULL,
	  "{\"token\":\"ucd\\n\"}", "token" },
	{ "a token with an escape", "", as_token, NULL,
	  "{\"token\":\"\\u001b[2J\"}", "token" },
	{ "a token that is not ASCII", "", as_token, NULL,
	  "{\"token\":\"\xc3\xbc\"}", "token" },
	{ "a failure without words", "", as_failure, NULL,
	  "{\"error\":\"\",\"reason\":\"usage\",\"exit\":64}", "error" },
	{ "a failure that is none", "", as_failure, NULL,
	  "{\"error\":\"x\",\"reason\":\"usage\",\"exit\":0}", "reason" },
	{ "a failure of another status", "", as_failure, NULL,
	  "{\"error\":\"x\",\"reason\":\"usage\",\"exit\":65}", "reason" },
	{ "a failure for no reason", "", as_failure, NULL,
	  "{\"error\":\"x\",\"reason\":\"because\",\"exit\":64}", "reason" },
	{ "a failure without status", "", as_failure, NULL,
	  "{\"error\":\"x\",\"reason\":\"usage\"}", "exit" },
	{ "a failure with an escape", "", as_failure, NULL,
	  "{\"error\":\"\\u001b\",\"reason\":\"usage\",\"exit\":64}",
	  "error" },
	{ "the problem of another server", "", as_failure, NULL,
	  "{\"title\":\"Forbidden\",\"status\":403}", "exit" },
};

static char *
changed(const struct bad_case *c)
{
	const char	*at;
	char		*text;
	size_t		 n;

	if (c->from == NULL)
		return strdup(c->to);
	assert_non_null(at = strstr(c->good, c->from));
	n = strlen(c->good) + strlen(c->to) + 1;
	assert_non_null(text = malloc(n));
	snprintf(text, n, "%.*s%s%s", (int)(at - c->good), c->good, c->to,
	    at + strlen(c->from));
	return text;
}

static void
test_bad(void **state)
{
	const struct bad_case	*c = *state;
	struct lk_out		 out = LK_OUT_NONE;
	struct lk_error		 e = { 0 };
	struct lk_json		*j;
	char			*text = changed(c), want[64];

	parse(text, &j);
	assert_int_equal(c->read(lk_json_root(j), &out, &e), LK_EUNAVAIL);
	snprintf(want, sizeof(want), ": %s is not there", c->member);
	if (strstr(e.text, want) == NULL)
		fail_msg("%s", e.text);
	lk_json_free(&j);
	lk_out_free(&out);
	free(text);
}

/* What a newer one has besides, and lists that are too long. */
static void
test_more(void **state)
{
	struct lk_out	 out = LK_OUT_NONE;
	struct lk_error	 e = { 0 };
	struct lk_json	*j;
	struct lk_key	 k;
	char		 text[8192];
	size_t		 i, n;

	(void)state;
	parse("{\"colour\":{\"deep\":[1]}," "\"account\":\"acme\","
	    "\"package\":\"growth\",\"keys\":12}", &j);
	assert_int_equal(as_account(lk_json_root(j), &out, &e), 0);
	assert_string_equal(out.b.p, ACCOUNT);
	lk_json_free(&j);
	lk_out_free(&out);

	n = (size_t)snprintf(text, sizeof(text), "{\"k\":%.*s\"addresses\":[",
	    (int)(strstr(KEY, "\"addresses\"") - KEY), KEY);
	for (i = 0; i <= LK_ADDRESSES_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s\"192.0.2.%zu\"", i != 0 ? "," : "", i);
	snprintf(text + n, sizeof(text) - n,
	    "],\"replaces\":null,\"replaced_by\":null}}");
	parse(text, &j);
	assert_int_equal(lk_answer_key(lk_json_get(lk_json_root(j), "k"), &k,
	    &e), LK_EUNAVAIL);
	lk_json_free(&j);
	/* Of nothing at all. */
	assert_int_equal(lk_answer_key(NULL, &k, &e), LK_EUNAVAIL);
}

/* Details that do not fit: no octet is written behind the struct. */
static void
test_long_details(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_event	 v;
	struct lk_json	*j;
	char		 text[8192];
	int		 n, k;

	(void)state;
	for (k = 1990; k <= 2060; k++) {
		n = snprintf(text, sizeof(text), "%.*s\"details\":{\"label\":"
		    "\"%0*d\"},\"signed\":true}",
		    (int)(strstr(EVENT, "\"details\"") - EVENT), EVENT, k, 0);
		assert_true(n > 0 && (size_t)n < sizeof(text));
		parse(text, &j);
		/* label, NUL, k digits, NUL, and the NUL at the end */
		assert_int_equal(lk_answer_event(lk_json_root(j), &v, &e) == 0,
		    6 + k + 1 + 1 <= (int)sizeof(v.details));
		lk_json_free(&j);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_good, good_cases);
	TABLE_ROWS(&t, test_bad, bad_cases);
	TABLE_TEST(&t, test_more);
	TABLE_TEST(&t, test_long_details);
	return table_run(&t, "answer");
}
