/*
 * instance.c: make an instance of a plugin, and end it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "loader/instance.h"

/* One option: what was written, else the fallback, else nothing. */
static int
value_take(const struct lk_option *o, const struct lk_settings *s,
    struct lk_value *v, struct lk_error *e)
{
	char	 why[512];
	size_t	 i;
	int	 item, r;

	for (i = 0; s != NULL && i < s->n; i++) {
		if (strcmp(s->v[i].name, o->name) != 0)
			continue;
		r = lk_setting_value(o, &s->v[i], v, why, sizeof(why), &item);
		if (r == 0)
			return 0;
		return lk_fail(e, r == LK_ENOMEM ? r : LK_ECONFIG, "%s", why);
	}
	if (o->fallback == NULL)
		return 0;
	if ((r = lk_value_fallback(o, v)) != 0)
		return lk_fail(e, r == LK_ENOMEM ? r : LK_ECONFIG, "the "
		    "fallback of %s cannot be taken", o->name);
	return 0;
}

static int
values_take(struct lk_instance *i, const struct lk_settings *s,
    struct lk_error *e)
{
	const struct lk_build	*b = i->build;
	size_t			 k;
	int			 r;

	i->values = calloc(b->table.noptions + 1, sizeof(*i->values));
	if (i->values == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for options");
	for (k = 0; k < b->table.noptions; k++)
		if ((r = value_take(&b->options[k], s, &i->values[k],
		    e)) != 0)
			return r;
	return 0;
}

static int
configure(struct lk_instance *i, const struct lk_host *host,
    const struct lk_setup_env *env, struct lk_place place,
    struct lk_error *e)
{
	const struct lk_setup	 setup = { i, env };
	struct lk_answer	 a;
	uint32_t		 r;

	if (i->table->configure == NULL)
		return 0;
	lk_answer_start(&a);
	if (i->enter != NULL)
		pthread_mutex_lock(i->enter);
	r = i->table->configure(host, &setup, &i->data, &a);
	if (i->enter != NULL)
		pthread_mutex_unlock(i->enter);
	r = lk_answer_judge(LK_CALL_CONFIGURE, r, &a);
	if (r == LK_PASS)
		return 0;
	/* What it says it made it has not: nothing is released. */
	i->data = NULL;
	i->table = NULL;
	return lk_fail_at(e, LK_EUNAVAIL, NULL, place.line, place.column,
	    "%s %s cannot be configured: %s", i->build->table.name,
	    i->build->table.version, a.note);
}

int
lk_instance_new(const struct lk_build *b, const struct lk_settings *s,
    const struct lk_source *src, struct lk_place place,
    const struct lk_host *host, const struct lk_setup_env *env,
    struct lk_instance **out, struct lk_error *e)
{
	struct lk_instance	*i = NULL;
	int			 r = LK_ECONFIG;

	*out = NULL;
	if (lk_settings_check(b, s, src, place, NULL, e) != 0)
		return LK_ECONFIG;
	if ((i = calloc(1, sizeof(*i))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for a plugin");
	i->build = b;
	if (!(b->table.flags & LK_PLUGIN_THREAD_SAFE))
		i->enter = b->enter;
	if ((r = values_take(i, s, e)) != 0)
		goto out;
	i->table = &b->table;
	if ((r = configure(i, host, env, place, e)) != 0)
		goto out;
	*out = i;
	i = NULL;
out:
	lk_instance_free(&i);
	return r;
}

void
lk_instance_free(struct lk_instance **ip)
{
	struct lk_instance	*i = *ip;
	size_t			 k;

	if (i == NULL)
		return;
	*ip = NULL;
	if (i->table != NULL && i->table->release != NULL) {
		if (i->enter != NULL)
			pthread_mutex_lock(i->enter);
		i->table->release(i->data);
		if (i->enter != NULL)
			pthread_mutex_unlock(i->enter);
	}
	for (k = 0; i->values != NULL && k < i->build->table.noptions; k++)
		lk_value_free(&i->values[k]);
	free(i->values);
	free(i);
}

int
lk_instance_signs(const struct lk_instance *i)
{
	return (i->table->flags & LK_PLUGIN_SIGNS) != 0;
}

const struct lk_build *
lk_instance_build(const struct lk_instance *i)
{
	return i->build;
}
