/*
 * list: the keys, masked.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/key_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "account", "A", "those of one account" },
	{ "all", NULL, "deleted ones as well" },
	{ "expiring", "TIME", "those that expire within 14d, 24h …" },
	{ "unused", "TIME", "those that nobody used for 90d, 24h …" },
	LK_OPT_STORE,
	{ NULL }
};

static const struct lk_column columns[] = {
	{ "ID", 0 },
	{ "TYPE", 0 },
	{ "ACCOUNT", 8 },
	{ "LABEL", 8 },
	{ "HINT", 0, 0, 2 },
	{ "STATE", 0 },
	{ "CREATED", 0, 1, 1 },
	{ "EXPIRES", 0, 1 },
	{ "LAST USED", 0, 1, 3 },
	{ "ROTATED", 0, 0, 4 },
	{ "ROLE", 0, 0, 5 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

struct listing {
	struct lk_grid	 table;
	struct lk_out	 json;
	size_t		 n;
};

static int
to_table(void *arg, const struct lk_key *k)
{
	struct listing	*l = arg;
	char		 created[32], expires[32], used[32];
	char		 rotated[32];

	l->n++;
	lk_grid_row(&l->table, (const char *const[NCOLUMNS]){ k->id,
	    k->type, k->account, k->label, k->hint, lk_show_state(k),
	    lk_key_time(k->created, created, sizeof(created)),
	    lk_key_time(k->expires, expires, sizeof(expires)),
	    lk_key_time(k->last_used, used, sizeof(used)),
	    lk_key_rotated(k, rotated, sizeof(rotated)), k->role });
	return 0;
}

static int
to_json(void *arg, const struct lk_key *k)
{
	struct listing	*l = arg;

	l->n++;
	lk_show_key(&l->json, NULL, k);
	return 0;
}

static int
print(struct lk_cli *c, struct listing *l)
{
	if (!c->json)
		return lk_grid_print(&l->table);
	lk_out_close(&l->json, ']');
	lk_out_close(&l->json, '}');
	return lk_out_print(&l->json);
}

static int
run(struct lk_cli *c)
{
	struct listing	 l = { .json = LK_OUT_NONE };
	struct lk_filter f = { .size = sizeof(f) };
	struct lk_error	 e = { 0 };
	const char	*mean = "";
	int		 r;

	f.type = c->nwords != 0 ? c->words[0] : NULL;
	f.account = lk_args_value(c, "account");
	f.deleted = lk_args_has(c, "all");
	if ((r = lk_args_duration(c, "expiring", 0, &f.expiring)) != 0 ||
	    (r = lk_args_duration(c, "unused", 0, &f.unused)) != 0 ||
	    (r = lk_enter_keys(c, LK_LIST_ONLY)) != 0)
		return r;
	lk_grid_init(&l.table, columns, NCOLUMNS);
	lk_out_open(&l.json, NULL, '{');
	lk_out_open(&l.json, "keys", '[');
	r = c->calls->list(c, &f, c->json ? to_json : to_table, &l, &e);
	/* A type that left the policy may still have keys. */
	if ((r == LK_EUSAGE || (r == 0 && l.n == 0)) && f.type != NULL &&
	    !lk_enter_type(c, f.type, &mean))
		r = lk_say(c, LK_EUSAGE, "no type %s in %s%s", f.type,
		    c->policy, mean);
	else if (r != 0)
		r = lk_say_error(c, &e);
	else
		r = print(c, &l);
	lk_grid_free(&l.table);
	lk_out_free(&l.json);
	return r;
}

const struct lk_verb lk_verb_list = {
	.name = "list",
	.synopsis = "[TYPE] [--account A] [--all] [--expiring TIME] "
	    "[--unused TIME] [--store DIR]",
	.summary = "list keys; of a token only its hint can be had again",
	.example = "latchkey list ucd --account acme",
	.opts = opts,
	.max = 1,
	.run = run,
};
