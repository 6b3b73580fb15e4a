/*
 * random.c: the one place that asks for randomness.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/random.h>

#include <errno.h>

#include "base/err.h"
#include "base/random.h"

int
lk_random(void *p, size_t n, struct lk_error *e)
{
	ssize_t	 got;

	do {
		got = getrandom(p, n, 0);
	} while (got == -1 && errno == EINTR);
	if (got >= 0 && (size_t)got == n)
		return 0;
	lk_wipe(p, n);
	if (got == -1)
		return lk_fail_errno(e, LK_EUNAVAIL,
		    "the system gives no random octets (getrandom)");
	return lk_fail(e, LK_EUNAVAIL, "the system gave %zd of %zu random "
	    "octets (getrandom)", got, n);
}
