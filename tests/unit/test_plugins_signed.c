/*
 * test_plugins_signed.c: a type whose callers sign, from the plugin's file to a
 * signature that is made here as a caller would.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugin_host.h"
#include "token/digest.h"

#define KEY_ID	"abcdefghijkl"
#define NOW	1800000000
#define SLICE(s)	{ (s), strlen(s) }

static const uint8_t	 secret[LK_SECRET_SIZE] = { 0xde, 0xad, 1, 2, 3 };

static const struct signed_case {
	const char	*name;
	/* what was signed, and what then arrives; NULL: the same */
	const char	*method, *target, *date, *body;
	const char	*got_method, *got_target, *got_date, *got_body;
	uint32_t	 reason;	/* 0: it passes                      */
} signed_cases[] = {
#define SIGNED	"POST", "/v1/x?a=b", "1800000000", "{}"
	{ "signed", SIGNED, NULL, NULL, NULL, NULL, 0 },
	{ "without a body", "GET", "/", "1800000000", NULL, NULL, NULL, NULL,
	  NULL, 0 },
	{ "300 seconds ago", "GET", "/", "1799999700", NULL, NULL, NULL, NULL,
	  NULL, 0 },
	{ "301 seconds ago", "GET", "/", "1799999699", NULL, NULL, NULL, NULL,
	  NULL, LK_REASON_EXPIRED },
	{ "300 seconds ahead", "GET", "/", "1800000300", NULL, NULL, NULL,
	  NULL, NULL, 0 },
	{ "301 seconds ahead", "GET", "/", "1800000301", NULL, NULL, NULL,
	  NULL, NULL, LK_REASON_NOT_YET },
	{ "another method", SIGNED, "PUT", NULL, NULL, NULL,
	  LK_REASON_MALFORMED },
	{ "another query", SIGNED, NULL, "/v1/x?a=c", NULL, NULL,
	  LK_REASON_MALFORMED },
	{ "another date", SIGNED, NULL, NULL, "1800000001", NULL,
	  LK_REASON_MALFORMED },
	{ "another body", SIGNED, NULL, NULL, NULL, "{ }",
	  LK_REASON_MALFORMED },
	{ "no date", SIGNED, NULL, NULL, "", NULL, LK_REASON_BAD_REQUEST },
	{ "a date of letters", SIGNED, NULL, NULL, "yesterday", NULL,
	  LK_REASON_BAD_REQUEST },
	{ "a date without end", SIGNED, NULL, NULL, "1800000000000000000000",
	  NULL, LK_REASON_BAD_REQUEST },
};

static void
hex(const uint8_t in[LK_SECRET_SIZE], char out[65])
{
	size_t	 i;

	for (i = 0; i < LK_SECRET_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", in[i]);
}

/* As a caller computes it. */
static void
sign(const struct signed_case *c, char out[65])
{
	const char	*body = c->body != NULL ? c->body : "";
	uint8_t		 sum[LK_SECRET_SIZE];
	char		 text[512], digits[65], key[65];

	assert_int_equal(lk_sha256(body, strlen(body), sum), 0);
	hex(sum, digits);
	snprintf(text, sizeof(text), "%s\n%s\n%s\n%s", c->method, c->target,
	    c->date, digits);
	hex(secret, key);
	assert_int_equal(lk_hmac_once(key, 64, text, strlen(text), sum), 0);
	hex(sum, out);
}

/* What arrives: as it was signed but for what the row changes. */
static const char *
got(const char *changed, const char *sent)
{
	return changed != NULL ? changed : sent;
}

static void
test_signed(void **state)
{
	const struct signed_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, "signed", NULL);
	const char		*body = got(c->got_body, c->body);
	const char		*method = got(c->got_method, c->method);
	const char		*target = got(c->got_target, c->target);
	struct lk_view		 view = { .size = sizeof(view),
				     .method = SLICE(method),
				     .target = SLICE(target) };
	struct lk_record	 rec = { .size = sizeof(rec),
				     .key_id = SLICE(KEY_ID) };
	struct lk_credential	 cr = { .size = sizeof(cr) };
	struct lk_call		 call = { .view = &view, .now = NOW };
	struct lk_answer	 a;
	char			 headers[512], signature[65];
	uint32_t		 r;

	sign(c, signature);
	snprintf(headers, sizeof(headers), "X-Key-Id: " KEY_ID "\n"
	    "X-Signature: %s\nX-Date: %s", signature,
	    got(c->got_date, c->date));
	call.headers = headers;
	view.body.p = body;
	view.body.n = body != NULL ? strlen(body) : 0;
	memcpy(call.secret, secret, sizeof(secret));
	assert_int_equal(lk_instance_present(i, &call, &cr, &a), LK_PASS);
	assert_int_equal(cr.key_id.n, strlen(KEY_ID));
	assert_memory_equal(cr.key_id.p, KEY_ID, cr.key_id.n);
	r = lk_instance_verify(i, &call, &cr, &rec, &a);
	lk_instance_free(&i);
	assert_int_equal(r, c->reason == 0 ? LK_PASS : LK_REFUSE);
	assert_int_equal(a.reason, c->reason);
}

/* ------------------------------------------------------------------ present */

#define SIG_32	"0123456789abcdef0123456789abcdef"
#define SIG	SIG_32 SIG_32

static const struct present_case {
	const char	*name;
	const char	*headers;
	uint32_t	 want, reason;
} present_cases[] = {
	{ "nothing of it", "Host: a", LK_REFUSE, LK_REASON_NO_CREDENTIAL },
	{ "a key id alone", "X-KEY-ID: a", LK_REFUSE,
	  LK_REASON_NO_CREDENTIAL },
	{ "a signature alone", "X-SIGNATURE: " SIG, LK_REFUSE,
	  LK_REASON_NO_CREDENTIAL },
	{ "two key ids", "X-KEY-ID: a\nX-KEY-ID: b\nX-SIGNATURE: " SIG,
	  LK_REFUSE, LK_REASON_TWO_CREDENTIALS },
	{ "a short signature", "X-KEY-ID: a\nX-SIGNATURE: 00", LK_REFUSE,
	  LK_REASON_MALFORMED },
};

static void
test_present(void **state)
{
	const struct present_case	*c = *state;
	struct lk_instance	*i = host_plugin(0, "signed", NULL);
	struct lk_credential	 cr = { .size = sizeof(cr) };
	struct lk_call		 call = { .headers = c->headers };
	struct lk_answer	 a;

	assert_int_equal(lk_instance_present(i, &call, &cr, &a), c->want);
	assert_int_equal(a.reason, c->reason);
	lk_instance_free(&i);
}

/* --------------------------------------------------------------------- mint */

static int
derive(const struct lk_setup_env *env, uint8_t out[LK_SECRET_SIZE])
{
	(void)env;
	memcpy(out, secret, sizeof(secret));
	return 0;
}

/* The holder is shown the id and the secret that verify will derive. */
static void
test_mint(void **state)
{
	struct lk_setup_env	 env = { .prefix = "sig",
				     .type = "signed", .key_id = KEY_ID,
				     .derive = derive };
	struct lk_instance	*i = host_plugin(0, "signed", NULL);
	struct lk_answer	 a;
	char			 out[LK_TOKEN_MAX + 1], want[128], key[65];

	(void)state;
	hex(secret, key);
	snprintf(want, sizeof(want), "%s.%s", KEY_ID, key);
	assert_int_equal(lk_instance_mint(i, &env, out, sizeof(out), &a),
	    LK_PASS);
	assert_string_equal(out, want);
	/* Without a pepper there is no secret, and nothing is shown. */
	env.derive = NULL;
	assert_int_equal(lk_instance_mint(i, &env, out, sizeof(out), &a),
	    LK_BROKEN);
	assert_string_equal(out, "");
	lk_instance_free(&i);
}

int
main(void)
{
	struct table	 t = { 0 };

	if (lk_digest_init(NULL) != 0)
		return 1;
	TABLE_ROWS(&t, test_signed, signed_cases);
	TABLE_ROWS(&t, test_present, present_cases);
	TABLE_TEST(&t, test_mint);
	return table_run(&t, "plugins/signed");
}
