/*
 * dead.c: rules that never act, or never pass: notes, since the policy works.
 */
#include <string.h>

#include "policy/read.h"

/* --------------------------------------------------------- the same again */

static int
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int
same_setting(const struct lk_setting *a, const struct lk_setting *b)
{
	size_t	 i;

	if (strcmp(a->name, b->name) != 0 || a->nlist != b->nlist ||
	    !same_text(a->value, b->value))
		return 0;
	for (i = 0; i < a->nlist; i++)
		if (strcmp(a->list[i], b->list[i]) != 0)
			return 0;
	return 1;
}

/* In the same words. */
static int
same_check(const struct lk_policy_check *a, const struct lk_policy_check *b)
{
	size_t	 i;

	if (strcmp(a->plugin, b->plugin) != 0 || a->observe != b->observe ||
	    a->settings.n != b->settings.n)
		return 0;
	for (i = 0; i < a->settings.n; i++)
		if (!same_setting(&a->settings.v[i], &b->settings.v[i]))
			return 0;
	return 1;
}

/* A check that one of the n before it says already. */
static void
note_repeated(struct lk_reader *r, const struct lk_policy_check *k,
    const struct lk_policy_check *before, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		if (!same_check(&before[i], k))
			continue;
		lk_noted(r->f, k->place, "the check \"%s\" says what line %u "
		    "says already: one of them never acts",
		    LK_SHOWN(k->plugin), before[i].place.line);
		return;
	}
}

static void
lint_checks(struct lk_reader *r, const struct lk_policy_type *t)
{
	const struct lk_policy_api	*a;
	size_t				 i, j;

	for (i = 0; i < t->nchecks; i++)
		note_repeated(r, &t->checks[i], t->checks, i);
	for (i = 0; i < t->napis; i++) {
		a = &t->apis[i];
		for (j = 0; j < a->nchecks; j++) {
			note_repeated(r, &a->checks[j], a->checks, j);
			note_repeated(r, &a->checks[j], t->checks,
			    t->nchecks);
		}
	}
}

/* ------------------------------------------------------------- never passes */

static const struct lk_policy_check *
entitlement(const struct lk_policy_check *v, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++)
		if (strcmp(v[i].plugin, "entitlement") == 0 && !v[i].observe)
			return &v[i];
	return NULL;
}

static int
is_held(const struct lk_policy *p, const struct lk_policy_type *t, int api)
{
	size_t	 i;

	for (i = 0; i < p->npackages; i++)
		if (lk_policy_package_holds(p, (int)i, t, api))
			return 1;
	return 0;
}

static void
lint_entitlement(struct lk_reader *r, const struct lk_policy_type *t)
{
	const struct lk_policy_check	*k, *all;
	size_t				 i;

	all = entitlement(t->checks, t->nchecks);
	for (i = 0; i < t->napis; i++) {
		k = all != NULL ? all : entitlement(t->apis[i].checks,
		    t->apis[i].nchecks);
		if (k != NULL && !is_held(r->p, t, (int)i))
			lk_noted(r->f, t->apis[i].place, "no package holds "
			    "%s.%s, so the check entitlement (line %u) never "
			    "passes there", t->name, t->apis[i].name,
			    k->place.line);
	}
	if (t->napis == 0 && all != NULL && !is_held(r->p, t, -1))
		lk_noted(r->f, t->place, "no package holds %s, so the check "
		    "entitlement (line %u) never passes there", t->name,
		    all->place.line);
}

void
lk_dead_lint(struct lk_reader *r)
{
	size_t	 i;

	for (i = 0; i < r->p->ntypes && !r->f->nomem; i++) {
		lint_checks(r, &r->p->types[i]);
		lint_entitlement(r, &r->p->types[i]);
	}
}
