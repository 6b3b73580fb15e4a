/*
 * lk_route: which target is which API, and which is none.
 */
#include "policy_file.h"

static const char policy[] =
    "version: 1\nstore: s\npepper: p\nplugins: /p\n"
    "roles: { a: { may: [generate, delete], users: [root] } }\n"
    "types:\n"
    "  ucd:\n"
    "    plugin: ucd\n"
    "    prefix: ucd\n"
    "    apis:\n"
    "      upsert: POST /api/user/v1/upsert\n"
    "      identify: PATCH /api/user/v1/identity\n"
    "      identify_delete: DELETE /api/user/v1/identity\n"
    "      root: GET /\n"
    "      folder: GET /api/user/\n"
    "  push:\n"
    "    plugin: push\n"
    "    prefix: push\n"
    "    apis:\n"
    "      send: POST /v1/single\n"
    "      campaign: POST,DELETE /v1/single/{campaign}\n"
    "      bulk: POST /v1/single/bulk\n"
    "      step: GET /v1/{a}/{b}/c\n"
    "      near: GET /v1/single/{b}/d\n"
    "      any: GET /{a}\n"
    "      deep: GET /x/{a}/y\n"
    "      wide: GET /x/b/{c}\n"
    "      verb: POST /v1/single:cancel\n"
    "  sms: { plugin: sms, prefix: sms }\n";

#define NO_PATH		"no path like it"
#define NO_METHOD	"path known, method not"
#define EMPTY		"empty segment"
#define DOT		"dot segment"
#define FORM		"not in origin form"
#define CONTROL		"control octet or blank"

/* n 0: all of target. */
static const struct route_case {
	const char	*name, *method, *target;
	const char	*want;		/* type.api, or NULL                 */
	const char	*note;
	size_t		 n;
} route_cases[] = {
	{ "a literal path", "POST", "/api/user/v1/upsert", "ucd.upsert", "",
	    0 },
	{ "one path, two methods: first", "PATCH", "/api/user/v1/identity",
	    "ucd.identify", "", 0 },
	{ "one path, two methods: second", "DELETE", "/api/user/v1/identity",
	    "ucd.identify_delete", "", 0 },
	{ "the root", "GET", "/", "ucd.root", "", 0 },
	{ "a name takes a segment", "POST", "/v1/single/42", "push.campaign",
	    "", 0 },
	{ "one API, two methods", "DELETE", "/v1/single/42", "push.campaign",
	    "", 0 },
	{ "a literal wins over a name", "POST", "/v1/single/bulk", "push.bulk",
	    "", 0 },
	{ "the first difference counts", "GET", "/x/b/y", "push.wide", "", 0 },
	{ "the way back to the name", "GET", "/x/q/y", "push.deep", "", 0 },
	{ "a literal that leads on", "GET", "/v1/single/q/d", "push.near", "",
	    0 },
	{ "a literal that leads nowhere", "GET", "/v1/single/q/c", "push.step",
	    "", 0 },
	{ "a colon is an octet as any", "POST", "/v1/single:cancel",
	    "push.verb", "", 0 },
	{ "query", "POST", "/v1/single?a=b", "push.send", "", 0 },
	{ "empty query", "POST", "/v1/single?", "push.send", "", 0 },
	{ "a query is not matched", "POST", "/v1/single?/../%zz?\\%00",
	    "push.send", "", 0 },
	{ "query on the root", "GET", "/?x", "ucd.root", "", 0 },
	{ "an escaped letter is that letter", "POST", "/v1/s%69ngle",
	    "push.send", "", 0 },
	{ "escapes in either case", "GET", "/%c3%BC", "push.any", "", 0 },
	{ "octets beyond ASCII", "GET", "/\xc3\xbc", "push.any", "", 0 },
	{ "an escaped blank", "GET", "/a%20b", "push.any", "", 0 },
	{ "an escaped question mark is text", "GET", "/a%3Fb", "push.any", "",
	    0 },
	{ "an escaped fragment is text", "GET", "/a%23b", "push.any", "", 0 },
	{ "an escaped percent is decoded once", "GET", "/a%252Fb", "push.any",
	    "", 0 },
	{ "three dots are a name", "GET", "/...", "push.any", "", 0 },
	{ "a dot within", "GET", "/a.b", "push.any", "", 0 },
	{ "a semicolon within a name", "GET", "/a;b=c", "push.any", "", 0 },
	{ "braces are no pattern", "GET", "/{a}", "push.any", "", 0 },
	{ "a slash at the end of its own", "GET", "/api/user/", "ucd.folder",
	    "", 0 },
	{ "octets behind the length", "POST", "/v1/single/42", "push.send", "",
	    10 },

	{ "no such path", "POST", "/api/user/v1/upserts", NULL, NO_PATH, 0 },
	{ "a path cut short", "POST", "/api/user/v1", NULL, NO_PATH, 0 },
	{ "a path that goes on", "POST", "/api/user/v1/upsert/x", NULL,
	    NO_PATH, 0 },
	{ "case counts", "POST", "/api/user/v1/Upsert", NULL, NO_PATH, 0 },
	{ "case counts in an escape", "POST", "/api/user/v1/%55psert", NULL,
	    NO_PATH, 0 },
	{ "a prefix of a segment", "POST", "/v1/singl", NULL, NO_PATH, 0 },
	{ "a slash at the end", "POST", "/v1/single/", NULL, NO_PATH, 0 },
	{ "a slash at the end of a name", "POST", "/v1/single/42/", NULL,
	    NO_PATH, 0 },
	{ "the folder without its slash", "GET", "/api/user", NULL, NO_PATH,
	    0 },
	{ "a parameter on a literal", "POST", "/v1/single;x=1", NULL, NO_PATH,
	    0 },
	{ "a method that the path has not", "GET", "/v1/single", NULL,
	    NO_METHOD, 0 },
	{ "no name where the literal has not the method", "DELETE",
	    "/v1/single/bulk", NULL, NO_METHOD, 0 },
	{ "nor below it", "POST", "/v1/single/q/d", NULL, NO_METHOD, 0 },
	{ "a method in lower case", "post", "/v1/single", NULL, NO_METHOD, 0 },
	{ "a method with a blank", "POST ", "/v1/single", NULL, NO_METHOD, 0 },
	{ "an empty method", "", "/v1/single", NULL, NO_METHOD, 0 },
	{ "HEAD is not GET", "HEAD", "/", NULL, NO_METHOD, 0 },
	{ "two slashes", "POST", "/v1//single", NULL, EMPTY, 0 },
	{ "two slashes at the start", "POST", "//v1/single", NULL, EMPTY, 0 },
	{ "two slashes alone", "GET", "//", NULL, EMPTY, 0 },
	{ "two slashes at the end", "POST", "/v1/single//", NULL, EMPTY, 0 },
	{ "a dot", "POST", "/v1/./single", NULL, DOT, 0 },
	{ "a dot at the end", "POST", "/v1/single/.", NULL, DOT, 0 },
	{ "two dots", "POST", "/x/../v1/single", NULL, DOT, 0 },
	{ "two dots at the end", "POST", "/v1/single/..", NULL, DOT, 0 },
	{ "an escaped dot", "POST", "/v1/%2e/single", NULL, DOT, 0 },
	{ "two escaped dots", "POST", "/x/%2E%2e/v1/single", NULL, DOT, 0 },
	{ "a dot and an escaped dot", "GET", "/.%2e", NULL, DOT, 0 },
	{ "an escaped slash", "POST", "/v1%2Fsingle", NULL, "encoded slash",
	    0 },
	{ "an escaped slash in a name", "GET", "/a%2fb", NULL, "encoded slash",
	    0 },
	{ "a backslash", "GET", "/a\\b", NULL, "backslash", 0 },
	{ "an escaped backslash", "GET", "/a%5Cb", NULL, "encoded backslash",
	    0 },
	{ "an escaped NUL", "GET", "/a%00", NULL, "encoded NUL", 0 },
	{ "an escaped newline", "GET", "/a%0A", NULL, "encoded control octet",
	    0 },
	{ "an escaped DEL", "GET", "/a%7f", NULL, "encoded control octet", 0 },
	{ "no digits behind %", "GET", "/a%zz", NULL, "broken %", 0 },
	{ "one digit behind %", "GET", "/a%2", NULL, "broken %", 0 },
	{ "% at the end", "GET", "/a%", NULL, "broken %", 0 },
	{ "% before the query", "GET", "/a%?2f", NULL, "broken %", 0 },
	{ "a digit beyond the length", "GET", "/a%20", NULL, "broken %", 4 },
	{ "a NUL", "GET", "/a\0b", NULL, CONTROL, 4 },
	{ "a newline", "GET", "/a\n", NULL, CONTROL, 0 },
	{ "a tab", "GET", "/a\tb", NULL, CONTROL, 0 },
	{ "a blank", "GET", "/a b", NULL, CONTROL, 0 },
	{ "a DEL", "GET", "/a\x7f", NULL, CONTROL, 0 },
	{ "a fragment", "POST", "/v1/single#x", NULL, "fragment", 0 },
	{ "a fragment behind a query", "POST", "/v1/single?a=b#x", NULL,
	    "fragment", 0 },
	{ "a newline in a query", "POST", "/v1/single?a\r\nb: c", NULL,
	    CONTROL, 0 },
	{ "a blank in a query", "POST", "/v1/single?a b", NULL, CONTROL, 0 },
	{ "a NUL in a query", "POST", "/v1/single?a\0b", NULL, CONTROL, 14 },
	{ "a DEL at the end of a query", "POST", "/v1/single?\x7f", NULL,
	    CONTROL, 0 },
	{ "the absolute form", "POST", "http://host/v1/single", NULL, FORM,
	    0 },
	{ "the authority form", "CONNECT", "host:443", NULL, FORM, 0 },
	{ "the asterisk form", "OPTIONS", "*", NULL, FORM, 0 },
	{ "no slash at the start", "POST", "v1/single", NULL, FORM, 0 },
	{ "a query alone", "GET", "?x", NULL, FORM, 0 },
};

static struct lk_policy	*shared;

/* By cutting alone, which is how paths with {x} are found, it is the same. */
static void
same_when_cut(const char *method, const char *target, size_t n, int r,
    const struct lk_policy_type *type, int at, const char *why)
{
	struct lk_policy		 cut = *shared;
	const struct lk_policy_type	*t = NULL;
	const char			*note = NULL;
	int				 api = -1;

	assert_non_null(cut.wholes);
	cut.wholes = NULL;
	assert_int_equal(lk_route(&cut, method, target, n, &t, &api, &note),
	    r);
	assert_ptr_equal(t, type);
	assert_int_equal(api, at);
	assert_string_equal(note, why);
}

static void
test_route(void **state)
{
	const struct route_case		*c = *state;
	const struct lk_policy_type	*t = NULL;
	const char			*note = NULL;
	size_t				 n = c->n > 0 ? c->n :
					    strlen(c->target);
	char				 got[80] = "", *exact;
	int				 api = -1, r;

	/* in memory of its very length, so that a sanitizer sees a step on */
	assert_non_null(exact = malloc(n));
	memcpy(exact, c->target, n);
	r = lk_route(shared, c->method, exact, n, &t, &api, &note);
	same_when_cut(c->method, exact, n, r, t, api, note);
	free(exact);
	if (r == 1)
		snprintf(got, sizeof got, "%s.%s", t->name, t->apis[api].name);
	assert_string_equal(got, c->want != NULL ? c->want : "");
	assert_int_equal(r, c->want != NULL);
	assert_string_equal(note, c->note);
}

static void
expect_note(const char *target, size_t n, const char *want)
{
	const struct lk_policy_type	*t;
	const char			*note;
	int				 api;

	assert_int_equal(lk_route(shared, "GET", target, n, &t, &api, &note),
	    0);
	assert_string_equal(note, want);
}

static void
test_long(void **state)
{
	char	 target[LK_PATH_MAX + 2];
	size_t	 i;

	(void)state;
	memset(target, 'a', sizeof target);
	target[0] = '/';
	target[3] = '/';
	expect_note(target, LK_PATH_MAX, NO_PATH);
	expect_note(target, LK_PATH_MAX + 1, "path too long");
	expect_note(target, 0, FORM);
	for (i = 0; i < LK_PATH_MAX; i++)
		target[i] = i % 2 == 0 ? '/' : 'a';
	expect_note(target, LK_PATH_MAX, NO_PATH);
	for (i = 0; i < LK_PATH_MAX; i += 3)
		memcpy(target + i, i == 0 ? "/aa" : "%41", 3);
	expect_note(target, LK_PATH_MAX - 1 - (LK_PATH_MAX - 1) % 3 + 1,
	    "broken %");
}

/* Each octet raw and escaped: only what the table in the design allows. */
static void
test_octets(void **state)
{
	const struct lk_policy_type	*t;
	const char			*note;
	char				 raw[8], escaped[8];
	int				 api, c, bad;

	(void)state;
	for (c = 0; c < 256; c++) {
		snprintf(escaped, sizeof escaped, "/a%%%02xb", c);
		bad = c < 0x20 || c == 0x7f || c == '/' || c == '\\';
		assert_int_equal(lk_route(shared, "GET", escaped, 6, &t, &api,
		    &note), !bad);
		memcpy(raw, "/a?b", 4);
		raw[2] = (char)c;
		bad = bad || c == ' ' || c == '#' || c == '%';
		assert_int_equal(lk_route(shared, "GET", raw, 4, &t, &api,
		    &note), !bad);
		memcpy(raw, "/?ab", 4);
		raw[2] = (char)c;
		bad = c <= ' ' || c == 0x7f || c == '#';
		assert_int_equal(lk_route(shared, "GET", raw, 4, &t, &api,
		    &note), !bad);
	}
}

/* Every target of a few octets from a nasty alphabet: none is read past. */
static void
test_all_short(void **state)
{
	static const char		 alphabet[] = "/.%2eFaz?#\\;\n";
	const struct lk_policy_type	*t;
	const char			*note;
	size_t				 base = sizeof alphabet - 1, i, j, v;
	char				*s = malloc(5);
	int				 api;

	(void)state;
	for (i = 0; i < base * base * base * base * base; i++) {
		for (v = i, j = 0; j < 5; j++, v /= base)
			s[j] = alphabet[v % base];
		if (lk_route(shared, "GET", s, 5, &t, &api, &note) == 0)
			assert_true(note[0] != '\0');
	}
	free(s);
}

/* Without routes there is none. */
static void
test_no_routes(void **state)
{
	const char	*text = "version: 1\nstore: s\npepper: p\n"
			    "plugins: /p\nroles: { a: { may: [generate, "
			    "delete], users: [root] } }\n"
			    "types: { t: { plugin: p, prefix: pp } }\n";
	const struct lk_policy_type *t;
	struct lk_policy *p = NULL;
	const char	*note;
	int		 api;

	(void)state;
	assert_int_equal(lk_policy_read("p", text, strlen(text), NULL, &p,
	    NULL), 0);
	assert_int_equal(lk_route(p, "GET", "/", 1, &t, &api, &note), 0);
	assert_string_equal(note, NO_PATH);
	lk_policy_free(&p);
}

int
main(void)
{
	struct table	 t = { 0 };
	struct lk_error	 e = { 0 };
	int		 r;

	if (lk_policy_read("policy.yaml", policy, sizeof policy - 1, NULL,
	    &shared, &e) != 0) {
		fprintf(stderr, "%u:%u %s\n", e.line, e.column, e.text);
		return 1;
	}
	TABLE_ROWS(&t, test_route, route_cases);
	TABLE_TEST(&t, test_long);
	TABLE_TEST(&t, test_octets);
	TABLE_TEST(&t, test_all_short);
	TABLE_TEST(&t, test_no_routes);
	r = table_run(&t, "route");
	lk_policy_free(&shared);
	return r;
}
