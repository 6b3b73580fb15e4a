/*
 * store log: who did what, from where, when.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include "cli/json_out.h"
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

/* A value whose end could be mistaken stands in quotes, as in JSON. */
static void
put_value(struct lk_buf *b, const char *value)
{
	struct lk_out	 q = LK_OUT_NONE;

	if (*value != '\0' && strpbrk(value, " =\"'\\") == NULL) {
		lk_buf_str(b, value);
		return;
	}
	lk_out_str(&q, NULL, value);
	if (q.b.failed)
		b->failed = 1;
	else
		lk_buf_add(b, q.b.p, q.b.n);
	lk_out_free(&q);
}

/* name=value, by " ". */
static void
put_details(struct lk_buf *b, const struct lk_event *v)
{
	struct lk_detail d;
	size_t		 at = 0;
	char		 when[32];

	while (lk_event_detail(v, &at, &d)) {
		lk_buf_fmt(b, "%s%s=", b->n != 0 ? " " : "", d.name);
		put_value(b, d.kind == LK_DETAIL_TIME ?
		    lk_key_time(d.number, when, sizeof(when)) : d.value);
	}
}

static int
to_table(void *arg, const struct lk_event *v)
{
	struct lk_buf	 b = LK_BUF_NONE;
	struct lk_grid	*t = arg;
	char		 seq[24], when[32];

	put_details(&b, v);
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

static void
details_json(struct lk_out *j, const struct lk_event *v)
{
	struct lk_detail d;
	size_t		 at = 0;

	lk_out_open(j, "details", '{');
	while (lk_event_detail(v, &at, &d)) {
		if (d.kind == LK_DETAIL_NUMBER)
			lk_out_int(j, d.name, d.number);
		else if (d.kind == LK_DETAIL_TIME)
			lk_out_time(j, d.name, d.number);
		else if (d.kind == LK_DETAIL_NETS)
			lk_out_words(j, d.name, d.value);
		else
			lk_out_word(j, d.name, d.value);
	}
	lk_out_close(j, '}');
}

static int
to_json(void *arg, const struct lk_event *v)
{
	struct lk_out	*j = arg;

	lk_out_open(j, NULL, '{');
	lk_out_int(j, "seq", (int64_t)v->seq);
	lk_out_int(j, "line", (int64_t)v->line);
	lk_out_time(j, "time", v->time);
	lk_out_str(j, "event", v->event);
	lk_out_str(j, "actor", v->actor);
	lk_out_str(j, "from", v->from);
	lk_out_word(j, "key", v->key_id);
	details_json(j, v);
	lk_out_bool(j, "signed", !v->unsigned_line);
	lk_out_close(j, '}');
	return 0;
}

static int
rows(struct lk_cli *c, void *to, struct lk_error *e)
{
	const char	*id = c->nwords != 0 ? c->words[0] : NULL;

	return lk_store_log(c->lk, &c->op, id, c->json ? to_json : to_table,
	    to, e);
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
