/*
 * delete: end keys.  It must succeed with the fewest dependencies: no pepper,
 * and with --store no policy.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>

#include "cli/json_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "store", "DIR", "a store by itself: works when the policy does "
	    "not" },
	{ NULL }
};

/* With a policy that is broken: say the way that is left. */
static int
broken_policy(struct lk_cli *c, const struct lk_error *e)
{
	int	 r = lk_say_error(c, e);

	if (e->code == LK_ECONFIG || e->code == LK_ENOTFOUND)
		lk_say_note("delete works without a policy, by the owner of "
		    "the store: latchkey delete --store %s %s",
		    c->store[0] != '\0' ? c->store : "DIR", c->words[0]);
	return r;
}

static int
open_by_policy(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_home(c)) != 0)
		return r;
	if (lk_home_store(c->policy, c->store, sizeof(c->store), &e) != 0)
		return broken_policy(c, &e);
	if ((r = lk_enter(c, 0)) != 0)
		return r;
	if (lk_open(c->policy, LK_REMOVE_ONLY, &c->lk, &e) != 0)
		return broken_policy(c, &e);
	return 0;
}

static int
open_store(struct lk_cli *c, const char *dir)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_store(c, dir)) != 0)
		return r;
	if (lk_open_store(c->store, &c->lk, &e) != 0)
		return lk_say_error(c, &e);
	return 0;
}

static int
tell(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	size_t		 i;

	if (!c->json) {
		for (i = 0; i < c->nwords; i++)
			printf("deleted %s\n", c->words[i]);
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, "deleted", '[');
	for (i = 0; i < c->nwords; i++)
		lk_out_str(&j, NULL, c->words[i]);
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	const char	*dir = lk_args_value(c, "store");
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = dir != NULL ? open_store(c, dir) : open_by_policy(c)) != 0)
		return r;
	if (lk_delete(c->lk, &c->op, (const char *const *)c->words, c->nwords,
	    &e) != 0)
		return lk_say_error(c, &e);
	return tell(c);
}

const struct lk_verb lk_verb_delete = {
	.name = "delete",
	.synopsis = "KEYID... [--store DIR]",
	.summary = "end keys, at once and for ever; all of them or none",
	.example = "latchkey delete 4fJx0aPq9ZrT",
	.opts = opts,
	.min = 1,
	.max = SIZE_MAX,
	.run = run,
};
