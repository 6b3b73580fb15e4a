/*
 * sift: tokens in octets of any kind, against a search that tries each place;
 * and what is none, in much that is like one.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include "token/sift.h"

#define DIGITS	"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"
#define TOKEN	"ucd_" DIGITS
#define OTHER	"abcdefgh12345678903ZZZZZZZZZZZ0p5S0Y"
#define WRONG	"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq18"
#define HEX	"0123456789abcdef0123456789abcdef"
#define SIGNED	"4fJx0aPq9ZrT." HEX HEX
#define LONG	"abcdefghij12_" DIGITS

static const struct lk_sift_prefix	 set[] = {
	{ "abcdefghij12", 12 }, { "wpush", 5 }, { "ucd", 3 }, { "cd", 2 },
};
#define NSET	(sizeof set / sizeof set[0])

/* What is found: each as PLACE:PREFIX, by a blank. */
static const struct sift_case {
	const char	*name, *in, *want;
} sift_cases[] = {
	{ "nothing", "", "" },
	{ "a token alone", TOKEN, "0:ucd" },
	{ "one digit less", "ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq1", "" },
	{ "another checksum", "ucd_" WRONG, "" },
	{ "another prefix", "abd_" DIGITS, "" },
	{ "upper case", "UCD_" DIGITS, "" },
	{ "no underscore", "ucd" DIGITS, "" },
	{ "a dash", "ucd-" DIGITS, "" },
	{ "two underscores", "ucd__" DIGITS, "" },
	{ "without a prefix", "_" DIGITS, "" },
	{ "half a prefix", "d_" DIGITS, "" },
	{ "in a sentence", "the key is " TOKEN ".", "11:ucd" },
	{ "in quotes", "k=\"" TOKEN "\"\n", "3:ucd" },
	{ "letters before it", "KEY" TOKEN, "3:ucd" },
	{ "letters behind it", TOKEN "XYZ", "0:ucd" },
	{ "digits behind it", TOKEN DIGITS DIGITS, "0:ucd" },
	{ "digits before and behind it", DIGITS DIGITS TOKEN DIGITS,
	    "72:ucd" },
	{ "an underscore before it", "MY_" TOKEN, "3:ucd" },
	{ "an underscore behind it", TOKEN "_x", "0:ucd" },
	{ "two", TOKEN " wpush_" OTHER, "0:ucd 41:wpush" },
	{ "two that touch", TOKEN TOKEN, "0:ucd 40:ucd" },
	{ "one in another's digits", "ucd_zQWBuTSucd_" OTHER, "11:ucd" },
	{ "the longest prefix", LONG, "0:abcdefghij12" },
	{ "a shorter one is told", "x_cd_" DIGITS, "2:cd" },
	{ "a longer prefix that is none of ours", "zucd_" DIGITS, "1:ucd" },
	{ "what is signed with", SIGNED, "0:" },
	{ "letters before it and digits behind", "KEY" SIGNED "00", "3:" },
	{ "one digit of hex less", "4fJx0aPq9ZrT." HEX
	    "0123456789abcdef0123456789abcde", "" },
	{ "one that is none", "4fJx0aPq9ZrT." HEX
	    "0123456789abcdef0123456789abcdeF", "" },
	{ "a key id that is too short", "fJx0aPq9ZrT." HEX HEX, "" },
	{ "one with a dash", "4fJx0-Pq9ZrT." HEX HEX, "" },
	{ "both forms", SIGNED TOKEN SIGNED, "0: 77:ucd 117:" },
	{ "a token behind a dot and digits", "4fJx0aPq9ZrT." HEX TOKEN,
	    "45:ucd" },
	{ "a token behind a dot and letters", ".abcdefghijklmnopqrstuvwxyz "
	    TOKEN, "28:ucd" },
};

/* Tell them into got, of size octets, in chunks of `chunk` as lk_scan reads. */
static void
tell(const char *in, size_t n, size_t chunk, char *got, size_t size)
{
	size_t		 at = 0, have = 0, keep, base = 0, k, used = 0;
	struct lk_token	 t;
	char		*buf = malloc(n + 1);

	assert_non_null(buf);
	got[0] = '\0';
	for (; n > 0; in += k, n -= k) {
		k = n < chunk ? n : chunk;
		memcpy(buf + have, in, k);
		have += k;
		while (lk_sift_next(buf, have, &at, set, NSET, &t))
			used += (size_t)snprintf(got + used, size - used,
			    "%s%zu:%.*s", used != 0 ? " " : "",
			    base + (size_t)(t.text - buf), (int)t.prefix_len,
			    t.prefix);
		keep = at > LK_SIFT_BEFORE ? at - LK_SIFT_BEFORE : 0;
		memmove(buf, buf + keep, have - keep);
		have -= keep;
		at -= keep;
		base += keep;
		assert_true(used < size);
	}
	free(buf);
}

/* However it is cut. */
static void
test_sift(void **state)
{
	const struct sift_case	*c = *state;
	size_t			 n = strlen(c->in), chunk, pad;
	char			 got[64], all[512], want[64];

	for (chunk = 1; chunk <= n + 1; chunk++) {
		tell(c->in, n, chunk, got, sizeof got);
		assert_string_equal(got, c->want);
	}
	/* And wherever it stands. */
	for (pad = 0; pad < 64; pad++) {
		memset(all, '-', sizeof all);
		memcpy(all + pad, c->in, n);
		tell(all, pad + n + 60, 1000, got, sizeof got);
		tell(all, pad + n + 60, 7, want, sizeof want);
		assert_string_equal(got, want);
		assert_int_equal(got[0] != '\0', c->want[0] != '\0');
	}
}

/* ----------------------------------------------------------------- shorter */

static void
test_shorter(void **state)
{
	static const char	 in[] = TOKEN;
	struct lk_token		 t;
	size_t			 at = 0;

	(void)state;
	assert_int_equal(lk_sift_next(in, sizeof in - 1, &at, set, NSET, &t),
	    1);
	assert_int_equal(t.prefix_len, 3);
	assert_int_equal(lk_sift_shorter(set, NSET, &t), 1);
	assert_int_equal(t.prefix_len, 2);
	assert_ptr_equal(t.text, in + 1);
	assert_int_equal(t.text_len, sizeof in - 2);
	assert_int_equal(lk_sift_shorter(set, NSET, &t), 0);
}

/* ------------------------------------------------------------------- lines */

static void
test_lines(void **state)
{
	static char	 text[20000];
	size_t		 n, i;
	uint64_t	 want = 0;

	(void)state;
	for (i = 0; i < sizeof text; i++)
		text[i] = i % 3 == 0 || i > 9000 ? '\n' : (char)(i * 7);
	for (n = 0; n < sizeof text; n++) {
		if (n < 100 || n > sizeof text - 100)
			assert_int_equal(lk_sift_lines(text, n), want);
		want += text[n] == '\n';
	}
}

/* ------------------------------------------------------------------- much */

#define MUCH	2000000			/* octets of each kind               */

static uint64_t		 seed = 1;

static unsigned
chance(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)((seed >> 33) % n);
}

/* What it is made of: digits, prefixes, underscores, words; few are tokens. */
static const char *const pieces[][8] = {
	{ "ucd_", "cd_", "_", "wpush_", "zQWBuTSOoR", "i4A9spHcVY", "5", "x" },
	{ " ", "the", "ucd_", "\n", "key", "_", DIGITS, "of" },
	{ DIGITS, OTHER, WRONG, "_", "ucd", "ucd_", "wpush_", "\0\xff" },
	{ ".", HEX, "4fJx0aPq9ZrT", HEX HEX, "ucd_", DIGITS, "-", "0" },
};

static size_t
fill(char *out, size_t size, const char *const *from)
{
	size_t		 n = 0, k;
	const char	*p;

	while (n + 64 < size) {
		p = from[chance(8)];
		k = p[0] == '\0' ? 2 : strlen(p);
		memcpy(out + n, p, k);
		n += k;
	}
	return n;
}

/* Each place is tried. */
static size_t
slow(const char *p, size_t n)
{
	size_t		 i, j, found = 0;
	struct lk_token	 t;

	for (i = 0; i + LK_TOKEN_DIGITS < n; i++) {
		for (j = 0; p[i] == '_' && j < NSET; j++)
			if (i >= set[j].n && memcmp(p + i - set[j].n,
			    set[j].p, set[j].n) == 0)
				break;
		found += p[i] == '.' && i >= LK_KEYID_LEN &&
		    lk_sift_signed(p + i - LK_KEYID_LEN,
		    n - i + LK_KEYID_LEN);
		if (p[i] == '_' && j < NSET)
			found += lk_token_parse(p + i - set[j].n, set[j].n +
			    1 + LK_TOKEN_DIGITS, &t) == 0;
	}
	return found;
}

static size_t
quick(const char *p, size_t n)
{
	struct lk_token	 t;
	size_t		 at = 0, found = 0;

	while (lk_sift_next(p, n, &at, set, NSET, &t))
		found++;
	return found;
}

static void
test_much(void **state)
{
	char	*p = malloc(MUCH);
	size_t	 i, n, found;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		n = fill(p, MUCH, pieces[i]);
		found = slow(p, n);
		assert_int_equal(quick(p, n), found);
		/* It is no proof where there was nothing to find. */
		assert_int_equal(found > 1000, i != 0);
	}
	free(p);
}

/* All forms of a token but its checksum: no false find. */
static void
test_false(void **state)
{
	static const char	 all[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char			*p = malloc(MUCH);
	size_t			 n, k;

	(void)state;
	assert_non_null(p);
	for (n = 0; n + 41 <= MUCH; n += 41) {
		memcpy(p + n, "ucd_", 4);
		for (k = 4; k < 40; k++)
			p[n + k] = all[chance(62)];
		p[n + 40] = '\n';
	}
	assert_int_equal(quick(p, n), 0);
	/* Planted: one that must be found. */
	memcpy(p + 41 * 1000, TOKEN, 40);
	assert_int_equal(quick(p, n), 1);
	free(p);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_sift, sift_cases);
	TABLE_TEST(&t, test_shorter);
	TABLE_TEST(&t, test_lines);
	TABLE_TEST(&t, test_much);
	TABLE_TEST(&t, test_false);
	return table_run(&t, "sift");
}
