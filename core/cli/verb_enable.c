/*
 * enable: let keys in again that were disabled.  It adds power, so it needs all
 * that generate needs.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdint.h>

#include "cli/key_out.h"
#include "cli/verbs.h"

static int
run(struct lk_cli *c)
{
	int	 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	return lk_keys_change(c, c->calls->keys_enable, "enabled");
}

const struct lk_verb lk_verb_enable = {
	.name = "enable",
	.synopsis = "KEYID...",
	.summary = "let disabled keys in again; all of them or none",
	.example = "latchkey enable 4fJx0aPq9ZrT",
	.min = 1,
	.max = SIZE_MAX,
	.run = run,
};
