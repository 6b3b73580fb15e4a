/*
 * token.c: recognise a token; on the way of every verify.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "token/digits.h"
#include "token/token.h"

#define HINT_SHOWN	4		/* octets of the text                */
#define HINT_MIN	16		/* shorter texts show none of theirs */

/* The value of a digit with DIGIT set; 0 for every other octet. */
#define DIGIT		0x40U
#define D(v)		(DIGIT | (v))

static const unsigned char	 digit[256] = {
	['0'] = D(0), ['1'] = D(1), ['2'] = D(2), ['3'] = D(3),
	['4'] = D(4), ['5'] = D(5), ['6'] = D(6), ['7'] = D(7),
	['8'] = D(8), ['9'] = D(9), ['A'] = D(10), ['B'] = D(11),
	['C'] = D(12), ['D'] = D(13), ['E'] = D(14), ['F'] = D(15),
	['G'] = D(16), ['H'] = D(17), ['I'] = D(18), ['J'] = D(19),
	['K'] = D(20), ['L'] = D(21), ['M'] = D(22), ['N'] = D(23),
	['O'] = D(24), ['P'] = D(25), ['Q'] = D(26), ['R'] = D(27),
	['S'] = D(28), ['T'] = D(29), ['U'] = D(30), ['V'] = D(31),
	['W'] = D(32), ['X'] = D(33), ['Y'] = D(34), ['Z'] = D(35),
	['a'] = D(36), ['b'] = D(37), ['c'] = D(38), ['d'] = D(39),
	['e'] = D(40), ['f'] = D(41), ['g'] = D(42), ['h'] = D(43),
	['i'] = D(44), ['j'] = D(45), ['k'] = D(46), ['l'] = D(47),
	['m'] = D(48), ['n'] = D(49), ['o'] = D(50), ['p'] = D(51),
	['q'] = D(52), ['r'] = D(53), ['s'] = D(54), ['t'] = D(55),
	['u'] = D(56), ['v'] = D(57), ['w'] = D(58), ['x'] = D(59),
	['y'] = D(60), ['z'] = D(61),
};

/* Of at least 16 octets the first n, 12 or fewer. */
static inline int
is_prefix(const char *in, size_t n)
{
	static const lk_vec	 places = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
				     11, 12, 13, 14, 15 };
	lk_vec			 v;

	memcpy(&v, in, sizeof v);
	return lk_vec_all((lk_vec)((v - '0' < 10) | (v - 'a' < 26) |
	    (places >= (unsigned char)n)));
}

/* n is 16 or more, or that of a key id. */
static inline int
is_digits(const char *in, size_t n)
{
	const unsigned char	*p = (const unsigned char *)in;
	unsigned		 all = DIGIT;
	lk_vec			 v;
	size_t			 i;

	if (n < sizeof v) {
		for (i = 0; i < n; i++)
			all &= digit[p[i]];
		return all != 0;
	}
	v = lk_vec_digits(in + n - sizeof v);
	for (i = 0; i + sizeof v < n; i += sizeof v)
		v &= lk_vec_digits(in + i);
	return lk_vec_all(v);
}

/*
 * The number that six digits stand for.  Six digits of base 62 have one value
 * and 62^6 fits, so equal numbers mean equal texts.
 */
static uint64_t
number(const char *p)
{
	uint64_t	 v = 0;
	size_t		 i;

	for (i = 0; i < LK_TOKEN_CHECK; i++)
		v = v * 62 + (digit[(unsigned char)p[i]] & (DIGIT - 1));
	return v;
}

/* All digits, of which the last six are the checksum. */
static inline int
is_vouched(const char *random)
{
	return is_digits(random, LK_TOKEN_DIGITS) &&
	    number(random + LK_TOKEN_RANDOM) ==
	    lk_crc32(random, LK_TOKEN_RANDOM);
}

int
lk_token_parse(const char *in, size_t len, struct lk_token *out)
{
	const char	*random;
	size_t		 n;

	*out = (struct lk_token){ NULL, 0, NULL, 0 };
	if (len < LK_PREFIX_MIN + 1 + LK_TOKEN_DIGITS ||
	    len > LK_PREFIX_MAX + 1 + LK_TOKEN_DIGITS)
		return LK_ESYNTAX;
	n = len - LK_TOKEN_DIGITS - 1;
	random = in + n + 1;
	if (in[n] != '_' || !is_prefix(in, n) || !is_vouched(random))
		return LK_ESYNTAX;
	*out = (struct lk_token){ in, n, in, len };
	return 0;
}

void
lk_prefix_block(const char *prefix, struct lk_prefix_block *out)
{
	memset(out, 0, sizeof(*out));
	out->len = strlen(prefix);
	out->token_len = SIZE_MAX;
	if (out->len < LK_PREFIX_MIN || out->len > LK_PREFIX_MAX)
		return;
	out->token_len = out->len + 1 + LK_TOKEN_DIGITS;
	memcpy(out->text, prefix, out->len);
	out->text[out->len] = '_';
	memset(out->mask, 0xff, out->len + 1);
}

int
lk_token_is(const char *in, size_t len, const struct lk_prefix_block *block)
{
	lk_vec	 v, text, mask;

	if (len != block->token_len)
		return 0;
	memcpy(&v, in, sizeof v);
	memcpy(&text, block->text, sizeof text);
	memcpy(&mask, block->mask, sizeof mask);
	return lk_vec_all((lk_vec)((v & mask) == text)) &&
	    is_vouched(in + block->len + 1);
}

/* The form of a token, whatever its checksum. */
static int
is_shaped(const char *in, size_t len)
{
	size_t	 n = len - LK_TOKEN_DIGITS - 1;

	return len >= LK_PREFIX_MIN + 1 + LK_TOKEN_DIGITS &&
	    len <= LK_PREFIX_MAX + 1 + LK_TOKEN_DIGITS && in[n] == '_' &&
	    is_prefix(in, n) && is_digits(in + n + 1, LK_TOKEN_DIGITS);
}

int
lk_token_foreign(const char *in, size_t len)
{
	unsigned char	 out = 0;
	size_t		 i;

	if (len < LK_FOREIGN_MIN || len > LK_FOREIGN_MAX)
		return 0;
	for (i = 0; i < len; i++)
		out |= in[i] < 0x21 || in[i] > 0x7e;
	return !out && !is_shaped(in, len);
}

int
lk_keyid_valid(const char *p, size_t n)
{
	return n == LK_KEYID_LEN && is_digits(p, n);
}

void
lk_token_hint(const char *prefix, const char *text, size_t n, char *out)
{
	char	 shown[HINT_SHOWN + 1] = "";
	size_t	 i;

	for (i = 0; n >= HINT_MIN && i < HINT_SHOWN; i++) {
		shown[i] = text[n - HINT_SHOWN + i];
		if (shown[i] <= ' ' || shown[i] > '~')
			shown[i] = '?';
	}
	snprintf(out, LK_HINT_MAX + 1, "%.*s_\xe2\x80\xa6%s", LK_PREFIX_MAX,
	    prefix, shown);
}
