/*
 * The way of a request, in process: a home as init makes it, two accounts with
 * a key of each type, and a table of requests with the reason of each.
 *
 * Where a row has $U, $W, $M (acme's keys of ucd, web_push, mobile), $E (ucd
 * of the essential account), $X (expired), $D (deleted), $P and $A (mobile and
 * ucd, for 10.0.0.0/8 alone), the token stands there.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include "snapshot.h"
#include "table.h"

#define KEYS	8

static const struct key_row {
	char		 letter;
	const char	*type, *account, *net;
	int		 seconds;	/* until it expires; 0: never        */
} key_rows[KEYS] = {
	{ 'U', "ucd", "acme", NULL, 0 },
	{ 'W', "web_push", "acme", NULL, 0 },
	{ 'M', "mobile", "acme", NULL, 0 },
	{ 'E', "ucd", "small", NULL, 0 },
	{ 'X', "ucd", "acme", NULL, 2 },
	{ 'D', "ucd", "acme", NULL, 0 },
	{ 'P', "mobile", "small", "10.0.0.0/8", 0 },
	{ 'A', "ucd", "acme", "10.0.0.0/8", 0 },
};

static char		 home[] = "/tmp/latchkey-verify.XXXXXX";
static char		 tokens[KEYS][LK_TOKEN_MAX + 1];
static struct lk_key	 keys[KEYS];
static struct lk	*lk;

#define UPSERT	"POST", "/api/user/v1/upsert"
#define ACME	"X-PARTNER-NAME: acme\n"
#define BEARER	"Authorization: Bearer "

static const struct request_case {
	const char	*name, *method, *path, *headers, *body, *peer;
	const char	*reason;
} request_cases[] = {
	{ "ucd upsert", UPSERT, ACME "X-REQUEST-TOKEN: $U\n", "{}",
	    "127.0.0.1", "allowed" },
	{ "header names without case", UPSERT,
	    "x-partner-name: acme\nx-rEQUEST-token: $U\n", NULL, "127.0.0.1",
	    "allowed" },
	{ "blanks around a value", UPSERT,
	    "X-PARTNER-NAME:  acme \nX-REQUEST-TOKEN: \t$U\t \n", NULL, NULL,
	    "allowed" },
	{ "the same header twice, equal", UPSERT,
	    ACME ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "allowed" },
	/* No check of the type looks at it. */
	{ "a key's own list, from within", UPSERT,
	    ACME "X-REQUEST-TOKEN: $A\n", NULL, "10.1.2.3", "allowed" },
	{ "a key's own list, from without", UPSERT,
	    ACME "X-REQUEST-TOKEN: $A\n", NULL, "127.0.0.1",
	    "address_refused" },
	{ "a key's own list, no peer", UPSERT,
	    ACME "X-REQUEST-TOKEN: $A\n", NULL, NULL, "address_refused" },
	{ "two tokens that differ", UPSERT,
	    ACME "X-REQUEST-TOKEN: $U\nX-REQUEST-TOKEN: $E\n", NULL, NULL,
	    "two_credentials" },
	{ "two partners that differ", UPSERT,
	    ACME "X-PARTNER-NAME: small\nX-REQUEST-TOKEN: $U\n", NULL, NULL,
	    "bad_request" },
	{ "another partner", UPSERT,
	    "X-PARTNER-NAME: small\nX-REQUEST-TOKEN: $U\n", NULL, NULL,
	    "wrong_account" },
	{ "partner with a capital", UPSERT,
	    "X-PARTNER-NAME: Acme\nX-REQUEST-TOKEN: $U\n", NULL, NULL,
	    "wrong_account" },
	{ "no partner", UPSERT, "X-REQUEST-TOKEN: $U\n", NULL, NULL,
	    "no_credential" },
	{ "no token", UPSERT, ACME, NULL, NULL, "no_credential" },
	{ "no headers", UPSERT, "", NULL, NULL, "no_credential" },
	{ "an empty token", UPSERT, ACME "X-REQUEST-TOKEN:\n", NULL, NULL,
	    "malformed" },
	{ "a token of web_push", UPSERT, ACME "X-REQUEST-TOKEN: $W\n", NULL,
	    NULL, "wrong_type" },
	{ "well-formed but not ours", UPSERT, ACME
	    "X-REQUEST-TOKEN: ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17\n",
	    NULL, NULL, "unknown" },
	{ "one digit of the checksum changed", UPSERT, ACME
	    "X-REQUEST-TOKEN: ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18\n",
	    NULL, NULL, "malformed" },
	{ "not a token at all", UPSERT, ACME "X-REQUEST-TOKEN: hunter2\n",
	    NULL, NULL, "malformed" },
	{ "a deleted key", UPSERT, ACME "X-REQUEST-TOKEN: $D\n", NULL, NULL,
	    "unknown" },
	{ "a path of no type", "POST", "/api/user/v1/upset",
	    ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "no_route" },
	{ "a method of no API", "GET", "/api/user/v1/upsert",
	    ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "no_route" },
	{ "with a query", "POST", "/api/user/v1/upsert?x=1",
	    ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "allowed" },
	{ "an encoded letter", "POST", "/api/user/v1/%75psert",
	    ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "allowed" },
	{ "an encoded slash", "POST", "/api/user/v1%2fupsert",
	    ACME "X-REQUEST-TOKEN: $U\n", NULL, NULL, "no_route" },
	{ "essential has no upsert", UPSERT,
	    "X-PARTNER-NAME: small\nX-REQUEST-TOKEN: $E\n", NULL, NULL,
	    "not_entitled" },
	{ "essential has identify", "PATCH", "/api/user/v1/identity",
	    "X-PARTNER-NAME: small\nX-REQUEST-TOKEN: $E\n", NULL, NULL,
	    "allowed" },
	{ "web_push without a body", "POST", "/v1/single", BEARER "$W\n", NULL,
	    NULL, "allowed" },
	{ "web_push with its partner", "POST", "/v1/single", BEARER "$W\n",
	    "{\"partner_id\": \"acme\"}", NULL, "allowed" },
	{ "web_push with another partner", "POST", "/v1/single",
	    BEARER "$W\n", "{\"partner_id\": \"small\"}", NULL,
	    "wrong_account" },
	{ "web_push, partner twice", "POST", "/v1/single", BEARER "$W\n",
	    "{\"partner_id\": \"acme\", \"partner_id\": \"acme\"}", NULL,
	    "bad_request" },
	{ "web_push, a body that is no JSON", "POST", "/v1/single",
	    BEARER "$W\n", "partner_id=acme", NULL, "bad_request" },
	{ "web_push, basic", "POST", "/v1/single",
	    "Authorization: Basic $W\n", NULL, NULL, "no_credential" },
	{ "web_push, a campaign", "DELETE", "/v1/single/spring",
	    BEARER "$W\n", NULL, NULL, "allowed" },
	{ "mobile, in the body", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": \"$M\"}", "127.0.0.1", "allowed" },
	{ "mobile, in the header", "POST", "/api/v1/push/bulk",
	    "X-API-KEY: $M\n", NULL, "127.0.0.1", "allowed" },
	{ "mobile, both", "POST", "/api/v1/push/bulk", "X-API-KEY: $P\n",
	    "{\"api_key\": \"$M\"}", "127.0.0.1", "two_credentials" },
	{ "mobile, from elsewhere", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": \"$M\"}", "192.0.2.1", "address_refused" },
	{ "mobile, peer not known", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": \"$M\"}", NULL, "address_refused" },
	{ "mobile, a key of its own network", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": \"$P\"}", "10.1.2.3", "allowed" },
	{ "mobile, its network replaces the type's", "POST",
	    "/api/v1/push/bulk", "", "{\"api_key\": \"$P\"}", "127.0.0.1",
	    "address_refused" },
	{ "mobile, IPv4-mapped", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": \"$M\"}", "::ffff:127.0.0.1", "allowed" },
	{ "mobile, api_key a number", "POST", "/api/v1/push/bulk", "",
	    "{\"api_key\": 5}", "127.0.0.1", "bad_request" },
	{ "mobile, an array", "POST", "/api/v1/push/bulk", "", "[]",
	    "127.0.0.1", "bad_request" },
	{ "mobile, nothing", "POST", "/api/v1/push/bulk", "", "{}",
	    "127.0.0.1", "no_credential" },
};

/* A copy of text with the tokens in it. */
static char *
filled(const char *text)
{
	char	*out = calloc(1, strlen(text) + 4 * LK_TOKEN_MAX), *o = out;
	int	 i;

	for (; *text != '\0'; text++) {
		if (*text != '$') {
			*o++ = *text;
			continue;
		}
		text++;
		for (i = 0; i < KEYS; i++)
			if (key_rows[i].letter == *text)
				o = stpcpy(o, tokens[i]);
	}
	return out;
}

/* "Name: value\n" lines as headers; text is cut in place. */
static size_t
split(char *text, struct lk_header *h)
{
	char	*line, *colon, *save = NULL;
	size_t	 n = 0;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		colon = strchr(line, ':');
		h[n].name = line;
		h[n].name_len = (size_t)(colon - line);
		h[n].value = colon + 1;
		h[n++].value_len = strlen(colon + 1);
	}
	return n;
}

static void
peer_of(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in	*in = (struct sockaddr_in *)ss;
	struct sockaddr_in6	*in6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(text, ':') != NULL) {
		in6->sin6_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr),
		    1);
	} else {
		in->sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
	}
}

static void
request(void **state)
{
	const struct request_case	*c = *state;
	struct sockaddr_storage		 ss;
	struct lk_header		 h[8];
	struct lk_request		 rq = { .size = sizeof(rq) };
	struct lk_decision		 d;
	struct lk_trace			 t = { .size = sizeof(t) };
	char				*text = filled(c->headers);
	char				*body = NULL;

	rq.method = c->method;
	rq.path = c->path;
	rq.headers = h;
	rq.nheaders = split(text, h);
	if (c->body != NULL) {
		rq.body = body = filled(c->body);
		rq.body_len = strlen(body);
	}
	if (c->peer != NULL) {
		peer_of(c->peer, &ss);
		rq.peer = &ss;
	}
	assert_int_equal(lk_verify_trace(lk, &rq, &d, &t), 0);
	assert_string_equal(d.reason_name, c->reason);
	assert_true((d.outcome == LK_ALLOW) ==
	    (strcmp(c->reason, "allowed") == 0));
	if (d.outcome == LK_ALLOW)
		assert_int_equal(strlen(d.key_id), LK_KEYID_LEN);
	else
		assert_int_equal(t.steps[t.n - 1].reason, d.reason);
	free(text);
	free(body);
}

static const struct token_case {
	const char	*name, *type, *token, *account, *api, *reason;
} token_cases[] = {
	{ "a token alone", "ucd", "$U", NULL, NULL, "allowed" },
	{ "with its account", "ucd", "$U", "acme", NULL, "allowed" },
	{ "with another account", "ucd", "$U", "small", NULL,
	    "wrong_account" },
	{ "essential holds some of ucd", "ucd", "$E", NULL, "*", "allowed" },
	{ "essential lacks upsert by name", "ucd", "$E", NULL, "upsert",
	    "not_entitled" },
	{ "an API that is none", "ucd", "$U", NULL, "upset", "no_route" },
	{ "of another type", "mobile", "$U", NULL, NULL, "wrong_type" },
	{ "mobile without a peer", "mobile", "$M", NULL, NULL,
	    "address_refused" },
	{ "a key's own list", "ucd", "$A", NULL, NULL, "address_refused" },
	{ "empty", "ucd", "", NULL, NULL, "malformed" },
};

static void
token(void **state)
{
	const struct token_case	*c = *state;
	struct lk_decision	 d;
	char			*text = filled(c->token);

	assert_int_equal(lk_verify_token(lk, c->type, text, strlen(text),
	    c->account, c->api, &d), 0);
	assert_string_equal(d.reason_name, c->reason);
	free(text);
}

/* What cannot be judged is no denial. */
static void
wrong_arguments(void **state)
{
	struct lk_request	 rq = { .size = sizeof(rq), .method = "GET",
				     .path = "/" };
	struct lk_trace		 t = { .n = 7 };
	struct lk_decision	 d;

	(void)state;
	assert_int_equal(lk_verify(lk, &rq, NULL), LK_EUSAGE);
	assert_int_equal(lk_verify(NULL, &rq, &d), LK_EUSAGE);
	assert_int_equal(d.outcome, LK_ERROR);
	rq.size--;
	assert_int_equal(lk_verify(lk, &rq, &d), LK_EUSAGE);
	assert_int_equal(d.outcome, LK_ERROR);
	assert_int_equal(lk_verify_token(lk, "nosuch", "x", 1, NULL, NULL,
	    &d), LK_EUSAGE);
	assert_int_equal(d.outcome, LK_ERROR);
	rq.size = sizeof(rq);
	t.size = sizeof(t) - 1;
	assert_int_equal(lk_verify_trace(lk, &rq, &d, &t), LK_EUSAGE);
	assert_int_equal(t.n, 7);
	assert_int_equal(lk_verify_token_trace(lk, "ucd", "x", 1, NULL, NULL,
	    NULL, &d, &t), LK_EUSAGE);
	assert_int_equal(t.n, 7);
}

/* A caller may send what is long; that is no plugin's fault. */
static void
long_values(void **state)
{
	static char		 text[LK_HEADER_MAX + 1000], body[20000];
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = "/api/v1/push/bulk",
				     .body = body };
	struct lk_header	 h = { "Authorization", 13, NULL, 0 };
	struct lk_decision	 d;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	rq.body_len = (size_t)snprintf(body, sizeof(body),
	    "{\"api_key\": \"%s\"}", text);
	assert_int_equal(lk_verify(lk, &rq, &d), 0);
	assert_string_equal(d.reason_name, "malformed");
	rq.path = "/v1/single";
	rq.body_len = (size_t)snprintf(body, sizeof(body),
	    "{\"partner_id\": \"%s\"}", text);
	snprintf(text, sizeof(text), "Bearer %s", tokens[1]);
	h.value = text;
	h.value_len = strlen(text);
	rq.headers = &h;
	rq.nheaders = 1;
	assert_int_equal(lk_verify(lk, &rq, &d), 0);
	assert_string_equal(d.reason_name, "wrong_account");
}

/* A handle that was opened to delete has no plugins to mint with. */
static void
no_generate(void **state)
{
	static struct lk_operator	 op;
	struct lk_generate		 g = { .size = sizeof(g) };
	struct lk_error			 e = { 0 };
	struct lk			*own;
	char				 path[512];
	char				 text[LK_TOKEN_MAX + 1] = "not yet";

	(void)state;
	g.type = "ucd";
	g.account = "acme";
	snprintf(path, sizeof(path), "%s/h/policy.yaml", home);
	assert_int_equal(lk_operator_self(&op, &e), 0);
	assert_int_equal(lk_open(path, 0x80, &own, &e), LK_EUSAGE);
	assert_int_equal(lk_open(path, LK_REMOVE_ONLY, &own, &e), 0);
	assert_int_equal(lk_generate(own, &op, &g, text, NULL, NULL, 0, &e),
	    LK_EUSAGE);
	assert_string_equal(text, "");
	strcpy(text, "not yet");
	g.size = 0;
	assert_int_equal(lk_generate(own, &op, &g, text, NULL, NULL, 0, &e),
	    LK_EUSAGE);
	assert_string_equal(text, "");
	lk_close(&own);
}

static void
too_many_headers(void **state)
{
	static struct lk_header	 h[LK_HEADERS_MAX + 1];
	struct lk_request	 rq = { .size = sizeof(rq), .headers = h,
				     .nheaders = LK_HEADERS_MAX + 1 };
	struct lk_decision	 d;
	size_t			 i;

	(void)state;
	rq.method = "POST";
	rq.path = "/api/user/v1/upsert";
	for (i = 0; i <= LK_HEADERS_MAX; i++)
		h[i] = (struct lk_header){ "A", 1, "b", 1 };
	lk_verify(lk, &rq, &d);
	assert_string_equal(d.reason_name, "bad_request");
	rq.nheaders = 1;
	h[0].value_len = LK_HEADER_MAX + 1;
	lk_verify(lk, &rq, &d);
	assert_string_equal(d.reason_name, "bad_request");
}

/* Expired is now >= expires, so the wait ends at the very second. */
static void
an_expired_key(void **state)
{
	struct lk_decision	 d;

	(void)state;
	while (lk_store_now(lk->store) < keys[4].expires)
		usleep(20000);
	lk_verify_token(lk, "ucd", tokens[4], strlen(tokens[4]), NULL, NULL,
	    &d);
	assert_string_equal(d.reason_name, "expired");
	assert_string_equal(d.key_id, keys[4].id);
}

static void
make_key(const struct lk_operator *op, int i)
{
	struct lk_generate	 g = { .size = sizeof(g) };
	struct lk_error		 e = { 0 };
	struct lk_net		 net;

	g.type = key_rows[i].type;
	g.account = key_rows[i].account;
	if (key_rows[i].net != NULL) {
		lk_net_parse(key_rows[i].net, strlen(key_rows[i].net), &net);
		g.addresses = &net;
		g.naddresses = 1;
	}
	if (key_rows[i].seconds != 0)
		g.expires = lk_store_now(lk->store) + key_rows[i].seconds;
	if (lk_generate(lk, op, &g, tokens[i], &keys[i], NULL, 0, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

static void
make_home(const struct lk_operator *op)
{
	struct lk_error	 e = { 0 };
	const char	*id = keys[5].id;
	char		 path[512], dir[256];
	int		 i;

	if (mkdtemp(home) == NULL)
		exit(1);
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof(path), &e) != 0)
		goto fail;
	snprintf(path, sizeof(path), "%s/policy.yaml", dir);
	if (lk_open(path, 0, &lk, &e) != 0)
		goto fail;
	for (i = 0; i < KEYS; i++)
		make_key(op, i);
	if (lk_account_set(lk, op, "small", "essential", &e) == 0 &&
	    lk_delete(lk, op, &id, 1, &e) == 0)
		return;
fail:
	fprintf(stderr, "%s\n", e.text);
	exit(1);
}

int
main(void)
{
	static struct lk_operator	 op;
	struct table			 t = { 0 };
	char				 command[300];
	int				 r;

	if (lk_operator_self(&op, NULL) != 0)
		return 1;
	make_home(&op);
	TABLE_ROWS(&t, request, request_cases);
	TABLE_ROWS(&t, token, token_cases);
	TABLE_TEST(&t, wrong_arguments);
	TABLE_TEST(&t, too_many_headers);
	TABLE_TEST(&t, long_values);
	TABLE_TEST(&t, no_generate);
	TABLE_TEST(&t, an_expired_key);
	r = table_run(&t, "verify");
	lk_close(&lk);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	if (system(command) != 0)
		r = 1;
	return r;
}
