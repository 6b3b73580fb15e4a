/*
 * peppers_whole.c: is each pepper there that keys are under?
 *
 * The current one is the journal's.  Keys may be under the one right before it
 * too: the index counts them, and knows that pepper's check value from the line
 * of the rotation.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "peppers.h"

#define NAMED	64			/* octets of how many keys there are */

static const char *
keys_are(uint64_t n, char out[NAMED])
{
	if (n == 0)			/* it cannot be told how many        */
		return "keys are";
	snprintf(out, NAMED, "%" PRIu64 " key%s", n, n == 1 ? " is" : "s are");
	return out;
}

/* It is not there; or the current one, 1, goes by another number. */
static int
missing(const char *dir, unsigned current, const char *keys,
    struct lk_error *e)
{
	if (current == 1)
		return lk_fail(e, LK_ECONFIG, "%s/1 is the pepper that the "
		    "journal is under, and %s under one of even number: give "
		    "the file the number that it had", dir, keys);
	return lk_fail(e, LK_ECONFIG, "%s/%u is missing, and %s under it: put "
	    "it back; or, if it is lost, end what is under it (latchkey "
	    "pepper retire --delete-keys)", dir, current - 1, keys);
}

static int
another(const char *dir, unsigned version, const char *keys,
    struct lk_error *e)
{
	return lk_fail(e, LK_ECONFIG, "%s/%u is not the pepper that %s under: "
	    "put that one back; or, if it is lost, move this file elsewhere "
	    "and end what is under the other (latchkey pepper retire "
	    "--delete-keys)", dir, version, keys);
}

/* Is it another one than was rotated?  What that was may not be known. */
static int
is_another(struct lk_store *store, const struct lk_pepper *p,
    unsigned version)
{
	uint8_t	 was[LK_MAC_SIZE];

	return lk_store_was(store, was) == 1 &&
	    lk_pepper_is(p, version, was) == 0;
}

int
lk_peppers_whole(struct lk_store *store, const char *dir,
    const struct lk_pepper *p, struct lk_error *e)
{
	unsigned	 current = lk_pepper_current(p);
	unsigned	 before = lk_pepper_before(p);
	char		 keys[NAMED];
	uint64_t	 n;

	if ((before != 0 && !is_another(store, p, before)) ||
	    lk_store_under_sure(store, !(current & 1), &n) != 1)
		return 0;
	return before != 0 ? another(dir, before, keys_are(n, keys), e) :
	    missing(dir, current, keys_are(n, keys), e);
}
