/*
 * read_packages.c: globs to a set of APIs.
 *
 * holds is a bit for each API of the policy, in the order of the file, a type
 * without apis having one; behind them a bit for each type: any API of it.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"

#define EXPECTED	"a list of APIs such as [ \"ucd.*\", web_push.send ]"

static void
set(uint8_t *bits, size_t i)
{
	bits[i / 8] |= (uint8_t)(1U << i % 8);
}

static void
hold(struct lk_reader *r, uint8_t *bits, const struct lk_policy_type *t,
    size_t api)
{
	set(bits, t->first_api + api);
	set(bits, r->p->napis + t->index);
}

static void
hold_all(struct lk_reader *r, uint8_t *bits, const struct lk_policy_type *t)
{
	size_t	 i;

	for (i = 0; i < t->napis || i == 0; i++)
		hold(r, bits, t, i);
}

/* ------------------------------------------------------------ no such thing */

static void
no_type(struct lk_reader *r, const struct lk_node *n, const char *name)
{
	const struct lk_policy	*p = r->p;
	const char		**words;
	size_t			 i;

	if ((words = lk_read_alloc(r, p->ntypes, sizeof *words)) == NULL)
		return;
	for (i = 0; i < p->ntypes; i++)
		words[i] = p->types[i].name;
	lk_found(r->f, n->place, "\"%s\" names no API: no type is \"%s\"%s",
	    LK_SHOWN(n->value), LK_SHOWN(name),
	    lk_hint(r->f, name, words, p->ntypes, "").s);
	free(words);
}

static void
no_api(struct lk_reader *r, const struct lk_node *n,
    const struct lk_policy_type *t, const char *name)
{
	const char	**words;
	size_t		 i;

	if (t->napis == 0) {
		lk_found(r->f, n->place, "\"%s\" names no API: type \"%s\" "
		    "has no apis; write \"%s.*\"", LK_SHOWN(n->value), t->name,
		    t->name);
		return;
	}
	if ((words = lk_read_alloc(r, t->napis, sizeof *words)) == NULL)
		return;
	for (i = 0; i < t->napis; i++)
		words[i] = t->apis[i].name;
	lk_found(r->f, n->place, "\"%s\" names no API: type \"%s\" has no "
	    "\"%s\"%s", LK_SHOWN(n->value), t->name, LK_SHOWN(name),
	    lk_hint(r->f, name, words, t->napis, "").s);
	free(words);
}

/* -------------------------------------------------------------------- globs */

static void
glob_type(struct lk_reader *r, const struct lk_node *n,
    const struct lk_policy_type *t, const char *api, uint8_t *bits)
{
	size_t	 i;

	if (strcmp(api, "*") == 0) {
		hold_all(r, bits, t);
		return;
	}
	for (i = 0; i < t->napis; i++) {
		if (strcmp(t->apis[i].name, api) != 0)
			continue;
		hold(r, bits, t, i);
		return;
	}
	no_api(r, n, t, api);
}

static void
glob_add(struct lk_reader *r, const struct lk_node *n, uint8_t *bits)
{
	const struct lk_policy_type	*t;
	const char			*dot = strchr(n->value, '.');
	char				*name;
	size_t				 i;

	if (strcmp(n->value, "*") == 0) {
		for (i = 0; i < r->p->ntypes; i++)
			hold_all(r, bits, &r->p->types[i]);
		return;
	}
	if (dot == NULL) {
		lk_found(r->f, n->place, "expected TYPE.API, \"TYPE.*\" or "
		    "\"*\", found \"%s\"%s", LK_SHOWN(n->value),
		    lk_policy_type_by_name(r->p, n->value) != NULL ?
		    ": add .* for all of the type" : "");
		return;
	}
	name = lk_read_dup(r, n->value, (size_t)(dot - n->value));
	if (name == NULL)
		return;
	if ((t = lk_policy_type_by_name(r->p, name)) == NULL)
		no_type(r, n, name);
	else
		glob_type(r, n, t, dot + 1, bits);
	free(name);
}

/* One more of a package; a note when it holds that already. */
static void
glob_more(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_package *k, size_t octets)
{
	unsigned	 errors = r->f->errors;
	uint8_t		*was = lk_read_alloc(r, octets, 1);

	if (was == NULL)
		return;
	memcpy(was, k->holds, octets);
	glob_add(r, n, k->holds);
	if (r->f->errors == errors && memcmp(was, k->holds, octets) == 0)
		lk_noted(r->f, n->place, "\"%s\" adds nothing: the package "
		    "holds it by what stands before it", LK_SHOWN(n->value));
	free(was);
}

/* ------------------------------------------------------------------ section */

static void
read_package(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_package *k)
{
	const struct lk_node	*c;
	size_t			 bits = r->p->napis + r->p->ntypes;

	k->place = n->key_place;
	k->name = lk_read_dup(r, n->key, strlen(n->key));
	lk_read_name(r, n, "a package");
	k->holds = lk_read_alloc(r, bits / 8 + 1, 1);
	k->globs = lk_want_list(r, n, EXPECTED, sizeof *k->globs);
	if (k->globs == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next) {
		if (!lk_want_text(r, c, "TYPE.API, \"TYPE.*\" or \"*\""))
			continue;
		k->globs[k->nglobs++] = lk_read_dup(r, c->value,
		    strlen(c->value));
		if (r->have_types && !r->f->nomem)
			glob_more(r, c, k, bits / 8 + 1);
	}
}

void
lk_read_packages(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy	*p = base;
	const struct lk_node	*c;

	(void)f;
	p->packages = lk_want_map(r, n, "a mapping of packages",
	    sizeof *p->packages);
	if (p->packages == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next)
		read_package(r, c, &p->packages[p->npackages++]);
}

void
lk_read_default(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy	*p = base;
	const char		**words;
	size_t			 i;

	if (!lk_want_text(r, n, "the name of a package"))
		return;
	if ((p->default_package = lk_policy_package(p, n->value)) >= 0)
		return;
	if ((words = lk_read_alloc(r, p->npackages, sizeof *words)) == NULL)
		return;
	for (i = 0; i < p->npackages; i++)
		words[i] = p->packages[i].name;
	lk_found(r->f, n->place, "%s: no package is \"%s\"%s", f->name,
	    LK_SHOWN(n->value), lk_hint(r->f, n->value, words, p->npackages,
	    p->npackages == 0 ? "; there is no section packages" : "").s);
	free(words);
}
