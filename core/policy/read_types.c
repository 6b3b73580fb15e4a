/*
 * read_types.c: the types; their APIs and checks are in files of their own.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "policy/read.h"
#include "token/token.h"

#define TITLE_MAX	127		/* octets, as in struct lk_type      */
#define LIMIT_MAX	1000000		/* keys                              */

static lk_read_fn	read_limit, read_plugin, read_prefix, read_within,
		read_imported, read_closes;

#define AT(member)	.offset = offsetof(struct lk_policy_type, member)

static const struct lk_field fields[] = {
	{ .name = "title", .read = lk_read_text, AT(title), .max = TITLE_MAX },
	{ .name = "plugin", .read = read_plugin,
	    .missing = "\"plugin: NAME\", the type plugin that knows its "
	    "credentials" },
	{ .name = "prefix", .read = read_prefix,
	    .missing = "\"prefix: NAME\", what its tokens start with" },
	{ .name = "limit", .read = read_limit, AT(limit),
	    .min = 1, .max = LIMIT_MAX,
	    .zero = "0 keys would leave the type without any: leave limit out "
	    "where there is none" },
	{ .name = "apis", .read = lk_read_apis },
	{ .name = "options", .read = lk_read_options },
	{ .name = "checks", .read = lk_read_type_checks },
	{ .name = "within", .read = read_within },
	{ .name = "body", .read = lk_read_size, AT(body_max),
	    .min = 1, .max = LK_BODY_MAX },
	{ .name = "imported", .read = read_imported },
	{ .name = "closes", .read = read_closes },
};
static const struct lk_table table = LK_TABLE("a type", fields);

static void
read_limit(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;

	t->limit_place = n->key_place;
	lk_read_unsigned(r, n, f, base);
}

static void
read_plugin(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;

	(void)f;
	t->plugin_place = n->place;
	if (!lk_want_text(r, n, "the name of a type plugin"))
		return;
	t->plugin = lk_read_dup(r, n->value, strlen(n->value));
	if (!lk_plugin_name_valid(n->value))
		lk_found(r->f, n->place, "plugin: a name has only a-z, 0-9 and "
		    "_, %d at most, found \"%s\": the folder is that of "
		    "\"plugins\", the file NAME.so", LK_NAME_MAX,
		    LK_SHOWN(n->value));
}

static void
read_prefix(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type		*t = base;
	const struct lk_policy_type	*o;
	struct lk_error			 e;

	(void)f;
	t->prefix_place = n->place;
	if (!lk_want_text(r, n, "2 to 12 of a-z and 0-9"))
		return;
	o = lk_policy_type_by_prefix(r->p, n->value, strlen(n->value));
	if (o != NULL)
		lk_found(r->f, n->place, "prefix: \"%s\" is that of type "
		    "\"%s\" on line %u too: a token must tell its type; "
		    "choose another", LK_SHOWN(n->value), LK_SHOWN(o->name),
		    o->prefix_place.line);
	else if (lk_prefix_check(n->value, strlen(n->value), &e) != 0)
		lk_found(r->f, n->place, "prefix: %s", e.text);
	t->prefix = lk_read_dup(r, n->value, strlen(n->value));
}

static void
read_within(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	const char		*one = "a network such as 10.0.0.0/8 or "
				    "\"2001:db8::/32\"";
	struct lk_policy_type	*t = base;
	const struct lk_node	*c;

	(void)f;
	t->within = lk_want_list(r, n, "a list of networks such as "
	    "[ 10.0.0.0/8 ]", sizeof *t->within);
	if (t->within == NULL)
		return;
	for (c = n->first; c != NULL; c = c->next) {
		if (c->kind == LK_NODE_TEXT && lk_net_parse(c->value,
		    strlen(c->value), &t->within[t->nwithin]) == 0)
			t->nwithin++;
		else
			lk_read_wrong(r, c, one);
	}
}

static void
read_imported(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;

	(void)f;
	if (n->kind == LK_NODE_TEXT && !n->quoted &&
	    (strcmp(n->value, "true") == 0 || strcmp(n->value, "false") == 0))
		t->imported = n->value[0] == 't';
	else
		lk_read_wrong(r, n, "true or false");
}

/* A day begins at midnight, UTC. */
static void
read_closes(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;
	char			 day[32];

	(void)f;
	t->closes_place = n->key_place;
	if (n->kind == LK_NODE_TEXT && (lk_time_parse(n->value,
	    strlen(n->value), &t->closes) == 0 ||
	    ((size_t)snprintf(day, sizeof day, "%sT00:00:00Z", n->value) <
	    sizeof day && lk_time_parse(day, strlen(day), &t->closes) == 0)) &&
	    t->closes > 0)
		return;
	t->closes = 0;
	lk_read_wrong(r, n, "a day such as 2027-01-31, or a time such as "
	    "2027-01-31T12:00:00Z");
}

static void
read_type(struct lk_reader *r, const struct lk_node *n)
{
	struct lk_policy	*p = r->p;
	struct lk_policy_type	*t = &p->types[p->ntypes];

	t->index = (unsigned)p->ntypes;
	t->first_api = p->napis;
	t->place = t->options_place = n->key_place;
	t->body_max = LK_BODY_DEFAULT;
	if ((t->name = lk_read_dup(r, n->key, strlen(n->key))) == NULL)
		return;
	p->ntypes++;
	lk_read_name(r, n, "a type");
	lk_read_map(r, n, &table, t);
	if (t->title == NULL)
		t->title = lk_read_dup(r, t->name, strlen(t->name));
	p->napis += t->napis > 0 ? t->napis : 1;
}

void
lk_read_types(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy	*p = base;
	const struct lk_node	*c;

	(void)f;
	p->types = lk_want_map(r, n, "a mapping of types", sizeof *p->types);
	if (p->types == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next) {
		if (p->ntypes == LK_TYPES_MAX) {
			lk_found(r->f, c->key_place, "a policy has at most %d "
			    "types, this one has %zu", LK_TYPES_MAX, n->n);
			return;
		}
		read_type(r, c);
	}
	r->have_types = 1;
}
