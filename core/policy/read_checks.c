/*
 * read_checks.c: settings of plugins, and the lists of checks.
 *
 * What a plugin takes is its own affair: here only the form is judged.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"

#define ONE_CHECK	"the name of a check, or \"name: { ... }\""

/* ----------------------------------------------------------------- settings */

static void
read_list(struct lk_reader *r, const struct lk_node *n, struct lk_setting *s)
{
	const struct lk_node	*c;

	s->list = lk_read_alloc(r, n->n, sizeof *s->list);
	s->list_places = lk_read_alloc(r, n->n, sizeof *s->list_places);
	if (r->f->nomem)
		return;
	for (c = n->first; c != NULL; c = c->next) {
		if (c->kind != LK_NODE_TEXT || lk_node_empty(c)) {
			lk_read_wrong(r, c, "text or a number");
			continue;
		}
		s->list_places[s->nlist] = c->place;
		s->list[s->nlist++] = lk_read_dup(r, c->value,
		    strlen(c->value));
	}
}

static void
read_setting(struct lk_reader *r, const struct lk_node *n,
    struct lk_setting *s)
{
	s->place = n->key_place;
	s->value_place = lk_node_at(n);
	s->quoted = n->quoted;
	s->name = lk_read_dup(r, n->key, strlen(n->key));
	lk_read_name(r, n, "an option");
	if (n->kind == LK_NODE_LIST)
		read_list(r, n, s);
	else if (n->kind == LK_NODE_TEXT && !lk_node_empty(n))
		s->value = lk_read_dup(r, n->value, strlen(n->value));
	else
		lk_read_wrong(r, n, "text, a number or a list of them");
}

void
lk_read_settings(struct lk_reader *r, const struct lk_node *n,
    struct lk_settings *s)
{
	const struct lk_node	*c;

	if (n->kind == LK_NODE_MAP && n->n == 0)
		return;
	s->v = lk_want_map(r, n, "a mapping such as { name: value }",
	    sizeof *s->v);
	if (s->v == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next)
		read_setting(r, c, &s->v[s->n++]);
}

void
lk_read_options(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;

	(void)f;
	t->options_place = n->key_place;
	lk_read_settings(r, n, &t->options);
}

/* ------------------------------------------------------------------- checks */

static void
check_name(struct lk_reader *r, struct lk_place at, const char *name,
    struct lk_policy_check *k)
{
	k->place = at;
	k->plugin = lk_read_dup(r, name, strlen(name));
	if (!lk_plugin_name_valid(name))
		lk_found(r->f, at, "the name of a check has only a-z, 0-9 and "
		    "_, %d at most, found \"%s\"", LK_NAME_MAX,
		    LK_SHOWN(name));
}

/* Take the i-th out of its list. */
static void
drop(struct lk_settings *s, size_t i)
{
	struct lk_setting	*v = &s->v[i];
	size_t			 k;

	free(v->name);
	free(v->value);
	for (k = 0; k < v->nlist; k++)
		free(v->list[k]);
	free(v->list);
	free(v->list_places);
	memmove(v, v + 1, (--s->n - i) * sizeof *v);
}

/* A word of ours among those of the plugin, which never sees it. */
static void
take_observe(struct lk_reader *r, struct lk_policy_check *k)
{
	const struct lk_setting	*s;
	size_t			 i;

	for (i = 0; i < k->settings.n; ) {
		s = &k->settings.v[i];
		if (s->name == NULL || strcmp(s->name, "observe") != 0) {
			i++;
			continue;
		}
		k->observe = s->value != NULL && !s->quoted &&
		    strcmp(s->value, "true") == 0;
		if (!k->observe && (s->value == NULL || s->quoted ||
		    strcmp(s->value, "false") != 0))
			lk_found(r->f, s->value_place, "observe takes true or "
			    "false: with true, what the check denies is told "
			    "and not enforced");
		drop(&k->settings, i);
	}
}

static void
read_check(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_check *k)
{
	const struct lk_node	*c = n->first;

	if (n->kind != LK_NODE_MAP || n->n == 0) {
		if (lk_want_text(r, n, ONE_CHECK))
			check_name(r, n->place, n->value, k);
		return;
	}
	check_name(r, c->key_place, c->key, k);
	if (lk_node_empty(c))
		lk_found(r->f, c->key_place, "nothing follows \"%s:\": write "
		    "%s without the colon, or give it { name: value }",
		    LK_SHOWN(c->key), LK_SHOWN(c->key));
	else
		lk_read_settings(r, c, &k->settings);
	take_observe(r, k);
	if (c->next != NULL)
		lk_found(r->f, c->next->key_place, "\"%s\" stands in the check "
		    "\"%s\": arguments go into { } or are indented further, "
		    "a check of its own has a dash of its own",
		    LK_SHOWN(c->next->key), LK_SHOWN(c->key));
}

static size_t
read_checks(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_check **v)
{
	const struct lk_node	*c;
	size_t			 got = 0;

	if (n->kind == LK_NODE_LIST && n->n == 0)
		return 0;
	*v = lk_want_list(r, n, "a list of checks such as [ entitlement ]",
	    sizeof **v);
	if (*v == NULL)
		return 0;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next)
		read_check(r, c, &(*v)[got++]);
	return got;
}

void
lk_read_type_checks(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;

	(void)f;
	t->nchecks = read_checks(r, n, &t->checks);
}

void
lk_read_api_checks(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_api	*a = base;

	(void)f;
	a->nchecks = read_checks(r, n, &a->checks);
}
