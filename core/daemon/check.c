/*
 * check.c: a start, and then a reload, in which a plugin at fault counts as
 * well; and nobody is served.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

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
