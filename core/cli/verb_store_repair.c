/*
 * store repair: damaged lines that are accepted as lost.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cli/json_out.h"
#include "cli/progress.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	{ "accept", "LINE", "that line is lost", 0, 1 },
	{ NULL }
};

/* 0; or it was said what is wrong. */
static int
parse(struct lk_cli *c, const char *text, uint64_t *out)
{
	char	*end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' ||
	    *out < 2)
		return lk_say(c, LK_EUSAGE, "--accept takes the number of a "
		    "line, from 2 (latchkey store check)");
	return 0;
}

/* Of the lines that were given, as many as there are options at most. */
static int
take_lines(struct lk_cli *c, uint64_t **lines, size_t *n)
{
	const char	*text;
	size_t		 at = 0;
	int		 r;

	*lines = calloc(c->ngiven + 1, sizeof(**lines));
	if (*lines == NULL)
		return lk_say(c, LK_ENOMEM, "no memory");
	for (*n = 0; (text = lk_args_next(c, "accept", &at)) != NULL; ++*n)
		if ((r = parse(c, text, &(*lines)[*n])) != 0)
			return r;
	if (*n == 0)
		return lk_say(c, LK_EUSAGE, "which damaged lines are accepted "
		    "as lost? (--accept LINE; latchkey store check names "
		    "them)");
	return 0;
}

static int
print(struct lk_cli *c, size_t n, const struct lk_rewritten *w)
{
	struct lk_out	 j = LK_OUT_NONE;

	if (!c->json) {
		lk_text_put(stdout, c->store);
		printf(": %zu line%s accepted as lost; the old journal is "
		    "kept as %s\n", n, n == 1 ? " was" : "s were", w->file);
		return lk_say_done(c);
	}
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "store", c->store);
	lk_out_int(&j, "accepted", (int64_t)n);
	lk_out_str(&j, "kept", w->file);
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
repair(struct lk_cli *c, const uint64_t *lines, size_t n)
{
	struct lk_rewritten	 w = { .size = sizeof(w) };
	struct lk_progress	 bar;
	struct lk_error		 e = { 0 };
	int			 r;

	if ((r = lk_enter_open(c, 0, 0)) != 0)
		return r;
	lk_progress_start(&bar, "repair", "octets");
	r = lk_store_repair(c->lk, &c->op, lines, n, lk_progress_step, &bar,
	    &w, &e);
	lk_progress_end(&bar);
	return r != 0 ? lk_say_error(c, &e) : print(c, n, &w);
}

static int
run(struct lk_cli *c)
{
	uint64_t	*lines = NULL;
	size_t		 n = 0;
	int		 r;

	if ((r = take_lines(c, &lines, &n)) == 0)
		r = repair(c, lines, n);
	free(lines);
	return r;
}

const struct lk_verb lk_verb_store_repair = {
	.name = "store repair",
	.synopsis = "--accept LINE...",
	.summary = "go on without damaged lines of the journal",
	.example = "latchkey store repair --accept 17",
	.opts = opts,
	.run = run,
};
