#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "lint.h"
#include "operator.h"
#include "token/token.h"

#define NOWHERE	((struct lk_place){ 0, 0 })

/* The keys of one type that do not fit, told as one finding. */
struct misfit {
	char		 type[LK_NAME_MAX + 1];
	char		 id[LK_KEYID_LEN + 1];	/* the first of them         */
	char		 hint[LK_HINT_MAX + 1];
	int		 imported;	/* of another system                 */
	size_t		 n;
};

struct lint {
	const struct lk_policy	*p;
	const struct lk_policy	*was;		/* or NULL                   */
	struct lk_report	*rep;
	struct misfit		*v;
	size_t			 n;
	size_t			 bare;	/* accounts without a package        */
	char			 first[LK_ACCOUNT_MAX + 1];	/* of them   */
};

/* A hint begins with the prefix that the token had, and "_". */
static int
prefix_is(const char *hint, const char *prefix)
{
	size_t	 n = strlen(prefix);

	return strncmp(hint, prefix, n) == 0 && hint[n] == '_';
}

static int
fits(const struct lk_key *k, const struct lk_policy_type *t, int imported)
{
	if (t == NULL)
		return 0;
	if (imported)
		return t->imported;
	return k->hint[0] == '\0' || prefix_is(k->hint, t->prefix);
}

static struct misfit *
new_misfit(struct lint *l, const struct lk_key *k, int imported)
{
	struct misfit	*v;

	if ((v = realloc(l->v, (l->n + 1) * sizeof(*v))) == NULL)
		return NULL;
	l->v = v;
	v += l->n++;
	memset(v, 0, sizeof(*v));
	snprintf(v->type, sizeof(v->type), "%s", k->type);
	snprintf(v->id, sizeof(v->id), "%s", k->id);
	snprintf(v->hint, sizeof(v->hint), "%s", k->hint);
	v->imported = imported;
	return v;
}

static int
lint_key(void *arg, const struct lk_key *k)
{
	struct lint	*l = arg;
	size_t		 i;
	int		 imported = strcmp(k->hint, LK_HINT_FOREIGN) == 0;

	if (fits(k, lk_policy_type_by_name(l->p, k->type), imported))
		return 0;
	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i].type, k->type) == 0 &&
		    l->v[i].imported == imported)
			break;
	if (i == l->n && new_misfit(l, k, imported) == NULL)
		return LK_ENOMEM;
	l->v[i].n++;
	return 0;
}

static void
tell_misfit(const struct lint *l, const struct misfit *m)
{
	const struct lk_policy_type	*t;
	const char			*s = m->n == 1 ? "" : "s";

	t = lk_policy_type_by_name(l->p, m->type);
	if (t == NULL)
		lk_report_at(l->rep, &l->p->source, NOWHERE, LK_ECONFIG, NULL,
		    "%zu key%s of type %s (%s is one), which is gone: bring "
		    "the type back or delete them (latchkey list %s)", m->n, s,
		    m->type, m->id, m->type);
	else if (m->imported)
		lk_report_at(l->rep, &l->p->source, t->place, LK_ECONFIG, NULL,
		    "%zu key%s of type %s came from another system (%s is "
		    "one), and without \"imported: true\" none can be "
		    "verified: put it back or delete them", m->n, s, t->name,
		    m->id);
	else
		lk_report_at(l->rep, &l->p->source, t->place, LK_ECONFIG, NULL,
		    "the prefix of %s is %s now, but %zu key%s of it had "
		    "another (%s reads %s): bring the prefix back or delete "
		    "them", t->name, t->prefix, m->n, s, m->id, m->hint);
}

static int
lint_account(void *arg, const struct lk_account *a)
{
	struct lint	*l = arg;

	if (a->package[0] == '\0' && a->keys != 0 && l->bare++ == 0)
		memcpy(l->first, a->name, sizeof(l->first));
	if (a->package[0] != '\0' && lk_policy_package(l->p, a->package) < 0)
		lk_report_at(l->rep, &l->p->source, NOWHERE, LK_ECONFIG, NULL,
		    "account %s has the package %s, which is gone: bring it "
		    "back, latchkey account set %s --package P or, without "
		    "keys, latchkey account delete %s", a->name, a->package,
		    a->name, a->name);
	return 0;
}

/* Those that were given none have the default one.  Where there never was one
 * that may be meant: they are to be given theirs. */
static void
tell_bare(const struct lint *l)
{
	int	 lost = l->was != NULL && l->was->default_package >= 0;

	if (l->bare == 0 || l->p->default_package >= 0 ||
	    !lk_policy_entitles(l->p))
		return;
	lk_report_at(l->rep, &l->p->source, NOWHERE, lost ? LK_ECONFIG :
	    LK_NOTE, NULL, "%zu account%s with keys (%s is one) %s no package, "
	    "and without default_package may use nothing that the check "
	    "entitlement guards: %s, or latchkey account set %s --package P",
	    l->bare, l->bare == 1 ? "" : "s", l->first,
	    l->bare == 1 ? "has" : "have", lost ? "bring it back" : "name one",
	    l->first);
}

static int
lint_accounts(struct lint *l, struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_accounts(s, lint_account, l)) != 0)
		return lk_fail(e, r, r == LK_ENOMEM ? "no memory for the "
		    "accounts" : "the store cannot tell its accounts "
		    "(latchkey store check)");
	tell_bare(l);
	return 0;
}

int
lk_lint_keys(const struct lk_policy *p, const struct lk_policy *was,
    struct lk_store *s, struct lk_report *rep, struct lk_error *e)
{
	struct lint	 l = { .p = p, .was = was, .rep = rep };
	size_t		 i;
	int		 r;

	if ((r = lk_store_keys(s, NULL, NULL, 0, lint_key, &l)) != 0)
		r = lk_fail(e, r, r == LK_ENOMEM ? "no memory for what is "
		    "found" : "the store cannot tell its keys (latchkey store "
		    "check)");
	for (i = 0; i < l.n; i++)
		tell_misfit(&l, &l.v[i]);
	if (r == 0)
		r = lint_accounts(&l, s, e);
	free(l.v);
	return r;
}

int
lk_lint_store(const struct lk_policy *p, const char *dir,
    struct lk_report *rep, struct lk_error *e)
{
	struct lk_store_options	 o = { .dir = dir != NULL ? dir : p->store };
	struct lk_store		*s = NULL;
	int			 r;

	if ((r = lk_store_open(&o, &s, e)) != 0)
		return r;
	r = lk_lint_keys(p, NULL, s, rep, e);
	lk_store_close(&s);
	return r;
}

/* -------------------------------------------------------------------- self */

static const struct {
	unsigned	 bit;
	const char	*verb;
} powers[] = {
	{ LK_MAY_GENERATE, "generate keys" },
	{ LK_MAY_DELETE, "delete keys" },
	{ LK_MAY_LIST, "list keys" },
	{ LK_MAY_ACCOUNTS, "change accounts" },
};
#define NPOWERS	(sizeof(powers) / sizeof(powers[0]))

/* The role by which somebody else may do it, or NULL. */
static const struct lk_policy_role *
role_that_may(const struct lk_policy *p, unsigned what)
{
	size_t	 i;

	for (i = 0; i < p->nroles; i++)
		if ((p->roles[i].may & what) != 0)
			return &p->roles[i];
	return NULL;
}

int
lk_lint_self(const struct lk_policy *p, struct lk_report *rep,
    struct lk_error *e)
{
	const struct lk_policy_role	*role;
	struct lk_operator		 op;
	struct stat			 st;
	unsigned			 may;
	size_t				 i;
	int				 r;

	if ((r = lk_operator_self(&op, e)) != 0)
		return r;
	if (op.uid != 0 && (stat(p->source.path, &st) == -1 ||
	    st.st_uid != op.uid))
		return 0;
	may = lk_policy_may(p, op.uid, op.groups, op.ngroups);
	for (i = 0; i < NPOWERS; i++) {
		role = role_that_may(p, powers[i].bit);
		if ((may & powers[i].bit) == 0 && role != NULL)
			lk_report_at(rep, &p->source, role->place, LK_NOTE,
			    NULL, "user %s, who runs this, may not %s: the "
			    "role \"%s\" may, and does not name that user",
			    op.name, powers[i].verb, role->name);
	}
	return 0;
}

/* ---------------------------------------------------------------- settings */

struct settings {
	const struct lk_policy	*p;
	const char		*plugins;
	struct lk_report	*rep;
};

static void
lint_settings(const struct settings *l, const char *plugin, uint32_t kind,
    const struct lk_settings *given, struct lk_place place)
{
	const struct lk_build	*b;
	struct lk_error		 e = { 0 };
	struct lk_want		 want = { l->plugins, plugin, kind, NULL,
				     NULL };
	char			 where[LK_PATH_MAX];

	/* What is missing may be what could not be read. */
	if (plugin == NULL || given->n == 0)
		return;
	snprintf(where, sizeof(where), "%s:%u", l->p->name, place.line);
	want.where = where;
	want.pin = lk_policy_pin(l->p, plugin);
	if (lk_build_load(&want, &b, &e) != 0)
		lk_report_at(l->rep, &l->p->source, place, LK_ECONFIG, NULL,
		    "%s", e.text);
	else
		(void)lk_settings_check(b, given, &l->p->source, place,
		    l->rep, &e);
}

static void
lint_checks(const struct settings *l, const struct lk_policy_check *v,
    size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		lint_settings(l, v[i].plugin, LK_PLUGIN_CHECK, &v[i].settings,
		    v[i].place);
}

void
lk_lint_settings(const struct lk_policy *p, const char *plugins,
    struct lk_report *rep)
{
	struct settings			 l = { p, plugins, rep };
	const struct lk_policy_type	*t;
	size_t				 i, j;

	if (l.plugins == NULL)
		l.plugins = p->plugins;
	for (i = 0; l.plugins != NULL && i < p->ntypes; i++) {
		t = &p->types[i];
		lint_settings(&l, t->plugin, LK_PLUGIN_TYPE, &t->options,
		    t->options_place);
		lint_checks(&l, t->checks, t->nchecks);
		for (j = 0; j < t->napis; j++)
			lint_checks(&l, t->apis[j].checks,
			    t->apis[j].nchecks);
	}
}
