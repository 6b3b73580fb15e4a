/*
 * Many at a time: each decision is the one that the request gets alone,
 * whatever is before and behind it, for any number of them; rate limits are
 * taken from one after the other; and a request that cannot be judged spoils no
 * other.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>

#include "latchkey.h"
#include "table.h"

#define MANY	1000
#define LIMIT	20			/* of the type few, in the policy    */

static const char	 few[] =
    "  few:\n"
    "    plugin: ucd\n"
    "    prefix: few\n"
    "    apis: { any: POST /few }\n"
    "    checks: [ rate: { limit: 20, per: 1h } ]\n";

enum key { UCD, SMALL, MOBILE, DELETED, EXPIRES, FEW_ONE, FEW_MANY, NKEYS };

static const struct key_row {
	const char	*type, *account;
} key_rows[NKEYS] = {
	[UCD]		= { "ucd", "acme" },
	[SMALL]		= { "ucd", "small" },
	[MOBILE]	= { "mobile", "acme" },
	[DELETED]	= { "ucd", "acme" },
	[EXPIRES]	= { "ucd", "acme" },
	[FEW_ONE]	= { "few", "one" },
	[FEW_MANY]	= { "few", "many" },
};

static char			 home[] = "/tmp/latchkey-many.XXXXXX";
static char			 tokens[NKEYS][LK_TOKEN_MAX + 1];
static struct lk_key		 keys[NKEYS];
static struct lk_operator	 op;
static struct lk		*lk;
static struct sockaddr_in	 local = { .sin_family = AF_INET };

/* ---------------------------------------------------------------- requests */

#define MADE_UP	"ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"

static const struct kind {
	const char	*method, *path, *account;
	const char	*token;		/* NULL: that of key                 */
	enum key	 key;
	const char	*body;
	int		 odd;		/* not 0: another size               */
	const char	*reason;
} kinds[] = {
	{ "POST", "/api/user/v1/profile", "acme", NULL, UCD, NULL, 0,
	    "allowed" },
	{ "POST", "/api/user/v1/profile", "acme", NULL, DELETED, NULL, 0,
	    "unknown" },
	{ "POST", "/api/user/v1/profile", "acme", MADE_UP, UCD, NULL, 0,
	    "unknown" },
	{ "POST", "/none", "acme", NULL, UCD, NULL, 0, "no_route" },
	{ "POST", "/api/user/v1/profile", "small", NULL, SMALL, NULL, 0,
	    "allowed" },
	{ "POST", "/api/user/v1/profile", "acme", "hunter2", UCD, NULL, 0,
	    "malformed" },
	{ "POST", "/api/v1/notification/get_statistics", "acme", "x", MOBILE,
	    "{\"x\": [ 1, 2, {} ]}", 0, "malformed" },
	{ "POST", "/api/user/v1/profile", NULL, NULL, UCD, NULL, 0,
	    "no_credential" },
	{ "POST", "/api/user/v1/profile", "small", NULL, UCD, NULL, 0,
	    "wrong_account" },
	{ "POST", "/api/user/v1/profile", "acme", NULL, UCD, NULL, 1,
	    "unavailable" },
	{ "POST", "/api/v1/notification/get_statistics", "acme", NULL, MOBILE,
	    "{\"api_key\": 1}", 0, "bad_request" },
	{ "POST", "/api/user/v1/profile", "acme", NULL, EXPIRES, NULL, 0,
	    "allowed" },
	{ NULL, "/api/user/v1/profile", "acme", NULL, UCD, NULL, 0,
	    "unavailable" },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

struct request {
	struct lk_header	 h[3];
	struct lk_request	 rq;
};

static struct request		 made[MANY];
static struct lk_request	 rqs[MANY];
static struct lk_decision	 one[MANY], many[MANY];

static struct lk_header
header(const char *name, const char *value)
{
	return (struct lk_header){ name, strlen(name), value, strlen(value) };
}

static void
make_request(struct request *r, const struct kind *k)
{
	const char	*token = k->token != NULL ? k->token : tokens[k->key];
	size_t		 n = 0;

	r->h[n++] = header("X-REQUEST-TOKEN", token);
	r->h[n++] = header("X-API-KEY", token);
	if (k->account != NULL)
		r->h[n++] = header("X-PARTNER-NAME", k->account);
	r->rq = (struct lk_request){ .size = sizeof(r->rq),
	    .method = k->method, .path = k->path, .headers = r->h,
	    .nheaders = n, .body = k->body, .peer = &local };
	r->rq.body_len = k->body != NULL ? strlen(k->body) : 0;
	r->rq.size += k->odd ? 8 : 0;
}

static void
same_decision(const struct lk_decision *a, const struct lk_decision *b)
{
	assert_int_equal(a->outcome, b->outcome);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->retry_after, b->retry_after);
	assert_ptr_equal(a->reason_name, b->reason_name);
	assert_ptr_equal(a->caller_text, b->caller_text);
	assert_ptr_equal(a->challenge, b->challenge);
	assert_string_equal(a->key_id, b->key_id);
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->account, b->account);
	assert_string_equal(a->api, b->api);
	assert_string_equal(a->fault, b->fault);
}

/* From the first-th kind on, so that each comes to stand everywhere. */
static void
same_as_alone(size_t first, size_t n)
{
	size_t	 i;
	int	 r = 0;

	for (i = 0; i < n; i++) {
		make_request(&made[i], &kinds[(first + i) % KINDS]);
		rqs[i] = made[i].rq;
		if (lk_verify(lk, &rqs[i], &one[i]) != 0)
			r = LK_EUSAGE;
	}
	memset(many, 0xff, sizeof(many));
	assert_int_equal(lk_verify_many(lk, rqs, n, many), r);
	for (i = 0; i < n; i++) {
		assert_string_equal(one[i].reason_name,
		    kinds[(first + i) % KINDS].reason);
		same_decision(&one[i], &many[i]);
	}
	if (n < MANY)			/* and no more than that */
		assert_int_equal(many[n].outcome, 0xffffffff);
}

static void
test_requests(void **state)
{
	static const size_t	 ns[] = { 0, 1, 2, 15, 16, 17, 33, MANY };
	size_t			 i, first;

	(void)state;
	for (i = 0; i < sizeof(ns) / sizeof(ns[0]); i++)
		for (first = 0; first < KINDS; first++)
			same_as_alone(first, ns[i]);
}

/* ------------------------------------------------------------------ tokens */

static const struct token_kind {
	const char	*type, *account, *api;
	const char	*token;		/* NULL: that of key                 */
	enum key	 key;
	const char	*reason;
} token_kinds[] = {
	{ "ucd", NULL, "profile", NULL, UCD, "allowed" },
	{ "ucd", "acme", "profile", NULL, UCD, "allowed" },
	{ "ucd", "small", "profile", NULL, UCD, "wrong_account" },
	{ "none", NULL, NULL, NULL, UCD, "unavailable" },
	{ "ucd", NULL, "profile", NULL, DELETED, "unknown" },
	{ "ucd", NULL, "none", NULL, UCD, "no_route" },
	{ "mobile", NULL, NULL, NULL, UCD, "wrong_type" },
	{ "mobile", NULL, "statistics", NULL, MOBILE, "allowed" },
	{ "ucd", NULL, "upsert", NULL, SMALL, "not_entitled" },
	{ "ucd", NULL, NULL, "", UCD, "malformed" },
	{ NULL, NULL, NULL, NULL, UCD, "unavailable" },
};

#define TOKEN_KINDS	(sizeof(token_kinds) / sizeof(token_kinds[0]))

static void
make_token(struct lk_token_request *rq, const struct token_kind *k)
{
	*rq = (struct lk_token_request){ .size = sizeof(*rq),
	    .type = k->type, .account = k->account, .api = k->api,
	    .token = k->token != NULL ? k->token : tokens[k->key],
	    .peer = &local };
	rq->token_len = strlen(rq->token);
}

static int
one_token(const struct lk_token_request *rq, struct lk_decision *d)
{
	return lk_verify_token_trace(lk, rq->type, rq->token, rq->token_len,
	    rq->account, rq->api, rq->peer, d, NULL);
}

static void
test_tokens(void **state)
{
	static struct lk_token_request	 rq[MANY];
	size_t				 i, n;

	(void)state;
	for (n = 0; n <= MANY; n = n < 40 ? n + 1 : n + 960) {
		for (i = 0; i < n; i++) {
			make_token(&rq[i], &token_kinds[i % TOKEN_KINDS]);
			(void)one_token(&rq[i], &one[i]);
		}
		assert_int_equal(lk_verify_token_many(lk, rq, n, many),
		    n > 3 ? LK_EUSAGE : 0);
		for (i = 0; i < n; i++) {
			assert_string_equal(one[i].reason_name,
			    token_kinds[i % TOKEN_KINDS].reason);
			same_decision(&one[i], &many[i]);
		}
	}
}

/* ------------------------------------------------------------------- rates */

static void
make_few(size_t i, enum key key)
{
	const struct kind	 k = { "POST", "/few", key_rows[key].account,
				     NULL, key, NULL, 0, NULL };

	make_request(&made[i], &k);
	rqs[i] = made[i].rq;
}

/* The first LIMIT of an array are allowed, one by one or not. */
static void
test_rates(void **state)
{
	size_t	 i, n = 2 * LIMIT + 5;

	(void)state;
	for (i = 0; i < n; i++) {
		make_few(i, FEW_ONE);
		assert_int_equal(lk_verify(lk, &rqs[i], &one[i]), 0);
		make_few(i, FEW_MANY);
	}
	assert_int_equal(lk_verify_many(lk, rqs, n, many), 0);
	for (i = 0; i < n; i++) {
		assert_string_equal(one[i].reason_name, i < LIMIT ? "allowed" :
		    "rate_limited");
		assert_int_equal(many[i].reason, one[i].reason);
		assert_true(many[i].outcome != LK_LIMIT ||
		    many[i].retry_after > 0);
	}
}

/* ------------------------------------------------------------------- other */

static void
test_arguments(void **state)
{
	(void)state;
	make_request(&made[0], &kinds[0]);
	rqs[0] = made[0].rq;
	assert_int_equal(lk_verify_many(lk, NULL, 0, NULL), 0);
	assert_int_equal(lk_verify_token_many(lk, NULL, 0, NULL), 0);
	assert_int_equal(lk_verify_many(lk, NULL, 1, many), LK_EUSAGE);
	assert_int_equal(lk_verify_many(lk, rqs, 1, NULL), LK_EUSAGE);
	assert_int_equal(lk_verify_token_many(lk, NULL, 1, many), LK_EUSAGE);
	many[0].outcome = LK_ALLOW;
	assert_int_equal(lk_verify_many(NULL, rqs, 1, many), LK_EUSAGE);
	assert_int_equal(many[0].outcome, LK_ERROR);
}

/* Who used it that way used it. */
static void
test_last_used(void **state)
{
	struct lk_error	 e;
	struct lk_key	 key;

	(void)state;
	assert_int_equal(lk_show(lk, &op, keys[FEW_MANY].id, &key, &e), 0);
	assert_true(key.last_used > key.created - 120);
}

/* -------------------------------------------------------------------- main */

static void
make_key(enum key i)
{
	struct lk_generate	 g = { .size = sizeof(g) };
	struct lk_error		 e = { 0 };

	g.type = key_rows[i].type;
	g.account = key_rows[i].account;
	if (i == EXPIRES)
		g.expires = 4000000000;
	if (lk_generate(lk, &op, &g, tokens[i], &keys[i], NULL, 0, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

static int
make_policy(const char *dir, char *path, size_t size, struct lk_error *e)
{
	FILE	*f;

	if (lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), path, size,
	    e) != 0)
		return -1;
	snprintf(path, size, "%s/policy.yaml", dir);
	if ((f = fopen(path, "a")) == NULL)
		return -1;
	fputs(few, f);
	return fclose(f);
}

static void
make_home(void)
{
	struct lk_error	 e = { 0 };
	const char	*id = keys[DELETED].id;
	char		 path[512], dir[256];
	int		 i;

	if (mkdtemp(home) == NULL)
		exit(1);
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_operator_self(&op, &e) != 0 ||
	    make_policy(dir, path, sizeof(path), &e) != 0 ||
	    lk_open(path, 0, &lk, &e) != 0)
		goto fail;
	for (i = 0; i < NKEYS; i++)
		make_key((enum key)i);
	if (lk_account_set(lk, &op, "small", "essential", &e) == 0 &&
	    lk_delete(lk, &op, &id, 1, &e) == 0)
		return;
fail:
	fprintf(stderr, "%s\n", e.text);
	exit(1);
}

int
main(void)
{
	struct table	 t = { 0 };
	char		 command[300];
	int		 r;

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	make_home();
	TABLE_TEST(&t, test_requests);
	TABLE_TEST(&t, test_tokens);
	TABLE_TEST(&t, test_rates);
	TABLE_TEST(&t, test_arguments);
	TABLE_TEST(&t, test_last_used);
	r = table_run(&t, "verify, many at a time");
	lk_close(&lk);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	if (system(command) != 0)
		r = 1;
	return r;
}
