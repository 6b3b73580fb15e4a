/*
 * read_paths.c: store, pepper and plugins.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/read.h"

#define SHA256_HEX	64

/* "/folder/of/the/policy/" + path; a path from / stays as it is. */
static char *
path_join(const char *policy, const char *path)
{
	const char	*slash = strrchr(policy, '/');
	char		 cwd[LK_PATH_MAX] = "", *out;
	size_t		 dir = slash == NULL ? 0 : (size_t)(slash - policy) + 1;
	size_t		 size;

	if (path[0] == '/')
		return strdup(path);
	/* where the current folder is unknown, the path stays relative to it */
	if (policy[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
		cwd[0] = '\0';
	if (strcmp(cwd, "/") == 0)
		cwd[0] = '\0';
	size = strlen(cwd) + 1 + dir + strlen(path) + 1;
	if ((out = malloc(size)) == NULL)
		return NULL;
	snprintf(out, size, "%s%s%.*s%s", cwd, policy[0] == '/' ? "" : "/",
	    (int)dir, policy, path);
	return out;
}

void
lk_read_paths(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	char	**out = (char **)(void *)((char *)base + f->offset);

	if (!lk_want_text(r, n, "the path of a folder"))
		return;
	if ((*out = path_join(r->p->source.path, n->value)) == NULL) {
		r->f->nomem = 1;
		return;
	}
	if (strlen(*out) >= LK_PATH_MAX)
		lk_found(r->f, n->place, "%s: a path has at most %d octets",
		    f->name, LK_PATH_MAX - 1);
}

/* -------------------------------------------------------------------- pins */

static void
read_pin(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_pin *pin)
{
	static const char	 hex[] = "0123456789abcdef0123456789ABCDEF";
	const char		*at;
	size_t			 i;

	pin->place = n->key_place;
	pin->plugin = lk_read_dup(r, n->key, strlen(n->key));
	if (!lk_want_text(r, n, "the SHA-256 of the plugin's file in hex"))
		return;
	if (strlen(n->value) != SHA256_HEX ||
	    strspn(n->value, hex) != SHA256_HEX) {
		lk_found(r->f, n->place, "%s: expected a SHA-256, %d digits in "
		    "hex as sha256sum prints them, found \"%s\"",
		    LK_SHOWN(n->key), SHA256_HEX, LK_SHOWN(n->value));
		return;
	}
	for (i = 0; i < SHA256_HEX; i++) {
		at = strchr(hex, n->value[i]);
		pin->sha256[i] = hex[(at - hex) % 16];
	}
}

static void
read_pins(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy	*p = base;
	const struct lk_node	*c;

	(void)f;
	p->pins = lk_want_map(r, n, "a mapping of plugin names to SHA-256",
	    sizeof *p->pins);
	if (p->pins == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next)
		read_pin(r, c, &p->pins[p->npins++]);
}

static const struct lk_field fields[] = {
	{ .name = "folder", .read = lk_read_paths,
	    .offset = offsetof(struct lk_policy, plugins),
	    .missing = "\"folder: PATH\"" },
	{ .name = "pins", .read = read_pins },
};
static const struct lk_table table = LK_TABLE("plugins", fields);

void
lk_read_plugins(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	if (n->kind == LK_NODE_MAP)
		lk_read_map(r, n, &table, base);
	else
		lk_read_paths(r, n, f, base);
}

/* ------------------------------------------------------------------- unused */

/* One name more, unless it is missing; v NULL: they are only counted. */
static void
used_add(const char **v, size_t *n, const char *name)
{
	if (name == NULL)
		return;
	if (v != NULL)
		v[*n] = name;
	(*n)++;
}

static void
used_checks(const char **v, size_t *n, const struct lk_policy_check *k,
    size_t nchecks)
{
	size_t	 i;

	for (i = 0; i < nchecks; i++)
		used_add(v, n, k[i].plugin);
}

/* Names of plugins in use, as they come.  Their number. */
static size_t
plugins_used(const struct lk_policy *p, const char **v)
{
	const struct lk_policy_type	*t;
	size_t				 i, j, n = 0;

	for (i = 0; i < p->ntypes; i++) {
		t = &p->types[i];
		used_add(v, &n, t->plugin);
		used_checks(v, &n, t->checks, t->nchecks);
		for (j = 0; j < t->napis; j++)
			used_checks(v, &n, t->apis[j].checks,
			    t->apis[j].nchecks);
	}
	return n;
}

static int
used(const char *name, const char *const *v, size_t n)
{
	size_t	 i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i], name) == 0)
			return 1;
	}
	return 0;
}

void
lk_pins_lint(struct lk_reader *r)
{
	const struct lk_policy	*p = r->p;
	const char		**v, *name;
	struct lk_hint		 hint;
	size_t			 i, n = plugins_used(p, NULL);

	if (p->npins == 0 || !r->have_types)
		return;
	if ((v = lk_read_alloc(r, n, sizeof *v)) == NULL)
		return;
	plugins_used(p, v);
	for (i = 0; i < p->npins; i++) {
		name = p->pins[i].plugin;
		if (used(name, v, n))
			continue;
		hint = lk_hint(r->f, name, v, n, ": remove the pin");
		lk_found(r->f, p->pins[i].place, "pins: no type or check uses "
		    "a plugin \"%s\"%s", LK_SHOWN(name), hint.s);
	}
	free(v);
}
