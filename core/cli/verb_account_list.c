/*
 * account list: accounts and their packages.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"

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
	struct lk_out	*j = arg;

	lk_out_open(j, NULL, '{');
	lk_out_str(j, "account", a->name);
	lk_out_word(j, "package", a->package);
	lk_out_int(j, "keys", (int64_t)a->keys);
	lk_out_close(j, '}');
	return 0;
}

static int
print_json(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };

	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, "accounts", '[');
	if (lk_account_list(c->lk, &c->op, to_json, &j, &e) != 0) {
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

	if ((r = lk_enter_open(c, 0, LK_LIST_ONLY)) != 0)
		return r;
	if (c->json)
		return print_json(c);
	lk_grid_init(&t, columns, NCOLUMNS);
	if (lk_account_list(c->lk, &c->op, to_table, &t, &e) != 0) {
		lk_grid_free(&t);
		return lk_say_error(c, &e);
	}
	return lk_grid_print(&t);
}

const struct lk_verb lk_verb_account_list = {
	.name = "account list",
	.synopsis = "",
	.summary = "list accounts, their packages and how many keys they hold",
	.example = "latchkey account list --json",
	.run = run,
};
