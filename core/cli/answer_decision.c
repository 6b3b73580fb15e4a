/*
 * answer_decision.c: a decision, with the steps that led to it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/answer.h"
#include "show/show.h"

static const uint32_t	 outcomes[] = { LK_ALLOW, LK_DENY, LK_LIMIT, LK_ERROR };

/* The steps that there are: struct lk_step borrows their names. */
static const char *const steps[] = { "route", "present", "parse", "digest",
	"look-up", "state", "account", "verify", "check" };

#define COUNT(v)	(sizeof(v) / sizeof((v)[0]))

/* A member that is a text of that many octets, or null where maybe is not 0. */
static int
take(const struct lk_json_value *v, const char *name, int maybe, char *out,
    size_t size)
{
	if (lk_answer_text(v, name, out, size, NULL) != 0)
		return -1;
	return maybe || out[0] != '\0' ? 0 : -1;
}

static int
take_outcome(const struct lk_json_value *v, uint32_t *out)
{
	char	 name[16];
	size_t	 i;

	if (take(v, "outcome", 0, name, sizeof(name)) != 0)
		return -1;
	for (i = 0; i < COUNT(outcomes); i++)
		if (strcmp(lk_outcome_name(outcomes[i]), name) == 0) {
			*out = outcomes[i];
			return 0;
		}
	return -1;
}

/* "" is LK_REASON_NONE. */
static int
take_reason(const struct lk_json_value *v, uint32_t *out)
{
	char		 name[32];
	uint32_t	 i;

	*out = LK_REASON_NONE;
	if (take(v, "reason", 1, name, sizeof(name)) != 0)
		return -1;
	if (name[0] == '\0')
		return 0;
	for (i = LK_REASON_NONE + 1; i < LK_REASON_COUNT; i++)
		if (strcmp(lk_reason_name(i), name) == 0) {
			*out = i;
			return 0;
		}
	return -1;
}

static int
take_count(const struct lk_json_value *v, const char *name, int maybe,
    uint32_t *out)
{
	struct lk_json_member	 m;
	uint64_t		 n;

	*out = 0;
	lk_json_look(lk_json_get(v, name), &m);
	if (maybe && m.kind == LK_JSON_NULL)
		return 0;
	if (lk_answer_number(&m, &n) != 0 || n > UINT32_MAX)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

static int
take_step(const struct lk_json_value *v, struct lk_step *s)
{
	char		 step[16], verdict[16];
	uint32_t	 line;
	size_t		 i;

	memset(s, 0, sizeof(*s));
	if (take(v, "step", 0, step, sizeof(step)) != 0 ||
	    take(v, "name", 1, s->name, sizeof(s->name)) != 0 ||
	    take(v, "verdict", 0, verdict, sizeof(verdict)) != 0 ||
	    take_reason(v, &s->reason) != 0 ||
	    take_count(v, "line", 0, &line) != 0 ||
	    take(v, "note", 1, s->note, sizeof(s->note)) != 0)
		return -1;
	for (i = 0; i < COUNT(steps) && s->step == NULL; i++)
		if (strcmp(steps[i], step) == 0)
			s->step = steps[i];
	s->line = line;
	s->observed = strcmp(verdict, "observed") == 0;
	return s->step != NULL && strcmp(lk_show_verdict(s), verdict) == 0 ?
	    0 : -1;
}

static int
take_trace(const struct lk_json_value *v, struct lk_trace *t,
    struct lk_error *e)
{
	const struct lk_json_value	*list;
	size_t				 i, n;
	int				 r;

	t->n = 0;
	if ((r = lk_answer_list(v, "trace", &list, &n, e)) != 0)
		return r;
	if (n > LK_TRACE_MAX)
		return lk_answer_wrong(e, "decision", "trace");
	for (i = 0; i < n; i++)
		if (take_step(lk_json_at(list, i), &t->steps[t->n++]) != 0)
			return lk_answer_wrong(e, "decision", "trace");
	return 0;
}

/* Whoever is let in has a name. */
static int
take_whose(const struct lk_json_value *v, struct lk_decision *d,
    struct lk_error *e)
{
	const int	 maybe = d->outcome != LK_ALLOW;

	if (take(v, "key", maybe, d->key_id, sizeof(d->key_id)) != 0)
		return lk_answer_wrong(e, "decision", "key");
	if (take(v, "type", maybe, d->type, sizeof(d->type)) != 0)
		return lk_answer_wrong(e, "decision", "type");
	if (take(v, "account", maybe, d->account, sizeof(d->account)) != 0)
		return lk_answer_wrong(e, "decision", "account");
	if (take(v, "api", maybe, d->api, sizeof(d->api)) != 0)
		return lk_answer_wrong(e, "decision", "api");
	return 0;
}

int
lk_answer_decision(const struct lk_json_value *v, struct lk_decision *d,
    struct lk_trace *t, struct lk_error *e)
{
	int	 r;

	memset(d, 0, sizeof(*d));
	d->outcome = LK_ERROR;
	d->reason = LK_REASON_UNAVAILABLE;
	if (take_outcome(v, &d->outcome) != 0)
		return lk_answer_wrong(e, "decision", "outcome");
	if (take_reason(v, &d->reason) != 0 ||
	    lk_reason_outcome(d->reason) != d->outcome)
		return lk_answer_wrong(e, "decision", "reason");
	if ((r = take_whose(v, d, e)) != 0)
		return r;
	if (take_count(v, "retry_after", 1, &d->retry_after) != 0)
		return lk_answer_wrong(e, "decision", "retry_after");
	if (take_count(v, "observed", 0, &d->observed) != 0)
		return lk_answer_wrong(e, "decision", "observed");
	return take_trace(v, t, e);
}
