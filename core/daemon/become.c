#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>
#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/become.h"
#include "daemon/options.h"

static int
become(const struct stat *st, const char *store, struct lk_error *e)
{
	const struct passwd	*pw = getpwuid(st->st_uid);
	gid_t			 gid = pw != NULL ? pw->pw_gid : st->st_gid;
	int			 r;

	r = pw != NULL ? initgroups(pw->pw_name, gid) : setgroups(1, &gid);
	if (r == -1 || setgid(gid) == -1 || setuid(st->st_uid) == -1)
		return lk_fail_errno(e, LK_EPERM, "cannot become uid %ld, the "
		    "owner of the store %s", (long)st->st_uid, store);
	/* An owner's id that could be given back would be none. */
	if (setuid(0) == 0)
		return lk_fail(e, LK_EPERM, "cannot give up root's rights");
	return 0;
}

int
lk_become_owner(const char *policy, struct lk_error *e)
{
	char		 store[LK_POLICY_LEN];
	struct stat	 st;
	int		 r;

	if (geteuid() != 0)
		return 0;
	if ((r = lk_home_store(policy, store, sizeof(store), e)) != 0)
		return r;
	/* lk_open knows the sentence for one that is not there. */
	if (stat(store, &st) == -1 || st.st_uid == 0)
		return 0;
	return become(&st, store, e);
}
