/*
 * store restore: a copy of the journal in its place.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/progress.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "accept-loss", NULL, "ends of keys may be lost in the damage" },
	{ NULL }
};

static int
print(struct lk_cli *c, const struct lk_rewritten *w)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (w->lacking != 0)
		lk_say_note("%" PRIu64 " key%s not in the copy and "
		    "%s there any more (they are in %s)", w->lacking,
		    w->lacking == 1 ? " is" : "s are", w->lacking == 1 ?
		    "is not" : "are not", w->file);
	if (!c->json) {
		lk_text_put(stdout, c->store);
		printf(": %" PRIu64 " lines were restored; %" PRIu64 " key%s "
		    "ended since; the old journal is kept as %s\n", w->after,
		    w->ended, w->ended == 1 ? " was" : "s were", w->file);
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	lk_out_int(&j, "lines", (int64_t)w->after);
	lk_out_int(&j, "ended", (int64_t)w->ended);
	lk_out_int(&j, "lacking", (int64_t)w->lacking);
	lk_out_str(&j, "kept", w->file);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_progress	 bar;
	struct lk_error		 e = { 0 };
	int			 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	lk_progress_start(&bar, "restore", "octets");
	r = lk_store_restore(c->lk, &c->op, c->words[0],
	    lk_args_has(c, "accept-loss") ? LK_ACCEPT_LOSS : 0,
	    lk_progress_step, &bar, &w, &e);
	lk_progress_end(&bar);
	return r != 0 ? lk_say_error(c, &e) : print(c, &w);
}

const struct lk_verb lk_verb_store_restore = {
	.name = "store restore",
	.synopsis = "FILE [--accept-loss]",
	.summary = "put a copy of the journal back, with what was ended since",
	.example = "latchkey store restore /backup/journal",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
