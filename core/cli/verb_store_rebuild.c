/*
 * store rebuild: the index anew, from the journal.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/progress.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ NULL }
};

static int
print(struct lk_cli *c, int damaged)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		lk_text_put(stdout, c->store);
		puts(damaged ? ": the index was made anew, across damage" :
		    ": the index was made anew");
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	lk_out_bool(&j, "sound", !damaged);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_progress	 bar;
	struct lk_error		 e = { 0 };
	int			 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	lk_progress_start(&bar, "index", "octets");
	r = lk_store_rebuild(c->lk, &c->op, lk_progress_step, &bar, &e);
	lk_progress_end(&bar);
	if (r != 0)
		return lk_say_error(c, &e);
	if (e.code == LK_NOTE)
		lk_say_note("%s:%u: %s", e.file, e.line, e.text);
	r = print(c, e.code == LK_NOTE);
	return r != 0 ? r : e.code == LK_NOTE;
}

const struct lk_verb lk_verb_store_rebuild = {
	.name = "store rebuild",
	.synopsis = "",
	.summary = "make the index anew from the journal",
	.example = "latchkey store rebuild",
	.opts = opts,
	.run = run,
};
