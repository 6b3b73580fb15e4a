/*
 * check.c: a start, and then a reload, in which a plugin at fault counts as
 * well; and nobody is served.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/become.h"
#include "daemon/check.h"
#include "daemon/options.h"
#include "daemon/tell.h"

static void
say(void *arg, const struct lk_error *finding, const char *line)
{
	unsigned	*n = arg;

	(void)line;
	if (finding->code == LK_NOTE)
		return;
	++*n;
	(void)lk_tell_error("", finding);
}

/* 0, or an error that was not said yet if no fault was. */
static int
check_policy(const char *policy, unsigned *n, struct lk_error *e)
{
	char	 store[LK_POLICY_LEN];

	/* The check says why. */
	if (lk_home_store(policy, store, sizeof(store), e) != 0)
		store[0] = '\0';
	return lk_policy_check(policy, NULL, store[0] != '\0' ? store : NULL,
	    say, n, e);
}

int
lk_check(const char *policy, unsigned flags, int owner)
{
	struct lk_daemon	 settings;
	struct lk_error		 e = { 0 };
	struct lk		*lk = NULL;
	unsigned		 n = 0;
	int			 r;

	if ((owner && (r = lk_become_owner(policy, &e)) != 0) ||
	    (r = check_policy(policy, &n, &e)) != 0 ||
	    (r = lk_open(policy, flags, &lk, &e)) != 0 ||
	    (r = lk_daemon_settings(lk, &settings, &e)) != 0)
		goto out;
	r = lk_reload(lk, &e);
out:
	if (r != 0 && n == 0)
		(void)lk_tell_error("", &e);
	lk_close(&lk);
	return lk_exit_status(r);
}

/* What became the owner can become nobody else, so that is a child's. */
static int
check_apart(const char *policy)
{
	pid_t	 pid;
	int	 how;

	if ((pid = fork()) == 0)
		_exit(lk_check(policy, 0, 1));
	if (pid == -1 || waitpid(pid, &how, 0) == -1) {
		lk_tell(LOG_ERR, "cannot check both: %s", strerror(errno));
		return EX_OSERR;
	}
	return WIFEXITED(how) ? WEXITSTATUS(how) : EX_UNAVAILABLE;
}

int
lk_check_both(const char *policy, const char *verifier)
{
	struct lk_error	 e = { 0 };
	int		 status;

	if ((status = check_apart(policy)) != 0)
		return status;
	if (lk_become_verifier(policy, verifier, &e) != 0)
		return lk_tell_error("", &e);
	return lk_check(policy, LK_VERIFY_ONLY, 0);
}
