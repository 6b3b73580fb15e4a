/*
 * prune: delete what expired long ago.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "cli/json_out.h"
#include "cli/verbs.h"

#define OLDER_THAN	2592000		/* seconds: 30 days                  */

static const struct lk_opt opts[] = {
	{ "older-than", "TIME", "expired for so long; 30d when not given, or "
	    "0" },
	{ "account", "A", "those of one account" },
	{ "dry-run", NULL, "say which, and delete none" },
	LK_OPT_STORE,
	{ NULL }
};

struct pruned {
	struct lk_out	 json;
	const char	*done;		/* NULL: into json                   */
	size_t		 n;
};

static int
tell(void *arg, const char *id)
{
	struct pruned	*p = arg;

	p->n++;
	if (p->done != NULL)
		printf("%s %s\n", p->done, id);
	else
		lk_out_str(&p->json, NULL, id);
	return 0;
}

static int
prune(struct lk_cli *c, const struct lk_prune *o)
{
	struct pruned	 p = { .json = LK_OUT_NONE };
	const char	*mean = "";
	struct lk_error	 e = { 0 };
	int		 r;

	if (!c->json)
		p.done = o->dry_run ? "would delete" : "deleted";
	lk_out_open(&p.json, NULL, '{');
	lk_out_open(&p.json, "deleted", '[');
	r = lk_prune(c->lk, &c->op, o, tell, &p, &e);
	lk_out_close(&p.json, ']');
	lk_out_bool(&p.json, "dry_run", o->dry_run);
	lk_out_close(&p.json, '}');
	if (r != 0)
		r = lk_say_error(c, &e);
	/* A type that left the policy may still have keys. */
	else if (p.n == 0 && o->type != NULL &&
	    !lk_enter_type(c, o->type, &mean))
		r = lk_say(c, LK_EUSAGE, "no type %s in %s%s", o->type,
		    c->policy, mean);
	else if (c->json)
		r = lk_out_print(&p.json);
	else if (p.n == 0)
		lk_say_note("no key expired that long ago");
	lk_out_free(&p.json);
	return r;
}

static int
run(struct lk_cli *c)
{
	struct lk_prune	 o = { .size = sizeof(o), .older_than = OLDER_THAN };
	int		 r;

	o.type = c->nwords != 0 ? c->words[0] : NULL;
	o.account = lk_args_value(c, "account");
	o.dry_run = lk_args_has(c, "dry-run");
	if ((r = lk_args_duration(c, "older-than", 1, &o.older_than)) != 0 ||
	    (r = lk_enter_keys(c, LK_REMOVE_ONLY)) != 0)
		return r;
	return prune(c, &o);
}

const struct lk_verb lk_verb_prune = {
	.name = "prune",
	.synopsis = "[TYPE] [--older-than TIME] [--account A] [--dry-run] "
	    "[--store DIR]",
	.summary = "delete keys that expired long ago",
	.example = "latchkey prune --older-than 90d --dry-run",
	.opts = opts,
	.max = 1,
	.run = run,
};
