/*
 * plugin pin: the line of a policy that holds a plugin to this one build.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/plugin_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "plugins", "DIR", "folder of plugins instead of the policy's" },
	{ NULL }
};

static int
run(struct lk_cli *c)
{
	const char		*policy = lk_plugin_policy(c);
	const char		*dir = lk_args_value(c, "plugins");
	struct lk_plugin_pin	 pin;
	struct lk_out		 j = LK_OUT_NONE;
	struct lk_error		 e = { 0 };
	size_t			 i;

	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, "pins", '{');
	for (i = 0; i < c->nwords; i++) {
		if (lk_plugin_pin(policy, dir, c->words[i], &pin, &e) != 0) {
			lk_out_free(&j);
			return lk_say_error(c, &e);
		}
		lk_out_str(&j, pin.name, pin.sha256);
		if (!c->json)
			printf("%s: %s\n", pin.name, pin.sha256);
	}
	lk_out_close(&j, '}');
	lk_out_close(&j, '}');
	if (c->json)
		return lk_out_print(&j);
	lk_out_free(&j);
	lk_say_note("in the policy, it goes below plugins: { folder: PATH, "
	    "pins: }");
	return 0;
}

const struct lk_verb lk_verb_plugin_pin = {
	.name = "plugin pin",
	.synopsis = "NAME... [--plugins DIR]",
	.summary = "show the lines that pin plugins (names, or paths of files) "
	    "to the builds that are there now; loads nothing",
	.example = "latchkey plugin pin ucd",
	.opts = opts,
	.min = 1,
	.max = 64,
	.run = run,
};
