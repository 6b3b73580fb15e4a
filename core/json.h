/*
 * json.h: the only user of jansson: JSON objects of requests in, JSON of the
 * command's answers out.
 *
 * Reading: duplicates refused, depth at most LK_JSON_DEPTH, strings without
 * NUL.  jansson's seed is set once, by lk_json_init, before threads.
 */
#ifndef LK_JSON_H
#define LK_JSON_H

#include "latchkey.h"

#define LK_JSON_DEPTH	32

struct lk_json;				/* a parsed object, owned            */

void	lk_json_init(void);
/* 1 an object; -1 not JSON, no object, a member twice, too deep: *why, static,
 * says which; -2 no memory. */
int	lk_json_parse(const char *p, size_t n, struct lk_json **out,
	    const char **why);
void	lk_json_free(struct lk_json **j);	/* wipes its strings */
/* A member of the top level: 1 a string, borrowed from j; 0 absent; -2 of
 * another kind. */
int	lk_json_string(const struct lk_json *j, const char *name,
	    struct lk_slice *out);

enum lk_json_kind {
	LK_JSON_OTHER,
	LK_JSON_NULL,
	LK_JSON_STRING,
	LK_JSON_NUMBER,
	LK_JSON_LIST,
	LK_JSON_BOOL,		/* number is 1 or 0 */
	LK_JSON_OBJECT
};

struct lk_json_member {
	const char	*name;		/* ended by NUL; borrowed from j     */
	enum lk_json_kind kind;
	struct lk_slice	 text;		/* of a string, likewise             */
	double		 number;	/* of a bool: 1 or 0                 */
	size_t		 n;		/* values of a list                  */
};

/* Each member of the top level; *at is NULL for the first.  1, or 0: there are
 * no more. */
int	lk_json_next(const struct lk_json *j, void **at,
	    struct lk_json_member *out);
/* The string at i of the list of that name.  1; -2: it is none. */
int	lk_json_item(const struct lk_json *j, const char *name, size_t i,
	    struct lk_slice *out);
/* Likewise, a list of two strings. */
int	lk_json_pair(const struct lk_json *j, const char *name, size_t i,
	    struct lk_slice out[2]);
/* How many values the list of that name has; 0: there is none. */
size_t	lk_json_count(const struct lk_json *j, const char *name);
/* The bool of that name, 0 where it is not there. */
int	lk_json_bool(const struct lk_json *j, const char *name);

/* A value at any depth, borrowed from what was parsed. */
struct lk_json_value;

const struct lk_json_value *lk_json_root(const struct lk_json *j);
/* A member of an object, a value of a list; NULL: there is none. */
const struct lk_json_value *lk_json_get(const struct lk_json_value *v,
	    const char *name);
const struct lk_json_value *lk_json_at(const struct lk_json_value *v,
	    size_t i);
/* What it is; without a name.  Of NULL: LK_JSON_OTHER. */
void	lk_json_look(const struct lk_json_value *v,
	    struct lk_json_member *out);
/* Each member of an object in its order, as lk_json_next. */
int	lk_json_walk(const struct lk_json_value *v, void **at,
	    struct lk_json_member *out, const struct lk_json_value **value);

#endif
