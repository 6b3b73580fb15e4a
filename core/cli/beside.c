#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/beside.h"

#define OWN		LK_BINDIR "/latchkey"

/*
 * Below the folder that this one was installed to, which a DESTDIR or a move of
 * the whole may have put elsewhere.
 */
const char *
lk_beside(const char *name, char *out, size_t size)
{
	ssize_t	 n = readlink("/proc/self/exe", out, size - 1);
	size_t	 own = sizeof(OWN) - 1, left;

	if (n >= (ssize_t)own && memcmp(out + (size_t)n - own, OWN, own) == 0)
		left = (size_t)n - own;
	else
		left = 0;
	if (left + sizeof(LK_LIBEXECDIR) + strlen(name) + 1 > size)
		left = 0;
	snprintf(out + left, size - left, "%s/%s", LK_LIBEXECDIR, name);
	return out;
}
