/*
 * store check: each damaged line of the journal, and why.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/finding.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	LK_OPT_STORE,
	{ "anchor", "SEQ:MAC", "a line that was noted must be there" },
	{ NULL }
};

/* Without a pepper nobody can say that a journal is sound. */
static int
print_json(struct lk_cli *c, struct lk_out *list, int sound,
    const char *anchor)
{
	struct lk_out	 j = LK_OUT_NONE;

	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	if (sound && lk_args_has(c, "store"))
		lk_out_word(&j, "sound", NULL);
	else
		lk_out_bool(&j, "sound", sound);
	lk_out_word(&j, "anchor", anchor);
	lk_out_raw(&j, "findings", list);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
print_text(const struct lk_cli *c, const struct lk_findings *fs,
    const char *anchor)
{
	if (fs->errors == 0) {
		lk_text_put(stdout, c->store);
		puts(lk_args_has(c, "store") ? ": no fault was found, but its "
		    "MACs were not checked" : ": sound");
		if (anchor[0] != '\0')
			printf("anchor %s\n", anchor);
	} else
		fprintf(stderr, "%zu finding%s; how to mend: "
		    "latchkey-journal(5), RESTORING\n", fs->errors,
		    fs->errors == 1 ? "" : "s");
	return 0;
}

/* By the policy, or a store by itself. */
static int
enter(struct lk_cli *c)
{
	const char	*dir = lk_args_value(c, "store");

	return dir != NULL ? lk_enter_store(c, dir) : lk_enter(c, 0);
}

/* The present one; where one was given that is not there, that is a finding. */
static void
look_anchor(struct lk_cli *c, int alone, char anchor[LK_ANCHOR_MAX],
    struct lk_findings *fs, int *r, struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	int		 found;

	found = lk_store_anchor(alone ? NULL : c->policy, alone ? c->store :
	    NULL, lk_args_value(c, "anchor"), anchor, &why);
	if (found == LK_EDAMAGE)
		lk_finding(fs, &why, NULL);
	if (found == 0 || *r != 0)
		return;
	*r = found;
	*e = why;
}

static int
run(struct lk_cli *c)
{
	int			 alone = lk_args_has(c, "store");
	struct lk_out		 list = LK_OUT_NONE;
	struct lk_findings	 fs = { .to = stdout, .with_file = 1,
				    .kinds = { NULL, "note" } };
	struct lk_error		 e = { 0 };
	char			 anchor[LK_ANCHOR_MAX] = "";
	int			 r, done;

	if ((r = enter(c)) != 0)
		return r;
	if (c->json)
		fs.json = &list;
	lk_out_open(&list, NULL, '[');
	r = lk_store_check(alone ? NULL : c->policy, alone ? c->store : NULL,
	    lk_finding, &fs, &e);
	if (r == 0 || fs.errors != 0)
		look_anchor(c, alone, anchor, &fs, &r, &e);
	lk_out_close(&list, ']');
	if (r != 0 && fs.errors == 0) {
		lk_out_free(&list);
		return lk_say_error(c, &e);
	}
	if (c->json)
		done = print_json(c, &list, r == 0, anchor);
	else
		done = print_text(c, &fs, anchor);
	lk_out_free(&list);
	return r != 0 ? 1 : done;
}

const struct lk_verb lk_verb_store_check = {
	.name = "store check",
	.synopsis = "[--store DIR] [--anchor SEQ:MAC]",
	.summary = "check the journal line by line, and the index",
	.example = "latchkey store check",
	.opts = opts,
	.run = run,
};
