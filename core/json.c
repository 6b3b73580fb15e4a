/*
 * json.c: the only user of jansson.
 *
 * jansson bounds depth at 2,048 levels, each a call deep, and only at compile
 * time; so nesting is counted before it is let near the text.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/random.h>

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define PROBE	4096			/* octets that a scanner may take    */

struct lk_json {
	json_t	*root;
};

/* Without a seed jansson opens /dev/urandom at the first object it makes. */
static void
seed(void)
{
	size_t	 s = 0;

	if (getrandom(&s, sizeof(s), 0) != (ssize_t)sizeof(s))
		s = 0;			/* then let it */
	json_object_seed(s);
}

void
lk_json_init(void)
{
	static pthread_once_t	 once = PTHREAD_ONCE_INIT;

	pthread_once(&once, seed);
}

/*
 * Whether brackets outside of strings nest no deeper than LK_JSON_DEPTH.  For
 * text that is JSON the count is exact; what is none jansson refuses.
 */
static int
shallow(const char *p, size_t n)
{
	unsigned	 depth = 0;
	size_t		 i;
	int		 string = 0;

	for (i = 0; i < n; i++) {
		if (string && p[i] == '\\')
			i++;
		else if (p[i] == '"')
			string = !string;
		else if (string)
			continue;
		else if (p[i] == '{' || p[i] == '[') {
			if (++depth > LK_JSON_DEPTH)
				return 0;
		} else if ((p[i] == '}' || p[i] == ']') && depth > 0)
			depth--;
	}
	return 1;
}

static const char *
cause(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_duplicate_key:
		return "a member twice";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a NUL in a string";
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_numeric_overflow:
		return "a number too large";
	default:
		return "not JSON";
	}
}

/*
 * jansson calls it bad syntax where its scanner got no memory.  So what cannot
 * be read is read once more, if there is memory.  NULL: *why, or no memory.
 */
static json_t *
load(const char *p, size_t n, const char **why)
{
	/* Numbers are not looked at, so they may be any. */
	const size_t	 how = JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL;
	json_error_t	 e;
	json_t		*root;
	void		*probe;

	*why = NULL;
	if ((root = json_loadb(p, n, how, &e)) != NULL)
		return root;
	if ((probe = malloc(n + PROBE)) == NULL)
		return NULL;
	free(probe);
	if ((root = json_loadb(p, n, how, &e)) != NULL)
		return root;
	if (json_error_code(&e) != json_error_out_of_memory &&
	    json_error_code(&e) != json_error_unknown)
		*why = cause(&e);
	return NULL;
}

int
lk_json_parse(const char *p, size_t n, struct lk_json **out, const char **why)
{
	struct lk_json	*j = NULL;
	int		 r = -1;

	*out = NULL;
	*why = "";
	lk_json_init();
	if (!shallow(p, n)) {
		*why = "too deep";
		goto out;
	}
	if ((j = calloc(1, sizeof(*j))) == NULL ||
	    ((j->root = load(p, n, why)) == NULL && *why == NULL)) {
		*why = "no memory";
		r = -2;
		goto out;
	}
	if (j->root == NULL)
		goto out;
	if (!json_is_object(j->root)) {
		*why = "not an object";
		goto out;
	}
	*why = "";
	*out = j;
	j = NULL;
	r = 1;
out:
	lk_json_free(&j);
	return r;
}

/* Strings may be credentials.  Depth is bounded, so is this. */
static void
wipe(json_t *v)
{
	void	*it;
	size_t	 i;

	if (json_is_string(v))
		lk_wipe((void *)(uintptr_t)json_string_value(v),
		    json_string_length(v));
	for (i = 0; i < json_array_size(v); i++)
		wipe(json_array_get(v, i));
	for (it = json_object_iter(v); it != NULL;
	    it = json_object_iter_next(v, it))
		wipe(json_object_iter_value(it));
}

void
lk_json_free(struct lk_json **j)
{
	if (*j == NULL)
		return;
	if ((*j)->root != NULL) {
		wipe((*j)->root);
		json_decref((*j)->root);
	}
	free(*j);
	*j = NULL;
}

int
lk_json_string(const struct lk_json *j, const char *name, struct lk_slice *out)
{
	const json_t	*v = json_object_get(j->root, name);

	out->p = NULL;
	out->n = 0;
	if (v == NULL)
		return 0;
	if (!json_is_string(v))
		return -2;
	out->p = json_string_value(v);
	out->n = json_string_length(v);
	return 1;
}

static enum lk_json_kind
kind_of(const json_t *v)
{
	if (json_is_null(v))
		return LK_JSON_NULL;
	if (json_is_string(v))
		return LK_JSON_STRING;
	if (json_is_number(v))
		return LK_JSON_NUMBER;
	if (json_is_boolean(v))
		return LK_JSON_BOOL;
	if (json_is_object(v))
		return LK_JSON_OBJECT;
	return json_is_array(v) ? LK_JSON_LIST : LK_JSON_OTHER;
}

static void
look(const json_t *v, struct lk_json_member *out)
{
	out->name = NULL;
	out->kind = kind_of(v);
	out->text.p = json_string_value(v);
	out->text.n = json_string_length(v);
	out->number = json_is_true(v) ? 1 : json_number_value(v);
	out->n = json_array_size(v);
}

/* jansson walks a value that it takes as not const, and changes nothing. */
static int
walk(const json_t *object, void **at, struct lk_json_member *out)
{
	json_t	*o = (json_t *)(uintptr_t)object;

	*at = *at == NULL ? json_object_iter(o) :
	    json_object_iter_next(o, *at);
	if (*at == NULL)
		return 0;
	look(json_object_iter_value(*at), out);
	out->name = json_object_iter_key(*at);
	return 1;
}

int
lk_json_next(const struct lk_json *j, void **at, struct lk_json_member *out)
{
	return walk(j->root, at, out);
}

int
lk_json_item(const struct lk_json *j, const char *name, size_t i,
    struct lk_slice *out)
{
	const json_t	*v;

	v = json_array_get(json_object_get(j->root, name), i);
	out->p = json_string_value(v);
	out->n = json_string_length(v);
	return json_is_string(v) ? 1 : -2;
}

int
lk_json_pair(const struct lk_json *j, const char *name, size_t i,
    struct lk_slice out[2])
{
	const json_t	*pair, *v;
	size_t		 k;

	pair = json_array_get(json_object_get(j->root, name), i);
	if (json_array_size(pair) != 2)
		return -2;
	for (k = 0; k < 2; k++) {
		v = json_array_get(pair, k);
		if (!json_is_string(v))
			return -2;
		out[k].p = json_string_value(v);
		out[k].n = json_string_length(v);
	}
	return 1;
}

size_t
lk_json_count(const struct lk_json *j, const char *name)
{
	return json_array_size(json_object_get(j->root, name));
}

int
lk_json_bool(const struct lk_json *j, const char *name)
{
	return json_is_true(json_object_get(j->root, name));
}

/* ----------------------------------------------------------------- values */

/* It has no members of its own: a struct lk_json_value * is a json_t *. */
static const json_t *
of(const struct lk_json_value *v)
{
	return (const json_t *)(const void *)v;
}

static const struct lk_json_value *
as_value(const json_t *v)
{
	return (const struct lk_json_value *)(const void *)v;
}

const struct lk_json_value *
lk_json_root(const struct lk_json *j)
{
	return as_value(j->root);
}

const struct lk_json_value *
lk_json_get(const struct lk_json_value *v, const char *name)
{
	return as_value(json_object_get(of(v), name));
}

const struct lk_json_value *
lk_json_at(const struct lk_json_value *v, size_t i)
{
	return as_value(json_array_get(of(v), i));
}

void
lk_json_look(const struct lk_json_value *v, struct lk_json_member *out)
{
	look(of(v), out);
}

int
lk_json_walk(const struct lk_json_value *v, void **at,
    struct lk_json_member *out, const struct lk_json_value **value)
{
	if (!walk(of(v), at, out))
		return 0;
	*value = as_value(json_object_iter_value(*at));
	return 1;
}
