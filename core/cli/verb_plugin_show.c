/*
 * plugin show: what a plugin is and which options it takes.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/plugin_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "plugins", "DIR", "folder of plugins instead of the policy's" },
	{ NULL }
};

struct showing {
	struct lk_cli	*c;
	const char	*name;		/* NULL: whichever comes             */
	int		 found, r;
};

static int
show(void *arg, const struct lk_plugin_info *p)
{
	struct showing	*s = arg;
	struct lk_out	 j = LK_OUT_NONE;

	s->found = 1;
	if (s->c->json) {
		lk_out_open(&j, NULL, '{');
		lk_plugin_json(&j, "plugin", p);
		lk_out_close(&j, '}');
		s->r = lk_out_print(&j);
	} else
		lk_plugin_text(p);
	return 0;
}

/* The one that is asked for. */
static int
seek(void *arg, const struct lk_plugin_info *p)
{
	struct showing	*s = arg;

	return strcmp(p->name, s->name) == 0 ? show(s, p) : 0;
}

/*
 * As it runs, where policy, store and pepper can be read; a plugin can be
 * looked at without, so what hinders that is no failure of its own.
 */
static void
show_by_policy(struct lk_cli *c, struct showing *s)
{
	struct lk_error	 e = { 0 };

	if (lk_home_store(c->policy, c->store, sizeof(c->store), &e) == 0 &&
	    lk_open(c->policy, LK_VERIFY_ONLY, &c->lk, &e) == 0)
		lk_plugins(c->lk, seek, s, &e);
}

static int
run(struct lk_cli *c)
{
	const char	*dir = lk_args_value(c, "plugins"), *policy;
	struct showing	 s = { .c = c, .name = c->words[0] };
	struct lk_error	 e = { 0 };

	policy = strchr(s.name, '/') == NULL ? lk_plugin_policy(c) : NULL;
	if (dir == NULL && policy != NULL)
		show_by_policy(c, &s);
	if (s.found)
		return s.r;
	if (lk_plugin_show(policy, dir, s.name, show, &s, &e) != 0)
		return lk_say_error(c, &e);
	return s.r;
}

const struct lk_verb lk_verb_plugin_show = {
	.name = "plugin show",
	.synopsis = "NAME [--plugins DIR]",
	.summary = "show a plugin (a name, or the path of a file) and its "
	    "options",
	.example = "latchkey plugin show ucd",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
