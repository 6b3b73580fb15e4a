/*
 * policy check: every fault of a policy, without side effects.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/finding.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "plugins", "DIR", "folder of plugins instead of the policy's" },
	{ "store", "DIR", "see as well whether the keys in it still fit" },
	{ NULL }
};

static int
check_json(struct lk_cli *c, const char *file, const char *plugins,
    const char *store)
{
	struct lk_out		 j = LK_OUT_NONE, list = LK_OUT_NONE;
	struct lk_findings	 fs = { .json = &list };
	struct lk_error		 e = { 0 };
	int			 r, done;

	lk_out_open(&list, NULL, '[');
	r = lk_policy_check(file, plugins, store, lk_finding, &fs, &e);
	lk_out_close(&list, ']');
	if (r != 0 && fs.errors == 0) {
		lk_out_free(&list);
		return lk_say_error(c, &e);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "file", file);
	lk_out_bool(&j, "sound", r == 0);
	lk_out_raw(&j, "findings", &list);
	lk_out_close(&j, '}');
	done = lk_out_print(&j);
	return r != 0 ? lk_exit_status(r) : done;
}

static int
run(struct lk_cli *c)
{
	struct lk_findings	 fs = { .to = stderr,
				    .kinds = { "error", "note" } };
	const char		*plugins = lk_args_value(c, "plugins"), *file;
	const char		*store = lk_args_value(c, "store");
	struct lk_error		 e = { 0 };
	int			 r;

	if (c->nwords == 0 && (r = lk_enter_home(c)) != 0)
		return r;
	file = c->nwords != 0 ? c->words[0] : c->policy;
	if (c->json)
		return check_json(c, file, plugins, store);
	r = lk_policy_check(file, plugins, store, lk_finding, &fs, &e);
	if (r == 0) {
		lk_text_put(stdout, file);
		puts(": sound");
		return 0;
	}
	if (fs.errors == 0)
		return lk_say_error(c, &e);
	fprintf(stderr, "%zu error%s\n", fs.errors, fs.errors == 1 ? "" : "s");
	return lk_exit_status(r);
}

const struct lk_verb lk_verb_policy_check = {
	.name = "policy check",
	.synopsis = "[FILE] [--plugins DIR] [--store DIR]",
	.summary = "show every fault of a policy; writes nothing, needs no "
	    "root and no pepper",
	.example = "latchkey policy check /etc/latchkey/policy.yaml",
	.opts = opts,
	.max = 1,
	.run = run,
};
