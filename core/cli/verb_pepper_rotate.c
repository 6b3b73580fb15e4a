/*
 * pepper rotate: the next pepper, and the journal under it.
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
	{ NULL }
};

struct found {
	unsigned	 current, older;
	uint64_t	 keys;
};

static int
look(void *arg, const struct lk_pepper_info *p)
{
	struct found	*f = arg;

	if (p->state == LK_PEPPER_CURRENT)
		f->current = p->version;
	if (p->state == LK_PEPPER_OLD) {
		f->older = p->version;
		f->keys = p->keys;
	}
	return 0;
}

static int
print(struct lk_cli *c, const struct found *f, const struct lk_rewritten *w)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		printf("pepper %u is current; %" PRIu64 " key%s under pepper "
		    "%u, until that is retired; the old journal is kept as ",
		    f->current, f->keys, f->keys == 1 ? " stays" : "s stay",
		    f->older);
		lk_text_put(stdout, w->file);
		putchar('\n');
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_int(&j, "current", f->current);
	lk_out_int(&j, "old", f->older);
	lk_out_int(&j, "keys", (int64_t)f->keys);
	lk_out_str(&j, "kept", w->file);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_progress	 bar;
	struct found		 f = { 0 };
	struct lk_error		 e = { 0 };
	int			 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	lk_progress_start(&bar, "rotate", "octets");
	r = lk_pepper_rotate(c->lk, &c->op, lk_progress_step, &bar, &w, &e);
	lk_progress_end(&bar);
	if (r != 0 || lk_pepper_status(c->lk, &c->op, look, &f, &e) != 0)
		return lk_say_error(c, &e);
	return print(c, &f, &w);
}

const struct lk_verb lk_verb_pepper_rotate = {
	.name = "pepper rotate",
	.synopsis = "",
	.summary = "make a new pepper; keys that are there stay good",
	.example = "latchkey pepper rotate",
	.opts = opts,
	.run = run,
};
