/*
 * policy.c: ask a policy, and free it.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "policy/routes.h"

const struct lk_policy_type *
lk_policy_type_by_name(const struct lk_policy *p, const char *name)
{
	size_t	 i;

	for (i = 0; i < p->ntypes; i++) {
		if (strcmp(p->types[i].name, name) == 0)
			return &p->types[i];
	}
	return NULL;
}

const struct lk_policy_type *
lk_policy_type_by_prefix(const struct lk_policy *p, const char *prefix,
    size_t n)
{
	const char	*have;
	size_t		 i;

	for (i = 0; i < p->ntypes; i++) {
		have = p->types[i].prefix;
		if (have != NULL && strlen(have) == n &&
		    memcmp(have, prefix, n) == 0)
			return &p->types[i];
	}
	return NULL;
}

const char *
lk_policy_pin(const struct lk_policy *p, const char *plugin)
{
	size_t	 i;

	for (i = 0; i < p->npins; i++) {
		if (strcmp(p->pins[i].plugin, plugin) == 0)
			return p->pins[i].sha256;
	}
	return NULL;
}

int
lk_policy_package(const struct lk_policy *p, const char *name)
{
	size_t	 i;

	for (i = 0; i < p->npackages; i++) {
		if (strcmp(p->packages[i].name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
lk_policy_package_holds(const struct lk_policy *p, int package,
    const struct lk_policy_type *t, int api)
{
	size_t	 n = t->napis > 0 ? t->napis : 1, i;

	if (package < 0 || (size_t)package >= p->npackages)
		return 0;
	if (api >= 0 && (size_t)api >= n)
		return 0;
	i = api >= 0 ? t->first_api + (size_t)api : p->napis + t->index;
	return p->packages[package].holds[i / 8] >> i % 8 & 1;
}

static int
role_has(const struct lk_policy_role *role, uid_t uid, const gid_t *groups,
    size_t ngroups)
{
	size_t	 i, j;

	for (i = 0; i < role->nuids; i++) {
		if (role->uids[i] == uid)
			return 1;
	}
	for (i = 0; i < role->ngids; i++) {
		for (j = 0; j < ngroups; j++) {
			if (role->gids[i] == groups[j])
				return 1;
		}
	}
	return 0;
}

unsigned
lk_policy_may(const struct lk_policy *p, uid_t uid, const gid_t *groups,
    size_t ngroups)
{
	unsigned	 may = 0;
	size_t		 i;

	for (i = 0; i < p->nroles; i++) {
		if (role_has(&p->roles[i], uid, groups, ngroups))
			may |= p->roles[i].may;
	}
	return may;
}

/* --------------------------------------------------------------------- free */

static void
free_texts(char **v, size_t n)
{
	size_t	 i;

	for (i = 0; v != NULL && i < n; i++)
		free(v[i]);
	free(v);
}

static void
free_settings(struct lk_settings *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].value);
		free_texts(s->v[i].list, s->v[i].nlist);
		free(s->v[i].list_places);
	}
	free(s->v);
}

static void
free_checks(struct lk_policy_check *v, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		free(v[i].plugin);
		free_settings(&v[i].settings);
	}
	free(v);
}

static void
free_type(struct lk_policy_type *t)
{
	size_t	 i;

	for (i = 0; i < t->napis; i++) {
		free(t->apis[i].name);
		free_texts(t->apis[i].methods, t->apis[i].nmethods);
		free(t->apis[i].pattern);
		free_checks(t->apis[i].checks, t->apis[i].nchecks);
	}
	free(t->apis);
	free_settings(&t->options);
	free_checks(t->checks, t->nchecks);
	free(t->within);
	free(t->name);
	free(t->title);
	free(t->plugin);
	free(t->prefix);
}

static void
free_role(struct lk_policy_role *role)
{
	free(role->name);
	free_texts(role->users, role->nusers);
	free_texts(role->groups, role->ngroups);
	free(role->uids);
	free(role->gids);
}

static void
free_package(struct lk_policy_package *k)
{
	free(k->name);
	free_texts(k->globs, k->nglobs);
	free(k->holds);
}

void
lk_policy_free(struct lk_policy **pp)
{
	struct lk_policy	*p = *pp;
	size_t			 i;

	if (p == NULL)
		return;
	for (i = 0; i < p->nroles; i++)
		free_role(&p->roles[i]);
	for (i = 0; i < p->npackages; i++)
		free_package(&p->packages[i]);
	for (i = 0; i < p->ntypes; i++)
		free_type(&p->types[i]);
	for (i = 0; i < p->npins; i++)
		free(p->pins[i].plugin);
	free(p->roles);
	free(p->packages);
	free(p->types);
	free(p->pins);
	lk_routes_free(&p->routes);
	lk_wholes_free(&p->wholes);
	if (p->source.lines != NULL)
		free(p->source.lines[0]);
	free(p->source.lines);
	free(p->source.path);
	free(p->name);
	free(p->store);
	free(p->pepper);
	free(p->plugins);
	free(p);
	*pp = NULL;
}
