/*
 * admin_params.c: the query of a request, and what it and the body give.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/admin.h"

#define NAME_SHOWN	32	/* octets; no token is as short              */
#define NAMES_MAX	16

/* -------------------------------------------------------------------- query */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
lk_admin_decode(const char *p, size_t n, int plus, char *out)
{
	size_t	 i, k = 0;
	int	 a, b;

	for (i = 0; i < n; i++, k++) {
		if (p[i] != '%') {
			out[k] = plus && p[i] == '+' ? ' ' : p[i];
			continue;
		}
		if (i + 2 >= n || (a = hex(p[i + 1])) == -1 || (b = hex(p[i +
		    2])) == -1 || a + b == 0)
			return -1;
		out[k] = (char)(a * 16 + b);
		i += 2;
	}
	out[k] = '\0';
	return (int)k;
}

static size_t
index_of(const struct lk_param *params, const char *name)
{
	size_t	 i;

	for (i = 0; params != NULL && params[i].name != NULL; i++)
		if (strcmp(params[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

int
lk_admin_unknown(struct lk_admin_call *c, const char *what, const char *name,
    const struct lk_param *params)
{
	const char	*names[NAMES_MAX], *near;
	size_t		 n;

	for (n = 0; params != NULL && params[n].name != NULL && n <
	    NAMES_MAX; n++)
		names[n] = params[n].name;
	if (strlen(name) > NAME_SHOWN || !lk_utf8_plain(name, strlen(name)))
		lk_fail(&c->e, LK_EDATA, "a %s has a name that is not known "
		    "here", what);
	else if ((near = lk_nearest(name, names, n)) != NULL)
		lk_fail(&c->e, LK_EDATA, "no %s %s: did you mean %s?", what,
		    name, near);
	else
		lk_fail(&c->e, LK_EDATA, "no %s %s is known here", what, name);
	return 422;
}

/* One name=value of n octets, decoded to *to. */
static int
take(struct lk_admin_call *c, const char *p, size_t n, char **to)
{
	const char	*eq = memchr(p, '=', n);
	size_t		 len = eq != NULL ? (size_t)(eq - p) : n, i;
	char		*name = *to, *value;
	int		 a, b = 0;

	if ((a = lk_admin_decode(p, len, 1, name)) == -1)
		goto broken;
	value = name + a + 1;
	*value = '\0';
	if (eq != NULL &&
	    (b = lk_admin_decode(eq + 1, n - len - 1, 1, value)) == -1)
		goto broken;
	if (*name == '\0') {
		lk_fail(&c->e, LK_EDATA, "a parameter of the query has no "
		    "name: there is a & too many, or an = behind nothing");
		return 422;
	}
	i = index_of(c->route->query, name);
	if (i == SIZE_MAX)
		return lk_admin_unknown(c, "parameter", name, c->route->query);
	if (c->given[i] != NULL) {
		lk_fail(&c->e, LK_EDATA, "the parameter %s is given twice",
		    c->route->query[i].name);
		return 422;
	}
	if (c->route->query[i].kind == LK_PARAM_BOOL &&
	    strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
		lk_fail(&c->e, LK_EDATA, "%s is true or false",
		    c->route->query[i].name);
		return 422;
	}
	c->given[i] = value;
	*to = value + b + 1;
	return 0;
broken:
	lk_fail(&c->e, LK_EDATA, "the query has a broken %% escape");
	return 422;
}

/* Decoded it is no longer than it came, but for two NULs a parameter, none of
 * which is given twice. */
int
lk_admin_query(struct lk_admin_call *c)
{
	const char	*p = c->rq->target + c->rq->path_len;
	char		*to = c->query;
	size_t		 n;
	int		 r;

	if (*p != '?' || p[1] == '\0')
		return 0;
	for (p++;; p += n + 1) {
		n = strcspn(p, "&");
		if ((r = take(c, p, n, &to)) != 0)
			return r;
		if (p[n] == '\0')
			return 0;
	}
}

/* ------------------------------------------------------------------- values */

const char *
lk_admin_text(const struct lk_admin_call *c, const char *name)
{
	struct lk_slice	 v;
	size_t		 i = index_of(c->route->query, name);

	if (i != SIZE_MAX)
		return c->given[i];
	return c->body != NULL && lk_json_string(c->body, name, &v) == 1 ? v.p :
	    NULL;
}

int
lk_admin_bool(const struct lk_admin_call *c, const char *name)
{
	const char	*text = lk_admin_text(c, name);

	if (text != NULL)
		return strcmp(text, "true") == 0;
	return c->body != NULL && lk_json_bool(c->body, name);
}

int
lk_admin_when(struct lk_admin_call *c, const char *name, int64_t *out)
{
	const char	*text = lk_admin_text(c, name);
	int64_t		 seconds;

	if (text == NULL)
		return 0;
	if (lk_duration_parse(text, strlen(text), &seconds) == 0) {
		*out = lk_clock_now() + seconds;
		return 0;
	}
	/* 0 is 1970 here, but "never" to the library. */
	if (lk_time_parse(text, strlen(text), out) == 0 && *out != 0)
		return 0;
	return lk_fail(&c->e, LK_EDATA, "%s is neither a duration (90d, 24h, "
	    "15m, 30s) nor a time to come (2027-01-31T00:00:00Z)", name);
}

int
lk_admin_duration(struct lk_admin_call *c, const char *name, int zero,
    int64_t *out)
{
	const char	*text = lk_admin_text(c, name);

	if (text == NULL)
		return 0;
	if (zero && (strcmp(text, "0") == 0 || strcmp(text, "0s") == 0)) {
		*out = 0;
		return 0;
	}
	if (lk_duration_parse(text, strlen(text), out) == 0)
		return 0;
	return lk_fail(&c->e, LK_EDATA, "%s is no duration (90d, 24h, 15m, "
	    "30s)", name);
}

int
lk_admin_number(struct lk_admin_call *c, const char *name, uint64_t max,
    uint64_t *out)
{
	const char	*text = lk_admin_text(c, name);
	size_t		 n;

	if (text == NULL)
		return 0;
	n = strspn(text, "0123456789");
	if (n >= 1 && n <= 19 && text[n] == '\0') {
		*out = strtoull(text, NULL, 10);
		if (*out <= max)
			return 0;
	}
	return lk_fail(&c->e, LK_EDATA, "%s is no number from 0 to %llu", name,
	    (unsigned long long)max);
}

int
lk_admin_page(struct lk_admin_call *c, uint64_t *limit)
{
	int	 r;

	*limit = LK_PAGE_DEFAULT;
	if ((r = lk_admin_number(c, "limit", LK_PAGE_MAX, limit)) != 0)
		return r;
	return *limit != 0 ? 0 : lk_fail(&c->e, LK_EDATA, "a limit of 0 would "
	    "show nothing");
}

/* A token in its place is not told of: it is longer than any name. */
int
lk_admin_no_type(struct lk_admin_call *c, const char *type)
{
	c->status = 404;
	return strlen(type) > LK_NAME_MAX ?
	    lk_fail(&c->e, LK_EUSAGE, "no type of that name in the policy "
	    "(latchkey types)") :
	    lk_fail(&c->e, LK_EUSAGE, "no type %s in the policy (latchkey "
	    "types)", type);
}
