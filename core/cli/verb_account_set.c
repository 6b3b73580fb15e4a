/*
 * account set: give an account a package.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "package", "P", "package of the policy" },
	{ NULL }
};

static int
run(struct lk_cli *c)
{
	const char	*package = lk_args_value(c, "package");
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };
	int		 r;

	if (package == NULL)
		return lk_say(c, LK_EUSAGE, "account set needs --package: "
		    "latchkey account set %s --package P", c->words[0]);
	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	if (c->calls->account_set(c, c->words[0], package, &e) != 0)
		return lk_say_error(c, &e);
	if (!c->json) {
		printf("%s has package %s\n", c->words[0], package);
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "account", c->words[0]);
	lk_out_str(&j, "package", package);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

const struct lk_verb lk_verb_account_set = {
	.name = "account set",
	.synopsis = "A --package P",
	.summary = "give an account, which has a key already, a package",
	.example = "latchkey account set acme --package essential",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
