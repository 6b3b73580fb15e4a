/*
 * route.c: the type and API of a method and a target; on the way of each
 * verify, so: one pass over the octets, no allocation, no copy without a %.
 * A path that has no {x} is found as it is, without cutting it.
 *
 * What this matches is what whoever serves the request will see, or nothing: a
 * target that two readers could read in two ways has no route.  The most
 * literal path that is like the target is the one; its methods alone count.
 */
#include <string.h>

#include "policy/policy.h"
#include "policy/routes.h"

struct segment {
	const char	*p;
	size_t		 n;
};

/* One more than any pattern has says enough. */
struct cut {
	struct segment	 s[LK_SEGMENTS_MAX + 1];
	int		 n;
};

/* What an octet is in a target, raw. */
enum { TEXT, SLASH, QUERY, ESCAPE, CONTROL, HASH, BACK };

static const unsigned char classes[256] = {
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	[' '] = CONTROL, [0x7f] = CONTROL,
	['/'] = SLASH, ['?'] = QUERY, ['%'] = ESCAPE, ['#'] = HASH,
	['\\'] = BACK,
};

static const char *const class_notes[] = {
	[CONTROL] = "control octet or blank", [HASH] = "fragment",
	[BACK] = "backslash",
};

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Why an octet that was escaped may not have been, or NULL. */
static const char *
escape_refused(int c)
{
	switch (c) {
	case '/':
		return "encoded slash";
	case '\\':
		return "encoded backslash";
	case '\0':
		return "encoded NUL";
	default:
		return c < ' ' || c == 0x7f ? "encoded control octet" : NULL;
	}
}

/* Decode once.  Its length, or -1 and *note. */
static ptrdiff_t
decode(const char *p, size_t n, char *out, const char **note)
{
	size_t	 i, w = 0;
	int	 hi, lo;

	for (i = 0; i < n; i++) {
		if (p[i] != '%') {
			out[w++] = p[i];
			continue;
		}
		hi = n - i >= 3 ? hex_value(p[i + 1]) : -1;
		lo = n - i >= 3 ? hex_value(p[i + 2]) : -1;
		if (hi < 0 || lo < 0) {
			*note = "broken %";
			return -1;
		}
		if ((*note = escape_refused(hi * 16 + lo)) != NULL)
			return -1;
		out[w++] = (char)(hi * 16 + lo);
		i += 2;
	}
	return (ptrdiff_t)w;
}

/* Take the segment from..to.  0, or -1 and *note. */
static inline int
cut_add(struct cut *c, const char *from, const char *to, int last,
    const char **note)
{
	size_t	 n = (size_t)(to - from);

	if (n == 0 && !last) {
		*note = "empty segment";
		return -1;
	}
	if (n > 0 && n <= 2 && from[0] == '.' && from[n - 1] == '.') {
		*note = "dot segment";
		return -1;
	}
	if (c->n <= LK_SEGMENTS_MAX)
		c->s[c->n++] = (struct segment){ from, n };
	return 0;
}

/*
 * What no target may hold, at or behind the first ?.  Nothing there is matched,
 * but a reader that ends the line or the query elsewhere must not be fed.
 */
static const char *
query_refused(const char *at, const char *end)
{
	unsigned	 k;

	for (; at < end; at++) {
		k = classes[(unsigned char)*at];
		if (k == CONTROL || k == HASH)
			return class_notes[k];
	}
	return NULL;
}

/*
 * Cut a raw target that starts with a slash.  The length of its path, or -1
 * and *note.  With *escaped the segments are still to be decoded and cut.
 */
static ptrdiff_t
cut_raw(const char *p, size_t n, struct cut *c, int *escaped,
    const char **note)
{
	const char	*from = p + 1, *end = p + n, *at;
	unsigned	 k;

	for (at = from; at < end; at++) {
		if ((k = classes[(unsigned char)*at]) == TEXT)
			continue;
		if (k == SLASH) {
			if (cut_add(c, from, at, 0, note) == -1)
				return -1;
			from = at + 1;
		} else if (k == QUERY) {
			if ((*note = query_refused(at, end)) != NULL)
				return -1;
			break;
		} else if (k == ESCAPE) {
			*escaped = 1;
		} else {
			*note = class_notes[k];
			return -1;
		}
	}
	return cut_add(c, from, at, 1, note) == -1 ? -1 : at - p;
}

/* The same of a decoded path, where any octet but a slash is text. */
static int
cut_decoded(const char *p, size_t n, struct cut *c, const char **note)
{
	const char	*from = p + 1, *end = p + n, *at;

	for (c->n = 0; (at = memchr(from, '/', (size_t)(end - from))) != NULL;
	    from = at + 1) {
		if (cut_add(c, from, at, 0, note) == -1)
			return -1;
	}
	return cut_add(c, from, end, 1, note);
}

static const struct lk_routes_end *
ends_find(const struct lk_routes *r, const char *method)
{
	size_t	 i;

	for (i = 0; i < r->nends; i++) {
		if (strcmp(r->ends[i].method, method) == 0)
			return &r->ends[i];
	}
	return NULL;
}

/*
 * The node where the path ends, or NULL; the literal way first.  A node is
 * entered once at most, since its depth is the number of segments behind us: no
 * target makes this slow.
 */
static const struct lk_routes *
walk(const struct lk_routes *r, const struct segment *s, int left)
{
	const struct lk_routes	*end = NULL;
	size_t			 at;

	if (left == 0)
		return r->nends > 0 ? r : NULL;
	if (lk_routes_find(r, s->p, s->n, &at))
		end = walk(r->edges[at].to, s + 1, left - 1);
	if (end == NULL && r->any != NULL && s->n > 0)
		end = walk(r->any, s + 1, left - 1);
	return end;
}

/* The node of a target that is to be cut and maybe decoded, or NULL, *note. */
static const struct lk_routes *
seek(const struct lk_policy *p, const char *target, size_t len,
    const char **note)
{
	char		 buf[LK_PATH_MAX];
	struct cut	 c;
	ptrdiff_t	 n;
	int		 escaped = 0;

	c.n = 0;
	if ((n = cut_raw(target, len, &c, &escaped, note)) < 0)
		return NULL;
	if (escaped && ((n = decode(target, (size_t)n, buf, note)) < 0 ||
	    cut_decoded(buf, (size_t)n, &c, note) == -1))
		return NULL;
	*note = "no path like it";
	return p->routes != NULL && c.n <= LK_SEGMENTS_MAX ?
	    walk(p->routes, c.s, c.n) : NULL;
}

int
lk_route(const struct lk_policy *p, const char *method, const char *target,
    size_t target_len, const struct lk_policy_type **type, int *api,
    const char **note)
{
	const struct lk_routes		*path;
	const struct lk_routes_end	*end;

	*note = "path too long";
	if (target_len > LK_PATH_MAX)
		return 0;
	*note = "not in origin form";
	if (target_len == 0 || target[0] != '/')
		return 0;
	path = lk_wholes_find(p->wholes, target, target_len);
	if (path == NULL &&
	    (path = seek(p, target, target_len, note)) == NULL)
		return 0;
	*note = "path known, method not";
	if ((end = ends_find(path, method)) == NULL)
		return 0;
	*type = end->type;
	*api = end->api;
	*note = "";
	return 1;
}
