/*
 * explain.c: what a policy says of one request: the type and API that it is
 * routed to, and what will be asked there, in order, each with its line.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "host.h"
#include "json.h"
#include "snapshot.h"

/* Whom to tell, and of what. */
struct explaining {
	const struct lk_live_type *t;
	int			 api;
	const struct lk_policy	*p;
	lk_explain_fn		 fn;
	void			*arg;
};

static void
tell(const struct explaining *x, const char *step, const char *name,
    unsigned line, struct lk_buf *text)
{
	const struct lk_explained	 row = { step, name, text->n != 0 ?
					     text->p : "", line, { 0 } };

	if (!text->failed)
		x->fn(x->arg, &row);
	lk_buf_free(text);
}

/* ----------------------------------------------------------------- settings */

static void
put_setting(struct lk_buf *b, const struct lk_setting *s)
{
	size_t	 i;

	lk_buf_fmt(b, "%s%s: ", b->n != 0 ? ", " : "", s->name);
	if (s->value != NULL) {
		lk_buf_str(b, s->value);
		return;
	}
	for (i = 0; i < s->nlist; i++)
		lk_buf_fmt(b, "%s%s", i == 0 ? "[ " : ", ", s->list[i]);
	lk_buf_str(b, s->nlist != 0 ? " ]" : "[ ]");
}

static int
is_set(const struct lk_settings *s, const char *name)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0)
			return 1;
	return 0;
}

/* What was written, and what holds where nothing was. */
static void
put_settings(struct lk_buf *b, const struct lk_settings *s,
    const struct lk_instance *live)
{
	const struct lk_option	*o;
	size_t			 i, n;

	for (i = 0; i < s->n; i++)
		put_setting(b, &s->v[i]);
	if (live == NULL)
		return;
	o = lk_build_options(lk_instance_build(live), &n);
	for (i = 0; i < n; i++)
		if (o[i].fallback != NULL && !is_set(s, o[i].name))
			lk_buf_fmt(b, "%s%s: %s (default)",
			    b->n != 0 ? ", " : "", o[i].name, o[i].fallback);
}

/* -------------------------------------------------------------------- steps */

static void
tell_closes(const struct explaining *x)
{
	const struct lk_policy_type	*t = x->t->type;
	struct lk_buf			 b = LK_BUF_NONE;
	char				 when[32];

	if (t->closes == 0)
		return;
	lk_time_format(t->closes, when, sizeof(when));
	lk_buf_fmt(&b, "from %s on no key of it is let in", when);
	tell(x, "closes", t->name, t->closes_place.line, &b);
}

static void
tell_route(const struct explaining *x)
{
	const struct lk_policy_type	*t = x->t->type;
	const struct lk_policy_api	*a = &t->apis[x->api];
	struct lk_buf			 b = LK_BUF_NONE;
	size_t				 i;

	lk_buf_fmt(&b, "%s, tokens begin %s_", t->title != NULL ? t->title :
	    t->name, t->prefix);
	tell(x, "type", t->name, t->place.line, &b);
	tell_closes(x);
	b = LK_BUF_NONE;
	for (i = 0; i < a->nmethods; i++)
		lk_buf_fmt(&b, "%s%s", i != 0 ? "," : "", a->methods[i]);
	lk_buf_fmt(&b, " %s", a->pattern);
	tell(x, "api", a->name, a->place.line, &b);
}

static void
tell_plugin(const struct explaining *x)
{
	const struct lk_policy_type	*t = x->t->type;
	struct lk_buf			 b = LK_BUF_NONE;

	if (x->t->plugin == NULL)
		lk_buf_fmt(&b, "at fault, so each request is an error: %s",
		    x->t->fault);
	else
		put_settings(&b, &t->options, x->t->plugin);
	tell(x, "plugin", t->plugin, t->plugin_place.line, &b);
}

/* In the order in which they run, those that count last. */
static void
tell_checks(const struct explaining *x)
{
	const struct lk_live_api	*a = &x->t->apis[x->api];
	const struct lk_live_check	*k;
	struct lk_buf			 b;
	size_t				 i;

	for (i = 0; i < a->nchecks; i++) {
		k = a->checks[i];
		b = LK_BUF_NONE;
		put_settings(&b, &k->line->settings, k->plugin);
		if (k->observe)
			lk_buf_fmt(&b, "%sobserved, so what it denies is told "
			    "and not enforced", b.n != 0 ? "; " : "");
		if (k->plugin == NULL)
			lk_buf_fmt(&b, "%sat fault, so each request is an "
			    "error", b.n != 0 ? "; " : "");
		tell(x, "check", k->line->plugin, k->line->place.line, &b);
	}
}

static void
tell_packages(const struct explaining *x)
{
	const struct lk_policy	*p = x->p;
	struct lk_buf		 b;
	size_t			 i;

	for (i = 0; i < p->npackages; i++) {
		if (!lk_policy_package_holds(p, (int)i, x->t->type, x->api))
			continue;
		b = LK_BUF_NONE;
		lk_buf_str(&b, (int)i == p->default_package ? "holds it; of "
		    "accounts that were given none" : "holds it");
		tell(x, "package", p->packages[i].name,
		    p->packages[i].place.line, &b);
	}
}

static void
tell_limits(const struct explaining *x)
{
	const struct lk_policy_type	*t = x->t->type;
	struct lk_buf			 b = LK_BUF_NONE;
	char				 net[64];
	size_t				 i;

	if (t->limit != 0) {
		lk_buf_fmt(&b, "%u keys an account", t->limit);
		tell(x, "limit", "keys", t->limit_place.line, &b);
	}
	if (t->nwithin == 0)
		return;
	b = LK_BUF_NONE;
	lk_buf_str(&b, "a key's own addresses lie within");
	for (i = 0; i < t->nwithin; i++) {
		lk_net_format(&t->within[i], net, sizeof(net));
		lk_buf_fmt(&b, "%s %s", i != 0 ? "," : "", net);
	}
	tell(x, "limit", "within", t->place.line, &b);
}

/* ------------------------------------------------------------------- public */

static int
explain(struct lk_snapshot *s, const char *method, const char *path,
    lk_explain_fn fn, void *arg, struct lk_error *e)
{
	struct explaining		 x = { .p = s->policy, .fn = fn,
					     .arg = arg };
	const struct lk_policy_type	*t;
	const char			*note = "";

	if (lk_route(s->policy, method, path, strlen(path), &t, &x.api,
	    &note) != 1)
		return lk_fail(e, LK_ENOTFOUND, "%s %s is of no API: %s",
		    method, path, note);
	x.t = &s->types[t->index];
	tell_route(&x);
	tell_plugin(&x);
	tell_checks(&x);
	tell_packages(&x);
	tell_limits(&x);
	return 0;
}

int
lk_policy_explain(const char *policy, const char *plugins, const char *method,
    const char *path, lk_explain_fn fn, void *arg, struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_snapshot	*s = NULL;
	struct lk_policy	*p = NULL;
	char			*dir;
	int			 r;

	lk_json_init();
	if ((r = lk_digest_init(e)) != 0 ||
	    (r = lk_policy_load(policy, 0, NULL, &p, e)) != 0 ||
	    (r = lk_snapshot_make(&p, &s, e)) != 0)
		return r;
	dir = s->policy->plugins;
	if (plugins != NULL)
		s->policy->plugins = (char *)(uintptr_t)plugins;
	r = lk_snapshot_plugins(s, lk_host_table(), &quiet, e);
	s->policy->plugins = dir;
	if (r == 0)
		r = explain(s, method, path, fn, arg, e);
	lk_snapshot_free(&s);
	return r;
}
