/*
 * show: all that is known of one key, and what the journal says of it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/event_out.h"
#include "cli/grid.h"
#include "cli/key_out.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	LK_OPT_STORE,
	{ NULL }
};

static void
line(const char *name, const char *value)
{
	printf("%-12s", name);
	lk_text_put(stdout, value != NULL && *value != '\0' ? value : "-");
	putchar('\n');
}

static void
print_text(const struct lk_key *k)
{
	struct lk_buf	 b = LK_BUF_NONE;
	char		 t[32];

	lk_key_networks(&b, k);
	line("id", k->id);
	line("type", k->type);
	line("account", k->account);
	line("label", k->label);
	line("hint", k->hint);
	line("state", lk_show_state(k));
	line("created", lk_key_time(k->created, t, sizeof(t)));
	line("created by", k->created_by);
	line("expires", lk_key_time(k->expires, t, sizeof(t)));
	line("not before", lk_key_time(k->not_before, t, sizeof(t)));
	line("deleted", lk_key_time(k->deleted, t, sizeof(t)));
	line("last used", lk_key_time(k->last_used, t, sizeof(t)));
	line("addresses", b.p);
	line("replaces", k->replaces);
	line("replaced by", k->replaced_by);
	line("role", k->role);
	lk_buf_free(&b);
}

/* ----------------------------------------------------------------- history */

static const struct lk_column columns[] = {
	{ "TIME", 0, 1 },
	{ "EVENT", 0 },
	{ "ACTOR", 6 },
	{ "FROM", 6, 0, 1 },
	{ "DETAILS", 8 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static int
to_table(void *arg, const struct lk_event *v)
{
	struct lk_buf	 b = LK_BUF_NONE;
	struct lk_grid	*t = arg;
	char		 when[32];

	lk_event_details(&b, v);
	lk_grid_row(t, (const char *const[NCOLUMNS]){
	    lk_key_time(v->time, when, sizeof(when)), v->event, v->actor,
	    v->from, b.p });
	if (b.failed)
		t->failed = 1;
	lk_buf_free(&b);
	return 0;
}

static int
show_text(struct lk_cli *c, const struct lk_key *k)
{
	struct lk_grid	 t;
	struct lk_error	 e = { 0 };
	int		 r;

	lk_grid_init(&t, columns, NCOLUMNS);
	if (c->calls->log(c, k->id, to_table, &t, &e) != 0)
		r = lk_say_error(c, &e);
	else {
		print_text(k);
		putchar('\n');
		r = lk_grid_print(&t);
	}
	lk_grid_free(&t);
	return r;
}

static int
show_json(struct lk_cli *c, const struct lk_key *k)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };
	int		 r;

	lk_out_open(&j, NULL, '{');
	lk_show_key(&j, "key", k);
	lk_out_open(&j, "history", '[');
	r = c->calls->log(c, k->id, lk_event_json, &j, &e);
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	r = r != 0 ? lk_say_error(c, &e) : lk_out_print(&j);
	lk_out_free(&j);
	return r;
}

static int
run(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	struct lk_key	 k;
	int		 r;

	if ((r = lk_enter_keys(c, LK_LIST_ONLY)) != 0)
		return r;
	if (c->calls->show(c, c->words[0], &k, &e) != 0)
		return lk_say_error(c, &e);
	return c->json ? show_json(c, &k) : show_text(c, &k);
}

const struct lk_verb lk_verb_show = {
	.name = "show",
	.synopsis = "KEYID [--store DIR]",
	.summary = "show all that is known of a key, and what happened to it",
	.example = "latchkey show 4fJx0aPq9ZrT",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
