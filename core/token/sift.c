/*
 * sift.c: see sift.h.
 *
 *	 at               at + 20          at + 36
 *	  |                  |================|
 *	 u|cd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17
 *	      |<------------ 36 digits ------------>|
 *
 * Whichever of the 21 places from `at` on the digits of a token begin at, the
 * sixteen octets at at + 20 are among them.  Text and programs seldom have 16
 * digits in a row, so one look there passes over 21 octets; of a longer run no
 * place is one where digits begin, but behind what is no digit.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "token/digits.h"
#include "token/sift.h"

#define SIXTEEN		sizeof(lk_vec)
#define STEP		(LK_TOKEN_DIGITS - SIXTEEN + 1)
#define LINES_AT_ONCE	255		/* that an octet can count           */

/*
 * Where digits begin, of the places from at to at + STEP - 1, when the sixteen
 * behind those are digits: behind what both forms have there.  1, 0.
 */
static int
find_begin(const char *p, size_t at, size_t *begin)
{
	size_t	 b = at + STEP - 1;

	/* A long run of digits is one look more. */
	if (at != 0 && lk_vec_all(lk_vec_digits(p + at - 1) &
	    lk_vec_digits(p + b - SIXTEEN)))
		return 0;
	while (b > at && lk_is_digit(p[b - 1]))
		b--;
	*begin = b;
	return b > LK_PREFIX_MIN && (p[b - 1] == '_' || p[b - 1] == '.');
}

static int
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Of n octets, up to the 64 of a secret. */
static size_t
count_hex(const char *p, size_t n)
{
	size_t	 k = 0;

	while (k < n && k < LK_SIGNED_HEX && is_hex(p[k]))
		k++;
	return k;
}

/* before: octets in front of the underscore. */
static int
ends_in(const char *underscore, size_t before,
    const struct lk_sift_prefix *x)
{
	return x->n <= before && memcmp(underscore - x->n, x->p, x->n) == 0;
}

int
lk_sift_signed(const char *p, size_t n)
{
	size_t	 i;

	if (n < LK_SIGNED_SIZE || p[LK_KEYID_LEN] != '.' ||
	    count_hex(p + LK_KEYID_LEN + 1, LK_SIGNED_HEX) != LK_SIGNED_HEX)
		return 0;
	for (i = 0; i < LK_KEYID_LEN; i++)
		if (!lk_is_digit(p[i]))
			return 0;
	return 1;
}

/* Behind a dot. */
static int
judge_signed(const char *p, size_t n, size_t begin, struct lk_token *out)
{
	const size_t	 before = LK_KEYID_LEN + 1;

	if (begin < before || !lk_sift_signed(p + begin - before,
	    n - begin + before))
		return 0;
	*out = (struct lk_token){ NULL, 0, p + begin - before,
	    LK_SIGNED_SIZE };
	return 1;
}

/* The token whose digits begin at place begin, by the longest prefix. */
static int
judge(const char *p, size_t n, size_t begin, const struct lk_sift_prefix *set,
    size_t nset, struct lk_token *out)
{
	size_t	 i;

	if (p[begin - 1] == '.')
		return judge_signed(p, n, begin, out);
	for (i = 0; i < nset; i++)
		if (ends_in(p + begin - 1, begin - 1, &set[i]))
			return lk_token_parse(p + begin - 1 - set[i].n,
			    set[i].n + 1 + LK_TOKEN_DIGITS, out) == 0;
	return 0;
}

/* Of digits that begin there, octets behind the nth may be the rest.  All of
 * hex hide nothing else. */
static int
is_cut_off(const char *p, size_t n, size_t begin)
{
	if (p[begin - 1] == '.')
		return begin + LK_SIGNED_HEX > n &&
		    count_hex(p + begin, n - begin) == n - begin;
	return begin + LK_TOKEN_DIGITS > n;
}

int
lk_sift_next(const char *p, size_t n, size_t *at,
    const struct lk_sift_prefix *set, size_t nset, struct lk_token *out)
{
	size_t	 i = *at, begin;

	while (i + LK_TOKEN_DIGITS <= n) {
		if (!lk_vec_all(lk_vec_digits(p + i + STEP - 1)) ||
		    !find_begin(p, i, &begin)) {
			i += STEP;
			continue;
		}
		if (is_cut_off(p, n, begin)) {
			i = begin;
			break;
		}
		i += STEP;
		if (judge(p, n, begin, set, nset, out)) {
			*at = i;
			return 1;
		}
	}
	*at = i;
	return 0;
}

int
lk_sift_shorter(const struct lk_sift_prefix *set, size_t nset,
    struct lk_token *t)
{
	const char	*underscore = t->prefix + t->prefix_len;
	size_t		 i;

	for (i = 0; i < nset; i++)
		if (set[i].n < t->prefix_len &&
		    ends_in(underscore, t->prefix_len, &set[i]))
			return lk_token_parse(underscore - set[i].n,
			    set[i].n + 1 + LK_TOKEN_DIGITS, t) == 0;
	return 0;
}

/* Of at most LINES_AT_ONCE times sixteen octets. */
static uint64_t
count(const char *p, size_t sixteens)
{
	lk_vec		 v, sum = { 0 };
	uint64_t	 lines = 0;
	size_t		 i;

	for (i = 0; i < sixteens; i++) {
		memcpy(&v, p + i * SIXTEEN, sizeof v);
		sum -= (lk_vec)(v == '\n');
	}
	for (i = 0; i < SIXTEEN; i++)
		lines += sum[i];
	return lines;
}

uint64_t
lk_sift_lines(const char *p, size_t n)
{
	uint64_t	 lines = 0;
	size_t		 some;

	for (; n >= SIXTEEN; p += some * SIXTEEN, n -= some * SIXTEEN) {
		some = n / SIXTEEN;
		if (some > LINES_AT_ONCE)
			some = LINES_AT_ONCE;
		lines += count(p, some);
	}
	for (; n > 0; p++, n--)
		lines += *p == '\n';
	return lines;
}
