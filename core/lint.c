#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "lint.h"

#define NOWHERE	((struct lk_place){ 0, 0 })

struct lint {
	const struct lk_policy	*p;
	struct lk_report	*rep;
};

/* A hint begins with the prefix that the token had, and "_". */
static int
prefix_is(const char *hint, const char *prefix)
{
	size_t	 n = strlen(prefix);

	return strncmp(hint, prefix, n) == 0 && hint[n] == '_';
}

static int
lint_key(void *arg, const struct lk_key *k)
{
	const struct lint		*l = arg;
	const struct lk_policy_type	*t;

	if (k->state == LK_STATE_DELETED)
		return 0;
	t = lk_policy_type_by_name(l->p, k->type);
	if (t == NULL)
		lk_report_at(l->rep, &l->p->source, NOWHERE, LK_ECONFIG, NULL,
		    "key %s of %s is of type %s, which is gone: bring the "
		    "type back or delete the key", k->id, k->account, k->type);
	else if (k->hint[0] != '\0' && !prefix_is(k->hint, t->prefix))
		lk_report_at(l->rep, &l->p->source, t->place, LK_ECONFIG, NULL,
		    "the prefix of %s is %s now, but key %s of %s reads %s: "
		    "bring the prefix back or delete the key", t->name,
		    t->prefix, k->id, k->account, k->hint);
	return 0;
}

static int
lint_account(void *arg, const struct lk_account *a)
{
	const struct lint	*l = arg;

	if (a->package[0] != '\0' && lk_policy_package(l->p, a->package) < 0)
		lk_report_at(l->rep, &l->p->source, NOWHERE, LK_ECONFIG, NULL,
		    "account %s has the package %s, which is gone: bring it "
		    "back or latchkey account set %s --package P", a->name,
		    a->package, a->name);
	return 0;
}

int
lk_lint_store(const struct lk_policy *p, const char *dir,
    struct lk_report *rep, struct lk_error *e)
{
	struct lk_store_options	 o = { .dir = dir != NULL ? dir : p->store };
	struct lint		 l = { p, rep };
	struct lk_store		*s = NULL;
	int			 r;

	if ((r = lk_store_open(&o, &s, e)) != 0)
		return r;
	lk_store_keys(s, NULL, NULL, lint_key, &l);
	lk_store_accounts(s, lint_account, &l);
	lk_store_close(&s);
	return 0;
}
