/*
 * store compact: a journal of what is alive.
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
	{ "discard", NULL, "then remove the journals that were kept" },
	{ "only-discard", NULL, "remove those alone" },
	{ NULL }
};

static void
print_text(const struct lk_cli *c, unsigned what,
    const struct lk_rewritten *w)
{
	lk_text_put(stdout, c->store);
	fputs(":", stdout);
	if (what & LK_COMPACT)
		printf(" %" PRIu64 " lines became %" PRIu64, w->before,
		    w->after);
	if (what == LK_COMPACT)
		printf("; the old journal is kept as %s", w->file);
	if (what & LK_DISCARD)
		printf("%s %" PRIu64 " kept journal%s removed",
		    what & LK_COMPACT ? ";" : "", w->discarded,
		    w->discarded == 1 ? " was" : "s were");
	fputc('\n', stdout);
}

static int
print(struct lk_cli *c, unsigned what, const struct lk_rewritten *w)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		print_text(c, what, w);
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	if (what & LK_COMPACT) {
		lk_out_int(&j, "before", (int64_t)w->before);
		lk_out_int(&j, "after", (int64_t)w->after);
	}
	if (what == LK_COMPACT)
		lk_out_str(&j, "kept", w->file);
	else
		lk_out_word(&j, "kept", NULL);
	lk_out_int(&j, "discarded", (int64_t)w->discarded);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_progress	 bar;
	struct lk_error		 e = { 0 };
	unsigned		 what = LK_COMPACT;
	int			 r;

	if (lk_args_has(c, "discard"))
		what |= LK_DISCARD;
	if (lk_args_has(c, "only-discard"))
		what = LK_DISCARD;
	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	lk_progress_start(&bar, "compact", "octets");
	r = lk_store_compact(c->lk, &c->op, what, lk_progress_step, &bar, &w,
	    &e);
	lk_progress_end(&bar);
	return r != 0 ? lk_say_error(c, &e) : print(c, what, &w);
}

const struct lk_verb lk_verb_store_compact = {
	.name = "store compact",
	.synopsis = "[--discard | --only-discard]",
	.summary = "write the journal anew, without what is deleted",
	.example = "latchkey store compact --discard",
	.opts = opts,
	.run = run,
};
