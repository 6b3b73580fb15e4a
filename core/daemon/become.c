#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <grp.h>
#include <pwd.h>
#include <signal.h>
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

/*
 * With the uid the kernel changes what was asked of it: a core file may be
 * written again, by fs.suid_dumpable, and nobody is told any more when the
 * parent dies.  Source: prctl(2).
 */
static int
become_still(const struct stat *st, const char *store, struct lk_error *e)
{
	pid_t	 parent = getppid();
	int	 r, sig = 0;

	prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
	if ((r = become(st, store, e)) != 0)
		return r;
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (sig == 0)
		return 0;
	prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0);
	/* It may have died in between. */
	if (getppid() != parent)
		raise(sig);
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
	return become_still(&st, store, e);
}
