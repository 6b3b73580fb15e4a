/*
 * openapi_check: did a server do what its OpenAPI says?
 *
 *	openapi_check openapi.json <exchanges
 *
 * An exchange a line: METHOD PATH STATUS MEDIA FILE; PATH as it was asked for,
 * FILE the body of the answer.  Each must be of a path and a method that are
 * there, with a status and a media type that are listed, and its JSON as the
 * schema has it, with no member that the schema does not name.  In the end each
 * method of each path must have been asked for.
 *
 * Of JSON Schema what latchkeyd uses is known: $ref, type, properties,
 * required, items, format: date-time.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_	4096

static json_t	*api;
static int	 bad;

static void __attribute__((format(printf, 1, 2)))
complain(const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	bad = 1;
}

/* ------------------------------------------------------------------ schema */

/* #/a/b of the whole. */
static const json_t *
resolve(const json_t *schema)
{
	const char	*ref = json_string_value(json_object_get(schema,
			    "$ref"));
	const json_t	*at = api;
	char		 name[LINE_MAX_];
	size_t		 n;

	if (ref == NULL)
		return schema;
	for (ref += strspn(ref, "#/"); *ref != '\0'; ref += n) {
		n = strcspn(ref, "/");
		snprintf(name, sizeof(name), "%.*s", (int)n, ref);
		at = json_object_get(at, name);
		n += strspn(ref + n, "/");
	}
	if (at == NULL)
		complain("a $ref that leads nowhere");
	return at;
}

static int
is_type(const char *type, const json_t *v)
{
	return (strcmp(type, "string") == 0 && json_is_string(v)) ||
	    (strcmp(type, "integer") == 0 && json_is_integer(v)) ||
	    (strcmp(type, "boolean") == 0 && json_is_boolean(v)) ||
	    (strcmp(type, "object") == 0 && json_is_object(v)) ||
	    (strcmp(type, "array") == 0 && json_is_array(v)) ||
	    (strcmp(type, "null") == 0 && json_is_null(v));
}

static int
one_of_types(const json_t *type, const json_t *v)
{
	size_t	 i;

	if (json_is_string(type))
		return is_type(json_string_value(type), v);
	for (i = 0; i < json_array_size(type); i++)
		if (is_type(json_string_value(json_array_get(type, i)), v))
			return 1;
	return type == NULL;
}

/* 2026-11-23T22:38:38Z */
static int
is_time(const char *s)
{
	static const char	 form[] = "dddd-dd-ddTdd:dd:ddZ";
	size_t			 i;

	for (i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? !isdigit((unsigned char)s[i]) :
		    s[i] != form[i])
			return 0;
	return 1;
}

static void	 check(const json_t *schema, json_t *v, const char *where);

static void
check_object(const json_t *schema, json_t *v, const char *where)
{
	json_t		*properties = json_object_get(schema, "properties");
	const json_t	*required = json_object_get(schema, "required"), *p;
	const char	*name;
	void		*it;
	size_t		 i;

	for (i = 0; i < json_array_size(required); i++) {
		name = json_string_value(json_array_get(required, i));
		if (json_object_get(v, name) == NULL)
			complain("%s: %s is missing", where, name);
	}
	if (properties == NULL)
		return;
	for (it = json_object_iter(v); it != NULL;
	    it = json_object_iter_next(v, it)) {
		name = json_object_iter_key(it);
		if ((p = json_object_get(properties, name)) == NULL)
			complain("%s: %s is no member of it", where, name);
		else
			check(p, json_object_iter_value(it), name);
	}
}

static void
check(const json_t *schema, json_t *v, const char *where)
{
	const char	*format;
	size_t		 i;

	if ((schema = resolve(schema)) == NULL)
		return;
	if (!one_of_types(json_object_get(schema, "type"), v)) {
		complain("%s: of another type", where);
		return;
	}
	format = json_string_value(json_object_get(schema, "format"));
	if (format != NULL && json_is_string(v) &&
	    !is_time(json_string_value(v)))
		complain("%s: no time", where);
	if (json_is_object(v))
		check_object(schema, v, where);
	for (i = 0; i < json_array_size(v); i++)
		check(json_object_get(schema, "items"), json_array_get(v, i),
		    where);
}

/* --------------------------------------------------------------- exchanges */

/* {x} is one segment; of a query nothing counts. */
static int
matches(const char *want, const char *path)
{
	while (*want != '\0') {
		if (*want == '{') {
			if (strcspn(path, "/?") == 0)
				return 0;
			path += strcspn(path, "/?");
			want += strcspn(want, "}") + 1;
		} else if (*want++ != *path++)
			return 0;
	}
	return *path == '\0' || *path == '?';
}

static json_t *
operation(const char *method, const char *path)
{
	json_t		*all = json_object_get(api, "paths");
	char		 lower[16];
	void		*it;
	size_t		 i;

	for (i = 0; method[i] != '\0' && i < sizeof(lower) - 1; i++)
		lower[i] = (char)tolower((unsigned char)method[i]);
	lower[i] = '\0';
	for (it = json_object_iter(all); it != NULL;
	    it = json_object_iter_next(all, it))
		if (matches(json_object_iter_key(it), path))
			return json_object_get(json_object_iter_value(it),
			    lower);
	return NULL;
}

static void
check_body(const json_t *schema, const char *file, const char *where)
{
	json_error_t	 e;
	json_t		*v = json_load_file(file, JSON_DECODE_ANY, &e);

	if (v == NULL)
		complain("%s: no JSON: %s", where, e.text);
	else
		check(schema, v, where);
	json_decref(v);
}

static void
exchange(const char *method, const char *path, const char *status,
    const char *media, const char *file)
{
	json_t		*op = operation(method, path), *answer;
	const json_t	*content;
	char		 where[LINE_MAX_ * 2];

	snprintf(where, sizeof(where), "%s %s %s", method, path, status);
	if (op == NULL) {
		complain("%s: there is no such path or method", where);
		return;
	}
	json_object_set_new(op, "asked", json_true());
	answer = json_object_get(json_object_get(op, "responses"), status);
	content = json_object_get(json_object_get(answer, "content"), media);
	if (answer == NULL)
		complain("%s: the status is not listed", where);
	else if (content == NULL)
		complain("%s: %s is not listed", where, media);
	else if (strstr(media, "json") != NULL)
		check_body(json_object_get(content, "schema"), file, where);
}

static void
all_asked(void)
{
	json_t	*all = json_object_get(api, "paths"), *item;
	void	*it, *op;

	for (it = json_object_iter(all); it != NULL;
	    it = json_object_iter_next(all, it)) {
		item = json_object_iter_value(it);
		for (op = json_object_iter(item); op != NULL;
		    op = json_object_iter_next(item, op))
			if (json_object_get(json_object_iter_value(op),
			    "asked") == NULL)
				complain("%s %s was not asked for",
				    json_object_iter_key(op),
				    json_object_iter_key(it));
	}
}

int
main(int argc, char **argv)
{
	char		 line[LINE_MAX_], m[16], p[2048], s[8], t[64], f[1024];
	json_error_t	 e;

	if (argc != 2 || (api = json_load_file(argv[1], 0, &e)) == NULL) {
		puts("no openapi.json");
		return 2;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (sscanf(line, "%15s %2047s %7s %63[^; \n]%*[^ ] %1023s", m,
		    p, s, t, f) == 5 ||
		    sscanf(line, "%15s %2047s %7s %63s %1023s", m, p, s, t,
		    f) == 5)
			exchange(m, p, s, t, f);
		else
			complain("no exchange: %s", line);
	}
	all_asked();
	json_decref(api);
	return bad;
}
