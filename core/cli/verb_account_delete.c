/*
 * account delete: an account is forgotten, with its package.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>

#include "cli/json_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "delete-keys", NULL, "end the keys that it still holds" },
	{ NULL }
};

static int
print(struct lk_cli *c, uint64_t ended)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		printf("deleted account %s", c->words[0]);
		if (ended != 0)
			printf(", and with it %" PRIu64 " key%s", ended,
			    ended == 1 ? "" : "s");
		putchar('\n');
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "account", c->words[0]);
	lk_out_int(&j, "deleted", (int64_t)ended);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	uint64_t	 ended = 0;
	int		 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	if (c->calls->account_delete(c, c->words[0],
	    lk_args_has(c, "delete-keys") ? LK_DELETE_KEYS : 0, &ended,
	    &e) != 0) {
		r = lk_say_error(c, &e);
		if (ended != 0)
			lk_say_note("%" PRIu64 " keys of %s were deleted "
			    "before that: the same command goes on", ended,
			    c->words[0]);
		return r;
	}
	return print(c, ended);
}

const struct lk_verb lk_verb_account_delete = {
	.name = "account delete",
	.synopsis = "A [--delete-keys]",
	.summary = "forget an account and its package, when it holds no key",
	.example = "latchkey account delete acme",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
