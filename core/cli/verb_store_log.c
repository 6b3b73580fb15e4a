/*
 * store log: who did what, from where, when.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>

#include "cli/event_out.h"
#include "cli/key_out.h"
#include "cli/grid.h"
#include "cli/verbs.h"

static const struct lk_opt opts[] = {
	LK_OPT_STORE,
	{ NULL }
};

static const struct lk_column columns[] = {
	{ "SEQ", 0 },
	{ "TIME", 0, 1 },
	{ "EVENT", 0 },
	{ "ACTOR", 6 },
	{ "FROM", 6, 0, 1 },
	{ "KEY", 0 },
	{ "MAC", 0, 0, 2 },
	{ "DETAILS", 8 },
};
#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

static int
to_table(void *arg, const struct lk_event *v)
{
	struct lk_buf	 b = LK_BUF_NONE;
	struct lk_grid	*t = arg;
	char		 seq[24], when[32];

	lk_event_details(&b, v);
	snprintf(seq, sizeof(seq), "%" PRIu64, v->seq);
	lk_grid_row(t, (const char *const[NCOLUMNS]){ seq,
	    lk_key_time(v->time, when, sizeof(when)), v->event, v->actor,
	    v->from, v->key_id, v->unsigned_line ? "none" : "yes",
	    b.p });
	if (b.failed)
		t->failed = 1;
	lk_buf_free(&b);
	return 0;
}

static int
rows(struct lk_cli *c, void *to, struct lk_error *e)
{
	const char	*id = c->nwords != 0 ? c->words[0] : NULL;

	return c->calls->log(c, id, c->json ? lk_event_json : to_table, to, e);
}

static int
run(struct lk_cli *c)
{
	int	 r;

	if ((r = lk_enter_keys(c, LK_LIST_ONLY)) != 0)
		return r;
	return lk_grid_list(c, "events", columns, NCOLUMNS, rows);
}

const struct lk_verb lk_verb_store_log = {
	.name = "store log",
	.synopsis = "[KEYID] [--store DIR]",
	.summary = "show who did what, from where, when",
	.example = "latchkey store log 4fJx0aPq9ZrT",
	.opts = opts,
	.max = 1,
	.run = run,
};
