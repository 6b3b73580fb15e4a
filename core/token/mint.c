/*
 * mint.c: new tokens and key ids.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "token/token.h"

int
lk_token_mint(const char *prefix, char *out, size_t size, struct lk_error *e)
{
	size_t	 n = strlen(prefix);
	char	*random;
	int	 r;

	if (size != 0)
		memset(out, 0, size);
	if (n > LK_PREFIX_MAX || size < n + 1 + LK_TOKEN_DIGITS + 1)
		return lk_fail(e, LK_EUNAVAIL,
		    "no room for a token with prefix %s", prefix);
	random = out + n + 1;
	if ((r = lk_base62_random(random, LK_TOKEN_RANDOM, e)) != 0)
		return r;
	memcpy(out, prefix, n);
	out[n] = '_';
	lk_base62_u32(lk_crc32(random, LK_TOKEN_RANDOM),
	    random + LK_TOKEN_RANDOM);
	return 0;
}

int
lk_keyid_mint(char out[LK_KEYID_LEN + 1], struct lk_error *e)
{
	out[LK_KEYID_LEN] = '\0';
	return lk_base62_random(out, LK_KEYID_LEN, e);
}
