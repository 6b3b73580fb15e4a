/*
 * test_loader_answers.c: each call of a plugin x each answer, legal or not.
 * The plugin is tests/plugins/answers.c, which answers what its options say.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "loader/loader.h"
#include "plugin_file.h"
#include "table.h"

#define SETTINGS_MAX	8

static const struct lk_build	*build;

/* An instance whose options are pairs of name and value, ended by NULL. */
static int
instance(const char *const *pairs, struct lk_instance **i, struct lk_error *e)
{
	static const struct lk_place	 none;
	struct lk_setting		 v[SETTINGS_MAX];
	struct lk_settings		 s = { v, 0 };

	memset(v, 0, sizeof(v));
	for (; pairs[0] != NULL; pairs += 2) {
		v[s.n].name = (char *)(uintptr_t)pairs[0];
		v[s.n++].value = (char *)(uintptr_t)pairs[1];
	}
	return lk_instance_new(build, &s, NULL, none, &lk_setup_services, NULL,
	    i, e);
}

static struct lk_instance *
answering(uint32_t answer, uint32_t reason, uint32_t wait, const char *name,
    const char *value)
{
	struct lk_instance	*i = NULL;
	struct lk_error		 e = { 0 };
	char			 a[16], r[16], w[16];
	const char		*pairs[] = { "answer", a, "reason", r, "wait",
				     w, name, value, NULL };

	snprintf(a, sizeof(a), "%u", answer);
	snprintf(r, sizeof(r), "%u", reason);
	snprintf(w, sizeof(w), "%u", wait);
	if (instance(pairs, &i, &e) != 0)
		fail_msg("%s", e.text);
	return i;
}

/* ---------------------------------------------------------------- the calls */

enum call { PRESENT, VERIFY, CHECK, MINT, USAGE };

static const struct lk_record	 record = { .size = sizeof(record),
				     .key_id = { "abcdefghijkl", 12 } };

static uint32_t
call(struct lk_instance *i, enum call which, struct lk_answer *a)
{
	static const struct lk_usage	 usage;
	struct lk_credential		 cr = { .size = sizeof(cr) };
	char				 out[LK_TOKEN_MAX + 1];

	/* What was on the stack before must not be seen. */
	memset(a, 'Z', sizeof(*a));
	switch (which) {
	case PRESENT:
		return lk_instance_present(i, NULL, &cr, a);
	case VERIFY:
		return lk_instance_verify(i, NULL, &cr, &record, a);
	case CHECK:
		return lk_instance_check(i, NULL, &record, a);
	case MINT:
		return lk_instance_mint(i, NULL, out, sizeof(out), a);
	default:
		a->note[0] = '\0';
		return lk_instance_usage(i, &usage, out, sizeof(out));
	}
}

/* Each answer with a reason and a wait that are legal where they can be. */
static const struct answer_case {
	const char	*name;
	enum call	 call;
	uint32_t	 answer, reason, wait;
	uint32_t	 want;		/* LK_BROKEN: a fault                */
	const char	*note;		/* of a fault                        */
} answer_cases[] = {
#define ILLEGAL(call)	"not an answer of " call
	{ "present: pass", PRESENT, LK_PASS, 0, 0, LK_PASS, NULL },
	{ "present: not mine", PRESENT, LK_NOT_MINE, 0, 0, LK_NOT_MINE, NULL },
	{ "present: wait", PRESENT, LK_WAIT, 0, 9, LK_BROKEN,
	  "answered 0x5ce3172d: " ILLEGAL("present") },
	{ "present: broken", PRESENT, LK_BROKEN, 0, 0, LK_BROKEN,
	  "broken, and says not why" },
	{ "present: 0", PRESENT, 0, 0, 0, LK_BROKEN,
	  "answered 0x00000000: " ILLEGAL("present") },
	{ "present: 1", PRESENT, 1, 0, 0, LK_BROKEN, ILLEGAL("present") },
	{ "present: allow", PRESENT, LK_ALLOW, 0, 0, LK_BROKEN,
	  ILLEGAL("present") },
	{ "present: pass but a bit", PRESENT, LK_PASS ^ 1, 0, 0, LK_BROKEN,
	  ILLEGAL("present") },
	{ "verify: pass", VERIFY, LK_PASS, 0, 0, LK_PASS, NULL },
	{ "verify: not mine", VERIFY, LK_NOT_MINE, 0, 0, LK_BROKEN,
	  ILLEGAL("verify") },
	{ "verify: wait", VERIFY, LK_WAIT, 0, 9, LK_BROKEN,
	  ILLEGAL("verify") },
	{ "verify: broken", VERIFY, LK_BROKEN, 0, 0, LK_BROKEN, "broken" },
	{ "verify: 0", VERIFY, 0, 0, 0, LK_BROKEN, ILLEGAL("verify") },
	{ "verify: allow", VERIFY, LK_ALLOW, 0, 0, LK_BROKEN,
	  ILLEGAL("verify") },
	{ "check: pass", CHECK, LK_PASS, 0, 0, LK_PASS, NULL },
	{ "check: not mine", CHECK, LK_NOT_MINE, 0, 0, LK_BROKEN,
	  ILLEGAL("check") },
	{ "check: wait", CHECK, LK_WAIT, 0, 9, LK_WAIT, NULL },
	{ "check: wait for no time", CHECK, LK_WAIT, 0, 0, LK_BROKEN,
	  "answered wait, for no time" },
	{ "check: broken", CHECK, LK_BROKEN, 0, 0, LK_BROKEN, "broken" },
	{ "check: 0", CHECK, 0, 0, 0, LK_BROKEN, ILLEGAL("check") },
	{ "check: allow", CHECK, LK_ALLOW, 0, 0, LK_BROKEN, ILLEGAL("check") },
	{ "mint: pass", MINT, LK_PASS, 0, 0, LK_PASS, NULL },
	{ "mint: refuse", MINT, LK_REFUSE, 0, 0, LK_BROKEN, ILLEGAL("mint") },
	{ "mint: not mine", MINT, LK_NOT_MINE, 0, 0, LK_BROKEN,
	  ILLEGAL("mint") },
	{ "mint: wait", MINT, LK_WAIT, 0, 9, LK_BROKEN, ILLEGAL("mint") },
	{ "mint: broken", MINT, LK_BROKEN, 0, 0, LK_BROKEN, "broken" },
	{ "mint: 0", MINT, 0, 0, 0, LK_BROKEN, ILLEGAL("mint") },
	{ "usage: pass", USAGE, LK_PASS, 0, 0, LK_PASS, NULL },
	{ "usage: refuse", USAGE, LK_REFUSE, 0, 0, LK_BROKEN, NULL },
	{ "usage: broken", USAGE, LK_BROKEN, 0, 0, LK_BROKEN, NULL },
	{ "usage: 0", USAGE, 0, 0, 0, LK_BROKEN, NULL },
};

static void
test_answer(void **state)
{
	const struct answer_case	*c = *state;
	struct lk_instance		*i;
	struct lk_answer		 a;
	uint32_t			 r;

	i = answering(c->answer, c->reason, c->wait, NULL, NULL);
	r = call(i, c->call, &a);
	lk_instance_free(&i);
	assert_null(i);
	assert_int_equal(r, c->want);
	if (r == LK_WAIT) {
		assert_int_equal(a.wait, c->wait);
		assert_int_equal(a.reason, LK_REASON_RATE_LIMITED);
	}
	if (c->note == NULL)
		return;
	assert_int_equal(a.reason, LK_REASON_PLUGIN_FAULT);
	if (strstr(a.note, c->note) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", a.note, c->note);
}

/* ------------------------------------------------------------------ reasons */

/* Every reason x every call that may refuse; a string of p, v and c. */
static const struct reason_case {
	const char	*name;
	uint32_t	 reason;
	const char	*legal;
} reason_cases[] = {
	{ "none", LK_REASON_NONE, "" },
	{ "allowed", LK_REASON_ALLOWED, "" },
	{ "no_route", LK_REASON_NO_ROUTE, "" },
	{ "no_credential", LK_REASON_NO_CREDENTIAL, "p" },
	{ "two_credentials", LK_REASON_TWO_CREDENTIALS, "p" },
	{ "bad_request", LK_REASON_BAD_REQUEST, "pv" },
	{ "malformed", LK_REASON_MALFORMED, "pv" },
	{ "unknown", LK_REASON_UNKNOWN, "" },
	{ "wrong_type", LK_REASON_WRONG_TYPE, "" },
	{ "wrong_account", LK_REASON_WRONG_ACCOUNT, "v" },
	{ "disabled", LK_REASON_DISABLED, "" },
	{ "expired", LK_REASON_EXPIRED, "v" },
	{ "not_yet", LK_REASON_NOT_YET, "v" },
	{ "type_closed", LK_REASON_TYPE_CLOSED, "" },
	{ "not_entitled", LK_REASON_NOT_ENTITLED, "c" },
	{ "address_refused", LK_REASON_ADDRESS_REFUSED, "c" },
	{ "rate_limited", LK_REASON_RATE_LIMITED, "" },
	{ "plugin_fault", LK_REASON_PLUGIN_FAULT, "" },
	{ "unavailable", LK_REASON_UNAVAILABLE, "" },
	{ "one past the last", LK_REASON_COUNT, "" },
	{ "far past the last", 0x7fffffff, "" },
};

static void
test_reason(void **state)
{
	static const struct {
		enum call	 call;
		char		 letter;
	} calls[] = { { PRESENT, 'p' }, { VERIFY, 'v' }, { CHECK, 'c' } };
	const struct reason_case	*c = *state;
	struct lk_instance		*i;
	struct lk_answer		 a;
	uint32_t			 r;
	size_t				 k;

	i = answering(LK_REFUSE, c->reason, 0, "note", "plain");
	for (k = 0; k < 3; k++) {
		r = call(i, calls[k].call, &a);
		if (strchr(c->legal, calls[k].letter) != NULL) {
			assert_int_equal(r, LK_REFUSE);
			assert_int_equal(a.reason, c->reason);
			assert_string_equal(a.note, "as it was told");
		} else {
			assert_int_equal(r, LK_BROKEN);
			assert_int_equal(a.reason, LK_REASON_PLUGIN_FAULT);
			assert_non_null(strstr(a.note, "refused with reason "));
		}
	}
	lk_instance_free(&i);
}

/* -------------------------------------------------------------------- notes */

static const struct note_case {
	const char	*name;
	const char	*note;
	size_t		 n;
	const char	*begins;
} note_cases[] = {
	{ "no note", "none", 0, "" },
	{ "a plain note", "plain", 14, "as it was told" },
	{ "control characters in a note", "control", 7, "a?[2J?b" },
	{ "a note without an end", "endless", LK_ANSWER_NOTE - 1, "xxxx" },
};

static void
test_note(void **state)
{
	const struct note_case	*c = *state;
	struct lk_instance	*i;
	struct lk_answer	 a;

	i = answering(LK_REFUSE, LK_REASON_NOT_ENTITLED, 0, "note", c->note);
	assert_int_equal(call(i, CHECK, &a), LK_REFUSE);
	assert_int_equal(strnlen(a.note, sizeof(a.note)), c->n);
	assert_memory_equal(a.note, c->begins, strlen(c->begins));
	lk_instance_free(&i);
}

/* ------------------------------------------------------- what present found */

static const struct find_case {
	const char	*name;
	const char	*find;
	uint32_t	 want;
} find_cases[] = {
	{ "a token", "token", LK_PASS },
	{ "a key id and a proof", "signed", LK_PASS },
	{ "a token and an account", "account", LK_PASS },
	{ "nothing", "nothing", LK_BROKEN },
	{ "a token and a key id", "both", LK_BROKEN },
	{ "a key id without proof", "no_proof", LK_BROKEN },
	{ "a proof without key id", "no_key", LK_BROKEN },
	{ "a token and a proof", "proof_too", LK_BROKEN },
	{ "a token over 8192 octets", "lengthy", LK_PASS },
	{ "a length without octets", "hollow", LK_BROKEN },
	{ "an account without octets", "hollow_account", LK_BROKEN },
	{ "an account over 8192 octets", "lengthy_account", LK_PASS },
};

static void
test_find(void **state)
{
	const struct find_case	*c = *state;
	struct lk_instance	*i;
	struct lk_answer	 a;
	uint32_t		 r;

	i = answering(LK_PASS, 0, 0, "find", c->find);
	r = call(i, PRESENT, &a);
	lk_instance_free(&i);
	assert_int_equal(r, c->want);
	if (r == LK_BROKEN)
		assert_non_null(strstr(a.note, "present passed without"));
}

/* --------------------------------------------------------------------- mint */

static const struct mint_case {
	const char	*name;
	const char	*mint;
	size_t		 n;		/* 0: a fault                        */
} mint_cases[] = {
	{ "mint 40 octets", "good", 40 },
	{ "mint 16 octets", "shortest", 16 },
	{ "mint 256 octets", "longest", 256 },
	{ "mint nothing", "empty", 0 },
	{ "mint 15 octets", "short", 0 },
	{ "mint 257 octets", "long", 0 },
	{ "mint without an end", "unended", 0 },
	{ "mint blanks", "blank", 0 },
	{ "mint control characters", "control", 0 },
	{ "mint octets of eight bits", "eighth", 0 },
};

static void
test_mint(void **state)
{
	static const char	 zero[300];
	const struct mint_case	*c = *state;
	struct lk_instance	*i;
	struct lk_answer	 a;
	char			 out[300];
	uint32_t		 r;

	i = answering(LK_PASS, 0, 0, "mint", c->mint);
	memset(out, 'Z', sizeof(out));
	r = lk_instance_mint(i, NULL, out, sizeof(out), &a);
	lk_instance_free(&i);
	if (c->n != 0) {
		assert_int_equal(r, LK_PASS);
		assert_int_equal(strlen(out), c->n);
		return;
	}
	assert_int_equal(r, LK_BROKEN);
	assert_non_null(strstr(a.note, "minted what is no token"));
	assert_memory_equal(out, zero, sizeof(out));
}

/* ---------------------------------------------------------------- configure */

static const struct configure_case {
	const char	*name;
	uint32_t	 answer;
	const char	*says;
} configure_cases[] = {
	{ "configure: broken", LK_BROKEN, "answers 1.0 cannot be configured: "
	  "as it was told" },
	{ "configure: refuse", LK_REFUSE, "not an answer of configure" },
	{ "configure: 0", 0, "answered 0x00000000: not an answer" },
};

static void
test_configure(void **state)
{
	const struct configure_case	*c = *state;
	struct lk_instance		*i = NULL;
	struct lk_error			 e = { 0 };
	char				 answer[16];
	const char			*pairs[] = { "answer", answer, "note",
					     "plain", "refuse_configure",
					     "true", NULL };

	snprintf(answer, sizeof(answer), "%u", c->answer);
	assert_int_equal(instance(pairs, &i, &e), LK_EUNAVAIL);
	assert_null(i);
	if (strstr(e.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, c->says);
}

/* Settings are judged before configure is called. */
static void
test_wrong_settings(void **state)
{
	const char		*pairs[] = { "anwser", "1", NULL };
	struct lk_instance	*i = NULL;
	struct lk_error		 e = { 0 };

	(void)state;
	assert_int_equal(instance(pairs, &i, &e), LK_ECONFIG);
	assert_null(i);
	assert_string_equal(e.text, "answers takes no option anwser: did you "
	    "mean answer?");
}

static void
test_no_record(void **state)
{
	static const struct lk_record	 empty = { .size = sizeof(empty) };
	struct lk_instance		*i = answering(LK_PASS, 0, 0, NULL,
					     NULL);
	struct lk_credential		 cr = { .size = sizeof(cr) };
	struct lk_answer		 a;

	(void)state;
	assert_int_equal(lk_instance_verify(i, NULL, &cr, NULL, &a), LK_BROKEN);
	assert_int_equal(lk_instance_check(i, NULL, NULL, &a), LK_BROKEN);
	assert_int_equal(lk_instance_check(i, NULL, &empty, &a), LK_BROKEN);
	assert_string_equal(a.note, "asked without a record");
	lk_instance_free(&i);
}

int
main(void)
{
	const struct lk_want	 w = { plugin_folder(1), "answers", 0, NULL,
				     NULL };
	struct table		 t = { 0 };
	struct lk_error		 e;

	if (lk_build_load(&w, &build, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	TABLE_ROWS(&t, test_answer, answer_cases);
	TABLE_ROWS(&t, test_reason, reason_cases);
	TABLE_ROWS(&t, test_note, note_cases);
	TABLE_ROWS(&t, test_find, find_cases);
	TABLE_ROWS(&t, test_mint, mint_cases);
	TABLE_ROWS(&t, test_configure, configure_cases);
	TABLE_TEST(&t, test_wrong_settings);
	TABLE_TEST(&t, test_no_record);
	return table_run(&t, "loader/answers");
}
