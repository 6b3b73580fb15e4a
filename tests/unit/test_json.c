/*
 * test_json.c: JSON of requests, which anybody may send.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>

#include "json.h"
#include "table.h"

#define X4(s)	s s s s
#define X16(s)	X4(s) X4(s) X4(s) X4(s)
#define X31(s)	X16(s) X4(s) X4(s) X4(s) s s s

#define TEXT(s)	(s), sizeof(s) - 1

static const struct parse_case {
	const char	*name;
	const char	*in;
	size_t		 n;
	int		 want;
	const char	*why;
} parse_cases[] = {
	{ "an object", TEXT("{\"a\": \"b\"}"), 1, "" },
	{ "an empty object", TEXT("{}"), 1, "" },
	{ "blanks around it", TEXT(" \r\n\t{} \n"), 1, "" },
	{ "other kinds inside", TEXT("{\"a\": [1, -2.5e3, true, null]}"), 1,
	  "" },
	{ "UTF-8", TEXT("{\"\xc3\xbc\": \"\xe2\x82\xac\"}"), 1, "" },
	{ "escapes", TEXT("{\"a\": \"\\u20ac\\n\\\\\"}"), 1, "" },
	{ "brackets in a string", TEXT("{\"a\": \"" X31("[") X31("{") "\"}"),
	  1, "" },
	{ "quote escaped in a string", TEXT("{\"a\": \"\\\"" X31("[")
	  X31("[") "\"}"), 1, "" },
	{ "32 levels", TEXT("{\"a\":" X31("[") X31("]") "}"), 1, "" },
	{ "33 levels", TEXT("{\"a\":[" X31("[") X31("]") "]}"), -1,
	  "too deep" },
	{ "33 levels and nothing else", TEXT("{" X31("[") "["), -1,
	  "too deep" },
	{ "many levels, one after the other", TEXT("{\"a\":[" X31("[[]],")
	  X31("[[]],") "1]}"), 1, "" },
	{ "no octets", TEXT(""), -1, "not JSON" },
	{ "a list", TEXT("[\"a\"]"), -1, "not an object" },
	{ "a string", TEXT("\"a\""), -1, "not JSON" },
	{ "a number", TEXT("1"), -1, "not JSON" },
	{ "null", TEXT("null"), -1, "not JSON" },
	{ "a form", TEXT("api_key=x&a=b"), -1, "not JSON" },
	{ "cut off", TEXT("{\"a\": \"b\""), -1, "not JSON" },
	{ "two objects", TEXT("{}{}"), -1, "not JSON" },
	{ "a comma too many", TEXT("{\"a\": 1,}"), -1, "not JSON" },
	{ "a comment", TEXT("{} // x"), -1, "not JSON" },
	{ "quotes of another kind", TEXT("{'a': 'b'}"), -1, "not JSON" },
	{ "NaN", TEXT("{\"a\": NaN}"), -1, "not JSON" },
	{ "a byte order mark", TEXT("\xef\xbb\xbf{}"), -1, "not JSON" },
	{ "a member twice", TEXT("{\"a\": 1, \"a\": 1}"), -1,
	  "a member twice" },
	{ "a member twice, one escaped", TEXT("{\"a\": 1, \"\\u0061\": 2}"),
	  -1, "a member twice" },
	{ "a member twice, further in", TEXT("{\"b\": {\"a\": 1, \"a\": 1}}"),
	  -1, "a member twice" },
	{ "a NUL in a string", TEXT("{\"a\": \"x\\u0000y\"}"), -1,
	  "a NUL in a string" },
	{ "a NUL in a name", TEXT("{\"a\\u0000b\": 1}"), -1,
	  "a NUL in a string" },
	{ "a NUL as it is", TEXT("{\"a\": \"x\0y\"}"), -1, "not JSON" },
	{ "a NUL behind it", TEXT("{}\0"), -1, "not JSON" },
	{ "not UTF-8", TEXT("{\"a\": \"\xff\"}"), -1, "not UTF-8" },
	{ "an overlong form", TEXT("{\"a\": \"\xc0\xaf\"}"), -1,
	  "not UTF-8" },
	{ "half a surrogate", TEXT("{\"a\": \"\\ud800\"}"), -1, "not JSON" },
	{ "a number without end", TEXT("{\"a\": 1e999999}"), -1,
	  "a number too large" },
	{ "an integer over 64 bits",
	  TEXT("{\"a\": 99999999999999999999}"), 1, "" },
	{ "a control character in a string", TEXT("{\"a\": \"\x01\"}"), -1,
	  "not JSON" },
};

static void
test_parse(void **state)
{
	const struct parse_case	*c = *state;
	struct lk_json		*j = NULL;
	const char		*why = NULL;
	char			*copy = malloc(c->n + 1);

	/* Of just this length, so that a sanitizer sees a step too far. */
	assert_non_null(copy);
	copy = realloc(copy, c->n != 0 ? c->n : 1);
	memcpy(copy, c->in, c->n);
	assert_int_equal(lk_json_parse(copy, c->n, &j, &why), c->want);
	free(copy);
	assert_string_equal(why, c->why);
	assert_int_equal(j != NULL, c->want == 1);
	lk_json_free(&j);
	assert_null(j);
}

static const struct member_case {
	const char	*name;
	const char	*in;
	const char	*member;
	int		 want;
	const char	*value;
} member_cases[] = {
	{ "there", "{\"a\": \"b\"}", "a", 1, "b" },
	{ "there, empty", "{\"a\": \"\"}", "a", 1, "" },
	{ "there, escaped", "{\"a\": \"\\u0062\\n\"}", "a", 1, "b\n" },
	{ "the name escaped", "{\"\\u0061\": \"b\"}", "a", 1, "b" },
	{ "absent", "{\"b\": \"a\"}", "a", 0, NULL },
	{ "another case", "{\"A\": \"b\"}", "a", 0, NULL },
	{ "further in", "{\"b\": {\"a\": \"x\"}}", "a", 0, NULL },
	{ "a number", "{\"a\": 1}", "a", -2, NULL },
	{ "null", "{\"a\": null}", "a", -2, NULL },
	{ "true", "{\"a\": true}", "a", -2, NULL },
	{ "a list", "{\"a\": [\"b\"]}", "a", -2, NULL },
	{ "an object", "{\"a\": {}}", "a", -2, NULL },
};

static void
test_member(void **state)
{
	const struct member_case	*c = *state;
	struct lk_json			*j = NULL;
	struct lk_slice			 s = { "x", 1 };
	const char			*why;

	assert_int_equal(lk_json_parse(c->in, strlen(c->in), &j, &why), 1);
	assert_int_equal(lk_json_string(j, c->member, &s), c->want);
	if (c->want == 1) {
		assert_int_equal(s.n, strlen(c->value));
		assert_memory_equal(s.p, c->value, s.n);
	} else {
		assert_null(s.p);
		assert_int_equal(s.n, 0);
	}
	lk_json_free(&j);
}

static void
test_free_nothing(void **state)
{
	struct lk_json	*j = NULL;

	(void)state;
	lk_json_free(&j);
	assert_null(j);
}

static void *
parse_many(void *arg)
{
	struct lk_json	*j;
	struct lk_slice	 s;
	const char	*why;
	int		 i, *good = arg;

	for (i = 0; i < 200; i++) {
		if (lk_json_parse(TEXT("{\"a\": \"b\", \"c\": {}}"), &j,
		    &why) == 1 && lk_json_string(j, "a", &s) == 1 && s.n == 1)
			++*good;
		lk_json_free(&j);
	}
	return NULL;
}

/* The seed is set once, whoever comes first. */
static void
test_threads(void **state)
{
	pthread_t	 t[4];
	int		 good[4] = { 0 }, i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, parse_many,
		    &good[i]), 0);
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 4; i++)
		assert_int_equal(good[i], 200);
}

/* Each member in its turn, with its kind. */
static void
members(void **state)
{
	static const char		 in[] = "{\"s\": \"x\", "
					    "\"n\": 1600000000, "
					    "\"z\": null, \"l\": [\"a\", "
					    "\"b\", 7], \"b\": true, "
					    "\"o\": {}}";
	static const enum lk_json_kind	 kinds[] = { LK_JSON_STRING,
		LK_JSON_NUMBER, LK_JSON_NULL, LK_JSON_LIST, LK_JSON_BOOL,
		LK_JSON_OBJECT };
	struct lk_json_member		 m;
	struct lk_json			*j;
	struct lk_slice			 s;
	const char			*why;
	void				*at = NULL;
	size_t				 i;

	(void)state;
	assert_int_equal(lk_json_parse(in, sizeof(in) - 1, &j, &why), 1);
	for (i = 0; lk_json_next(j, &at, &m); i++) {
		assert_int_equal(m.name[0], "snzlbo"[i]);
		assert_int_equal(m.kind, kinds[i]);
		if (m.kind == LK_JSON_STRING)
			assert_memory_equal(m.text.p, "x", m.text.n + 1);
		if (m.kind == LK_JSON_NUMBER)
			assert_true(m.number == 1600000000);
		if (m.kind == LK_JSON_LIST)
			assert_int_equal(m.n, 3);
	}
	assert_int_equal(i, 6);
	assert_int_equal(lk_json_item(j, "l", 1, &s), 1);
	assert_memory_equal(s.p, "b", s.n + 1);
	assert_int_equal(lk_json_item(j, "l", 2, &s), -2);
	assert_int_equal(lk_json_item(j, "l", 3, &s), -2);
	assert_int_equal(lk_json_item(j, "s", 0, &s), -2);
	assert_int_equal(lk_json_count(j, "l"), 3);
	assert_int_equal(lk_json_count(j, "s"), 0);
	assert_int_equal(lk_json_count(j, "x"), 0);
	assert_int_equal(lk_json_bool(j, "b"), 1);
	assert_int_equal(lk_json_bool(j, "n"), 0);
	assert_int_equal(lk_json_bool(j, "x"), 0);
	lk_json_free(&j);
}

/* [["a","b"]...] */
static void
pairs(void **state)
{
	static const char	 in[] = "{\"p\": [[\"a\", \"b\"], [\"a\"], "
				    "[\"a\", 1], [\"a\", \"b\", \"c\"], "
				    "\"ab\", [\"\", \"\"]]}";
	static const int	 want[] = { 1, -2, -2, -2, -2, 1, -2 };
	struct lk_slice		 v[2];
	struct lk_json		*j;
	const char		*why;
	size_t			 i;

	(void)state;
	assert_int_equal(lk_json_parse(in, sizeof(in) - 1, &j, &why), 1);
	for (i = 0; i < sizeof(want) / sizeof(*want); i++)
		assert_int_equal(lk_json_pair(j, "p", i, v), want[i]);
	assert_int_equal(lk_json_pair(j, "p", 0, v), 1);
	assert_memory_equal(v[0].p, "a", v[0].n + 1);
	assert_memory_equal(v[1].p, "b", v[1].n + 1);
	assert_int_equal(lk_json_pair(j, "x", 0, v), -2);
	lk_json_free(&j);
}

/* Down to where it ends, and past that. */
static void
values(void **state)
{
	static const char		 in[] = "{\"a\": [{\"b\": \"x\", "
					    "\"c\": false}, [1]]}";
	const struct lk_json_value	*v, *value;
	struct lk_json_member		 m;
	struct lk_json			*j;
	const char			*why;
	void				*at = NULL;

	(void)state;
	assert_int_equal(lk_json_parse(in, sizeof(in) - 1, &j, &why), 1);
	v = lk_json_get(lk_json_root(j), "a");
	lk_json_look(v, &m);
	assert_int_equal(m.kind, LK_JSON_LIST);
	assert_int_equal(m.n, 2);
	assert_null(m.name);
	lk_json_look(lk_json_at(lk_json_at(v, 1), 0), &m);
	assert_true(m.kind == LK_JSON_NUMBER && m.number == 1);
	v = lk_json_at(v, 0);
	assert_int_equal(lk_json_walk(v, &at, &m, &value), 1);
	assert_string_equal(m.name, "b");
	assert_ptr_equal(value, lk_json_get(v, "b"));
	assert_int_equal(lk_json_walk(v, &at, &m, &value), 1);
	assert_true(m.kind == LK_JSON_BOOL && m.number == 0);
	assert_int_equal(lk_json_walk(v, &at, &m, &value), 0);
	assert_null(lk_json_get(v, "a"));
	assert_null(lk_json_at(v, 0));
	assert_null(lk_json_get(lk_json_get(v, "b"), "b"));
	assert_null(lk_json_get(NULL, "b"));
	lk_json_look(NULL, &m);
	assert_int_equal(m.kind, LK_JSON_OTHER);
	at = NULL;
	assert_int_equal(lk_json_walk(NULL, &at, &m, &value), 0);
	lk_json_free(&j);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_threads);
	TABLE_ROWS(&t, test_parse, parse_cases);
	TABLE_ROWS(&t, test_member, member_cases);
	TABLE_TEST(&t, test_free_nothing);
	TABLE_TEST(&t, members);
	TABLE_TEST(&t, pairs);
	TABLE_TEST(&t, values);
	return table_run(&t, "json");
}
