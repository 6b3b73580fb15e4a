/* buf: the growing text, percent-escapes, base64url. */
#include "table.h"

#include "base/buf.h"

static const struct escape_case {
	const char	*name, *plain;
	size_t		 n;
	const char	*escaped;
} escape_cases[] = {
	{ "escape: nothing",		"", 0,		"" },
	{ "escape: plain",		"a=b!~", 5,	"a=b!~" },
	{ "escape: separator",		"a:b", 3,	"a%3Ab" },
	{ "escape: percent",		"100%", 4,	"100%25" },
	{ "escape: blank",		" a ", 3,	"%20a%20" },
	{ "escape: newline and NUL",	"\n\0", 2,	"%0A%00" },
	{ "escape: DEL and above",	"\x7f\x80\xff", 3, "%7F%80%FF" },
	{ "escape: UTF-8",		"\xc3\xbc", 2,	"%C3%BC" },
};

static void
test_escape(void **state)
{
	const struct escape_case	*c = *state;
	struct lk_buf			 b = LK_BUF_NONE;
	char				 out[64];
	size_t				 n;

	lk_buf_str(&b, "");
	lk_buf_escape(&b, c->plain, c->n);
	assert_false(b.failed);
	assert_string_equal(b.p, c->escaped);
	assert_int_equal(lk_unescape(b.p, b.n, out, &n), 0);
	assert_int_equal(n, c->n);
	assert_memory_equal(out, c->plain, n);
	lk_buf_free(&b);
}

static const struct wrong_case {
	const char	*name, *in;
} unescape_wrong[] = {
	{ "unescape: needs none",	"%41" },
	{ "unescape: lower case",	"%3a" },
	{ "unescape: cut",		"%3" },
	{ "unescape: lone percent",	"%" },
	{ "unescape: no digits",	"%GG" },
	{ "unescape: raw blank",	"a b" },
	{ "unescape: raw separator",	"a:b" },
	{ "unescape: raw newline",	"a\n" },
	{ "unescape: raw high octet",	"\xff" },
	{ "unescape: twice",		"%2541%" },
};

static void
test_unescape_wrong(void **state)
{
	const struct wrong_case	*c = *state;
	char			 out[64];
	size_t			 n = 99;

	assert_int_equal(lk_unescape(c->in, strlen(c->in), out, &n),
	    LK_ESYNTAX);
	assert_int_equal(n, 0);
}

static void
test_escape_all(void **state)
{
	struct lk_buf	 b = LK_BUF_NONE;
	char		 all[256], out[3 * 256];
	size_t		 i, n;

	(void)state;
	for (i = 0; i < sizeof all; i++)
		all[i] = (char)i;
	lk_buf_escape(&b, all, sizeof all);
	assert_int_equal(lk_unescape(b.p, b.n, out, &n), 0);
	assert_int_equal(n, sizeof all);
	assert_memory_equal(out, all, n);
	lk_buf_free(&b);
}

/* RFC 4648, 10, in the other alphabet and without padding. */
static const struct base64_case {
	const char	*name, *plain, *text;
} base64_cases[] = {
	{ "base64url: nothing",		"",		"" },
	{ "base64url: f",		"f",		"Zg" },
	{ "base64url: fo",		"fo",		"Zm8" },
	{ "base64url: foo",		"foo",		"Zm9v" },
	{ "base64url: foob",		"foob",		"Zm9vYg" },
	{ "base64url: fooba",		"fooba",	"Zm9vYmE" },
	{ "base64url: foobar",		"foobar",	"Zm9vYmFy" },
	{ "base64url: its own digits",	"\xfb\xff\xbf",	"-_-_" },
};

static void
test_base64(void **state)
{
	const struct base64_case	*c = *state;
	size_t				 n = strlen(c->plain);
	char				 text[32], back[32];

	assert_int_equal(lk_base64url(c->plain, n, text), strlen(c->text));
	assert_string_equal(text, c->text);
	assert_int_equal(lk_base64url_decode(text, strlen(text), back, n), 0);
	assert_memory_equal(back, c->plain, n);
}

static const struct base64_wrong {
	const char	*name, *in;
	size_t		 n, want;
} base64_wrong[] = {
	{ "base64url: padded",		"Zg==", 4,	1 },
	{ "base64url: too short",	"Z", 1,		1 },
	{ "base64url: too long",	"Zgg", 3,	1 },
	{ "base64url: loose bits",	"Zh", 2,	1 },
	{ "base64url: loose bits of 2",	"Zm9", 3,	2 },
	{ "base64url: plus",		"+/+/", 4,	3 },
	{ "base64url: blank",		"Zm9 ", 4,	3 },
	{ "base64url: NUL",		"Zm9\0", 4,	3 },
};

static void
test_base64_wrong(void **state)
{
	const struct base64_wrong	*c = *state;
	char				 out[32];

	assert_int_equal(lk_base64url_decode(c->in, c->n, out, c->want),
	    LK_ESYNTAX);
}

static void
test_grow(void **state)
{
	struct lk_buf	 b = LK_BUF_NONE;
	int		 i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		lk_buf_fmt(&b, "%04d", i);
		assert_int_equal(strlen(b.p), b.n);
	}
	assert_false(b.failed);
	assert_int_equal(b.n, 4000);
	assert_memory_equal(b.p, "00000001", 8);
	assert_memory_equal(b.p + 3996, "0999", 5);
	lk_buf_reset(&b);
	assert_int_equal(b.n, 0);
	assert_string_equal(b.p, "");
	lk_buf_str(&b, "again");
	assert_string_equal(b.p, "again");
	lk_buf_free(&b);
	assert_null(b.p);
	lk_buf_free(&b);
}

/* Every length of append at every fill: the NUL always fits. */
static void
test_edges(void **state)
{
	struct lk_buf	 b;
	char		 x[300];
	size_t		 i, j;

	(void)state;
	memset(x, 'x', sizeof x);
	for (i = 0; i < sizeof x; i++) {
		for (j = 0; j < sizeof x; j += 7) {
			b = LK_BUF_NONE;
			lk_buf_add(&b, x, i);
			lk_buf_add(&b, x, j);
			assert_int_equal(strlen(b.p), i + j);
			lk_buf_free(&b);
		}
	}
}

/* Each octet at each place of a text that is read by eight and by one. */
static void
test_each_octet(void **state)
{
	char		 text[20], back[20];
	struct lk_buf	 b;
	size_t		 at, n;
	int		 c, plain;

	(void)state;
	for (at = 0; at < sizeof text; at++)
		for (c = 0; c < 256; c++) {
			memset(text, 'a', sizeof text);
			text[at] = (char)c;
			plain = c > 0x20 && c < 0x7f && c != ':' && c != '%';
			b = LK_BUF_NONE;
			lk_buf_escape(&b, text, sizeof text);
			assert_int_equal(b.n, sizeof text + (plain ? 0 : 2));
			assert_int_equal(lk_unescape(b.p, b.n, back, &n), 0);
			assert_int_equal(n, sizeof text);
			assert_memory_equal(back, text, n);
			if (!plain)
				assert_int_equal(lk_unescape(text,
				    sizeof text, back, &n), LK_ESYNTAX);
			lk_buf_free(&b);
		}
}

/* Likewise of base64url. */
static void
test_each_digit(void **state)
{
	char	 text[44];
	uint8_t	 d[32];
	int	 c, digit;
	size_t	 at;

	(void)state;
	for (at = 0; at < 42; at++)	/* the last one has bits to spare    */
		for (c = 0; c < 256; c++) {
			memset(text, 'A', sizeof text);
			text[at] = (char)c;
			digit = c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789-_",
			    c) != NULL;
			assert_int_equal(lk_base64url_decode(text, 43, d,
			    sizeof d), digit ? 0 : LK_ESYNTAX);
		}
}

static void
test_failed(void **state)
{
	struct lk_buf	 b = LK_BUF_NONE;

	(void)state;
	lk_buf_str(&b, "kept");
	/* No memory is that large; the octets are never touched. */
	lk_buf_add(&b, "", SIZE_MAX - 2);
	assert_true(b.failed);
	lk_buf_str(&b, "not taken");
	lk_buf_fmt(&b, "%d", 1);
	assert_true(b.failed);
	assert_string_equal(b.p, "kept");
	lk_buf_reset(&b);
	assert_false(b.failed);
	lk_buf_free(&b);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_escape, escape_cases);
	TABLE_ROWS(&t, test_unescape_wrong, unescape_wrong);
	TABLE_TEST(&t, test_escape_all);
	TABLE_ROWS(&t, test_base64, base64_cases);
	TABLE_ROWS(&t, test_base64_wrong, base64_wrong);
	TABLE_TEST(&t, test_grow);
	TABLE_TEST(&t, test_edges);
	TABLE_TEST(&t, test_each_octet);
	TABLE_TEST(&t, test_each_digit);
	TABLE_TEST(&t, test_failed);
	return table_run(&t, "buf");
}
