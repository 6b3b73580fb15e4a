/*
 * mask.c: text that may hold tokens, without what makes them so.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "token/sift.h"

#define SHOWN	4			/* digits, as a hint shows           */

static const char	 gap[] = "\xe2\x80\xa6";	/* an ellipsis        */

/* Digits that begin at place i and are to be hidden: those of a token of any
 * prefix, or of what is signed with, of whatever store. */
static size_t
secret_at(const char *p, size_t n, size_t i)
{
	struct lk_token	 t;
	size_t		 at;

	if (i > LK_PREFIX_MIN && p[i - 1] == '_' && n - i >= LK_TOKEN_DIGITS &&
	    lk_token_parse(p + i - 1 - LK_PREFIX_MIN, LK_PREFIX_MIN + 1 +
	    LK_TOKEN_DIGITS, &t) == 0)
		return LK_TOKEN_DIGITS;
	at = LK_KEYID_LEN + 1;
	if (i >= at && p[i - 1] == '.' && lk_sift_signed(p + i - at,
	    n - i + at))
		return LK_SIGNED_HEX;
	return 0;
}

size_t
lk_mask(char *text, size_t n)
{
	size_t	 i, k, out = 0;

	for (i = 0; i < n; i += k) {
		if ((k = secret_at(text, n, i)) == 0) {
			text[out++] = text[i];
			k = 1;
			continue;
		}
		memcpy(text + out, gap, sizeof gap - 1);
		out += sizeof gap - 1;
		memmove(text + out, text + i + k - SHOWN, SHOWN);
		out += SHOWN;
	}
	return out;
}
