/*
 * import: take the keys of another system, or what export wrote.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cli/finding.h"
#include "cli/format.h"
#include "cli/progress.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "format", "FORMAT", "csv or jsonl; by the name, or by what stands "
	    "there" },
	{ "dry-run", NULL, "check every record and take none" },
	{ "skip-bad", NULL, "leave bad records out, instead of taking none" },
	{ "accept-clock", NULL, "write although the clock is far off the "
	    "journal" },
	{ NULL }
};

struct importing {
	struct lk_progress	 bars[2];	/* checking, taking          */
	struct lk_findings	 found;
};

static void
step(void *arg, int taking, uint64_t done, uint64_t all)
{
	struct importing	*im = arg;
	struct lk_progress	*bar = &im->bars[taking != 0];

	if (taking && bar->what == NULL) {
		lk_progress_end(&im->bars[0]);
		lk_progress_start(bar, "import", "keys");
	}
	lk_progress_step(bar, done, all);
}

static void
bad(void *arg, const struct lk_error *e, const char *source)
{
	struct importing	*im = arg;

	lk_progress_end(&im->bars[0]);
	lk_progress_end(&im->bars[1]);
	lk_finding(&im->found, e, source);
}

static int
print_json(const struct lk_imported *n, const char *file, int dry)
{
	struct lk_out	 j = LK_OUT_NONE;

	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "file", file);
	lk_out_int(&j, "records", (int64_t)n->records);
	lk_out_int(&j, "added", (int64_t)n->added);
	lk_out_int(&j, "there", (int64_t)n->there);
	lk_out_int(&j, "bad", (int64_t)n->bad);
	lk_out_int(&j, "expired", (int64_t)n->expired);
	lk_out_bool(&j, "dry_run", dry);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
print(struct lk_cli *c, const struct lk_imported *n, const char *file,
    int dry)
{
	if (c->json)
		return print_json(n, file, dry);
	lk_text_put(stdout, file);
	printf(": %" PRIu64 " record%s: ", n->records,
	    n->records == 1 ? "" : "s");
	if (dry)
		printf("%" PRIu64 " would be taken", n->fresh);
	else
		printf("%" PRIu64 " taken", n->added);
	printf(", %" PRIu64 " there already, %" PRIu64 " bad", n->there,
	    n->bad);
	if (n->expired != 0)
		printf("; %" PRIu64 " had expired before", n->expired);
	putchar('\n');
	return lk_say_done(c);
}

static int
take(struct lk_cli *c, struct lk_import *o)
{
	struct importing	 im = { .found = { .to = stderr } };
	struct lk_imported	 n = { 0 };
	struct lk_error		 e = { 0 };
	int			 r;

	o->finding = bad;
	o->progress = step;
	o->finding_arg = o->progress_arg = &im;
	lk_progress_start(&im.bars[0], "check", "octets");
	r = lk_import(c->lk, &c->op, o, &n, &e);
	lk_progress_end(&im.bars[0]);
	lk_progress_end(&im.bars[1]);
	if (r == 0)
		return print(c, &n, o->name,
		    (o->flags & LK_IMPORT_CHECK) != 0);
	r = lk_say_error(c, &e);
	if (n.added != 0)
		lk_say_note("%" PRIu64 " of %" PRIu64 " keys are in: the same "
		    "import goes on from there", n.added, n.fresh);
	return r;
}

/* By who runs it: the owner of the store may not be let in there. */
static int
open_file(struct lk_cli *c, const char *file, int *fd)
{
	*fd = STDIN_FILENO;
	if (strcmp(file, "-") == 0)
		return 0;
	if ((*fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) != -1)
		return 0;
	return lk_say(c, errno == ENOENT ? LK_ENOTFOUND :
	    errno == EACCES ? LK_EPERM : LK_EIO, "%s: %s", file,
	    strerror(errno));
}

static int
run(struct lk_cli *c)
{
	struct lk_import	 o = { .size = sizeof(o) };
	int			 r;

	o.name = c->words[0];
	if (lk_args_has(c, "dry-run"))
		o.flags |= LK_IMPORT_CHECK;
	if (lk_args_has(c, "skip-bad"))
		o.flags |= LK_IMPORT_SKIP_BAD;
	if (lk_args_has(c, "accept-clock"))
		o.flags |= LK_IMPORT_ACCEPT_CLOCK;
	if ((r = lk_format_find(c, o.name, &o.format)) != 0 ||
	    (r = open_file(c, o.name, &o.fd)) != 0)
		return r;
	if ((r = lk_enter_open(c, 0, 0)) == 0)
		r = take(c, &o);
	if (o.fd != STDIN_FILENO)
		close(o.fd);
	return r;
}

const struct lk_verb lk_verb_import = {
	.name = "import",
	.synopsis = "FILE|- [--format csv|jsonl] [--dry-run] [--skip-bad] "
	    "[--accept-clock]",
	.summary = "take keys of another system, or what export wrote",
	.example = "latchkey import keys.csv --dry-run",
	.opts = opts,
	.min = 1,
	.max = 1,
	.run = run,
};
