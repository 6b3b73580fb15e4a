/*
 * A check that is observed denies nobody, and says whom it would have denied.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <netinet/in.h>

#include "reload_home.h"

#define POLICY(checks)							\
	"packages:\n  all: [ \"*\" ]\n  none: [ two.insert ]\n"		\
	"default_package: none\n"					\
	"types:\n  ucd: { plugin: ucd, prefix: ucd, apis: { upsert: "	\
	"POST /upsert }, checks: [ " checks " ] }\n"			\
	"  two: { plugin: ucd, prefix: two, options: { token_header: "	\
	"X-TWO, account_header: none }, apis: { insert: POST /two } }\n"

static const struct observe_case {
	const char	*name, *checks;
	unsigned	 calls;		/* the last of which is judged       */
	uint32_t	 reason;
	unsigned	 observed;
	uint32_t	 observed_reason;
	const char	*check;
} cases[] = {
	{ "nothing to observe", "address: { allow: [ 127.0.0.1 ], "
	    "observe: true }", 1, LK_REASON_ALLOWED, 0, LK_REASON_NONE, "" },
	{ "an address", "address: { allow: [ 10.0.0.1 ], observe: true }",
	    1, LK_REASON_ALLOWED, 1, LK_REASON_ADDRESS_REFUSED, "address" },
	{ "observe: false", "address: { allow: [ 10.0.0.1 ], observe: false }",
	    1, LK_REASON_ADDRESS_REFUSED, 0, LK_REASON_NONE, "" },
	{ "an entitlement", "entitlement: { observe: true }",
	    1, LK_REASON_ALLOWED, 1, LK_REASON_NOT_ENTITLED, "entitlement" },
	{ "two of them", "entitlement: { observe: true }, "
	    "address: { allow: [ 10.0.0.1 ], observe: true }",
	    1, LK_REASON_ALLOWED, 2, LK_REASON_NOT_ENTITLED, "entitlement" },
	{ "another one denies", "entitlement: { observe: true }, "
	    "address: { allow: [ 10.0.0.1 ] }",
	    1, LK_REASON_ADDRESS_REFUSED, 1, LK_REASON_NOT_ENTITLED,
	    "entitlement" },
	{ "a rate, with room", "rate: { limit: 1, per: day, observe: true }",
	    1, LK_REASON_ALLOWED, 0, LK_REASON_NONE, "" },
	{ "a rate, spent", "rate: { limit: 1, per: day, observe: true }",
	    3, LK_REASON_ALLOWED, 1, LK_REASON_RATE_LIMITED, "rate" },
	{ "a rate of a pool that another enforces",
	    "rate: { limit: 2, per: day, pool: p, observe: true }, "
	    "rate: { limit: 2, per: day, pool: p }",
	    3, LK_REASON_RATE_LIMITED, 1, LK_REASON_RATE_LIMITED, "rate" },
	{ "both of a pool count once",
	    "rate: { limit: 2, per: day, pool: p, observe: true }, "
	    "rate: { limit: 2, per: day, pool: p }",
	    2, LK_REASON_ALLOWED, 0, LK_REASON_NONE, "" },
	{ "what is broken is an error",
	    "mortal: { pause: -1, observe: true }",
	    1, LK_REASON_PLUGIN_FAULT, 0, LK_REASON_NONE, "" },
};

static void
call(struct lk *lk, const char *token, struct lk_decision *d,
    struct lk_trace *t)
{
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, "acme", 4 },
		{ "X-REQUEST-TOKEN", 15, token, strlen(token) },
	};
	struct sockaddr_in	 peer = { .sin_family = AF_INET };
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = PATH_UPSERT, .headers = h,
				     .nheaders = 2, .peer = &peer };

	peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t->size = sizeof(*t);
	assert_int_equal(lk_verify_trace(lk, &rq, d, t), 0);
}

static unsigned
observed_steps(const struct lk_trace *t)
{
	unsigned	 n = 0;
	uint32_t	 i;

	for (i = 0; i < t->n; i++)
		n += t->steps[i].observed != 0;
	return n;
}

static void
test_observe(void **state)
{
	const struct observe_case	*c = *state;
	struct lk_decision		 d;
	struct lk_trace			 t;
	struct lk			*lk;
	char				 token[LK_TOKEN_MAX + 1], text[1024];
	unsigned			 i;

	assert_int_equal(home_make(NULL), 0);
	plugin_install("mortal", "");
	snprintf(text, sizeof(text), POLICY("%s"), c->checks);
	policy_put(text);
	lk = home_open(0);
	key_make(lk, "ucd", token);
	for (i = 0; i < c->calls; i++)
		call(lk, token, &d, &t);
	assert_string_equal(d.reason_name, lk_reason_name(c->reason));
	assert_int_equal(d.outcome == LK_ALLOW,
	    c->reason == LK_REASON_ALLOWED);
	assert_int_equal(d.observed, c->observed);
	assert_int_equal(observed_steps(&t), c->observed);
	assert_int_equal(d.observed_reason, c->observed_reason);
	assert_string_equal(d.observed_check, c->check);
	lk_close(&lk);
	assert_int_equal(home_remove(NULL), 0);
}

/* What a key was made with is no check of the policy. */
static void
test_own_list(void **state)
{
	struct lk_generate	 g = { .size = sizeof(g), .type = "ucd",
				     .account = "acme", .naddresses = 1 };
	struct lk_operator	 op;
	struct lk_decision	 d;
	struct lk_trace		 t;
	struct lk_error		 e = { 0 };
	struct lk_net		 net;
	struct lk		*lk;
	char			 token[LK_TOKEN_MAX + 1];

	(void)state;
	assert_int_equal(home_make(NULL), 0);
	policy_put(POLICY("address: { allow: [ 127.0.0.1 ], observe: true }"));
	lk = home_open(0);
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(lk_net_parse("10.0.0.1", 8, &net), 0);
	g.addresses = &net;
	assert_int_equal(lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e),
	    0);
	call(lk, token, &d, &t);
	assert_int_equal(d.reason, LK_REASON_ADDRESS_REFUSED);
	assert_int_equal(d.observed, 1);
	lk_close(&lk);
	assert_int_equal(home_remove(NULL), 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_observe, cases);
	TABLE_TEST(&t, test_own_list);
	return table_run(&t, "observe");
}
