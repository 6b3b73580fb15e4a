/*
 * base62.c: digits 0-9A-Za-z, from a number and from chance.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "base/random.h"
#include "token/token.h"

#define BASE		62
#define DRAW		64		/* random octets asked for at once   */
#define DRAWS_MAX	64		/* then the generator is broken      */

static const char	 digits[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

void
lk_base62_u32(uint32_t v, char out[LK_TOKEN_CHECK])
{
	size_t	 i;

	for (i = LK_TOKEN_CHECK; i-- > 0; v /= BASE)
		out[i] = digits[v % BASE];
}

/*
 * Six bits of each octet make 0..63; 62 and 63 are thrown away, not folded, so
 * every digit is as likely as any other.
 */
int
lk_base62_random(char *out, size_t n, struct lk_error *e)
{
	unsigned char	 draw[DRAW];
	size_t		 have = 0, i;
	int		 r = 0, draws;

	for (draws = 0; have < n; draws++) {
		if (draws >= DRAWS_MAX + (int)(n / DRAW)) {
			r = lk_fail(e, LK_EUNAVAIL, "the system's random "
			    "octets (getrandom) are not random");
			goto out;
		}
		if ((r = lk_random(draw, sizeof draw, e)) != 0)
			goto out;
		for (i = 0; i < sizeof draw && have < n; i++) {
			if ((draw[i] & 63) < BASE)
				out[have++] = digits[draw[i] & 63];
		}
	}
out:
	lk_wipe(draw, sizeof draw);
	if (r != 0)
		lk_wipe(out, n);
	return r;
}
