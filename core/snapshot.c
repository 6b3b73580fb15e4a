#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "pools.h"
#include "snapshot.h"
#include "token/token.h"

/* What configuring needs, handed down. */
struct work {
	struct lk_snapshot	*s;
	const struct lk_host	*host;
	struct lk_report	*rep;
	struct lk_pools		*pools;
	const char		*api;	/* whose check it is, or NULL        */
	unsigned		 nth;	/* of its plugin there               */
};

/* ------------------------------------------------------------------- setup */

static int
env_derive(const struct lk_setup_env *env, uint8_t out[LK_SECRET_SIZE])
{
	if (env->pepper == NULL || env->key_id == NULL)
		return -1;
	return lk_pepper_derive(env->pepper, lk_pepper_current(env->pepper),
	    env->type, env->key_id, strlen(env->key_id), out) == 0 ? 0 : -1;
}

static int
env_mint(const struct lk_setup_env *env, char *out, size_t size)
{
	if (lk_token_mint(env->prefix, out, size, NULL) != 0)
		return -1;
	return (int)strlen(out);
}

void
lk_snapshot_env(const struct lk_policy_type *t, const struct lk_pepper *pepper,
    const char *key_id, struct lk_setup_env *env)
{
	env->prefix = t->prefix;
	env->type = t->name;
	env->key_id = key_id;
	env->pepper = pepper;
	env->derive = env_derive;
	env->mint = env_mint;
	env->budget = NULL;
	env->api = env->check = NULL;
	env->nth = env->line = 0;
	env->pools = NULL;
}

/* ----------------------------------------------------------------- plugins */

/* The first fault of a type is kept, each is reported at its place. */
static void
faulty(const struct work *w, struct lk_live_type *t, const char *plugin,
    struct lk_place place, const struct lk_error *e)
{
	if (t->fault_plugin[0] == '\0') {
		snprintf(t->fault_plugin, sizeof(t->fault_plugin), "%s",
		    plugin);
		snprintf(t->fault, sizeof(t->fault), "%s", e->text);
	}
	lk_report_at(w->rep, &w->s->policy->source, place, LK_ECONFIG, NULL,
	    "%s", e->text);
}

/* The setup of one plugin: a check may have a budget as well. */
static void
check_env(const struct work *w, const struct lk_live_type *t,
    const char *plugin, uint32_t kind, struct lk_place place,
    struct lk_setup_env *env)
{
	lk_snapshot_env(t->type, NULL, NULL, env);
	if (kind != LK_PLUGIN_CHECK)
		return;
	env->budget = lk_budget_name;
	env->api = w->api;
	env->check = plugin;
	env->nth = w->nth;
	env->line = place.line;
	env->pools = w->pools;
}

/*
 * One plugin for one place of the policy: load, check what it was given,
 * configure.  NULL when there was a fault, which was reported.
 */
static struct lk_instance *
configured(const struct work *w, struct lk_live_type *t, const char *plugin,
    uint32_t kind, const struct lk_settings *settings, struct lk_place place,
    struct lk_place options_place)
{
	const struct lk_policy	*p = w->s->policy;
	const struct lk_build	*b;
	struct lk_instance	*i = NULL;
	struct lk_setup_env	 env;
	struct lk_error		 e = { 0 };
	struct lk_want		 want = { p->plugins, plugin, kind,
				     lk_policy_pin(p, plugin), NULL };
	char			 where[LK_PATH_MAX];
	struct lk_footprint	 before;
	const char		*changed;

	snprintf(where, sizeof(where), "%s:%u", p->name, place.line);
	want.where = where;
	check_env(w, t, plugin, kind, place, &env);
	if (lk_build_load(&want, &b, &e) != 0) {
		faulty(w, t, plugin, place, &e);
		return NULL;
	}
	if (lk_settings_check(b, settings, &p->source, options_place, w->rep,
	    &e) != 0) {
		if (t->fault_plugin[0] == '\0') {
			snprintf(t->fault_plugin, sizeof(t->fault_plugin),
			    "%s", plugin);
			snprintf(t->fault, sizeof(t->fault), "%s", e.text);
		}
		return NULL;
	}
	lk_footprint_take(&before);
	if (lk_instance_new(b, settings, &p->source, place, w->host, &env, &i,
	    &e) != 0)
		faulty(w, t, plugin, place, &e);
	else if ((changed = lk_footprint_changed(&before)) != NULL) {
		lk_fail(&e, LK_ECONFIG, "%s changed %s of this process while "
		    "it was configured: it may not", plugin, changed);
		faulty(w, t, plugin, place, &e);
		lk_instance_free(&i);
	}
	return i;
}

/* How many lines before the i-th are of its plugin. */
static unsigned
ordinal(const struct lk_policy_check *lines, size_t i)
{
	size_t		 j;
	unsigned	 n = 0;

	for (j = 0; j < i; j++)
		n += strcmp(lines[j].plugin, lines[i].plugin) == 0;
	return n;
}

/* Configure n lines of checks, of an API or the type (NULL), behind those that
 * the type has already. */
static void
add_checks(const struct work *w, struct lk_live_type *t, const char *api,
    const struct lk_policy_check *lines, size_t n)
{
	struct work		 own = *w;
	struct lk_live_check	*k;
	size_t			 i;

	own.api = api;
	for (i = 0; i < n; i++) {
		own.nth = ordinal(lines, i);
		k = &t->checks[t->nchecks++];
		k->line = &lines[i];
		k->observe = lines[i].observe;
		k->plugin = configured(&own, t, lines[i].plugin,
		    LK_PLUGIN_CHECK, &lines[i].settings, lines[i].place,
		    lines[i].place);
	}
}

/* A check that counts runs after all that do not. */
static int
counts(const struct lk_live_check *k)
{
	return k->plugin != NULL && (lk_build_table(lk_instance_build(
	    k->plugin))->flags & LK_PLUGIN_COUNTS) != 0;
}

/* Checks from..to of the type, those that count or those that do not. */
static void
order_some(struct lk_live_api *a, const struct lk_live_type *t, size_t from,
    size_t to, int counting)
{
	for (; from < to; from++)
		if (counts(&t->checks[from]) == counting)
			a->checks[a->nchecks++] = &t->checks[from];
}

/* Of a call without a request: no API is known, so all of their checks too, but
 * those that count, whose budgets are each one API's. */
static int
order_any(struct lk_live_api *a, const struct lk_live_type *t)
{
	size_t	 own = t->type->nchecks;

	a->checks = calloc(t->nchecks + 1, sizeof(*a->checks));
	if (a->checks == NULL)
		return LK_ENOMEM;
	order_some(a, t, 0, t->nchecks, 0);
	order_some(a, t, 0, own, 1);
	return 0;
}

static int
order(struct lk_live_api *a, const struct lk_live_type *t, size_t from,
    size_t to)
{
	size_t	 own = t->type->nchecks;

	a->checks = calloc(own + (to - from) + 1, sizeof(*a->checks));
	if (a->checks == NULL)
		return LK_ENOMEM;
	order_some(a, t, 0, own, 0);
	order_some(a, t, from, to, 0);
	order_some(a, t, 0, own, 1);
	order_some(a, t, from, to, 1);
	return 0;
}

/* As decisions name it; the policy saw to its length. */
static void
name_api(struct lk_live_api *a, const char *name)
{
	memcpy(a->name, name, strlen(name));
}

static int
type_plugins(const struct work *w, struct lk_live_type *t)
{
	const struct lk_policy_type	*pt = t->type;
	size_t				 i, from, n = pt->nchecks;

	t->plugin = configured(w, t, pt->plugin, LK_PLUGIN_TYPE, &pt->options,
	    pt->plugin_place, pt->options_place);
	for (i = 0; i < pt->napis; i++)
		n += pt->apis[i].nchecks;
	t->checks = calloc(n + 1, sizeof(*t->checks));
	t->apis = calloc(pt->napis + 1, sizeof(*t->apis));
	if (t->checks == NULL || t->apis == NULL)
		return LK_ENOMEM;
	add_checks(w, t, NULL, pt->checks, pt->nchecks);
	for (i = 0; i < pt->napis; i++) {
		from = t->nchecks;
		add_checks(w, t, pt->apis[i].name, pt->apis[i].checks,
		    pt->apis[i].nchecks);
		if (order(&t->apis[i], t, from, t->nchecks) != 0)
			return LK_ENOMEM;
		name_api(&t->apis[i], pt->apis[i].name);
	}
	name_api(&t->apis[pt->napis], "*");
	t->sound = t->plugin != NULL && t->fault_plugin[0] == '\0';
	return order_any(&t->apis[pt->napis], t);
}

/* The first LK_FINDINGS_MAX are handed on, the rest is counted alone. */
struct capped {
	struct lk_report	*to;
	unsigned		 n, dropped;
};

static void
hand_on(void *arg, const struct lk_error *f, const char *line)
{
	struct capped	*c = arg;

	if (c->n++ >= LK_FINDINGS_MAX)
		c->dropped++;
	else if (c->to->fn != NULL)
		c->to->fn(c->to->arg, f, line);
}

int
lk_snapshot_plugins(struct lk_snapshot *s, const struct lk_host *host,
    struct lk_report *rep, struct lk_error *e)
{
	struct capped		 c = { rep, 0, 0 };
	struct lk_report	 some = { hand_on, &c, 0 };
	struct lk_pools		 pools = { NULL, 0 };
	struct work		 w = { s, host, &some, &pools, NULL, 0 };
	size_t			 i;
	int			 r = 0;

	for (i = 0; i < s->policy->ntypes && r == 0; i++)
		if (type_plugins(&w, &s->types[i]) != 0)
			r = lk_fail(e, LK_ENOMEM, "no memory for plugins");
	lk_pools_free(&pools);
	rep->errors += some.errors;
	if (c.dropped != 0)
		lk_report_at(rep, &s->policy->source,
		    (struct lk_place){ 0, 0 }, LK_NOTE, NULL, "%u more errors "
		    "are not shown: mend these first", c.dropped);
	return r;
}

/* ------------------------------------------------------------ make and free */

int
lk_snapshot_make(struct lk_policy **policy, struct lk_snapshot **out,
    struct lk_error *e)
{
	struct lk_snapshot	*s;
	struct lk_live_type	*t;
	size_t			 i;

	*out = NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		goto fail;
	s->policy = *policy;
	*policy = NULL;
	s->types = calloc(s->policy->ntypes + 1, sizeof(*s->types));
	if (s->types == NULL)
		goto fail;
	for (i = 0; i < s->policy->ntypes; i++) {
		t = &s->types[i];
		t->type = &s->policy->types[i];
		lk_prefix_block(t->type->prefix, &t->prefix);
		t->name_len = strlen(t->type->name);
		t->closes = t->type->closes;
		memcpy(t->name, t->type->name, t->name_len);
	}
	*out = s;
	return 0;
fail:
	lk_policy_free(policy);
	lk_snapshot_free(&s);
	return lk_fail(e, LK_ENOMEM, "no memory for a policy");
}

static void
type_free(struct lk_live_type *t)
{
	size_t	 i;

	lk_instance_free(&t->plugin);
	for (i = 0; i < t->nchecks; i++)
		lk_instance_free(&t->checks[i].plugin);
	for (i = 0; t->apis != NULL && i <= t->type->napis; i++)
		free(t->apis[i].checks);
	free(t->checks);
	free(t->apis);
}

void
lk_snapshot_free(struct lk_snapshot **sp)
{
	struct lk_snapshot	*s = *sp;
	size_t			 i;

	if (s == NULL)
		return;
	for (i = 0; s->types != NULL && i < s->policy->ntypes; i++)
		type_free(&s->types[i]);
	free(s->types);
	lk_policy_free(&s->policy);
	free(s);
	*sp = NULL;
}
