/*
 * show: all that is known of one key.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

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
	line("state", lk_key_state(k));
	line("created", lk_key_time(k->created, t, sizeof(t)));
	line("created by", k->created_by);
	line("expires", lk_key_time(k->expires, t, sizeof(t)));
	line("not before", lk_key_time(k->not_before, t, sizeof(t)));
	line("deleted", lk_key_time(k->deleted, t, sizeof(t)));
	line("last used", lk_key_time(k->last_used, t, sizeof(t)));
	line("addresses", b.p);
	line("replaces", k->replaces);
	line("replaced by", k->replaced_by);
	lk_buf_free(&b);
}

static int
run(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };
	struct lk_key	 k;
	int		 r;

	if ((r = lk_enter_keys(c, LK_LIST_ONLY)) != 0)
		return r;
	if (lk_show(c->lk, &c->op, c->words[0], &k, &e) != 0)
		return lk_say_error(c, &e);
	if (!c->json) {
		print_text(&k);
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_key_json(&j, "key", &k);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

const struct lk_verb lk_verb_show = {
	.name = "show",
	.synopsis = "KEYID [--store DIR]",
	.summary = "show all that is known of a key",
	.example = "latchkey show 4fJx0aPq9ZrT",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
