#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/user.h"

void
lk_user_name(uid_t uid, char *out, size_t n)
{
	struct passwd	 pw, *found = NULL;
	char		 buf[4096];

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) == 0 &&
	    found != NULL && lk_utf8_plain(pw.pw_name, strlen(pw.pw_name)))
		snprintf(out, n, "%s", pw.pw_name);
	else
		snprintf(out, n, "%u", (unsigned)uid);
}
