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
	{ NULL }
};

/* Without a pepper nobody can say that a journal is sound. */
static int
print_json(struct lk_cli *c, struct lk_out *list, int sound)
{
	struct lk_out	 j = LK_OUT_NONE;

	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	if (sound && lk_args_has(c, "store"))
		lk_out_word(&j, "sound", NULL);
	else
		lk_out_bool(&j, "sound", sound);
	lk_out_raw(&j, "findings", list);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
print_text(const struct lk_cli *c, const struct lk_findings *fs)
{
	if (fs->errors == 0) {
		lk_text_put(stdout, c->store);
		puts(lk_args_has(c, "store") ? ": no fault was found, but its "
		    "MACs were not checked" : ": sound");
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

static int
run(struct lk_cli *c)
{
	int			 alone = lk_args_has(c, "store");
	struct lk_out		 list = LK_OUT_NONE;
	struct lk_findings	 fs = { .to = stdout, .with_file = 1,
				    .kinds = { NULL, "note" } };
	struct lk_error		 e = { 0 };
	int			 r, done;

	if ((r = enter(c)) != 0)
		return r;
	if (c->json)
		fs.json = &list;
	lk_out_open(&list, NULL, '[');
	r = lk_store_check(alone ? NULL : c->policy, alone ? c->store : NULL,
	    lk_finding, &fs, &e);
	lk_out_close(&list, ']');
	if (r != 0 && fs.errors == 0) {
		lk_out_free(&list);
		return lk_say_error(c, &e);
	}
	if (c->json)
		done = print_json(c, &list, r == 0);
	else
		done = print_text(c, &fs);
	lk_out_free(&list);
	return r != 0 ? 1 : done;
}

const struct lk_verb lk_verb_store_check = {
	.name = "store check",
	.synopsis = "[--store DIR]",
	.summary = "check the journal line by line",
	.example = "latchkey store check",
	.opts = opts,
	.run = run,
};
