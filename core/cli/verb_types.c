/*
 * types: what kinds of keys there are.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"
#include "show/show.h"

static const struct lk_column columns[] = {
	{ "TYPE", 0 },
	{ "TITLE", 8 },
	{ "PREFIX", 0 },
	{ "LIMIT", 0 },
	{ "HELD", 0 },
	{ "APIS", 0, 0, 2 },
	{ "PLUGIN", 8, 0, 1 },
	{ "MAY GENERATE", 12 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static int
to_table(void *arg, const struct lk_type *t)
{
	char	 limit[16], held[24], apis[24];

	snprintf(limit, sizeof(limit), "%u", t->limit);
	snprintf(held, sizeof(held), "%zu", t->held);
	snprintf(apis, sizeof(apis), "%zu", t->apis);
	lk_grid_row(arg, (const char *const[NCOLUMNS]){ t->name, t->title,
	    t->prefix, t->limit != 0 ? limit : NULL, held, apis, t->plugin,
	    t->generators });
	return 0;
}

static int
to_json(void *arg, const struct lk_type *t)
{
	lk_show_type(arg, NULL, t);
	return 0;
}

static int
rows(struct lk_cli *c, void *to, struct lk_error *e)
{
	return c->calls->types(c, c->json ? to_json : to_table, to, e);
}

static int
run(struct lk_cli *c)
{
	int	 r;

	if ((r = lk_enter_open(c, 0, LK_LIST_ONLY)) != 0)
		return r;
	return lk_grid_list(c, "types", columns, NCOLUMNS, rows);
}

const struct lk_verb lk_verb_types = {
	.name = "types",
	.synopsis = "",
	.summary = "list the types of keys, their limits and who may generate",
	.example = "latchkey types",
	.run = run,
};
