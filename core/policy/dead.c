/*
 * dead.c: rules that never act, or never pass: notes, since the policy works.
 */
#include <string.h>

#include "policy/read.h"
#include "policy/routes.h"

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

int
lk_policy_entitles(const struct lk_policy *p)
{
	const struct lk_policy_type	*t;
	size_t				 i, j;

	for (i = 0; i < p->ntypes; i++) {
		t = &p->types[i];
		if (entitlement(t->checks, t->nchecks) != NULL)
			return 1;
		for (j = 0; j < t->napis; j++)
			if (entitlement(t->apis[j].checks,
			    t->apis[j].nchecks) != NULL)
				return 1;
	}
	return 0;
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

/* ------------------------------------------------------------------ hidden */

/* A path that others match too, which are less literal: it alone counts. */
struct hiding {
	struct lk_reader		*r;
	const struct lk_policy_api	*api;
	const struct lk_routes		*node;
};

static int
has_method(const struct lk_routes *n, const char *method)
{
	size_t	 i;

	for (i = 0; i < n->nends; i++)
		if (strcmp(n->ends[i].method, method) == 0)
			return 1;
	return 0;
}

/* What that node would take, and nobody does now. */
static void
note_hidden(const struct hiding *h, const struct lk_routes *n)
{
	const struct lk_policy_api	*a;
	size_t				 i;

	for (i = 0; i < n->nends; i++) {
		if (has_method(h->node, n->ends[i].method))
			continue;
		a = &n->ends[i].type->apis[n->ends[i].api];
		lk_noted(h->r->f, h->api->place, "%s %s has no route: this "
		    "path hides %s (line %u), and is not for %s",
		    n->ends[i].method, LK_SHOWN(h->api->pattern),
		    LK_SHOWN(a->pattern), a->place.line, n->ends[i].method);
		return;
	}
}

/* Each node that all targets of the path match; s: its segments from n on. */
static void
seek_hidden(const struct hiding *h, const struct lk_routes *n, const char *s)
{
	size_t		 len, at;
	const char	*rest;

	if (s == NULL) {
		if (n != h->node)
			note_hidden(h, n);
		return;
	}
	len = strcspn(s, "/");
	rest = s[len] == '/' ? s + len + 1 : NULL;
	if (s[0] != '{' && lk_routes_find(n, s, len, &at))
		seek_hidden(h, n->edges[at].to, rest);
	if (len > 0 && n->any != NULL)
		seek_hidden(h, n->any, rest);
}

/* The node of the pattern itself. */
static const struct lk_routes *
own_node(const struct lk_policy *p, const char *pattern)
{
	const struct lk_routes	*n = p->routes;
	const char		*s = pattern + 1;
	size_t			 len, at;

	for (;; s += len + 1) {
		len = strcspn(s, "/");
		if (s[0] == '{')
			n = n->any;
		else
			n = lk_routes_find(n, s, len, &at) ?
			    n->edges[at].to : NULL;
		if (n == NULL || s[len] == '\0')
			return n;
	}
}

static void
lint_hidden(struct lk_reader *r, const struct lk_policy_type *t)
{
	struct hiding	 h = { r, NULL, NULL };
	size_t		 i;

	for (i = 0; i < t->napis; i++) {
		h.api = &t->apis[i];
		h.node = own_node(r->p, h.api->pattern);
		/* Of several APIs of one path the first one says it. */
		if (h.node != NULL && h.node->ends[0].type == t &&
		    h.node->ends[0].api == (int)i)
			seek_hidden(&h, r->p->routes, h.api->pattern + 1);
	}
}

void
lk_dead_lint(struct lk_reader *r)
{
	size_t	 i;

	for (i = 0; i < r->p->ntypes && !r->f->nomem; i++) {
		lint_checks(r, &r->p->types[i]);
		lint_entitlement(r, &r->p->types[i]);
		lint_hidden(r, &r->p->types[i]);
	}
}
