/*
 * test_plugins_calls.c: what our plugins answer beside present: mint, usage,
 * verify, configure, and the two checks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugin_host.h"

#define SLICE(s)	{ (s), sizeof(s) - 1 }

static const struct lk_record	 record = { .size = sizeof(record),
				     .key_id = SLICE("abcdefghijkl"),
				     .account = SLICE("acme") };

/* ------------------------------------------------------------- mint, verify */

static int
mint_prefix(const struct lk_setup_env *env, char *out, size_t size)
{
	return snprintf(out, size, "%s_0123456789abcdef", env->prefix);
}

static int
mint_nothing(const struct lk_setup_env *env, char *out, size_t size)
{
	(void)env;
	(void)out;
	(void)size;
	return -1;
}

static const struct type_case {
	const char	*name;
} type_cases[] = { { "ucd" }, { "web_push" }, { "mobile" } };

static void
test_mint(void **state)
{
	const struct type_case		*c = *state;
	const struct lk_setup_env	 env = { .prefix = c->name,
					     .mint = mint_prefix };
	struct lk_instance	*i = host_plugin(0, c->name, NULL);
	struct lk_answer	 a;
	char			 out[LK_TOKEN_MAX + 1];

	assert_int_equal(lk_instance_mint(i, &env, out, sizeof(out), &a),
	    LK_PASS);
	assert_memory_equal(out, c->name, strlen(c->name));
	assert_string_equal(out + strlen(c->name), "_0123456789abcdef");
	lk_instance_free(&i);
}

/* A key id is no secret: it must not pass for a token. */
static void
test_no_token(void **state)
{
	const struct type_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, c->name, NULL);
	struct lk_credential	 cr = { .size = sizeof(cr) };
	struct lk_record	 rec = { .size = sizeof(rec) };
	struct lk_answer	 a;

	cr.key_id.p = rec.key_id.p = "AAAAAAAAAAAA";
	cr.key_id.n = rec.key_id.n = LK_KEYID_LEN;
	cr.proof.p = "anything";
	cr.proof.n = 8;
	assert_int_equal(lk_instance_verify(i, NULL, &cr, &rec, &a),
	    LK_BROKEN);
	lk_instance_free(&i);
}

static void
test_mint_fails(void **state)
{
	const struct type_case		*c = *state;
	const struct lk_setup_env	 env = { .prefix = c->name,
					     .mint = mint_nothing };
	struct lk_instance	*i = host_plugin(0, c->name, NULL);
	struct lk_answer	 a;
	char			 out[LK_TOKEN_MAX + 1];

	assert_int_equal(lk_instance_mint(i, &env, out, sizeof(out), &a),
	    LK_BROKEN);
	assert_string_equal(a.note, "the core minted nothing");
	lk_instance_free(&i);
}

static void
test_verify(void **state)
{
	const struct type_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, c->name, NULL);
	struct lk_credential	 cr = { .size = sizeof(cr),
				     .token = SLICE("T") };
	struct lk_answer	 a;

	assert_int_equal(lk_instance_verify(i, NULL, &cr, &record, &a),
	    LK_PASS);
	lk_instance_free(&i);
}

/* -------------------------------------------------------------------- usage */

static const struct usage_case {
	const char	*name;
	const char	*plugin, *options, *want;
} usage_cases[] = {
	{ "usage of ucd", "ucd", NULL,
	  "curl -X POST https://HOST/v1/x -H 'X-PARTNER-NAME: acme' "
	  "-H \"X-REQUEST-TOKEN: $TOKEN\"" },
	{ "usage of ucd, no account", "ucd",
	  "account_header=none token_header=X-INS-AUTH-KEY",
	  "curl -X POST https://HOST/v1/x -H \"X-INS-AUTH-KEY: $TOKEN\"" },
	{ "usage of web_push", "web_push", NULL,
	  "curl -X POST https://HOST/v1/x -H \"Authorization: Bearer $TOKEN\" "
	  "-H 'Content-Type: application/json' -d '{\"partner_id\": "
	  "\"acme\"}'" },
	{ "usage of web_push, no scheme or account", "web_push",
	  "header=X-Auth scheme=none account_member=none",
	  "curl -X POST https://HOST/v1/x -H \"X-Auth: $TOKEN\"" },
	{ "usage of mobile", "mobile", NULL,
	  "curl -X POST https://HOST/v1/x -H 'Content-Type: application/json' "
	  "-d \"{\\\"api_key\\\": \\\"$TOKEN\\\"}\"" },
	{ "usage of mobile, with account", "mobile", "account_member=app",
	  "curl -X POST https://HOST/v1/x -H 'Content-Type: application/json' "
	  "-d \"{\\\"api_key\\\": \\\"$TOKEN\\\", \\\"app\\\": "
	  "\\\"acme\\\"}\"" },
	{ "usage of mobile, header alone", "mobile", "member=none",
	  "curl -X POST https://HOST/v1/x -H \"X-API-KEY: $TOKEN\"" },
	{ "usage of mobile, header and account", "mobile",
	  "member=none account_member=app",
	  "curl -X POST https://HOST/v1/x -H \"X-API-KEY: $TOKEN\" "
	  "-H 'Content-Type: application/json' "
	  "-d \"{\\\"app\\\": \\\"acme\\\"}\"" },
};

static void
test_usage(void **state)
{
	static const struct lk_usage	 u = { .size = sizeof(u),
					     .method = SLICE("POST"),
					     .path = SLICE("/v1/x"),
					     .account = SLICE("acme"),
					     .token = SLICE("$TOKEN") };
	const struct usage_case		*c = *state;
	struct lk_instance	*i = host_plugin(0, c->plugin, c->options);
	char			 out[1024];
	size_t			 n;

	assert_int_equal(lk_instance_usage(i, &u, out, sizeof(out)), LK_PASS);
	assert_string_equal(out, c->want);
	/* A line that does not fit is none, and not half of one. */
	for (n = strlen(out); n > 0; n -= n > 16 ? 16 : n) {
		assert_int_equal(lk_instance_usage(i, &u, out, n), LK_BROKEN);
		assert_int_equal(out[0], '\0');
	}
	lk_instance_free(&i);
}

/* ---------------------------------------------------------------- configure */

static const struct wrong_case {
	const char	*name;
	const char	*plugin, *options;
	int		 code;
	const char	*says;
} wrong_cases[] = {
	{ "mobile without a place", "mobile", "member=none header=none",
	  LK_EUNAVAIL, "mobile 1.0 cannot be configured: member and header are "
	  "both none: no place is left for the token" },
	{ "web_push: a scheme of no word", "web_push", "scheme=a,b",
	  LK_EUNAVAIL, "scheme one word, such as Bearer" },
	{ "web_push: no header", "web_push", "header=none", LK_EUNAVAIL,
	  "header is a header's name" },
	{ "ucd: no header", "ucd", "token_header=none", LK_EUNAVAIL,
	  "token_header is a header's name" },
	{ "ucd: one header for both", "ucd", "token_header=x-partner-name",
	  LK_EUNAVAIL, "another one than account_header" },
	{ "ucd: a typo", "ucd", "token_haeder=X", LK_ECONFIG,
	  "ucd takes no option token_haeder: did you mean token_header?" },
	{ "ucd: no name of a header", "ucd", "token_header=X:Y", LK_ECONFIG,
	  "token_header takes the name of a header" },
	{ "entitlement takes nothing", "entitlement", "package=growth",
	  LK_ECONFIG, "entitlement takes no option package: it takes none" },
	{ "address needs a list", "address", NULL, LK_ECONFIG,
	  "address needs the option allow" },
	{ "address: no address", "address", "allow=localhost", LK_ECONFIG,
	  "allow takes 1 to 256 addresses or networks" },
};

static void
test_wrong(void **state)
{
	const struct wrong_case	*c = *state;
	struct lk_instance	*i = NULL;
	struct lk_error		 e = { 0 };

	assert_int_equal(host_instance(0, c->plugin, c->options, &i, &e),
	    c->code);
	assert_null(i);
	if (strstr(e.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, c->says);
}

/* ------------------------------------------------------------------- checks */

static void
test_entitlement(void **state)
{
	struct lk_instance	*i = host_plugin(0, "entitlement", NULL);
	struct lk_call		 c = { .entitled = 1 };
	struct lk_answer	 a;

	(void)state;
	assert_int_equal(lk_instance_check(i, &c, &record, &a), LK_PASS);
	c.entitled = 0;
	assert_int_equal(lk_instance_check(i, &c, &record, &a), LK_REFUSE);
	assert_int_equal(a.reason, LK_REASON_NOT_ENTITLED);
	assert_string_equal(a.note, "the account's package does not hold this "
	    "API");
	c.entitled = -1;		/* no answer of the core is a yes */
	assert_int_equal(lk_instance_check(i, &c, &record, &a), LK_REFUSE);
	lk_instance_free(&i);
}

static const struct address_case {
	const char	*name;
	const char	*peer;		/* NULL: a view without; "": no view */
	const char	*own;		/* the key's own list, or NULL       */
	const char	*note;		/* NULL: it passes                   */
} address_cases[] = {
	{ "address: in the list", "10.1.2.3", NULL, NULL },
	{ "address: not in the list", "11.1.2.3", NULL, "not in the type's" },
	{ "address: the other family", "::1", NULL, "not in the type's" },
	{ "address: unknown", NULL, NULL, "the peer is not known" },
	{ "address: no request", "", NULL, "the peer is not known" },
	{ "address: in the key's list", "192.0.2.1", "192.0.2.1", NULL },
	{ "address: the key's list replaces", "10.1.2.3", "192.0.2.1",
	  "not in the key's own list" },
	{ "address: the key's network", "2001:db8::5", "2001:db8::/32", NULL },
	{ "address: unknown, with a list", NULL, "0.0.0.0/0",
	  "the peer is not known" },
};

static void
net(const char *text, struct lk_net *out)
{
	assert_int_equal(lk_net_parse(text, strlen(text), out), 0);
}

static void
test_address(void **state)
{
	const struct address_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, "address",
				     "allow=10.0.0.0/8");
	struct lk_view		 view = { .size = sizeof(view) };
	struct lk_call		 call = { .view = &view };
	struct lk_record	 rec = record;
	struct lk_net		 own;
	struct lk_answer	 a;
	uint32_t		 r;

	if (c->peer != NULL && *c->peer == '\0')
		call.view = NULL;
	else if (c->peer != NULL)
		net(c->peer, &view.peer);
	if (c->own != NULL) {
		net(c->own, &own);
		rec.addresses = &own;
		rec.naddresses = 1;
	}
	r = lk_instance_check(i, &call, &rec, &a);
	lk_instance_free(&i);
	assert_int_equal(r, c->note == NULL ? LK_PASS : LK_REFUSE);
	if (c->note == NULL)
		return;
	assert_int_equal(a.reason, LK_REASON_ADDRESS_REFUSED);
	assert_non_null(strstr(a.note, c->note));
}

/* A record that promises addresses and has none is no reason to allow. */
static void
test_address_hollow(void **state)
{
	struct lk_instance	*i = host_plugin(0, "address",
				     "allow=10.0.0.0/8");
	struct lk_view		 view = { .size = sizeof(view) };
	struct lk_call		 call = { .view = &view };
	struct lk_record	 rec = record;
	struct lk_answer	 a;

	(void)state;
	net("10.0.0.1", &view.peer);
	rec.naddresses = 1;
	assert_int_equal(lk_instance_check(i, &call, &rec, &a), LK_BROKEN);
	lk_instance_free(&i);
}

static void
test_same(void **state)
{
	(void)state;
	assert_true(lk_plugin_same("X-aPi-KEY", "x-API-key", 9));
	assert_false(lk_plugin_same("X-API-KEY", "X-APJ-KEY", 9));
	assert_false(lk_plugin_same("[", "{", 1));
	assert_false(lk_plugin_same("@", "`", 1));
	assert_false(lk_plugin_same("\xc4", "\xe4", 1));
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_mint, type_cases);
	TABLE_ROWS(&t, test_no_token, type_cases);
	TABLE_ROWS(&t, test_mint_fails, type_cases);
	TABLE_ROWS(&t, test_verify, type_cases);
	TABLE_ROWS(&t, test_usage, usage_cases);
	TABLE_ROWS(&t, test_wrong, wrong_cases);
	TABLE_TEST(&t, test_entitlement);
	TABLE_ROWS(&t, test_address, address_cases);
	TABLE_TEST(&t, test_address_hollow);
	TABLE_TEST(&t, test_same);
	return table_run(&t, "plugins/calls");
}
