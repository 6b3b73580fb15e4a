/* text: UTF-8, the nearest word. */
#include "table.h"

#include "base/text.h"

static const struct utf8_case {
	const char	*name, *in;
	size_t		 n;
	int		 plain;
	size_t		 count;
} utf8_cases[] = {
	{ "utf8: nothing",		"", 0,			1, 0 },
	{ "utf8: letters",		"abc", 3,		1, 3 },
	{ "utf8: two octets",		"\xc3\xbc", 2,		1, 1 },
	{ "utf8: three",		"\xe2\x82\xac", 3,	1, 1 },
	{ "utf8: four",			"\xf0\x9f\x94\x91", 4,	1, 1 },
	{ "utf8: the last one",		"\xf4\x8f\xbf\xbf", 4,	1, 1 },
	{ "utf8: no-break space",	"\xc2\xa0", 2,		1, 1 },
	{ "utf8: NUL",			"a\0b", 3,		0, 3 },
	{ "utf8: newline",		"a\n", 2,		0, 2 },
	{ "utf8: escape",		"\x1b", 1,		0, 1 },
	{ "utf8: DEL",			"\x7f", 1,		0, 1 },
	{ "utf8: C1",			"\xc2\x85", 2,		0, 1 },
	{ "utf8: the last of C1",	"\xc2\x9f", 2,		0, 1 },
	{ "utf8: U+2028",		"\xe2\x80\xa8", 3,	0, 1 },
	{ "utf8: U+2029",		"\xe2\x80\xa9", 3,	0, 1 },
	{ "utf8: U+202A is none",	"\xe2\x80\xaa", 3,	1, 1 },
	{ "utf8: overlong slash",	"\xc0\xaf", 2,		0, 2 },
	{ "utf8: overlong of three",	"\xe0\x9f\xbf", 3,	0, 3 },
	{ "utf8: overlong of four",	"\xf0\x8f\xbf\xbf", 4,	0, 4 },
	{ "utf8: surrogate",		"\xed\xa0\x80", 3,	0, 3 },
	{ "utf8: beyond U+10FFFF",	"\xf4\x90\x80\x80", 4,	0, 4 },
	{ "utf8: five octets",		"\xf8\x88\x80\x80\x80", 5, 0, 5 },
	{ "utf8: lone follower",	"a\x80", 2,		0, 2 },
	{ "utf8: cut after one",	"\xe2", 1,		0, 1 },
	{ "utf8: cut after two",	"a\xe2\x82", 3,		0, 3 },
	{ "utf8: follower is a letter",	"\xe2\x82z", 3,		0, 3 },
};

static void
test_utf8(void **state)
{
	const struct utf8_case	*c = *state;
	char			*exact;

	/* In memory of just its size, so that a sanitizer sees more. */
	exact = malloc(c->n == 0 ? 1 : c->n);
	assert_non_null(exact);
	memcpy(exact, c->in, c->n);
	assert_int_equal(lk_utf8_plain(exact, c->n), c->plain);
	assert_int_equal(lk_utf8_count(exact, c->n), c->count);
	free(exact);
}

static const char *const	 words[] = {
	"generate", "list", "show", "delete", "disable", "verify", "ucd",
	"administrator",
};

static const struct nearest_case {
	const char	*name, *in, *want;
} nearest_cases[] = {
	{ "nearest: itself",		"list",		"list" },
	{ "nearest: one more",		"lists",	"list" },
	{ "nearest: one less",		"lst",		"list" },
	{ "nearest: another",		"lisp",		"list" },
	{ "nearest: swapped",		"udc",		"ucd" },
	{ "nearest: swapped first",	"ilst",		"list" },
	{ "nearest: two of eight",	"genrats",	"generate" },
	{ "nearest: three of eight",	"genxxxte",	NULL },
	{ "nearest: two of four",	"lips",		NULL },
	{ "nearest: four of thirteen",	"administrxxxx", "administrator" },
	{ "nearest: five of thirteen",	"administxxxxx", NULL },
	{ "nearest: nothing",		"",		NULL },
	{ "nearest: far",		"zebra",	NULL },
};

static void
test_nearest(void **state)
{
	const struct nearest_case	*c = *state;
	const char			*got;

	got = lk_nearest(c->in, words, sizeof words / sizeof words[0]);
	if (c->want == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, c->want);
	}
}

static void
test_nearest_long(void **state)
{
	char		 word[65], longer[66];
	const char	*one[1];

	(void)state;
	memset(word, 'a', 64);
	word[64] = '\0';
	memset(longer, 'a', 65);
	longer[65] = '\0';
	one[0] = word;
	assert_ptr_equal(lk_nearest(word, one, 1), word);
	assert_null(lk_nearest(longer, one, 1));
	one[0] = longer;
	assert_null(lk_nearest(word, one, 1));
	assert_null(lk_nearest(word, NULL, 0));
}

/* Of two that are equally near the first, of unequal ones the nearer. */
static void
test_nearest_first(void **state)
{
	static const char *const	 w[] = { "abcdxx", "abcdex", "abcdey" };

	(void)state;
	assert_ptr_equal(lk_nearest("abcdez", w, 3), w[1]);
}

static void
test_clocks(void **state)
{
	int64_t	 a = lk_clock_now();

	(void)state;
	assert_true(a > 1700000000);
	assert_true(lk_clock_ns() / 1000000000 >= a);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_utf8, utf8_cases);
	TABLE_ROWS(&t, test_nearest, nearest_cases);
	TABLE_TEST(&t, test_nearest_long);
	TABLE_TEST(&t, test_nearest_first);
	TABLE_TEST(&t, test_clocks);
	return table_run(&t, "text");
}
