/*
 * init: a home that works at once.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <stdlib.h>

#include "cli/json_out.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "verifiers", "GROUP", "group that may verify: it may read the pepper "
	    "and the store" },
	{ "plugins", "DIR", "folder of plugins to name in the policy" },
	{ NULL }
};

static void
tell(const char *home, const char *verifiers)
{
	lk_text_put(stdout, home);
	puts(" is a home now: policy.yaml, pepper and store");
	if (verifiers != NULL)
		printf("members of %s may verify, and so read the pepper\n",
		    verifiers);
	fputs("next: latchkey generate ucd --account acme --home ", stdout);
	lk_text_quoted(stdout, home);
	putchar('\n');
}

/* Where: as for every verb, but that a default is made and not looked for. */
static const char *
where(struct lk_cli *c)
{
	const char	*home = lk_args_value(c, "home");

	if (home != NULL)
		return home;
	home = secure_getenv("LATCHKEY_HOME");
	return home != NULL && *home != '\0' ? home : NULL;
}

static int
run(struct lk_cli *c)
{
	const char	*verifiers = lk_args_value(c, "verifiers");
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };

	/* The policy and the way to it are for all to read; what is secret in a
	 * home gets modes of its own. */
	umask(022);
	if (lk_home_init(where(c), verifiers,
	    lk_args_value(c, "plugins"), c->home, sizeof(c->home), &e) != 0)
		return lk_say_error(c, &e);
	if (!c->json) {
		tell(c->home, verifiers);
		return 0;
	}
	snprintf(c->policy, sizeof(c->policy), "%.*s/policy.yaml",
	    PATH_MAX - 16, c->home);
	if (lk_home_store(c->policy, c->store, sizeof(c->store), &e) != 0)
		return lk_say_error(c, &e);
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "home", c->home);
	lk_out_str(&j, "policy", c->policy);
	lk_out_str(&j, "store", c->store);
	lk_out_str(&j, "verifiers", verifiers);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

const struct lk_verb lk_verb_init = {
	.name = "init",
	.synopsis = "[--home DIR] [--verifiers GROUP] [--plugins DIR]",
	.summary = "make a policy, a pepper and a store that work at once",
	.example = "latchkey init --home ~/keys",
	.opts = opts,
	.run = run,
};
