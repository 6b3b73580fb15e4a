/*
 * metrics.c: the page that a Prometheus reads.
 *
 * Source: Prometheus, "Exposition formats", text format 0.0.4.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include "daemon/server.h"

static void
head(struct lk_buf *b, const char *name, const char *type, const char *help)
{
	lk_buf_fmt(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
gauge(struct lk_buf *b, const char *name, uint64_t v, const char *help)
{
	head(b, name, "gauge", help);
	lk_buf_fmt(b, "%s %" PRIu64 "\n", name, v);
}

static void
counter(struct lk_buf *b, const char *name, uint64_t v, const char *help)
{
	head(b, name, "counter", help);
	lk_buf_fmt(b, "%s %" PRIu64 "\n", name, v);
}

/* --------------------------------------------------------------- decisions */

static void
put_decisions(struct lk_buf *b, const struct lk_sums *s)
{
	const struct lk_sum_type	*t;
	uint32_t			 k;

	head(b, "latchkey_decisions_total", "counter",
	    "Decisions, by the type of key and the reason.");
	for (t = s->types; t < s->types + s->ntypes; t++)
		for (k = 0; k < LK_REASON_COUNT; k++)
			if (t->reasons[k] != 0)
				lk_buf_fmt(b, "latchkey_decisions_total{"
				    "type=\"%s\",outcome=\"%s\",reason=\"%s\"} "
				    "%" PRIu64 "\n", t->name,
				    lk_outcome_name(lk_reason_outcome(k)),
				    lk_reason_name(k), t->reasons[k]);
	head(b, "latchkey_observed_total", "counter",
	    "Requests that a check with observe: true would have denied.");
	for (t = s->types; t < s->types + s->ntypes; t++)
		for (k = 0; k < LK_REASON_COUNT; k++)
			if (t->observed[k] != 0)
				lk_buf_fmt(b, "latchkey_observed_total{"
				    "type=\"%s\",reason=\"%s\"} %" PRIu64 "\n",
				    t->name, lk_reason_name(k),
				    t->observed[k]);
}

static void
put_times(struct lk_buf *b, const struct lk_sums *s)
{
	uint64_t	 n = 0;
	size_t		 i;

	head(b, "latchkey_decision_seconds", "histogram",
	    "Time from a whole question to its decision.");
	for (i = 0; i < LK_COUNTS_TIMES; i++) {
		n += s->times[i];
		lk_buf_fmt(b, "latchkey_decision_seconds_bucket{le=\"%g\"} %"
		    PRIu64 "\n", (double)lk_counts_bounds[i] / 1e9, n);
	}
	n += s->times[i];
	lk_buf_fmt(b, "latchkey_decision_seconds_bucket{le=\"+Inf\"} %" PRIu64
	    "\nlatchkey_decision_seconds_sum %.9g\n"
	    "latchkey_decision_seconds_count %" PRIu64 "\n", n,
	    (double)s->ns / 1e9, n);
}

/* -------------------------------------------------------------------- HTTP */

static const char *const lines[LK_LINE_COUNT] = {
	[LK_LINE_WRITTEN] = "written",
	[LK_LINE_COUNTED] = "counted",
	[LK_LINE_LOST] = "lost",
};

static const char *const entries[LK_ENTRY_COUNT] = {
	[LK_ENTRY_FULL] = "full",
	[LK_ENTRY_PEER] = "peer",
	[LK_ENTRY_STRANGER] = "stranger",
};

static void
put_http(struct lk_buf *b, const struct lk_gate *g, const struct lk_sums *s)
{
	size_t	 i;

	head(b, "latchkey_http_answers_total", "counter",
	    "Answers of HTTP, by status.");
	for (i = 0; i < LK_COUNTS_STATUS; i++)
		if (s->answers[i] != 0)
			lk_buf_fmt(b, "latchkey_http_answers_total{status="
			    "\"%zu\"} %" PRIu64 "\n", i, s->answers[i]);
	gauge(b, "latchkey_connections", lk_gate_count(g),
	    "Connections that are open.");
	gauge(b, "latchkey_connections_kept", lk_gate_kept(g),
	    "Connections that were answered, and stay open for another.");
	head(b, "latchkey_connections_refused_total", "counter",
	    "Connections that were turned away: as many as there may be, as "
	    "many of one peer, or of a stranger.");
	for (i = 0; i < LK_ENTRY_COUNT; i++)
		if (entries[i] != NULL)
			lk_buf_fmt(b, "latchkey_connections_refused_total{"
			    "reason=\"%s\"} %" PRIu64 "\n", entries[i],
			    lk_gate_refused(g, (enum lk_entry)i));
	head(b, "latchkey_log_lines_total", "counter",
	    "Lines of the log: written, counted over log_lines, or lost.");
	for (i = 0; i < LK_LINE_COUNT; i++)
		lk_buf_fmt(b, "latchkey_log_lines_total{state=\"%s\"} %" PRIu64
		    "\n", lines[i], s->lines[i]);
}

/* ------------------------------------------------------------------ handle */

static void
put_health(struct lk_buf *b, const struct lk_health *h)
{
	head(b, "latchkey_build_info", "gauge", "1, of this version.");
	lk_buf_fmt(b, "latchkey_build_info{version=\"%s\"} 1\n", lk_version());
	gauge(b, "latchkey_policy_generation", h->generation,
	    "1, and one more with each reload that was taken.");
	gauge(b, "latchkey_policy_loaded_timestamp_seconds",
	    (uint64_t)h->loaded, "Since when the policy serves.");
	counter(b, "latchkey_policy_refused_total", h->refused,
	    "Reloads that were refused.");
	gauge(b, "latchkey_degraded", h->degraded != 0,
	    "1 when the last reload was refused or a plugin is at fault.");
}

static void
put_measures(struct lk_buf *b, const struct lk_measures *m)
{
	gauge(b, "latchkey_types", m->types, "Types of the policy.");
	gauge(b, "latchkey_types_faulty", m->faulty,
	    "Types that are error, by a plugin at fault.");
	gauge(b, "latchkey_store_keys", m->keys,
	    "Keys in the index, ended ones too.");
	gauge(b, "latchkey_store_index_generation", m->index,
	    "Generation of the index.");
	gauge(b, "latchkey_store_journal_bytes", m->journal,
	    "Octets of the journal that count.");
	gauge(b, "latchkey_store_damaged", (uint64_t)m->damaged,
	    "1 when the journal is damaged (latchkey store check).");
	gauge(b, "latchkey_usage_bytes", m->usage,
	    "Octets of the usage file.");
	gauge(b, "latchkey_usage_shared", (uint64_t)m->usage_shared,
	    "0 when this process counts rate limits by itself.");
}

void
lk_serve_metrics(struct lk_server *s, const struct lk_http_request *rq,
    const char *rest, struct lk_reply *r)
{
	struct lk_measures	 m = { 0 };
	struct lk_health	 h;
	struct lk_sums		 sums = { 0 };
	struct lk_error		 e;
	size_t			 i;
	int			 known, bad = 0;

	(void)rq;
	(void)rest;
	for (i = 0; i < s->nloops && !bad; i++)
		bad = lk_sums_add(&sums, s->loops[i].counts) != 0;
	if (bad || lk_health(s->lk, &h) != 0) {
		lk_sums_free(&sums);
		lk_reply_problem(r, 503, "try again later", NULL);
		return;
	}
	known = lk_measure(s->lk, &m, &e) == 0;
	put_decisions(&r->body, &sums);
	put_times(&r->body, &sums);
	put_http(&r->body, s->gate, &sums);
	put_health(&r->body, &h);
	if (known)
		put_measures(&r->body, &m);
	lk_sums_free(&sums);
	r->status = 200;
	lk_reply_field_static(r, "Content-Type",
	    "text/plain; version=0.0.4; charset=utf-8");
	lk_reply_field_static(r, "Cache-Control", "no-store");
}
