/* token: parse, checksum, hint, prefixes. */
#include "table.h"

#include "token/token.h"

#define DIGITS	"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"
#define TAIL	"_" DIGITS "0mLq17"
#define TOKEN	"ucd" TAIL

static const struct crc_case {
	const char	*name, *in;
	uint32_t	 want;
} crc_cases[] = {
	{ "crc32: nothing",	"",			0 },
	{ "crc32: check value",	"123456789",		0xcbf43926U },
	{ "crc32: one octet",	"a",			0xe8b7be43U },
	{ "crc32: abc",		"abc",			0x352441c2U },
	{ "crc32: a sentence",
	    "The quick brown fox jumps over the lazy dog", 0x414fa339U },
};

static void
test_crc(void **state)
{
	const struct crc_case	*c = *state;

	assert_int_equal(lk_crc32(c->in, strlen(c->in)), c->want);
}

/* Bit by bit, as the standard says it. */
static uint32_t
crc_slow(const unsigned char *p, size_t n)
{
	uint32_t	 crc = 0xffffffffU;
	int		 bit;

	for (; n > 0; n--, p++) {
		crc ^= *p;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	return ~crc;
}

/* Every length and alignment against that; all octets at every place. */
static void
test_crc_slow(void **state)
{
	unsigned char	 m[72];
	size_t		 i, n, at;

	(void)state;
	for (i = 0; i < sizeof m; i++)
		m[i] = (unsigned char)(i * 151 + 7);
	for (at = 0; at < 8; at++) {
		for (n = 0; n <= 64; n++)
			assert_int_equal(lk_crc32(m + at, n),
			    crc_slow(m + at, n));
	}
	for (at = 0; at < 30; at++) {
		for (i = 0; i < 256; i++) {
			m[at] = (unsigned char)i;
			assert_int_equal(lk_crc32(m, 30), crc_slow(m, 30));
		}
	}
}

static const struct known_case {
	const char	*name, *digits, *check;
} known_cases[] = {
	{ "known answer 1", DIGITS,				"0mLq17" },
	{ "known answer 2", "abcdefgh12345678903ZZZZZZZZZZZ",	"0p5S0Y" },
};

static void
test_known(void **state)
{
	const struct known_case	*c = *state;
	struct lk_token		 t;
	char			 check[LK_TOKEN_CHECK + 1] = "", s[64];

	lk_base62_u32(lk_crc32(c->digits, LK_TOKEN_RANDOM), check);
	assert_string_equal(check, c->check);
	snprintf(s, sizeof s, "ghx_%s%s", c->digits, c->check);
	assert_int_equal(lk_token_parse(s, strlen(s), &t), 0);
}

static const struct base62_case {
	const char	*name;
	uint32_t	 v;
	const char	*want;
} base62_cases[] = {
	{ "base62: 0",		0,		"000000" },
	{ "base62: 9",		9,		"000009" },
	{ "base62: 10",		10,		"00000A" },
	{ "base62: 35",		35,		"00000Z" },
	{ "base62: 36",		36,		"00000a" },
	{ "base62: 61",		61,		"00000z" },
	{ "base62: 62",		62,		"000010" },
	{ "base62: 3844",	3844,		"000100" },
	{ "base62: the largest", UINT32_MAX,	"4gfFC3" },
};

static void
test_base62(void **state)
{
	const struct base62_case	*c = *state;
	char				 out[LK_TOKEN_CHECK + 1] = "";

	lk_base62_u32(c->v, out);
	assert_string_equal(out, c->want);
}

static const struct parse_case {
	const char	*name, *in;
	int		 want;
} parse_cases[] = {
	{ "a token of ours",		TOKEN,			0 },
	{ "prefix of 2",		"s1" TAIL,		0 },
	{ "prefix of 12",		"abcdefghij12" TAIL,	0 },
	{ "prefix of digits",		"007" TAIL,		0 },
	{ "empty",			"",			LK_ESYNTAX },
	{ "prefix of 0",		TAIL,			LK_ESYNTAX },
	{ "prefix of 1",		"u" TAIL,		LK_ESYNTAX },
	{ "prefix of 13",		"abcdefghij123" TAIL,	LK_ESYNTAX },
	{ "upper-case prefix",		"UCD" TAIL,		LK_ESYNTAX },
	{ "underscore in the prefix",	"u_d" TAIL,		LK_ESYNTAX },
	{ "dash in the prefix",		"u-d" TAIL,		LK_ESYNTAX },
	{ "no underscore",	"ucd" DIGITS "0mLq17",		LK_ESYNTAX },
	{ "dash for underscore", "ucd-" DIGITS "0mLq17",	LK_ESYNTAX },
	{ "two underscores",	"ucd_" TAIL,			LK_ESYNTAX },
	{ "two digits swapped",	"ucd_Qz"
	    "WBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17",		LK_ESYNTAX },
	{ "checksum of another", "ucd_" DIGITS "0p5S0Y",	LK_ESYNTAX },
	{ "checksum unpadded",	"ucd_" DIGITS "mLq17",		LK_ESYNTAX },
	{ "checksum plus 2^32",	"ucd_" DIGITS "5T15DB",		LK_ESYNTAX },
	{ "blank before",	" " TOKEN,			LK_ESYNTAX },
	{ "blank behind",	TOKEN " ",			LK_ESYNTAX },
	{ "newline behind",	TOKEN "\n",			LK_ESYNTAX },
	{ "twice",		TOKEN TOKEN,			LK_ESYNTAX },
	{ "Bearer before it",	"Bearer " TOKEN,		LK_ESYNTAX },
};

/* Of one prefix it says what the parse of any says. */
static void
is_as_parsed(const char *in, size_t n, const struct lk_token *t, int r)
{
	static const char *const	 prefixes[] = { "ucd", "ud", "s1",
					     "abcdefghij12", "", "x" };
	struct lk_prefix_block		 block;
	size_t				 i, len;

	for (i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
		lk_prefix_block(prefixes[i], &block);
		len = strlen(prefixes[i]);
		assert_int_equal(lk_token_is(in, n, &block), r == 0 &&
		    t->prefix_len == len &&
		    memcmp(t->prefix, prefixes[i], len) == 0);
	}
}

static int
parses(const char *in, size_t n)
{
	static const struct lk_token	 none;
	struct lk_token			 t;
	char				*exact;
	int				 r;

	/* In memory of just its size, so that a sanitizer sees more. */
	exact = malloc(n == 0 ? 1 : n);
	assert_non_null(exact);
	memcpy(exact, in, n);
	memset(&t, 0xff, sizeof t);
	r = lk_token_parse(exact, n, &t);
	if (r == 0) {
		assert_ptr_equal(t.prefix, exact);
		assert_int_equal(t.prefix_len, n - 37);
		assert_ptr_equal(t.text, exact);
		assert_int_equal(t.text_len, n);
	} else {
		assert_int_equal(r, LK_ESYNTAX);
		assert_memory_equal(&t, &none, sizeof t);
	}
	is_as_parsed(exact, n, &t, r);
	free(exact);
	return r == 0;
}

static void
test_parse(void **state)
{
	const struct parse_case	*c = *state;

	assert_int_equal(parses(c->in, strlen(c->in)), c->want == 0);
}

/* The underscore and the 36 digits: what the checksum vouches for. */
#define PREFIX_LEN	3

static int
is_prefix_octet(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/*
 * Every octet to every other value, case flips among them.  The checksum does
 * not cover the prefix, so another prefix is another token; its digest is
 * another one too.
 */
static void
test_every_change(void **state)
{
	char	 s[] = TOKEN;
	size_t	 i;
	int	 c;

	(void)state;
	for (i = 0; i < sizeof s - 1; i++) {
		for (c = 0; c < 256; c++) {
			s[i] = (char)c;
			assert_int_equal(parses(s, sizeof s - 1),
			    s[i] == TOKEN[i] ||
			    (i < PREFIX_LEN && is_prefix_octet(c)));
		}
		s[i] = TOKEN[i];
	}
}

/* Every cut, at either end and of any run within. */
static void
test_every_cut(void **state)
{
	size_t	 n = sizeof TOKEN - 1, from, len;
	char	 s[sizeof TOKEN];

	(void)state;
	for (from = 0; from < n; from++) {
		for (len = 1; from + len <= n; len++) {
			memcpy(s, TOKEN, from);
			memcpy(s + from, &TOKEN[from + len], n - from - len);
			/* ucd_ less a letter of the prefix is a prefix. */
			assert_int_equal(parses(s, n - len),
			    len == 1 && from < PREFIX_LEN);
		}
	}
}

/* Every octet added at every place. */
static void
test_every_addition(void **state)
{
	size_t	 n = sizeof TOKEN - 1, at;
	char	 s[sizeof TOKEN + 1];
	int	 c;

	(void)state;
	for (at = 0; at <= n; at++) {
		for (c = 0; c < 256; c++) {
			memcpy(s, TOKEN, at);
			s[at] = (char)c;
			memcpy(s + at + 1, &TOKEN[at], n - at);
			assert_int_equal(parses(s, n + 1),
			    at <= PREFIX_LEN && is_prefix_octet(c));
		}
	}
}

/* Every pair of neighbours swapped. */
static void
test_every_swap(void **state)
{
	char	 s[] = TOKEN, spare;
	size_t	 i;

	(void)state;
	for (i = PREFIX_LEN; i + 1 < sizeof s - 1; i++) {
		spare = s[i];
		s[i] = s[i + 1];
		s[i + 1] = spare;
		assert_int_equal(parses(s, sizeof s - 1), s[i] == s[i + 1]);
		s[i + 1] = s[i];
		s[i] = spare;
	}
}

static const struct keyid_case {
	const char	*name, *in;
	int		 want;
} keyid_cases[] = {
	{ "key id: right",		"0AZaz9bcdefG",		1 },
	{ "key id: empty",		"",			0 },
	{ "key id: 11",			"0AZaz9bcdef",		0 },
	{ "key id: 13",			"0AZaz9bcdefGh",	0 },
	{ "key id: underscore",		"0AZaz9bcdef_",		0 },
	{ "key id: blank",		" AZaz9bcdefG",		0 },
	{ "key id: high octet",		"0AZaz9\xc3\xbc""def",	0 },
};

static void
test_keyid(void **state)
{
	const struct keyid_case	*c = *state;

	assert_int_equal(lk_keyid_valid(c->in, strlen(c->in)), c->want);
}

static const struct hint_case {
	const char	*name, *prefix, *text, *want;
} hint_cases[] = {
	{ "hint: ours",		"ucd", TOKEN, "ucd_\xe2\x80\xa6Lq17" },
	{ "hint: the longest",	"abcdefghij12", "abcdefghij12" TAIL,
	    "abcdefghij12_\xe2\x80\xa6Lq17" },
	{ "hint: foreign",	"old", "0123456789abcdef",
	    "old_\xe2\x80\xa6" "cdef" },
	{ "hint: too short to show", "old", "0123456789abcde",
	    "old_\xe2\x80\xa6" },
	{ "hint: unprintable",	"old", "0123456789ab\x1b[2J",
	    "old_\xe2\x80\xa6?[2J" },
	{ "hint: prefix too long", "abcdefghij1234", TOKEN,
	    "abcdefghij12_\xe2\x80\xa6Lq17" },
};

static void
test_hint(void **state)
{
	const struct hint_case	*c = *state;
	char			 out[LK_HINT_MAX + 1];

	lk_token_hint(c->prefix, c->text, strlen(c->text), out);
	assert_string_equal(out, c->want);
}

static const struct prefix_case {
	const char	*name;		/* the prefix itself */
	int		 want;
} prefix_cases[] = {
	{ "ucd", 0 }, { "wpush", 0 }, { "mob", 0 }, { "sms", 0 }, { "op", 0 },
	{ "a1", 0 }, { "abcdefghij12", 0 }, { "ghx", 0 }, { "skx", 0 },
	{ "", LK_EDATA }, { "a", LK_EDATA }, { "abcdefghij123", LK_EDATA },
	{ "Ucd", LK_EDATA }, { "u-d", LK_EDATA }, { "u_d", LK_EDATA },
	{ "uc ", LK_EDATA }, { "\xc3\xbc", LK_EDATA },
	{ "ghp", LK_EDATA }, { "gho", LK_EDATA }, { "ghu", LK_EDATA },
	{ "ghs", LK_EDATA }, { "ghr", LK_EDATA }, { "github", LK_EDATA },
	{ "npm", LK_EDATA }, { "sk", LK_EDATA }, { "pk", LK_EDATA },
	{ "rk", LK_EDATA }, { "hvs", LK_EDATA }, { "hvb", LK_EDATA },
	{ "hvr", LK_EDATA }, { "xoxb", LK_EDATA }, { "xoxp", LK_EDATA },
	{ "glpat", LK_EDATA }, { "pypi", LK_EDATA }, { "dop", LK_EDATA },
	{ "shpat", LK_EDATA },
};

static void
test_prefix(void **state)
{
	const struct prefix_case	*c = *state;
	struct lk_error			 e = { 0 };

	assert_int_equal(lk_prefix_check(c->name, strlen(c->name), &e),
	    c->want);
	assert_int_equal(lk_prefix_check(c->name, strlen(c->name), NULL),
	    c->want);
	assert_int_equal(e.text[0] != '\0', c->want != 0);
}

static void
test_vendor_named(void **state)
{
	struct lk_error	 e;

	(void)state;
	assert_int_equal(lk_prefix_check("ghp", 3, &e), LK_EDATA);
	assert_non_null(strstr(e.text, "GitHub"));
	assert_non_null(strstr(e.text, "ghp"));
}

#define A16	"aaaaaaaaaaaaaaaa"
#define A64	A16 A16 A16 A16

static const struct foreign_case {
	const char	*name, *in;
	int		 want;
} foreign_cases[] = {
	{ "foreign: 15 octets",		"123456789012345",	0 },
	{ "foreign: 16 octets",		"1234567890123456",	1 },
	{ "foreign: 256 octets",	A64 A64 A64 A64,	1 },
	{ "foreign: 257 octets",	A64 A64 A64 A64 "a",	0 },
	{ "foreign: its ends",		"!~!~!~!~!~!~!~!~",	1 },
	{ "foreign: a blank",		A16 " ",		0 },
	{ "foreign: DEL",		"\x7f" A16,		0 },
	{ "foreign: UTF-8",		A16 "\xc3\xbc",		0 },
	{ "foreign: a UUID",
	    "c0ffee00-1234-4abc-8def-0123456789ab",		1 },
	{ "foreign: one of ours",	TOKEN,			0 },
	{ "foreign: another checksum",	"ucd_" DIGITS "0mLq18",	0 },
	{ "foreign: a digit more",	TOKEN "a",		1 },
	{ "foreign: a capital prefix",	"UCD" TAIL,		1 },
	{ "foreign: a prefix of 1",	"u" TAIL,		1 },
	{ "foreign: a prefix of 12",	"abcdefghijkl" TAIL,	0 },
	{ "foreign: a prefix of 13",	"abcdefghijklm" TAIL,	1 },
};

static void
test_foreign(void **state)
{
	const struct foreign_case	*c = *state;

	assert_int_equal(lk_token_foreign(c->in, strlen(c->in)), c->want);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_crc, crc_cases);
	TABLE_ROWS(&t, test_foreign, foreign_cases);
	TABLE_TEST(&t, test_crc_slow);
	TABLE_ROWS(&t, test_known, known_cases);
	TABLE_ROWS(&t, test_base62, base62_cases);
	TABLE_ROWS(&t, test_parse, parse_cases);
	TABLE_TEST(&t, test_every_change);
	TABLE_TEST(&t, test_every_cut);
	TABLE_TEST(&t, test_every_addition);
	TABLE_TEST(&t, test_every_swap);
	TABLE_ROWS(&t, test_keyid, keyid_cases);
	TABLE_ROWS(&t, test_hint, hint_cases);
	TABLE_ROWS(&t, test_prefix, prefix_cases);
	TABLE_TEST(&t, test_vendor_named);
	return table_run(&t, "token");
}
