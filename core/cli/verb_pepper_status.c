/*
 * pepper status: which peppers there are, and how many keys are under each.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "keys", NULL, "the ids of the keys under the old one" },
	{ NULL }
};

static const char *const states[] = {
	[LK_PEPPER_OLD]		= "old",
	[LK_PEPPER_CURRENT]	= "current",
	[LK_PEPPER_UNUSED]	= "unused",
	[LK_PEPPER_MISSING]	= "missing",
};

struct listing {
	struct lk_out	*json;		/* NULL: text                        */
	unsigned	 older;
};

static int
show(void *arg, const struct lk_pepper_info *p)
{
	struct listing	*l = arg;
	char		 made[32] = "-";

	if (p->state == LK_PEPPER_OLD || p->state == LK_PEPPER_MISSING)
		l->older = p->version;
	if (l->json != NULL) {
		lk_out_open(l->json, NULL, '{');
		lk_out_int(l->json, "version", p->version);
		lk_out_str(l->json, "state", states[p->state]);
		lk_out_int(l->json, "keys", (int64_t)p->keys);
		lk_out_time(l->json, "made", p->made);
		lk_out_close(l->json, '}');
		return 0;
	}
	if (p->made != 0)
		lk_time_format(p->made, made, sizeof(made));
	printf("pepper %u  %-7s  %" PRIu64 " key%s  made %s\n", p->version,
	    states[p->state], p->keys, p->keys == 1 ? "" : "s", made);
	return 0;
}

static int
show_id(void *arg, const char *id)
{
	struct listing	*l = arg;

	if (l->json != NULL)
		lk_out_str(l->json, NULL, id);
	else
		puts(id);
	return 0;
}

/* Those under the old one alone, where there is one. */
static int
print_keys(struct lk_cli *c, struct listing *l, struct lk_error *e)
{
	if (l->older == 0)
		return 0;
	return lk_pepper_keys(c->lk, &c->op, l->older, show_id, l, e);
}

static int
ignore(void *arg, const struct lk_pepper_info *p)
{
	if (p->state == LK_PEPPER_OLD || p->state == LK_PEPPER_MISSING)
		((struct listing *)arg)->older = p->version;
	return 0;
}

static int
run(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct listing	 l = { c->json ? &j : NULL, 0 };
	struct lk_error	 e = { 0 };
	int		 keys = lk_args_has(c, "keys"), r;

	if ((r = lk_enter_open(c, 0, LK_LIST_ONLY)) != 0)
		return r;
	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, keys ? "keys" : "peppers", '[');
	r = lk_pepper_status(c->lk, &c->op, keys ? ignore : show, &l, &e);
	if (r == 0 && keys)
		r = print_keys(c, &l, &e);
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	if (r == 0 && c->json)
		return lk_out_print(&j);
	lk_out_free(&j);
	return r != 0 ? lk_say_error(c, &e) : lk_say_done(c);
}

const struct lk_verb lk_verb_pepper_status = {
	.name = "pepper status",
	.synopsis = "[--keys]",
	.summary = "which peppers there are, and how many keys need each",
	.example = "latchkey pepper status",
	.opts = opts,
	.run = run,
};
