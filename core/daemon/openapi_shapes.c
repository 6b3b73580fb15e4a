/*
 * openapi_shapes.c: the shapes of answers, as core/show writes them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "daemon/openapi.h"

/*
 * A kind: s a text, t a time, i a number, b a bool, o an object, # and a shape;
 * [ in front of one: a list of them; ? behind it: or null.
 */
static const struct member {
	const char	*shape, *name, *kind;
	int		 seldom;	/* it need not be there              */
} members[] = {
	{ "Type", "type", "s" },
	{ "Type", "title", "s?" },
	{ "Type", "prefix", "s" },
	{ "Type", "plugin", "s" },
	{ "Type", "limit", "i?" },
	{ "Type", "held", "i" },
	{ "Type", "apis", "i" },
	{ "Type", "generators", "[s" },
	{ "Type", "closes", "t?" },
	{ "Type", "line", "i" },
	{ "Types", "types", "[#Type" },
	{ "Account", "account", "s" },
	{ "Account", "package", "s?" },
	{ "Account", "keys", "i", 1 },
	{ "Accounts", "accounts", "[#Account" },
	{ "Accounts", "next", "s?" },
	{ "DeletedAccount", "account", "s" },
	{ "DeletedAccount", "deleted", "i" },
	{ "Key", "id", "s" },
	{ "Key", "type", "s" },
	{ "Key", "account", "s" },
	{ "Key", "label", "s?" },
	{ "Key", "hint", "s" },
	{ "Key", "state", "s" },
	{ "Key", "created", "t?" },
	{ "Key", "created_by", "s" },
	{ "Key", "expires", "t?" },
	{ "Key", "not_before", "t?" },
	{ "Key", "last_used", "t?" },
	{ "Key", "deleted", "t?" },
	{ "Key", "addresses", "[s" },
	{ "Key", "replaces", "s?" },
	{ "Key", "replaced_by", "s?" },
	{ "Key", "role", "s?" },
	{ "Keys", "keys", "[#Key" },
	{ "Keys", "next", "s?" },
	{ "NewKey", "token", "s" },
	{ "NewKey", "key", "#Key" },
	{ "NewKey", "usage", "s", 1 },
	{ "Event", "seq", "i" },
	{ "Event", "line", "i" },
	{ "Event", "time", "t?" },
	{ "Event", "event", "s" },
	{ "Event", "actor", "s" },
	{ "Event", "from", "s" },
	{ "Event", "key", "s?" },
	{ "Event", "details", "o" },
	{ "Event", "signed", "b" },
	{ "Events", "events", "[#Event" },
	{ "Events", "next", "s?" },
	{ "KeyWithHistory", "key", "#Key" },
	{ "KeyWithHistory", "history", "[#Event" },
	{ "Deleted", "deleted", "[s" },
	{ "Deleted", "note", "s", 1 },
	{ "Disabled", "disabled", "[s" },
	{ "Disabled", "note", "s", 1 },
	{ "Enabled", "enabled", "[s" },
	{ "Enabled", "note", "s", 1 },
	{ "Step", "step", "s" },
	{ "Step", "name", "s?" },
	{ "Step", "verdict", "s" },
	{ "Step", "reason", "s?" },
	{ "Step", "line", "i" },
	{ "Step", "note", "s?" },
	{ "Decision", "outcome", "s" },
	{ "Decision", "reason", "s" },
	{ "Decision", "key", "s?" },
	{ "Decision", "type", "s?" },
	{ "Decision", "account", "s?" },
	{ "Decision", "api", "s?" },
	{ "Decision", "retry_after", "i?" },
	{ "Decision", "observed", "i" },
	{ "Decision", "trace", "[#Step" },
	{ "Problem", "type", "s" },
	{ "Problem", "title", "s" },
	{ "Problem", "status", "i" },
	{ "Problem", "detail", "s" },
	{ "Problem", "instance", "s", 1 },
	{ "Problem", "error", "s", 1 },
	{ "Problem", "reason", "s", 1 },
	{ "Problem", "exit", "i", 1 },
	{ "Problem", "key", "s", 1 },
	{ "Problem", "request_id", "s", 1 },
};

#define NMEMBERS	(sizeof(members) / sizeof(*members))

static const struct {
	char		 kind;
	const char	*type;
} types[] = {
	{ 's', "string" },
	{ 't', "string" },
	{ 'i', "integer" },
	{ 'b', "boolean" },
	{ 'o', "object" },
	{ '[', "array" },
};

static const char *
type_of(char kind)
{
	size_t	 i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].kind == kind)
			return types[i].type;
	return "string";
}

static void
put_ref(struct lk_out *j, const char *name, const char *shape)
{
	char	 ref[64];

	snprintf(ref, sizeof(ref), "#/components/schemas/%s", shape);
	lk_out_open(j, name, '{');
	lk_out_str(j, "$ref", ref);
	lk_out_close(j, '}');
}

/* What is no list. */
static void
put_one(struct lk_out *j, const char *name, const char *kind)
{
	if (*kind == '#') {
		put_ref(j, name, kind + 1);
		return;
	}
	lk_out_open(j, name, '{');
	if (kind[1] == '?') {
		lk_out_open(j, "type", '[');
		lk_out_str(j, NULL, type_of(*kind));
		lk_out_str(j, NULL, "null");
		lk_out_close(j, ']');
	} else
		lk_out_str(j, "type", type_of(*kind));
	if (*kind == 't')
		lk_out_str(j, "format", "date-time");
	lk_out_close(j, '}');
}

static void
put_member(struct lk_out *j, const struct member *m)
{
	if (*m->kind != '[') {
		put_one(j, m->name, m->kind);
		return;
	}
	lk_out_open(j, m->name, '{');
	lk_out_str(j, "type", "array");
	put_one(j, "items", m->kind + 1);
	lk_out_close(j, '}');
}

/* All rows of one shape stand together. */
static const struct member *
put_shape(struct lk_out *j, const struct member *m)
{
	const struct member	*end = m, *at;

	while (end < members + NMEMBERS && strcmp(end->shape, m->shape) == 0)
		end++;
	lk_out_open(j, m->shape, '{');
	lk_out_str(j, "type", "object");
	lk_out_open(j, "required", '[');
	for (at = m; at < end; at++)
		if (!at->seldom)
			lk_out_str(j, NULL, at->name);
	lk_out_close(j, ']');
	lk_out_open(j, "properties", '{');
	for (at = m; at < end; at++)
		put_member(j, at);
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	return end;
}

void
lk_openapi_schemas(struct lk_out *j, const char *name)
{
	const struct member	*m = members;

	lk_out_open(j, name, '{');
	while (m < members + NMEMBERS)
		m = put_shape(j, m);
	lk_out_close(j, '}');
}
