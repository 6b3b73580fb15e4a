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

/* Who that is, and with which groups: those of name, or gid where it is "". */
struct user {
	uid_t		 uid;
	gid_t		 gid;
	const char	*name;
	const char	*what;		/* of whom, in a sentence            */
};

static int
become(const struct user *u, struct lk_error *e)
{
	int	 r;

	r = u->name[0] != '\0' ? initgroups(u->name, u->gid) :
	    setgroups(1, &u->gid);
	if (r == -1 || setgid(u->gid) == -1 || setuid(u->uid) == -1)
		return lk_fail_errno(e, LK_EPERM, "cannot become uid %ld, %s",
		    (long)u->uid, u->what);
	/* An id that could be given back would be none. */
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
become_still(const struct user *u, struct lk_error *e)
{
	pid_t	 parent = getppid();
	int	 r, sig = 0;

	prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
	if ((r = become(u, e)) != 0)
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

/* 1; 0: there is none, lk_open knows the sentence for it. */
static int
stat_store(const char *policy, struct stat *st, struct lk_error *e)
{
	char	 store[LK_POLICY_LEN];
	int	 r;

	if ((r = lk_home_store(policy, store, sizeof(store), e)) != 0)
		return r;
	return stat(store, st) == 0;
}

int
lk_become_owner(const char *policy, struct lk_error *e)
{
	const struct passwd	*pw;
	struct user		 u = { .name = "", .what = "the owner of the "
				    "store" };
	struct stat		 st;
	int			 r;

	if (geteuid() != 0)
		return 0;
	if ((r = stat_store(policy, &st, e)) != 1)
		return r;
	if (st.st_uid == 0)
		return 0;
	u.uid = st.st_uid;
	u.gid = st.st_gid;
	if ((pw = getpwuid(st.st_uid)) != NULL) {
		u.gid = pw->pw_gid;
		u.name = pw->pw_name;
	}
	return become_still(&u, e);
}

int
lk_become_verifier(const char *policy, const char *name, struct lk_error *e)
{
	const struct passwd	*pw;
	struct user		 u;
	struct stat		 st;
	int			 r;

	if (geteuid() != 0)
		return lk_fail(e, LK_EPERM, "only root can start a verifier "
		    "that is %s", name);
	if ((r = stat_store(policy, &st, e)) < 0)
		return r;
	if ((pw = getpwnam(name)) == NULL)
		return lk_fail(e, LK_ENOTFOUND, "there is no user \"%s\" to "
		    "be the verifier", name);
	if (pw->pw_uid == 0 || (r == 1 && pw->pw_uid == st.st_uid))
		return lk_fail(e, LK_ECONFIG, "%s may write the store: the "
		    "verifier is to be somebody who may only read it", name);
	u = (struct user){ pw->pw_uid, pw->pw_gid, pw->pw_name,
	    "the verifier" };
	return become_still(&u, e);
}
