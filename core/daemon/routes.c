/*
 * routes.c: which path of HTTP is served by what.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "daemon/server.h"

#define REST_MAX	64		/* octets behind a path              */

const struct lk_http_route lk_verify_routes[] = {
	{ "/auth", 0, LK_GET | LK_POST, lk_serve_auth },
	{ "/auth", 1, LK_GET | LK_POST, lk_serve_auth },
	{ "/healthz", 0, LK_GET, lk_serve_healthz },
	{ "/readyz", 0, LK_GET, lk_serve_readyz },
	{ NULL }
};

const struct lk_http_route lk_metrics_routes[] = {
	{ "/metrics", 0, LK_GET, lk_serve_metrics },
	{ "/healthz", 0, LK_GET, lk_serve_healthz },
	{ "/readyz", 0, LK_GET, lk_serve_readyz },
	{ NULL }
};

static const struct {
	const char	*name;
	unsigned	 bit;
} methods[] = {
	{ "GET", LK_GET },
	{ "HEAD", LK_GET },
	{ "POST", LK_POST },
	{ "PUT", LK_PUT },
	{ "DELETE", LK_DELETE },
};

#define NMETHODS	(sizeof(methods) / sizeof(*methods))

unsigned
lk_route_method(const char *name)
{
	size_t	 i;

	for (i = 0; i < NMETHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].bit;
	return 0;
}

/* 1: the row is of this path; *rest and its length are what is behind it. */
static int
matches(const struct lk_http_route *row, const struct lk_http_request *rq,
    const char **rest, size_t *n)
{
	size_t	 len = strlen(row->path);

	if (rq->path_len < len || memcmp(rq->target, row->path, len) != 0)
		return 0;
	*rest = "";
	*n = 0;
	if (!row->rest)
		return rq->path_len == len;
	if (rq->path_len < len + 2 || rq->target[len] != '/')
		return 0;
	*rest = rq->target + len + 1;
	*n = rq->path_len - len - 1;
	return *n <= REST_MAX && memchr(*rest, '/', *n) == NULL;
}

void
lk_route_allow(struct lk_reply *r, unsigned known)
{
	char	 allow[64] = "";
	size_t	 i, n = 0;

	for (i = 0; i < NMETHODS; i++)
		if ((methods[i].bit & known) != 0)
			n += (size_t)snprintf(allow + n, sizeof(allow) - n,
			    "%s%s", n != 0 ? ", " : "", methods[i].name);
	lk_reply_field(r, "Allow", allow);
}

void
lk_route_serve(const struct lk_http_route *table, struct lk_server *s,
    const struct lk_http_request *rq, struct lk_reply *r)
{
	const struct lk_http_route	*row;
	const char			*at;
	char				 rest[REST_MAX + 1];
	unsigned			 bit = lk_route_method(rq->method);
	unsigned			 known = 0;
	size_t				 n;

	for (row = table; row->path != NULL; row++) {
		if (!matches(row, rq, &at, &n))
			continue;
		known |= row->methods;
		if ((row->methods & bit) == 0)
			continue;
		memcpy(rest, at, n);
		rest[n] = '\0';
		row->fn(s, rq, rest, r);
		return;
	}
	lk_reply_problem(r, known != 0 ? 405 : 404, known != 0 ?
	    LK_ROUTE_METHOD : LK_ROUTE_NONE, NULL);
	if (known != 0)
		lk_route_allow(r, known);
}
