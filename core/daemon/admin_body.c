/*
 * admin_body.c: the body of a request is one JSON object, with members of the
 * row's names and kinds, and no others.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "daemon/admin.h"

#define JSON_TYPE	"application/json"

static const struct {
	enum lk_json_kind	 kind;
	const char		*name;
} kinds[] = {
	[LK_PARAM_TEXT] = { LK_JSON_STRING, "a string" },
	[LK_PARAM_WHEN] = { LK_JSON_STRING, "a string" },
	[LK_PARAM_DURATION] = { LK_JSON_STRING, "a string" },
	[LK_PARAM_NUMBER] = { LK_JSON_NUMBER, "a number" },
	[LK_PARAM_BOOL] = { LK_JSON_BOOL, "true or false" },
	[LK_PARAM_TEXTS] = { LK_JSON_LIST, "a list of strings" },
	[LK_PARAM_PAIRS] = { LK_JSON_LIST, "a list of pairs of strings" },
};

/* A page of a browser cannot send JSON as such without being asked for. */
static int
check_type(struct lk_admin_call *c)
{
	const struct lk_header	*h;
	size_t			 n = strlen(JSON_TYPE);

	if (lk_http_header(c->rq, "Content-Type", &h) == 1 &&
	    h->value_len >= n && lk_plugin_same(h->value, JSON_TYPE, n) &&
	    (h->value_len == n || h->value[n] == ';' || h->value[n] == ' '))
		return 0;
	lk_fail(&c->e, LK_EDATA, "a body is JSON: Content-Type: " JSON_TYPE);
	return 415;
}

static int
items_sound(const struct lk_json *j, const struct lk_param *p, size_t n)
{
	struct lk_slice	 v[2];
	size_t		 i;

	for (i = 0; i < n; i++)
		if ((p->kind == LK_PARAM_TEXTS && lk_json_item(j, p->name, i,
		    v) != 1) || (p->kind == LK_PARAM_PAIRS && lk_json_pair(j,
		    p->name, i, v) != 1))
			return 0;
	return 1;
}

static const struct lk_param *
find(const struct lk_param *params, const char *name)
{
	for (; params->name != NULL; params++)
		if (strcmp(params->name, name) == 0)
			return params;
	return NULL;
}

static int
check_members(struct lk_admin_call *c)
{
	const struct lk_param	*p;
	struct lk_json_member	 m;
	void			*at = NULL;

	while (lk_json_next(c->body, &at, &m)) {
		if ((p = find(c->route->body, m.name)) == NULL)
			return lk_admin_unknown(c, "member", m.name,
			    c->route->body);
		/* What is null is not given. */
		if (m.kind == LK_JSON_NULL && !p->required)
			continue;
		if (m.kind == kinds[p->kind].kind && (m.kind != LK_JSON_LIST ||
		    items_sound(c->body, p, m.n)))
			continue;
		lk_fail(&c->e, LK_EDATA, "the member %s must be %s", p->name,
		    kinds[p->kind].name);
		return 422;
	}
	return 0;
}

static int
check_required(struct lk_admin_call *c)
{
	const struct lk_param	*p;
	struct lk_slice		 v;

	for (p = c->route->body; p != NULL && p->name != NULL; p++) {
		if (!p->required || (c->body != NULL &&
		    lk_json_string(c->body, p->name, &v) == 1))
			continue;
		lk_fail(&c->e, LK_EDATA, "the member %s is missing: %s",
		    p->name, p->help);
		return 422;
	}
	return 0;
}

int
lk_admin_no_body(struct lk_admin_call *c)
{
	lk_fail(&c->e, LK_EDATA, "no body is taken here");
	return 422;
}

int
lk_admin_body(struct lk_admin_call *c)
{
	const struct lk_http_request	*rq = c->rq;
	const char			*why;
	int				 r;

	if (rq->body_len == 0)
		return check_required(c);
	if (c->route->body == NULL)
		return lk_admin_no_body(c);
	if ((r = check_type(c)) != 0)
		return r;
	r = lk_json_parse(rq->body, rq->body_len, &c->body, &why);
	if (r != 1) {
		lk_fail(&c->e, r == -2 ? LK_ENOMEM : LK_EDATA, "the body "
		    "cannot be read: %s", why);
		return lk_admin_status(c->e.code);
	}
	if ((r = check_members(c)) != 0)
		return r;
	return check_required(c);
}
