/*
 * test_json_out.c: octets that come out as a JSON text, or not at all.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/json_out.h"
#include "table.h"

#define TEXT(s)	(s), sizeof(s) - 1

static const struct text_case {
	const char	*name, *in;
	size_t		 n;
	const char	*want;		/* NULL: it is refused               */
} text_cases[] = {
	{ "a word", TEXT("abc"), "\"abc\"" },
	{ "no octets", NULL, 0, "\"\"" },
	{ "quotes", TEXT("a\"\\b"), "\"a\\\"\\\\b\"" },
	{ "controls", TEXT("\n\r\t\x1b\x7f"), "\"\\n\\r\\t\\u001b\\u007f\"" },
	{ "C1", TEXT("\xc2\x9b"), "\"\\u009b\"" },
	{ "UTF-8 of each length", TEXT("\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91"),
	  "\"\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91\"" },
	{ "U+FFFD as it is", TEXT("\xef\xbf\xbd"), "\"\xef\xbf\xbd\"" },
	{ "a NUL", TEXT("a\0b"), NULL },
	{ "a NUL at the end", TEXT("a\0"), NULL },
	{ "an octet out of place", TEXT("a\xff"), NULL },
	{ "a character that is cut off", TEXT("ab\xe2\x82"), NULL },
	{ "an overlong form", TEXT("\xc0\xaf"), NULL },
	{ "a surrogate", TEXT("\xed\xa0\x80"), NULL },
	{ "behind the last character", TEXT("\xf4\x90\x80\x80"), NULL },
};

static void
test_text(void **state)
{
	const struct text_case	*c = *state;
	struct lk_out		 j = LK_OUT_NONE;
	int			 r;

	lk_out_open(&j, NULL, '[');
	r = lk_out_text(&j, NULL, c->in, c->n);
	assert_int_equal(r, c->want != NULL ? 0 : -1);
	if (c->want != NULL) {
		assert_int_equal(j.b.n, 1 + strlen(c->want));
		assert_string_equal(j.b.p + 1, c->want);
	} else
		/* Nothing of it was written. */
		assert_string_equal(j.b.p, "[");
	lk_out_free(&j);
}

/* A second one, and one with a name, have their comma and colon. */
static void
test_members(void **state)
{
	struct lk_out	 j = LK_OUT_NONE;

	(void)state;
	lk_out_open(&j, NULL, '{');
	assert_int_equal(lk_out_text(&j, "a", "x,", 2), 0);
	assert_int_equal(lk_out_text(&j, "b", "[", 1), 0);
	lk_out_close(&j, '}');
	assert_string_equal(j.b.p, "{\"a\":\"x,\",\"b\":\"[\"}");
	lk_out_free(&j);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_text, text_cases);
	TABLE_TEST(&t, test_members);
	return table_run(&t, "json_out");
}
