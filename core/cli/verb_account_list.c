/*
 * account list: accounts and their packages.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"
#include "show/show.h"

static const struct lk_column columns[] = {
	{ "ACCOUNT", 8 },
	{ "PACKAGE", 8 },
	{ "KEYS", 0 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static int
to_table(void *arg, const struct lk_account *a)
{
	char	 keys[24];

	snprintf(keys, sizeof(keys), "%zu", a->keys);
	lk_grid_row(arg, (const char *const[NCOLUMNS]){ a->name,
	    a->package[0] != '\0' ? a->package : "(default)", keys });
	return 0;
}

static int
to_json(void *arg, const struct lk_account *a)
{
	lk_show_account(arg, NULL, a);
	return 0;
}

static int
rows(struct lk_cli *c, void *to, struct lk_error *e)
{
	return c->calls->account_list(c, c->json ? to_json : to_table, to, e);
}

static int
run(struct lk_cli *c)
{
	int	 r;

	if ((r = lk_enter_open(c, 0, LK_LIST_ONLY)) != 0)
		return r;
	return lk_grid_list(c, "accounts", columns, NCOLUMNS, rows);
}

const struct lk_verb lk_verb_account_list = {
	.name = "account list",
	.synopsis = "",
	.summary = "list accounts, their packages and how many keys they hold",
	.example = "latchkey account list --json",
	.run = run,
};
