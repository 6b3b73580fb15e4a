/*
 * delete: end keys.  It must succeed with the fewest dependencies: no pepper,
 * and with --store no policy.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>

#include "cli/key_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	LK_OPT_STORE,
	{ NULL }
};

static int
run(struct lk_cli *c)
{
	int	 r;

	if ((r = lk_enter_keys(c, LK_REMOVE_ONLY)) != 0)
		return r;
	return lk_keys_change(c, c->calls->keys_delete, "deleted");
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
