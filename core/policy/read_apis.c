/*
 * read_apis.c: `name: METHOD[,METHOD] /pattern`, or the long form
 * `name: { on: "METHOD /pattern", checks: [...] }`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/read.h"
#include "policy/routes.h"

#define EXPECTED	"METHOD[,METHOD] /path, such as POST /v1/send"
#define METHODS_MAX	16		/* of one API                        */
#define METHOD_MAX	20		/* octets                            */

static lk_read_fn	read_on;

static const struct lk_field fields[] = {
	{ .name = "on", .read = read_on, .missing = "\"on: METHOD /path\"" },
	{ .name = "checks", .read = lk_read_api_checks },
};
static const struct lk_table table = LK_TABLE("an API", fields);

static const char *const known_methods[] = {
	"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY",
};
#define NKNOWN	(sizeof known_methods / sizeof *known_methods)

/* ------------------------------------------------------------------- method */

static const char *
method_upper(const char *s, char out[METHOD_MAX + 1])
{
	size_t	 i;

	for (i = 0; s[i] != '\0' && i < METHOD_MAX; i++)
		out[i] = s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i];
	out[i] = '\0';
	return out;
}

static int
method_known(const char *s)
{
	size_t	 i;

	for (i = 0; i < NKNOWN; i++) {
		if (strcmp(s, known_methods[i]) == 0)
			return 1;
	}
	return 0;
}

/* Others are fine (PURGE), but not what looks like a slip of the pen. */
static int
method_check(struct lk_reader *r, struct lk_place at, const char *s)
{
	static const char	 set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
	char			 up[METHOD_MAX + 1];
	struct lk_hint		 hint;
	size_t			 n = strlen(s);

	if (n > 0 && method_known(s))
		return 0;
	hint = lk_hint(r->f, method_upper(s, up), known_methods, NKNOWN, "");
	if (hint.s[0] == '\0' && n > 0 && n <= METHOD_MAX &&
	    strspn(s, set) == n)
		return 0;
	lk_found(r->f, at, "expected a method in upper case such as GET or "
	    "POST, found \"%s\"%s", LK_SHOWN(s), hint.s);
	return -1;
}

/* Cut text, "POST,DELETE", at its commas. */
static void
read_methods(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_api *a, size_t len)
{
	const char	*p = n->value, *end = n->value + len;
	char		*m;
	size_t		 w;

	a->methods = lk_read_alloc(r, METHODS_MAX, sizeof *a->methods);
	for (; a->methods != NULL && p <= end; p += w + 1) {
		w = strcspn(p, ", ");
		if (p + w > end)
			w = (size_t)(end - p);
		if (a->nmethods == METHODS_MAX) {
			lk_found(r->f, n->place, "at most %d methods an API",
			    METHODS_MAX);
			return;
		}
		if ((m = lk_read_dup(r, p, w)) == NULL)
			return;
		if (method_check(r, lk_place_in(n, (size_t)(p - n->value)),
		    m) == 0)
			a->methods[a->nmethods++] = m;
		else
			free(m);
	}
}

/* ------------------------------------------------------------------ pattern */

static void
read_pattern(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_api *a, size_t at)
{
	struct lk_error	 e;
	size_t		 bad = 0;

	if (lk_pattern_check(n->value + at, &bad, &e) != 0) {
		lk_found(r->f, lk_place_in(n, at + bad), "%s", e.text);
		return;
	}
	a->pattern = lk_read_dup(r, n->value + at, strlen(n->value + at));
}

/* The shape is free, or the place of who has it is named. */
static void
read_route(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_type *t, struct lk_policy_api *a)
{
	const struct lk_policy_type	*o = NULL;
	const struct lk_policy_api	*b;
	int				 api = 0, got;
	size_t				 i;

	for (i = 0; i < a->nmethods && !r->f->nomem; i++) {
		got = lk_routes_add(r->p, t, (int)(a - t->apis),
		    a->methods[i], &o, &api);
		if (got == LK_ENOMEM)
			r->f->nomem = 1;
		if (got != LK_ECONFIG)
			continue;
		b = &o->apis[api];
		if (b == a) {
			lk_found(r->f, n->place, "%s stands here twice: "
			    "remove one", a->methods[i]);
			return;
		}
		lk_found(r->f, n->place, "%s %s is \"%s.%s\" already, on line "
		    "%u, column %u: one of the two could never be called",
		    a->methods[i], LK_SHOWN(a->pattern), LK_SHOWN(o->name),
		    LK_SHOWN(b->name), b->place.line, b->place.column);
		return;
	}
}

static void
read_on(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = &r->p->types[r->p->ntypes - 1];
	struct lk_policy_api	*a = base;
	size_t			 blank, at;

	(void)f;
	if (!lk_want_text(r, n, EXPECTED))
		return;
	blank = strcspn(n->value, " /");
	at = blank + strspn(n->value + blank, " ");
	if (blank == 0 || n->value[blank] != ' ' || n->value[at] != '/') {
		lk_read_wrong(r, n, EXPECTED);
		return;
	}
	read_methods(r, n, a, blank);
	read_pattern(r, n, a, at);
	if (a->pattern != NULL && !r->f->nomem)
		read_route(r, n, t, a);
}

/* ------------------------------------------------------------------ section */

static void
read_api(struct lk_reader *r, const struct lk_node *n,
    struct lk_policy_api *a)
{
	a->place = n->key_place;
	a->name = lk_read_dup(r, n->key, strlen(n->key));
	lk_read_name(r, n, "an API");
	if (n->kind == LK_NODE_MAP)
		lk_read_map(r, n, &table, a);
	else
		read_on(r, n, fields, a);
}

void
lk_read_apis(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy_type	*t = base;
	const struct lk_node	*c;

	(void)f;
	t->apis = lk_want_map(r, n, "a mapping of APIs (left out, the type has "
	    "one, \"*\")", sizeof *t->apis);
	if (t->apis == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next)
		read_api(r, c, &t->apis[t->napis++]);
}
