#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "base/user.h"
#include "hold.h"
#include "operator.h"

static const struct {
	unsigned	 what;
	const char	*verb;
} rights[] = {
	{ LK_MAY_GENERATE,	"generate keys" },
	{ LK_MAY_DELETE,	"delete keys" },
	{ LK_MAY_LIST,		"list keys" },
	{ LK_MAY_ACCOUNTS,	"change accounts" },
};

static const char *
verb_of(unsigned what)
{
	size_t	 i;

	for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++)
		if (rights[i].what == what)
			return rights[i].verb;
	return "do this";
}

/* The roles that may do what, by ", ". */
static void
roles_that_may(const struct lk_policy *p, unsigned what, char *out, size_t n)
{
	size_t	 i, used = 0;

	out[0] = '\0';
	for (i = 0; i < p->nroles && used < n; i++)
		if ((p->roles[i].may & what) != 0)
			used += (size_t)snprintf(out + used, n - used, "%s%s",
			    used != 0 ? ", " : "", p->roles[i].name);
}

static int
may(const struct lk_policy *p, const struct lk_operator *op, unsigned what,
    struct lk_error *e)
{
	char	 roles[128];

	if ((lk_policy_may(p, op->uid, op->groups, op->ngroups) & what) != 0)
		return 0;
	lk_log(LOG_NOTICE, "refused: user %s (uid %u, %s) is not permitted to "
	    "%s", op->name, (unsigned)op->uid, op->from, verb_of(what));
	roles_that_may(p, what, roles, sizeof(roles));
	if (roles[0] == '\0')
		return lk_fail(e, LK_EPERM, "user %s is not permitted to %s: "
		    "no role may; give one the right under roles: in %s",
		    op->name, verb_of(what), p->source.path);
	return lk_fail(e, LK_EPERM, "user %s is not permitted to %s: that "
	    "takes a role that may (%s); add the user under roles: in %s",
	    op->name, verb_of(what), roles, p->source.path);
}

int
lk_operator_may(struct lk *lk, const struct lk_operator *op, unsigned what,
    struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (op == NULL || op->size != sizeof(*op) ||
	    op->ngroups > LK_GROUPS_MAX)
		return lk_fail(e, LK_EUSAGE, "no operator, or of another size");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = seat->snapshot == NULL ? 0 :
	    may(seat->snapshot->policy, op, what, e);
	lk_release(seat);
	return r;
}

/* SUDO_USER is what the environment says: recorded, never trusted. */
static void
from_of(char *out, size_t n)
{
	const char	*sudo = secure_getenv("SUDO_USER");

	if (sudo != NULL && sudo[0] != '\0' && strlen(sudo) <= 32 &&
	    lk_utf8_plain(sudo, strlen(sudo)))
		snprintf(out, n, "cli sudo=%s", sudo);
	else
		snprintf(out, n, "cli");
}

int
lk_operator_self(struct lk_operator *op, struct lk_error *e)
{
	int	 n;

	memset(op, 0, sizeof(*op));
	op->size = sizeof(*op);
	op->uid = geteuid();
	lk_user_name(op->uid, op->name, sizeof(op->name));
	from_of(op->from, sizeof(op->from));
	op->groups[0] = getegid();
	n = getgroups(LK_GROUPS_MAX - 1, op->groups + 1);
	if (n == -1)
		return lk_fail_errno(e, LK_EUNAVAIL,
		    "cannot read the groups of %s", op->name);
	op->ngroups = (size_t)n + 1;
	return 0;
}
