#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stddef.h>
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

#define LK_OPERATOR_LEAST	offsetof(struct lk_operator, role)
#define EVERY	(LK_MAY_GENERATE | LK_MAY_DELETE | LK_MAY_LIST | \
		LK_MAY_ACCOUNTS)

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

/* A caller of an older header has no such member. */
static const char *
role_of(const struct lk_operator *op)
{
	return op->size > LK_OPERATOR_LEAST ? op->role : "";
}

static const struct lk_policy_role *
find_role(const struct lk_policy *p, const char *name)
{
	size_t	 i;

	for (i = 0; i < p->nroles; i++)
		if (strcmp(p->roles[i].name, name) == 0)
			return &p->roles[i];
	return NULL;
}

/* A role that left the policy may nothing. */
static unsigned
rights_of(const struct lk_policy *p, const struct lk_operator *op)
{
	const struct lk_policy_role	*role;

	if (*role_of(op) == '\0')
		return lk_policy_may(p, op->uid, op->groups, op->ngroups);
	role = find_role(p, op->role);
	return role != NULL ? role->may : 0;
}

/* Of one who has a role by a key. */
static int
refuse_role(const struct lk_policy *p, const struct lk_operator *op,
    unsigned what, struct lk_error *e)
{
	lk_log(LOG_NOTICE, "refused: operator %s (role %s, %s) is not "
	    "permitted to %s", op->name, op->role, op->from, verb_of(what));
	if (find_role(p, op->role) == NULL)
		return lk_fail(e, LK_EPERM, "operator %s is not permitted to "
		    "%s: its key has the role %s, which %s has not", op->name,
		    verb_of(what), op->role, p->source.path);
	return lk_fail(e, LK_EPERM, "operator %s is not permitted to %s: its "
	    "key has the role %s, which may not", op->name, verb_of(what),
	    op->role);
}

static int
may(const struct lk_policy *p, const struct lk_operator *op, unsigned what,
    struct lk_error *e)
{
	char	 roles[128];

	if ((rights_of(p, op) & what) != 0)
		return 0;
	if (*role_of(op) != '\0')
		return refuse_role(p, op, what, e);
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

	if (op == NULL || op->size < LK_OPERATOR_LEAST ||
	    op->size > sizeof(*op) || op->ngroups > LK_GROUPS_MAX)
		return lk_fail(e, LK_EUSAGE, "no operator, or of another size");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = seat->snapshot == NULL ? 0 :
	    may(seat->snapshot->policy, op, what, e);
	lk_release(seat);
	return r;
}

int
lk_operator_give(const struct lk_policy *p, const struct lk_policy_type *type,
    const struct lk_operator *op, const char *role, struct lk_error *e)
{
	const struct lk_policy_role	*r;
	char				 names[128];
	int				 wanted;

	wanted = strcmp(type->plugin, LK_OPERATOR_PLUGIN) == 0;
	if (role == NULL || *role == '\0')
		return !wanted ? 0 : lk_fail(e, LK_EDATA, "a key of type %s is "
		    "an operator's and needs a role (latchkey generate %s "
		    "--account A --role R)", type->name, type->name);
	if (!wanted)
		return lk_fail(e, LK_EDATA, "a role is of keys of operators, "
		    "and %s is no type of them: its plugin is %s", type->name,
		    type->plugin);
	if ((r = find_role(p, role)) == NULL) {
		roles_that_may(p, ~0U, names, sizeof(names));
		return lk_fail(e, LK_EDATA, "%s has no such role; it has %s",
		    p->source.path, names);
	}
	if ((r->may & ~rights_of(p, op)) == 0)
		return 0;
	lk_log(LOG_NOTICE, "refused: operator %s (%s) is not permitted to give "
	    "the role %s", op->name, op->from, r->name);
	return lk_fail(e, LK_EPERM, "%s is not permitted to give the role %s: "
	    "it may more than %s", op->name, r->name, op->name);
}

static int
may_revive(const struct lk_policy *p, const struct lk_operator *op,
    const char *role, struct lk_error *e)
{
	const struct lk_policy_role	*r = find_role(p, role);
	unsigned			 wanted = r != NULL ? r->may : EVERY;

	if ((wanted & ~rights_of(p, op)) == 0)
		return 0;
	lk_log(LOG_NOTICE, "refused: operator %s (%s) is not permitted to "
	    "enable a key with the role %s", op->name, op->from, role);
	return lk_fail(e, LK_EPERM, "%s is not permitted to enable a key with "
	    "the role %s: it may more than %s", op->name, role, op->name);
}

int
lk_operator_revive(struct lk *lk, const struct lk_operator *op,
    const char *role, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (*role == '\0')
		return 0;
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = seat->snapshot == NULL ? 0 :
	    may_revive(seat->snapshot->policy, op, role, e);
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
