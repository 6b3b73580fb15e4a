/*
 * export: the keys with their digests, for import.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <unistd.h>

#include "cli/format.h"
#include "cli/progress.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "format", "FORMAT", "csv, or jsonl; csv when it is not given" },
	{ "account", "A", "those of one account" },
	{ NULL }
};

static int
put(void *arg, const char *p, size_t n)
{
	(void)arg;
	return fwrite(p, 1, n, stdout) != n;
}

static int
run(struct lk_cli *c)
{
	struct lk_export	 o = { .size = sizeof(o), .sink = put };
	struct lk_progress	 bar;
	struct lk_error		 e = { 0 };
	const char		*mean = "";
	uint64_t		 keys;
	int			 r;

	if ((r = lk_format_find(c, NULL, &o.format)) != 0)
		return r;
	if (o.format == LK_FORMAT_AUTO)
		o.format = c->json ? LK_FORMAT_JSONL : LK_FORMAT_CSV;
	o.type = c->nwords != 0 ? c->words[0] : NULL;
	o.account = lk_args_value(c, "account");
	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	if (o.type != NULL && !lk_enter_type(c, o.type, &mean))
		lk_say_note("no type %s in %s%s", o.type, c->policy, mean);
	lk_progress_start(&bar, "export", "octets");
	/* On one terminal they would mix. */
	if (!isatty(STDOUT_FILENO)) {
		o.progress = lk_progress_step;
		o.progress_arg = &bar;
	}
	r = lk_export(c->lk, &c->op, &o, &keys, &e);
	lk_progress_end(&bar);
	if (r == LK_EIO && ferror(stdout))
		return lk_say_done(c);
	if (r != 0)
		return lk_say_error(c, &e);
	if ((r = lk_say_done(c)) == 0)
		lk_say_note("%" PRIu64 " key%s", keys, keys == 1 ? "" : "s");
	return r;
}

const struct lk_verb lk_verb_export = {
	.name = "export",
	.synopsis = "[TYPE] [--account A] [--format csv|jsonl]",
	.summary = "write keys with their digests, for import",
	.example = "latchkey export >keys.csv",
	.opts = opts,
	.max = 1,
	.run = run,
};
