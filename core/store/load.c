#include <string.h>

#include "base/err.h"
#include "hint.h"
#include "load.h"
#include "scan.h"

#define STOP	1			/* a torn tail: read no further      */
#define STEP	10000			/* lines from progress to progress   */

static const char	 cut_why[] = "the journal was cut off before this "
			    "line, or an older one was put in its place";

static void
tell(struct lk_load *l, int code, uint64_t line, const char *why)
{
	if (l->fn != NULL)
		l->fn(l->arg, code, line, why);
}

static int
fault(struct lk_load *l, uint64_t line, const char *why)
{
	int	 r;

	/* What stands before the fault counts, as far as it goes. */
	if ((r = lk_index_fault(l->index, l->at.time)) != 0)
		return r;
	l->batch = 0;
	if (l->faults++ == 0) {
		l->fault_line = line;
		l->fault_why = why;
	}
	tell(l, LK_EDAMAGE, line, why);
	return 0;
}

int
lk_load_fault(struct lk_load *l, uint64_t line, const char *why)
{
	int	 r = fault(l, line, why);

	lk_index_settle(l->index);
	return r;
}

/* Is what begins at pos.end torn?  bad: a line of it could not be read. */
static int
judge_tail(struct lk_load *l, int bad, int *torn)
{
	const struct lk_tail	*t = &l->tail;
	int			 r;

	*torn = 0;
	r = lk_tail_look(l->io, l->fd, l->pos.end, l->limit, &l->tail);
	if (r != 0 || l->pos.end < l->floor || t->batches > 1)
		return r;
	if (l->vouched)
		*torn = 1;
	else if (bad)
		*torn = t->zeros || (!t->newline && !t->flipped);
	else
		*torn = l->floor != 0 && l->key != NULL && l->proved;
	return 0;
}

static int
end_torn(struct lk_load *l, const char *why)
{
	lk_index_discard(l->index);
	l->end = LK_LOAD_TORN;
	l->tail_why = why;
	l->tail_line = l->pos.line + 1;
	return STOP;
}

/* All up to end counts, whether it was sound or not. */
static void
commit(struct lk_load *l, uint64_t end)
{
	l->at.end = end;
	l->at.link = l->chain.at;
	l->pos = l->at;
	l->batch = 0;
	l->proved = 1;
}

/* The fault lies before this line, which is judged on its own. */
static int
fault_before(struct lk_load *l, const struct lk_raw *raw, const char *why)
{
	int	 r;

	if ((r = fault(l, l->at.line, why)) != 0)
		return r;
	l->at.line--;
	commit(l, raw->off);
	l->at.line++;
	return 0;
}

static int
tell_cut(struct lk_load *l, const struct lk_raw *raw)
{
	l->at.cut_told = 1;		/* pos: once it was told             */
	return fault_before(l, raw, cut_why);
}

/*
 * Is what begins at pos.end, with a bad line in it, torn?  Where it is not, it
 * is for good: lines behind that name two batches still do from any line up to
 * the last change, and how the file ends stays the same.  So however many bad
 * lines there are, what follows is read twice at most.
 */
static int
look_behind(struct lk_load *l, int *torn)
{
	int	 r;

	*torn = 0;
	if (l->pos.end < l->floor || l->pos.end < l->untorn)
		return 0;
	if ((r = judge_tail(l, 1, torn)) == 0 && !*torn)
		l->untorn = l->tail.batches > 1 ? l->tail.alone : UINT64_MAX;
	return r;
}

static int
bad_line(struct lk_load *l, const struct lk_raw *raw, const char *why)
{
	int	 r, torn;

	if ((r = look_behind(l, &torn)) != 0)
		return r;
	if (torn)
		return end_torn(l, why);
	if ((r = fault(l, l->at.line, why)) != 0 ||
	    (r = lk_chain_lose(&l->chain, raw->p, raw->n, raw->next)) != 0)
		return r;
	l->at.lost++;
	commit(l, raw->next);
	return 0;
}

/* What a line must be after the one before it, but for its MAC. */
static const char *
misplaced(const struct lk_load *l, const struct lk_raw *raw,
    const struct lk_line *line)
{
	/* After a batch without its end the next one may begin. */
	if (l->at.lost == 0 && line->seq != l->at.seq + 1 &&
	    (l->batch == 0 || line->seq != l->batch + 1))
		return line->seq <= l->at.seq ?
		    "its sequence number was there before" :
		    "a line before it is missing: its sequence number does "
		    "not follow";
	if (line->seq <= l->at.seq)
		return "its sequence number was there before";
	if (l->at.lost > 0 && line->seq - l->at.seq > raw->off)
		return "its sequence number is too high for the lines that may "
		    "be lost before it";
	if (line->time < l->at.time)
		return "its time is before that of a line before it";
	return NULL;
}

static const char *
wrong_mac(const struct lk_load *l)
{
	if (!l->chain.at.sure)
		return "its MAC does not follow from a damaged line before "
		    "it, so nothing vouches for what it says";
	return "its MAC does not match: it, or a line without a MAC right "
	    "before it, was changed, moved or put in";
}

/* 0; STOP; or an error.  *why is set when the line is not sound. */
static int
check_line(struct lk_load *l, const struct lk_raw *raw, struct lk_line *line,
    const char **why)
{
	int	 r;

	if (lk_line_parse(raw->p, raw->n, line, why) != 0)
		return 0;
	if ((*why = misplaced(l, raw, line)) != NULL || !line->is_signed)
		return 0;
	if ((r = lk_chain_check(&l->chain, line, raw->p)) < 0)
		return r;
	if (r == 0)
		*why = wrong_mac(l);
	return 0;
}

static void
advance(struct lk_load *l, const struct lk_raw *raw,
    const struct lk_line *line)
{
	l->at.seq = line->seq;
	l->at.lost = 0;
	l->batch = line->batch;
	if (line->is_signed) {
		l->at.time = line->time;
		lk_chain_accept(&l->chain, line, raw->next);
	} else {
		lk_chain_pass(&l->chain, raw->p, raw->n + 1);
		l->bare++;
		l->proved = 0;
		tell(l, LK_NOTE, l->at.line, "it was written without the "
		    "pepper: its MAC is \"-\", the next one covers it");
	}
	if (line->kind == LK_EVENT_UNKNOWN && l->newer == 0) {
		l->newer = l->at.line;
		tell(l, LK_NOTE, l->at.line, "its event is not known: it was "
		    "written by a newer latchkey");
	}
}

/* A sound line: stage it, and publish when it ends its batch. */
static int
take_line(struct lk_load *l, const struct lk_raw *raw,
    const struct lk_line *line)
{
	const char	*why = NULL;
	int		 r;

	if (l->batch != 0 && line->batch != l->batch &&
	    (r = fault_before(l, raw, "the batch before it is not "
	    "complete")) != 0)
		return r;
	r = lk_index_stage(l->index, line, raw->off, &why);
	if (r == LK_EDAMAGE)
		return bad_line(l, raw, why);
	if (r != 0)
		return r;
	advance(l, raw, line);
	if (line->seq != line->batch)
		return 0;
	r = lk_index_publish(l->index, l->at.time);
	if (r == LK_EDAMAGE)
		r = fault(l, l->at.line, "a key is made twice in this "
		    "batch");
	if (r == 0)
		commit(l, raw->next);
	return r;
}

static int
one_line(struct lk_load *l, const struct lk_raw *raw)
{
	struct lk_line	 line;
	const char	*why = NULL;
	int		 r;

	if (raw->off < l->pos.end) {	/* counted; its MAC is to come       */
		lk_chain_pass(&l->chain, raw->p, raw->n + 1);
		return 0;
	}
	l->at.line++;
	if (l->cut != 0 && !l->at.cut_told && raw->off >= l->cut &&
	    (r = tell_cut(l, raw)) != 0)
		return r;
	if ((r = check_line(l, raw, &line, &why)) != 0)
		return r;
	if (why != NULL)
		return bad_line(l, raw, why);
	return take_line(l, raw, &line);
}

/* No newline is left.  What is there may be no whole line or batch. */
static int
finish(struct lk_load *l, const struct lk_raw *rest)
{
	static const char	 torn_line[] = "the last line is not whole";
	static const char	 torn_batch[] = "the last batch is not whole";
	const char		*why = rest->n > 0 ? torn_line : torn_batch;
	int			 r, torn;

	if (l->cut != 0 && !l->at.cut_told && l->limit >= l->cut &&
	    l->at.end >= l->cut) {
		if ((r = fault(l, l->at.line, cut_why)) != 0)
			return r;
		l->at.cut_told = l->pos.cut_told = 1;
	}
	if (rest->n == 0 && l->batch == 0)
		return 0;
	if ((r = judge_tail(l, rest->n > 0, &torn)) != 0)
		return r;
	if (torn)
		return end_torn(l, why);
	lk_index_discard(l->index);
	l->end = LK_LOAD_DAMAGED;
	l->tail_why = why;
	l->tail_line = l->at.line + (rest->n > 0);
	return fault(l, l->tail_line, why);
}

static int
run(struct lk_load *l, struct lk_scan *s)
{
	struct lk_raw	 raw;
	unsigned	 n = 0;
	int		 r;

	while ((r = lk_scan_next(s, &raw)) == 1) {
		if (l->progress != NULL && n++ % STEP == 0)
			l->progress(l->progress_arg, raw.off, l->limit);
		lk_hint_ahead(lk_index_map(l->index), s);
		if ((r = one_line(l, &raw)) != 0)
			return r;
	}
	return r != 0 ? r : finish(l, &raw);
}

int
lk_load_run(struct lk_load *l, struct lk_error *e)
{
	struct lk_scan	 s = LK_SCAN_NONE;
	int		 r;

	l->at = l->pos;
	l->batch = 0;
	l->proved = 1;
	l->untorn = 0;
	l->end = LK_LOAD_WHOLE;
	lk_chain_start(&l->chain, l->key, &l->pos.link);
	r = lk_scan_start(&s, l->io, l->fd, l->pos.link.span, l->limit);
	if (r == 0)
		r = run(l, &s);
	lk_scan_end(&s);
	lk_index_settle(l->index);
	if (r == STOP)
		r = 0;
	if (r == 0)
		return 0;
	lk_index_discard(l->index);
	return lk_fail(e, r, "the journal cannot be read: %s", r == LK_ENOMEM ?
	    "no memory" : r == LK_EIO ? "input or output error" :
	    "libgcrypt does not work");
}

void
lk_load_free(struct lk_load *l)
{
	lk_chain_free(&l->chain);
}
