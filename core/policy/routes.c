/*
 * routes.c: judge patterns and grow the tree of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "policy/read.h"
#include "policy/routes.h"

/* What a path may hold as it is: RFC 3986 unreserved, and some more. */
static const char literal[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:@+=$!&";

/* ----------------------------------------------------------------- patterns */

static int
pattern_name(const char *pattern, const char *s, size_t n, struct lk_error *e)
{
	const char	*first;

	if (n < 2 || s[n - 1] != '}' || !lk_name_valid(s + 1, n - 2))
		return lk_fail(e, LK_EDATA, "expected {name}, one whole "
		    "segment with a name of a-z, 0-9 and _, found \"%.*s\"",
		    (int)(n < 40 ? n : 40), s);
	for (first = strchr(pattern, '{'); first < s;
	    first = strchr(first + 1, '{')) {
		if (strncmp(first, s, n) == 0)
			return lk_fail(e, LK_EDATA, "%.*s stands twice in one "
			    "path: give each segment its own name", (int)n, s);
	}
	return 0;
}

static int
pattern_literal(const char *s, size_t n, size_t *bad, struct lk_error *e)
{
	size_t	 good = strspn(s, literal);

	if (n == 0)
		return lk_fail(e, LK_EDATA, "an empty segment (//) is never "
		    "matched: remove one slash");
	if ((n == 1 && s[0] == '.') || (n == 2 && memcmp(s, "..", 2) == 0))
		return lk_fail(e, LK_EDATA, "a dot segment is never matched: "
		    "write the path that it leads to");
	if (good >= n)
		return 0;
	*bad += good;
	switch (s[good]) {
	case '?':
	case '#':
		return lk_fail(e, LK_EDATA, "\"%c\" is not part of a path: "
		    "only what stands before it is matched", s[good]);
	case '%':
		return lk_fail(e, LK_EDATA, "\"%%\": a path is matched decoded "
		    "and has no escapes");
	case '*':
		return lk_fail(e, LK_EDATA, "\"*\": one segment of any text "
		    "is written {name}");
	case '{':
	case '}':
		return lk_fail(e, LK_EDATA, "{name} stands for one whole "
		    "segment, between two slashes");
	case ' ':
		return lk_fail(e, LK_EDATA, "a path has no blank in it");
	default:
		return lk_fail(e, LK_EDATA, "a path has letters, digits and "
		    "-._~:@+=$!& only");
	}
}

int
lk_pattern_check(const char *pattern, size_t *bad, struct lk_error *e)
{
	const char	*s = pattern + 1;
	size_t		 n, segments = 0;
	int		 r;

	if (strlen(pattern) >= LK_PATH_MAX)
		return lk_fail(e, LK_EDATA, "a path has at most %d octets",
		    LK_PATH_MAX - 1);
	for (;; s += n + 1) {
		n = strcspn(s, "/");
		*bad = (size_t)(s - pattern);
		if (++segments > LK_SEGMENTS_MAX)
			return lk_fail(e, LK_EDATA, "a path has at most %d "
			    "segments", LK_SEGMENTS_MAX);
		if (n == 0 && s[0] == '\0')
			return 0;	/* "/", or a slash at the end */
		r = s[0] == '{' ? pattern_name(pattern, s, n, e) :
		    pattern_literal(s, n, bad, e);
		if (r != 0 || s[n] == '\0')
			return r;
	}
}

/* --------------------------------------------------------------------- tree */

/* Length, first and last octet: tells most segments apart without memcmp. */
static uint64_t
tell_of(const char *text, size_t len)
{
	if (len == 0)
		return 0;
	return (uint64_t)len << 16 | (unsigned)(unsigned char)text[0] << 8 |
	    (unsigned char)text[len - 1];
}

int
lk_routes_find(const struct lk_routes *r, const char *text, size_t len,
    size_t *at)
{
	const struct lk_routes_edge	*g;
	size_t				 lo = 0, hi = r->nedges, mid;
	uint64_t			 tell = tell_of(text, len);
	int				 d;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		g = &r->edges[mid];
		if (g->tell != tell)
			d = g->tell < tell ? -1 : 1;
		else
			d = memcmp(g->text, text, len);
		if (d == 0) {
			*at = mid;
			return 1;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*at = lo;
	return 0;
}

/* Room for one more: full at 0, 1, 2, 4, 8 … edges, and twice that then. */
static struct lk_routes_edge *
edges_room(struct lk_routes *r)
{
	struct lk_routes_edge	*v;
	size_t			 n = r->nedges;

	if ((n & (n - 1)) != 0)
		return r->edges;
	v = realloc(r->edges, (n == 0 ? 1 : 2 * n) * sizeof *v);
	if (v != NULL)
		r->edges = v;
	return v;
}

static struct lk_routes *
routes_edge(struct lk_routes *r, const char *text, size_t len)
{
	struct lk_routes_edge	*v;
	struct lk_routes	*to;
	size_t			 at;

	if (lk_routes_find(r, text, len, &at))
		return r->edges[at].to;
	if ((v = edges_room(r)) == NULL)
		return NULL;
	if ((to = calloc(1, sizeof *to)) == NULL)
		return NULL;
	memmove(&v[at + 1], &v[at], (r->nedges - at) * sizeof *v);
	v[at] = (struct lk_routes_edge){ text, len,
	    tell_of(text, len), to };
	r->nedges++;
	return to;
}

static struct lk_routes *
routes_any(struct lk_routes *r)
{
	if (r->any == NULL)
		r->any = calloc(1, sizeof *r->any);
	return r->any;
}

static int
routes_end(struct lk_routes *r, struct lk_routes_end end,
    const struct lk_policy_type **other, int *other_api)
{
	struct lk_routes_end	*v;
	size_t			 i;

	for (i = 0; i < r->nends; i++) {
		if (strcmp(r->ends[i].method, end.method) != 0)
			continue;
		*other = r->ends[i].type;
		*other_api = r->ends[i].api;
		return LK_ECONFIG;
	}
	v = realloc(r->ends, (r->nends + 1) * sizeof *v);
	if (v == NULL)
		return LK_ENOMEM;
	v[r->nends++] = end;
	r->ends = v;
	return 0;
}

int
lk_routes_add(struct lk_policy *p, const struct lk_policy_type *t, int api,
    const char *method, const struct lk_policy_type **other, int *other_api)
{
	struct lk_routes_end	 end = { method, t, api };
	const char		*s = t->apis[api].pattern + 1;
	struct lk_routes	*r;
	size_t			 n;

	if (p->routes == NULL &&
	    (p->routes = calloc(1, sizeof *p->routes)) == NULL)
		return LK_ENOMEM;
	for (r = p->routes;; s += n + 1) {
		n = strcspn(s, "/");
		r = s[0] == '{' ? routes_any(r) : routes_edge(r, s, n);
		if (r == NULL)
			return LK_ENOMEM;
		if (s[n] == '\0')
			break;
	}
	if (strchr(t->apis[api].pattern, '{') == NULL &&
	    lk_wholes_add(&p->wholes, t->apis[api].pattern, r) != 0)
		return LK_ENOMEM;
	return routes_end(r, end, other, other_api);
}

/* As deep as a pattern is long in segments. */
void
lk_routes_free(struct lk_routes **r)
{
	size_t	 i;

	if (*r == NULL)
		return;
	for (i = 0; i < (*r)->nedges; i++)
		lk_routes_free(&(*r)->edges[i].to);
	lk_routes_free(&(*r)->any);
	free((*r)->edges);
	free((*r)->ends);
	free(*r);
	*r = NULL;
}
