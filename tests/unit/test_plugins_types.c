/*
 * test_plugins_types.c: where ucd, web_push and mobile find what a request
 * carries, and what they refuse.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugin_host.h"

#define NO_CREDENTIAL	LK_REASON_NO_CREDENTIAL
#define TWO		LK_REASON_TWO_CREDENTIALS
#define BAD		LK_REASON_BAD_REQUEST
#define MALFORMED	LK_REASON_MALFORMED

#define AUTH		"Authorization: "
#define NAMED		"account_header=X-Account token_header=X-INS-AUTH-KEY"
#define ALONE		"token_header=X-INS-AUTH-KEY account_header=none"

/* A request, and the token and account found, or the reason and its note. */
static const struct present_case {
	const char	*name;
	const char	*plugin, *options;
	const char	*headers, *body;
	uint32_t	 reason;	/* 0: it passes                      */
	const char	*token;		/* or a part of the note             */
	const char	*account;	/* NULL: none is claimed             */
} present_cases[] = {
	{ "ucd: both", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: ucd_T", NULL, 0, "ucd_T",
	  "acme" },
	{ "ucd: case of names", "ucd", NULL,
	  "x-partner-name: acme\nx-Request-Token: T", NULL, 0, "T", "acme" },
	{ "ucd: blanks around", "ucd", NULL,
	  "X-PARTNER-NAME:   acme  \nX-REQUEST-TOKEN:T ", NULL, 0, "T",
	  "acme" },
	{ "ucd: case of the account", "ucd", NULL,
	  "X-PARTNER-NAME: Acme\nX-REQUEST-TOKEN: T", NULL, 0, "T", "Acme" },
	{ "ucd: blank in the token", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: T T", NULL, 0, "T T",
	  "acme" },
	{ "ucd: nothing", "ucd", NULL, "Host: a", NULL, NO_CREDENTIAL,
	  "X-REQUEST-TOKEN missing", NULL },
	{ "ucd: no headers", "ucd", NULL, NULL, NULL, NO_CREDENTIAL,
	  "X-REQUEST-TOKEN missing", NULL },
	{ "ucd: no account", "ucd", NULL, "X-REQUEST-TOKEN: T", NULL,
	  NO_CREDENTIAL, "X-PARTNER-NAME missing", NULL },
	{ "ucd: no token", "ucd", NULL, "X-PARTNER-NAME: acme", NULL,
	  NO_CREDENTIAL, "X-REQUEST-TOKEN missing", NULL },
	{ "ucd: empty token", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN:", NULL, MALFORMED,
	  "X-REQUEST-TOKEN is empty", NULL },
	{ "ucd: empty account", "ucd", NULL,
	  "X-PARTNER-NAME:\nX-REQUEST-TOKEN: T", NULL, MALFORMED,
	  "X-PARTNER-NAME is empty", NULL },
	{ "ucd: two tokens", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: T\nx-request-token: U", NULL,
	  TWO, "X-REQUEST-TOKEN given twice", NULL },
	{ "ucd: one token twice", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: T\nx-request-token: T", NULL,
	  0, "T", "acme" },
	{ "ucd: two accounts", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-PARTNER-NAME: evil\nX-REQUEST-TOKEN: T",
	  NULL, BAD, "X-PARTNER-NAME given twice", NULL },
	{ "ucd: a body is not looked at", "ucd", NULL,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: T", "no JSON", 0, "T",
	  "acme" },
	{ "ucd: bearer tokens are another's", "ucd", NULL,
	  AUTH "Bearer T", NULL, NO_CREDENTIAL, "missing", NULL },
	{ "ucd: other names", "ucd", NAMED,
	  "X-Account: acme\nX-INS-AUTH-KEY: T", NULL, 0, "T", "acme" },
	{ "ucd: old names where others are", "ucd", NAMED,
	  "X-PARTNER-NAME: acme\nX-REQUEST-TOKEN: T", NULL, NO_CREDENTIAL,
	  "X-INS-AUTH-KEY missing", NULL },
	{ "ucd: no account is named", "ucd", ALONE,
	  "X-INS-AUTH-KEY: T\nX-PARTNER-NAME: acme", NULL, 0, "T", NULL },

	{ "web_push: bearer", "web_push", NULL, AUTH "Bearer T", NULL, 0, "T",
	  NULL },
	{ "web_push: with an account", "web_push", NULL, AUTH "Bearer T",
	  "{\"partner_id\": \"acme\"}", 0, "T", "acme" },
	{ "web_push: a body without account", "web_push", NULL,
	  AUTH "Bearer T", "{\"a\": 1}", 0, "T", NULL },
	{ "web_push: an empty account", "web_push", NULL, AUTH "Bearer T",
	  "{\"partner_id\": \"\"}", 0, "T", "" },
	{ "web_push: case of the scheme", "web_push", NULL, AUTH "bEARER T",
	  NULL, 0, "T", NULL },
	{ "web_push: blanks behind the scheme", "web_push", NULL,
	  AUTH "Bearer   T", NULL, 0, "T", NULL },
	{ "web_push: every octet of a token", "web_push", NULL,
	  AUTH "Bearer azAZ09-._~+/==", NULL, 0, "azAZ09-._~+/==", NULL },
	{ "web_push: nothing", "web_push", NULL, "Host: a", NULL,
	  NO_CREDENTIAL, "Authorization missing", NULL },
	{ "web_push: another scheme", "web_push", NULL, AUTH "Basic YTpi", NULL,
	  NO_CREDENTIAL, "is of another scheme", NULL },
	{ "web_push: a longer scheme", "web_push", NULL, AUTH "Bearers T", NULL,
	  NO_CREDENTIAL, "is of another scheme", NULL },
	{ "web_push: no scheme", "web_push", NULL, AUTH "T", NULL,
	  NO_CREDENTIAL, "is of another scheme", NULL },
	{ "web_push: an empty header", "web_push", NULL, AUTH, NULL,
	  NO_CREDENTIAL, "is of another scheme", NULL },
	{ "web_push: no token", "web_push", NULL, AUTH "Bearer", NULL,
	  MALFORMED, "holds no single token", NULL },
	{ "web_push: two words", "web_push", NULL, AUTH "Bearer T U", NULL,
	  MALFORMED, "holds no single token", NULL },
	{ "web_push: two in one header", "web_push", NULL,
	  AUTH "Bearer T, Bearer U", NULL, MALFORMED, "no single token", NULL },
	{ "web_push: padding alone", "web_push", NULL, AUTH "Bearer ==", NULL,
	  MALFORMED, "no single token", NULL },
	{ "web_push: padding inside", "web_push", NULL, AUTH "Bearer T=T",
	  NULL, MALFORMED, "no single token", NULL },
	{ "web_push: a tab behind the scheme", "web_push", NULL,
	  AUTH "Bearer\tT", NULL, NO_CREDENTIAL, "another scheme", NULL },
	{ "web_push: in quotes", "web_push", NULL, AUTH "Bearer \"T\"", NULL,
	  MALFORMED, "no single token", NULL },
	{ "web_push: two headers", "web_push", NULL,
	  AUTH "Bearer T\n" AUTH "Bearer U", NULL, TWO,
	  "Authorization given twice", NULL },
	{ "web_push: two headers, two schemes", "web_push", NULL,
	  AUTH "Basic YTpi\n" AUTH "Bearer T", NULL, TWO, "given twice", NULL },
	{ "web_push: a body that is no JSON", "web_push", NULL,
	  AUTH "Bearer T", "partner_id=acme", BAD, "no JSON object", NULL },
	{ "web_push: a list", "web_push", NULL, AUTH "Bearer T", "[]", BAD,
	  "no JSON object", NULL },
	{ "web_push: an account that is a number", "web_push", NULL,
	  AUTH "Bearer T", "{\"partner_id\": 1}", BAD,
	  "partner_id in the body is not a string", NULL },
	{ "web_push: an account that is null", "web_push", NULL,
	  AUTH "Bearer T", "{\"partner_id\": null}", BAD, "not a string",
	  NULL },
	{ "web_push: two accounts", "web_push", NULL, AUTH "Bearer T",
	  "{\"partner_id\": \"a\", \"partner_id\": \"b\"}", BAD,
	  "no JSON object", NULL },
	{ "web_push: a header of another name", "web_push",
	  "header=X-Auth scheme=none account_member=none", "X-Auth: T",
	  "no JSON", 0, "T", NULL },
	{ "web_push: another scheme and member", "web_push",
	  "scheme=Token account_member=team", AUTH "token T",
	  "{\"team\": \"acme\"}", 0, "T", "acme" },
	{ "web_push: a scheme where none is", "web_push", "scheme=none",
	  AUTH "Bearer T", NULL, MALFORMED, "no single token", NULL },

	{ "mobile: in the body", "mobile", NULL, NULL, "{\"api_key\": \"T\"}",
	  0, "T", NULL },
	{ "mobile: in the header", "mobile", NULL, "X-API-KEY: T", NULL, 0,
	  "T", NULL },
	{ "mobile: in the header, with a body", "mobile", NULL,
	  "x-api-key: T", "{\"a\": 1}", 0, "T", NULL },
	{ "mobile: nothing", "mobile", NULL, NULL, NULL, NO_CREDENTIAL,
	  "api_key missing", NULL },
	{ "mobile: a body without", "mobile", NULL, NULL, "{\"a\": 1}",
	  NO_CREDENTIAL, "api_key missing", NULL },
	{ "mobile: further in", "mobile", NULL, NULL,
	  "{\"a\": {\"api_key\": \"T\"}}", NO_CREDENTIAL, "missing", NULL },
	{ "mobile: both, differing", "mobile", NULL, "X-API-KEY: T",
	  "{\"api_key\": \"U\"}", TWO, "X-API-KEY and the body", NULL },
	{ "mobile: both, the same", "mobile", NULL, "X-API-KEY: T",
	  "{\"api_key\": \"T\"}", TWO, "X-API-KEY and the body", NULL },
	{ "mobile: both, one empty", "mobile", NULL, "X-API-KEY: T",
	  "{\"api_key\": \"\"}", TWO, "X-API-KEY and the body", NULL },
	{ "mobile: two headers", "mobile", NULL,
	  "X-API-KEY: T\nX-API-KEY: U", NULL, TWO, "X-API-KEY given twice",
	  NULL },
	{ "mobile: two members", "mobile", NULL, NULL,
	  "{\"api_key\": \"T\", \"api_key\": \"T\"}", BAD, "no JSON object",
	  NULL },
	{ "mobile: no JSON", "mobile", NULL, NULL, "api_key=T", BAD,
	  "no JSON object", NULL },
	{ "mobile: no JSON beside the header", "mobile", NULL, "X-API-KEY: T",
	  "api_key=U", BAD, "no JSON object", NULL },
	{ "mobile: a key that is a number", "mobile", NULL, NULL,
	  "{\"api_key\": 12}", BAD, "api_key in the body is not a string",
	  NULL },
	{ "mobile: a number beside the header", "mobile", NULL,
	  "X-API-KEY: T", "{\"api_key\": null}", BAD, "not a string", NULL },
	{ "mobile: empty in the body", "mobile", NULL, NULL,
	  "{\"api_key\": \"\"}", MALFORMED, "api_key is empty", NULL },
	{ "mobile: empty in the header", "mobile", NULL, "X-API-KEY:", NULL,
	  MALFORMED, "X-API-KEY is empty", NULL },
	{ "mobile: no member", "mobile", "member=none", "X-API-KEY: T",
	  "{\"api_key\": \"U\"}", 0, "T", NULL },
	{ "mobile: no member, no JSON", "mobile", "member=none",
	  "X-API-KEY: T", "a=b", 0, "T", NULL },
	{ "mobile: no member and no header", "mobile", "member=none", NULL,
	  "{\"api_key\": \"U\"}", NO_CREDENTIAL, "X-API-KEY missing", NULL },
	{ "mobile: no header", "mobile", "header=none", "X-API-KEY: T",
	  "{\"api_key\": \"U\"}", 0, "U", NULL },
	{ "mobile: no header and no member", "mobile", "header=none",
	  "X-API-KEY: T", "{}", NO_CREDENTIAL, "api_key missing", NULL },
	{ "mobile: an account", "mobile", "account_member=app", NULL,
	  "{\"api_key\": \"T\", \"app\": \"acme\"}", 0, "T", "acme" },
	{ "mobile: an account that is missing", "mobile",
	  "account_member=app", NULL, "{\"api_key\": \"T\"}", 0, "T", NULL },
	{ "mobile: an account that is a list", "mobile", "account_member=app",
	  NULL, "{\"api_key\": \"T\", \"app\": []}", BAD,
	  "app in the body is not a string", NULL },
	{ "mobile: an account, header, no JSON", "mobile",
	  "account_member=app member=none", "X-API-KEY: T", "a=b", BAD,
	  "no JSON object", NULL },
};

static void
is(const struct lk_slice *s, const char *text)
{
	if (text == NULL) {
		assert_null(s->p);
		return;
	}
	assert_non_null(s->p);
	assert_int_equal(s->n, strlen(text));
	assert_memory_equal(s->p, text, s->n);
}

static void
test_present(void **state)
{
	const struct present_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, c->plugin, c->options);
	struct lk_call		 call = { .headers = c->headers,
				     .body = c->body };
	struct lk_credential	 cr = { .size = sizeof(cr) };
	struct lk_answer	 a;
	uint32_t		 r;

	r = lk_instance_present(i, &call, &cr, &a);
	if (c->reason == 0) {
		if (r != LK_PASS)
			fail_msg("%#x, %s", r, a.note);
		is(&cr.token, c->token);
		is(&cr.account, c->account);
		assert_null(cr.key_id.p);
		assert_null(cr.proof.p);
	} else {
		assert_int_equal(r, LK_REFUSE);
		assert_int_equal(a.reason, c->reason);
		if (strstr(a.note, c->token) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", a.note,
			    c->token);
	}
	host_done(&call);
	lk_instance_free(&i);
}

static const struct over_case {
	const char	*name;
} over_cases[] = { { "web_push" }, { "mobile" } };

/* A body over the limit hides what it holds. */
static void
test_over_the_limit(void **state)
{
	const struct over_case	*o = *state;
	struct lk_instance	*i = host_plugin(0, o->name, NULL);
	struct lk_call		 c = { .headers = "X-API-KEY: T\n" AUTH
				     "Bearer T", .body = "{}", .over = 1 };
	struct lk_credential	 cr = { .size = sizeof(cr) };
	struct lk_answer	 a;

	assert_int_equal(lk_instance_present(i, &c, &cr, &a), LK_REFUSE);
	assert_int_equal(a.reason, BAD);
	lk_instance_free(&i);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_present, present_cases);
	TABLE_ROWS(&t, test_over_the_limit, over_cases);
	return table_run(&t, "plugins/present");
}
