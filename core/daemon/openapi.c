/*
 * openapi.c: the table of routes as OpenAPI 3.1.
 *
 * All of it is made from the rows that serve, so it cannot say what they do
 * not.
 * Source: OpenAPI Specification 3.1.0.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/admin.h"
#include "daemon/openapi.h"

#define NAME_MAX_	32		/* octets of a parameter's name      */

static const char *const kinds[] = {
	[LK_PARAM_TEXT] = "string",
	[LK_PARAM_WHEN] = "string",
	[LK_PARAM_DURATION] = "string",
	[LK_PARAM_NUMBER] = "integer",
	[LK_PARAM_BOOL] = "boolean",
	[LK_PARAM_TEXTS] = "array",
	[LK_PARAM_PAIRS] = "array",
};

/* ------------------------------------------------------------------- given */

static void
put_schema(struct lk_out *j, const char *name, enum lk_param_kind kind,
    const char *help)
{
	lk_out_open(j, name, '{');
	lk_out_str(j, "type", kinds[kind]);
	if (help != NULL)
		lk_out_str(j, "description", help);
	if (kind == LK_PARAM_TEXTS)
		put_schema(j, "items", LK_PARAM_TEXT, NULL);
	else if (kind == LK_PARAM_PAIRS)
		put_schema(j, "items", LK_PARAM_TEXTS, NULL);
	lk_out_close(j, '}');
}

static void
put_parameter(struct lk_out *j, const char *name, const char *in,
    enum lk_param_kind kind, const char *help)
{
	lk_out_open(j, NULL, '{');
	lk_out_str(j, "name", name);
	lk_out_str(j, "in", in);
	if (strcmp(in, "path") == 0)
		lk_out_bool(j, "required", 1);
	lk_out_str(j, "description", help);
	put_schema(j, "schema", kind, NULL);
	lk_out_close(j, '}');
}

/* What stands between { and }. */
static void
put_variable(struct lk_out *j, const char *path)
{
	const char	*at = strchr(path, '{');
	char		 name[NAME_MAX_];

	if (at == NULL)
		return;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"),
	    at + 1);
	put_parameter(j, name, "path", LK_PARAM_TEXT,
	    strcmp(name, "id") != 0 ? "its name" : "the id of a key; to "
	    "delete, disable and enable up to 64 of them, by commas");
}

static void
put_parameters(struct lk_out *j, const struct lk_admin_route *row)
{
	const struct lk_param	*p;

	lk_out_open(j, "parameters", '[');
	put_variable(j, row->path);
	for (p = row->query; p != NULL && p->name != NULL; p++)
		put_parameter(j, p->name, "query", p->kind, p->help);
	if (row->once)
		put_parameter(j, "Idempotency-Key", "header", LK_PARAM_TEXT,
		    "a repeat within a day makes no second key");
	lk_out_close(j, ']');
}

static void
put_body(struct lk_out *j, const struct lk_admin_route *row)
{
	const struct lk_param	*p;
	int			 required = 0;

	if (row->body == NULL)
		return;
	lk_out_open(j, "requestBody", '{');
	lk_out_open(j, "content", '{');
	lk_out_open(j, "application/json", '{');
	lk_out_open(j, "schema", '{');
	lk_out_str(j, "type", "object");
	lk_out_bool(j, "additionalProperties", 0);
	lk_out_open(j, "required", '[');
	for (p = row->body; p->name != NULL; p++)
		if (p->required) {
			lk_out_str(j, NULL, p->name);
			required = 1;
		}
	lk_out_close(j, ']');
	lk_out_open(j, "properties", '{');
	for (p = row->body; p->name != NULL; p++)
		put_schema(j, p->name, p->kind, p->help);
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_out_bool(j, "required", required);
	lk_out_close(j, '}');
}

/* ----------------------------------------------------------------- answers */

static void
put_answer(struct lk_out *j, const char *status, const char *text,
    const char *media, const char *shape)
{
	char	 ref[64];

	lk_out_open(j, status, '{');
	lk_out_str(j, "description", text);
	lk_out_open(j, "content", '{');
	lk_out_open(j, media, '{');
	lk_out_open(j, "schema", '{');
	if (shape != NULL) {
		snprintf(ref, sizeof(ref), "#/components/schemas/%s", shape);
		lk_out_str(j, "$ref", ref);
	}
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_out_close(j, '}');
}

/* Statuses by blanks. */
static void
put_problems(struct lk_out *j, const char *list)
{
	char	 status[4];

	for (; list != NULL && *list != '\0'; list += strspn(list, " ")) {
		snprintf(status, sizeof(status), "%.3s", list);
		put_answer(j, status, lk_reply_phrase(atoi(status)),
		    "application/problem+json", "Problem");
		list += strcspn(list, " ");
	}
}

static void
put_answers(struct lk_out *j, const struct lk_admin_route *row)
{
	char		 status[12];
	const char	*media;

	media = row->shape != NULL || row->right != 0 ? "application/json" :
	    row->media;
	snprintf(status, sizeof(status), "%d", row->status);
	lk_out_open(j, "responses", '{');
	put_answer(j, status, lk_reply_phrase(row->status), media, row->shape);
	put_problems(j, row->also);
	if (row->right != 0)
		put_problems(j, "400 401 403 414 422 429 431 500 503 507");
	if (row->body != NULL)
		put_problems(j, "413 415");
	lk_out_close(j, '}');
}

/* --------------------------------------------------------------------- all */

static const char *
method_of(unsigned method)
{
	return method == LK_GET ? "get" : method == LK_POST ? "post" :
	    method == LK_PUT ? "put" : "delete";
}

static void
put_operation(struct lk_out *j, const struct lk_admin_route *row)
{
	lk_out_open(j, method_of(row->method), '{');
	lk_out_str(j, "operationId", row->name);
	lk_out_str(j, "summary", row->summary);
	if (row->right == 0) {
		lk_out_open(j, "security", '[');
		lk_out_close(j, ']');
	}
	put_parameters(j, row);
	put_body(j, row);
	put_answers(j, row);
	lk_out_close(j, '}');
}

/* Rows of one path stand together. */
static void
put_paths(struct lk_out *j)
{
	const struct lk_admin_route	*row;

	lk_out_open(j, "paths", '{');
	for (row = lk_admin_routes; row->path != NULL; row++) {
		if (row == lk_admin_routes ||
		    strcmp(row[-1].path, row->path) != 0)
			lk_out_open(j, row->path, '{');
		put_operation(j, row);
		if (row[1].path == NULL || strcmp(row[1].path, row->path) != 0)
			lk_out_close(j, '}');
	}
	lk_out_close(j, '}');
}

static void
put_security(struct lk_out *j)
{
	lk_out_open(j, "securitySchemes", '{');
	lk_out_open(j, "operator", '{');
	lk_out_str(j, "type", "http");
	lk_out_str(j, "scheme", "bearer");
	lk_out_str(j, "description", "a key of the type plugin operator; by "
	    "a unix socket the user is known without one");
	lk_out_close(j, '}');
	lk_out_close(j, '}');
}

int
lk_v1_openapi(struct lk_admin_call *c)
{
	struct lk_out	*j = &c->out;

	lk_out_open(j, NULL, '{');
	lk_out_str(j, "openapi", "3.1.0");
	lk_out_open(j, "info", '{');
	lk_out_str(j, "title", "latchkey");
	lk_out_str(j, "version", lk_version());
	lk_out_str(j, "summary", "Keys of APIs, for those who manage them.");
	lk_out_close(j, '}');
	lk_out_open(j, "security", '[');
	lk_out_open(j, NULL, '{');
	lk_out_open(j, "operator", '[');
	lk_out_close(j, ']');
	lk_out_close(j, '}');
	lk_out_open(j, NULL, '{');
	lk_out_close(j, '}');
	lk_out_close(j, ']');
	put_paths(j);
	lk_out_open(j, "components", '{');
	put_security(j);
	lk_openapi_schemas(j, "schemas");
	lk_out_close(j, '}');
	lk_out_close(j, '}');
	lk_admin_answer(c);
	return 0;
}
