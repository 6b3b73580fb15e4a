/*
 * plugin list: the plugins that the policy names.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/plugin_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"

static const struct lk_column columns[] = {
	{ "NAME", 0 },
	{ "KIND", 0 },
	{ "VERSION", 0 },
	{ "STATE", 0 },
	{ "USED BY", 8 },
	{ "FILE", 12 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static int
to_table(void *arg, const struct lk_plugin_info *p)
{
	lk_grid_row(arg, (const char *const[NCOLUMNS]){ p->name,
	    lk_plugin_kind(p), p->version,
	    p->fault[0] != '\0' ? "faulty" : "sound", p->used_by, p->path });
	return 0;
}

/* Behind the table, whole: a fault is a sentence. */
static int
to_notes(void *arg, const struct lk_plugin_info *p)
{
	(void)arg;
	if (p->fault[0] != '\0')
		lk_say_note("plugin %s: %s", p->name, p->fault);
	return 0;
}

static int
to_json(void *arg, const struct lk_plugin_info *p)
{
	lk_plugin_json(arg, NULL, p);
	return 0;
}

static int
rows(struct lk_cli *c, void *to, struct lk_error *e)
{
	return lk_plugins(c->lk, c->json ? to_json : to_table, to, e);
}

static int
run(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_open(c, 0, LK_VERIFY_ONLY)) != 0)
		return r;
	r = lk_grid_list(c, "plugins", columns, NCOLUMNS, rows);
	if (r != 0 || c->json)
		return r;
	fflush(stdout);
	return lk_plugins(c->lk, to_notes, NULL, &e) != 0 ?
	    lk_say_error(c, &e) : 0;
}

const struct lk_verb lk_verb_plugin_list = {
	.name = "plugin list",
	.synopsis = "",
	.summary = "list the plugins that the policy names",
	.example = "latchkey plugin list",
	.run = run,
};
