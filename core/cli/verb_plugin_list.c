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
print_json(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };

	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, "plugins", '[');
	if (lk_plugins(c->lk, to_json, &j, &e) != 0) {
		lk_out_free(&j);
		return lk_say_error(c, &e);
	}
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	struct lk_grid	 t;
	int		 r;

	if ((r = lk_enter_open(c, 0, LK_VERIFY_ONLY)) != 0)
		return r;
	if (c->json)
		return print_json(c);
	lk_grid_init(&t, columns, NCOLUMNS);
	if (lk_plugins(c->lk, to_table, &t, &e) != 0) {
		lk_grid_free(&t);
		return lk_say_error(c, &e);
	}
	if ((r = lk_grid_print(&t)) != 0)
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
