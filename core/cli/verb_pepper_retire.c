/*
 * pepper retire: the end of the old pepper.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "delete-keys", NULL, "end the keys that are still under it" },
	{ NULL }
};

static int
look(void *arg, const struct lk_pepper_info *p)
{
	if (p->state == LK_PEPPER_OLD || p->state == LK_PEPPER_MISSING)
		*(unsigned *)arg = p->version;
	return 0;
}

static int
print(struct lk_cli *c, unsigned version, const struct lk_rewritten *w)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		printf("pepper %u is gone", version);
		if (w->ended != 0)
			printf(", and with it %" PRIu64 " key%s", w->ended,
			    w->ended == 1 ? "" : "s");
		putchar('\n');
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_int(&j, "retired", version);
	lk_out_int(&j, "deleted", (int64_t)w->ended);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_error		 e = { 0 };
	unsigned		 version = 0;
	int			 r;

	/* Also without the old one, which may be lost. */
	if ((r = lk_enter_open(c, 0, LK_REMOVE_ONLY)) != 0)
		return r;
	if (lk_pepper_status(c->lk, &c->op, look, &version, &e) != 0 ||
	    lk_pepper_retire(c->lk, &c->op, lk_args_has(c, "delete-keys") ?
	    LK_DELETE_KEYS : 0, &w, &e) != 0)
		return lk_say_error(c, &e);
	return print(c, version, &w);
}

const struct lk_verb lk_verb_pepper_retire = {
	.name = "pepper retire",
	.synopsis = "[--delete-keys]",
	.summary = "remove the old pepper, when no key needs it",
	.example = "latchkey pepper retire",
	.opts = opts,
	.run = run,
};
