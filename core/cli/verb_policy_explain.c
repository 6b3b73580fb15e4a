/*
 * policy explain: what the policy says of one request, line by line.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/grid.h"
#include "cli/json_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "policy", "FILE", "a policy by its path instead of the home's" },
	{ "plugins", "DIR", "folder of plugins instead of the policy's" },
	{ NULL }
};

static const struct lk_column columns[] = {
	{ "STEP", 0 },
	{ "NAME", 0 },
	{ "FROM", 0 },
	{ "WHAT IT SAYS", 20 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

struct explaining {
	struct lk_grid	 grid;
	struct lk_out	*json;		/* NULL: text                        */
	const char	*file;		/* last component of the policy      */
};

static void
row(void *arg, const struct lk_explained *x)
{
	struct explaining	*e = arg;
	char			 from[256];

	if (e->json != NULL) {
		lk_out_open(e->json, NULL, '{');
		lk_out_str(e->json, "step", x->step);
		lk_out_str(e->json, "name", x->name);
		lk_out_int(e->json, "line", x->line);
		lk_out_word(e->json, "text", x->text);
		lk_out_close(e->json, '}');
		return;
	}
	snprintf(from, sizeof(from), "%s:%u", e->file, x->line);
	lk_grid_row(&e->grid, (const char *const[NCOLUMNS]){ x->step, x->name,
	    from, x->text });
}

static int
print_json(const struct lk_cli *c, const char *policy, struct lk_out *list)
{
	struct lk_out	 j = LK_OUT_NONE;

	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "method", c->words[0]);
	lk_out_str(&j, "path", c->words[1]);
	lk_out_str(&j, "policy", policy);
	lk_out_raw(&j, "steps", list);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	const char		*policy = lk_args_value(c, "policy"), *slash;
	struct lk_out		 list = LK_OUT_NONE;
	struct explaining	 x = { .json = c->json ? &list : NULL };
	struct lk_error		 e = { 0 };
	int			 r;

	if (policy == NULL) {
		if ((r = lk_enter_home(c)) != 0)
			return r;
		policy = c->policy;
	}
	slash = strrchr(policy, '/');
	x.file = slash != NULL ? slash + 1 : policy;
	lk_grid_init(&x.grid, columns, NCOLUMNS);
	lk_out_open(&list, NULL, '[');
	r = lk_policy_explain(policy, lk_args_value(c, "plugins"),
	    c->words[0], c->words[1], row, &x, &e);
	lk_out_close(&list, ']');
	if (r != 0)
		r = lk_say_error(c, &e);
	else
		r = c->json ? print_json(c, policy, &list) :
		    lk_grid_print(&x.grid);
	lk_out_free(&list);
	lk_grid_free(&x.grid);
	return r;
}

const struct lk_verb lk_verb_policy_explain = {
	.name = "policy explain",
	.synopsis = "METHOD PATH [--policy FILE] [--plugins DIR]",
	.summary = "show which type, API, checks and limits hold for a "
	    "request, and from which line",
	.example = "latchkey policy explain POST /api/user/v1/upsert",
	.opts = opts,
	.min = 2,
	.max = 2,
	.run = run,
};
