#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <grp.h>
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

size_t
lk_user_groups(uid_t uid, gid_t *out, size_t max)
{
	struct passwd	 pw, *found = NULL;
	char		 buf[4096];
	int		 n = (int)max;

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) != 0 ||
	    found == NULL ||
	    getgrouplist(pw.pw_name, pw.pw_gid, out, &n) == -1 || n < 0)
		return 0;
	return (size_t)n;
}
