/*
 * inspect.c: what an operator asks before and beside serving: the types, the
 * plugins, is this policy sound.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "hold.h"
#include "host.h"
#include "json.h"
#include "lint.h"
#include "operator.h"

/* Add one more to a list of names by ", "; a long one is cut. */
static void
join(char *out, size_t n, const char *name)
{
	size_t	 used = strlen(out);

	if (used + 1 < n)
		snprintf(out + used, n - used, "%s%s", used != 0 ? ", " : "",
		    name);
}

/* ------------------------------------------------------------------- types */

/* 0, or LK_EUNAVAIL: how many keys there are of it is not known. */
static int
describe_type(struct lk *lk, const struct lk_policy_type *t, int64_t now,
    struct lk_type *out)
{
	const struct lk_policy	*p = lk_held(lk)->policy;
	int64_t			 held;
	size_t			 i;

	memset(out, 0, sizeof(*out));
	held = lk_store_count(lk->store, t->name, NULL, now);
	snprintf(out->name, sizeof(out->name), "%s", t->name);
	snprintf(out->title, sizeof(out->title), "%s",
	    t->title != NULL ? t->title : t->name);
	snprintf(out->prefix, sizeof(out->prefix), "%s", t->prefix);
	snprintf(out->plugin, sizeof(out->plugin), "%s", t->plugin);
	for (i = 0; i < p->nroles; i++)
		if ((p->roles[i].may & LK_MAY_GENERATE) != 0)
			join(out->generators, sizeof(out->generators),
			    p->roles[i].name);
	out->limit = t->limit;
	out->closes = t->closes;
	out->held = held < 0 ? 0 : (size_t)held;
	out->apis = t->napis;
	out->line = t->place.line;
	return held < 0 ? LK_EUNAVAIL : 0;
}

static int
each_type(struct lk *lk, lk_type_fn fn, void *arg, struct lk_error *e)
{
	const struct lk_policy	*p = lk_held(lk)->policy;
	struct lk_type		 t;
	int64_t			 now = lk_store_now(lk->store);
	size_t			 i;
	int			 r = 0;

	for (i = 0; i < p->ntypes && r == 0; i++) {
		if (describe_type(lk, &p->types[i], now, &t) != 0)
			return lk_fail(e, LK_EUNAVAIL, "the store cannot tell "
			    "how many keys it holds (latchkey store check)");
		r = fn(arg, &t);
	}
	return r;
}

int
lk_types(struct lk *lk, const struct lk_operator *op, lk_type_fn fn,
    void *arg, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (lk == NULL || lk->snapshot == NULL || fn == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_types: no policy");
	if ((r = lk_operator_may(lk, op, LK_MAY_LIST, e)) != 0 ||
	    (r = lk_store_refresh(lk->store, e)) != 0)
		return r;
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = each_type(lk, fn, arg, e);
	lk_release(seat);
	return r;
}

/* ----------------------------------------------------------------- plugins */

/* What a build says of itself. */
static void
describe_build(const struct lk_build *b, struct lk_plugin_info *out)
{
	const struct lk_plugin	*t = lk_build_table(b);

	snprintf(out->name, sizeof(out->name), "%s", t->name);
	snprintf(out->path, sizeof(out->path), "%s", lk_build_path(b));
	snprintf(out->version, sizeof(out->version), "%s", t->version);
	snprintf(out->title, sizeof(out->title), "%s", t->title);
	snprintf(out->sha256, sizeof(out->sha256), "%s", lk_build_sha256(b));
	out->kind = t->kind;
	out->major = t->major;
	out->minor = t->minor;
	out->thread_safe = (t->flags & LK_PLUGIN_THREAD_SAFE) != 0;
	out->options = lk_build_options(b, &out->noptions);
}

/* Whether plugin i of a type (0: its own, then its checks) is its first use. */
static const char *
plugin_at(const struct lk_live_type *t, size_t i)
{
	return i == 0 ? t->type->plugin : t->checks[i - 1].line->plugin;
}

static int
uses(const struct lk_live_type *t, const char *name)
{
	size_t	 i;

	for (i = 0; i <= t->nchecks; i++)
		if (strcmp(plugin_at(t, i), name) == 0)
			return 1;
	return 0;
}

/* Seen before, in an earlier type or earlier in this one. */
static int
seen(const struct lk_snapshot *s, size_t type, size_t i, const char *name)
{
	size_t	 j;

	for (j = 0; j < type; j++)
		if (uses(&s->types[j], name))
			return 1;
	for (j = 0; j < i; j++)
		if (strcmp(plugin_at(&s->types[type], j), name) == 0)
			return 1;
	return 0;
}

/* The build that runs under a name, or NULL. */
static const struct lk_build *
live_build(const struct lk_snapshot *s, const char *name)
{
	const struct lk_live_type	*t;
	const struct lk_instance	*live;
	size_t				 i, j;

	for (i = 0; i < s->policy->ntypes; i++) {
		t = &s->types[i];
		for (j = 0; j <= t->nchecks; j++) {
			live = j == 0 ? t->plugin : t->checks[j - 1].plugin;
			if (live != NULL && strcmp(plugin_at(t, j), name) == 0)
				return lk_instance_build(live);
		}
	}
	return NULL;
}

/* What runs is shown; only what does not is looked for, by its pin. */
static int
show_used(struct lk *lk, const char *name, uint32_t kind, lk_plugin_fn fn,
    void *arg)
{
	const struct lk_snapshot	*s = lk_held(lk);
	struct lk_want			 w = { s->policy->plugins, name, kind,
					     lk_policy_pin(s->policy, name),
					     NULL };
	struct lk_plugin_info		 info = { 0 };
	const struct lk_build		*b = live_build(s, name);
	struct lk_error			 e = { 0 };
	size_t				 i;

	if (b != NULL || lk_build_load(&w, &b, &e) == 0) {
		describe_build(b, &info);
	} else {
		info.kind = kind;
		snprintf(info.name, sizeof(info.name), "%s", name);
		snprintf(info.path, sizeof(info.path), "%s/%s.so",
		    s->policy->plugins, name);
		snprintf(info.fault, sizeof(info.fault), "%s", e.text);
	}
	for (i = 0; i < s->policy->ntypes; i++) {
		if (!uses(&s->types[i], name))
			continue;
		join(info.used_by, sizeof(info.used_by),
		    s->types[i].type->name);
		if (info.fault[0] == '\0' &&
		    strcmp(s->types[i].fault_plugin, name) == 0)
			snprintf(info.fault, sizeof(info.fault), "%s",
			    s->types[i].fault);
	}
	return fn(arg, &info);
}

static int
each_plugin(struct lk *lk, lk_plugin_fn fn, void *arg)
{
	const struct lk_snapshot	*s = lk_held(lk);
	const char			*name;
	size_t				 i, j;
	int				 r = 0;

	for (i = 0; i < s->policy->ntypes && r == 0; i++)
		for (j = 0; j <= s->types[i].nchecks && r == 0; j++) {
			name = plugin_at(&s->types[i], j);
			if (!seen(s, i, j, name))
				r = show_used(lk, name, j == 0 ?
				    LK_PLUGIN_TYPE : LK_PLUGIN_CHECK, fn, arg);
		}
	return r;
}

int
lk_plugins(struct lk *lk, lk_plugin_fn fn, void *arg, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if (lk == NULL || lk->snapshot == NULL || fn == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_plugins: no policy");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	r = each_plugin(lk, fn, arg);
	lk_release(seat);
	return r;
}

/* From the folder and by the pin of a policy, where there is a sound one. */
static int
load_shown(const char *policy, const char *dir, const char *name,
    const struct lk_build **b, struct lk_error *e)
{
	struct lk_want		 w = { dir, name, 0, NULL, NULL };
	struct lk_policy	*p = NULL;
	int			 r;

	if (policy != NULL)
		(void)lk_policy_load(policy, 1, NULL, &p, NULL);
	if (p != NULL)
		w.pin = lk_policy_pin(p, name);
	if (dir == NULL)
		w.dir = p != NULL ? p->plugins : lk_plugin_dir();
	r = lk_build_load(&w, b, e);
	lk_policy_free(&p);
	return r;
}

int
lk_plugin_show(const char *policy, const char *dir, const char *name,
    lk_plugin_fn fn, void *arg, struct lk_error *e)
{
	struct lk_plugin_info	 info = { 0 };
	const struct lk_build	*b;
	int			 r;

	if ((r = lk_digest_init(e)) != 0)
		return r;
	r = strchr(name, '/') != NULL ? lk_build_load_path(name, 0, &b, e) :
	    load_shown(policy, dir, name, &b, e);
	if (r != 0)
		return r;
	describe_build(b, &info);
	return fn(arg, &info);
}

int
lk_plugin_pin(const char *policy, const char *dir, const char *name,
    struct lk_plugin_pin *out, struct lk_error *e)
{
	struct lk_want		 w = { dir, name, 0, NULL, NULL };
	struct lk_policy	*p = NULL;
	int			 r;

	memset(out, 0, sizeof(*out));
	if ((r = lk_digest_init(e)) != 0)
		return r;
	snprintf(out->path, sizeof(out->path), "%s", name);
	if (strchr(name, '/') != NULL)
		return lk_build_hash_path(name, out->name, out->sha256, e);
	if (dir == NULL && policy != NULL)
		(void)lk_policy_load(policy, 1, NULL, &p, NULL);
	if (dir == NULL)
		w.dir = p != NULL ? p->plugins : lk_plugin_dir();
	snprintf(out->name, sizeof(out->name), "%s", name);
	snprintf(out->path, sizeof(out->path), "%s/%s.so", w.dir, name);
	r = lk_build_hash(&w, out->sha256, e);
	lk_policy_free(&p);
	return r;
}

/* ------------------------------------------------------------------ checks */

int
lk_policy_check(const char *policy, const char *plugins, const char *store,
    lk_finding_fn fn, void *arg, struct lk_error *e)
{
	struct lk_report	 rep = { fn, arg, 0 };
	struct lk_snapshot	*s = NULL;
	struct lk_policy	*p = NULL;
	char			*dir;
	int			 r;

	lk_json_init();
	if ((r = lk_digest_init(e)) != 0)
		return r;
	if ((r = lk_policy_load_faulty(policy, &rep, &p, e)) != 0) {
		if (p != NULL)
			lk_lint_settings(p, plugins, &rep);
		lk_policy_free(&p);
		return r;
	}
	if ((r = lk_snapshot_make(&p, &s, e)) != 0)
		return r;
	dir = s->policy->plugins;
	if (plugins != NULL)
		s->policy->plugins = (char *)(uintptr_t)plugins;
	r = lk_snapshot_plugins(s, lk_host_table(), &rep, e);
	s->policy->plugins = dir;
	if (r == 0 && store != NULL)
		r = lk_lint_store(s->policy, store, &rep, e);
	if (r == 0 && store != NULL)
		r = lk_lint_self(s->policy, &rep, e);
	if (r == 0 && rep.errors != 0)
		r = lk_fail(e, LK_ECONFIG, "%u %s in %s", rep.errors,
		    rep.errors == 1 ? "error" : "errors", policy);
	lk_snapshot_free(&s);
	return r;
}

int
lk_store_rebuild(struct lk *lk, const struct lk_operator *op,
    lk_progress_fn progress, void *arg, struct lk_error *e)
{
	int	 r;

	if (lk == NULL || op == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_store_rebuild: an argument is "
		    "missing");
	r = lk_store_remake(lk->store, op->name, op->from, progress, arg, e);
	return r < 0 ? r : 0;
}
