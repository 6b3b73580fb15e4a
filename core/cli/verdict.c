#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/json_out.h"
#include "cli/text_out.h"
#include "cli/verdict.h"

static const char *
verdict_name(const struct lk_step *s)
{
	if (s->observed)
		return "observed";
	return s->reason == LK_REASON_NONE ? "pass" : "stop";
}

static int
print_json(const struct lk_decision *d, const struct lk_trace *t)
{
	struct lk_out	 j = LK_OUT_NONE;
	size_t		 i;

	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "outcome", lk_outcome_name(d->outcome));
	lk_out_str(&j, "reason", lk_reason_name(d->reason));
	lk_out_word(&j, "key", d->key_id);
	lk_out_word(&j, "type", d->type);
	lk_out_word(&j, "account", d->account);
	lk_out_word(&j, "api", d->api);
	if (d->retry_after != 0)
		lk_out_int(&j, "retry_after", d->retry_after);
	else
		lk_out_str(&j, "retry_after", NULL);
	lk_out_int(&j, "observed", d->observed);
	lk_out_open(&j, "trace", '[');
	for (i = 0; i < t->n; i++) {
		lk_out_open(&j, NULL, '{');
		lk_out_str(&j, "step", t->steps[i].step);
		lk_out_word(&j, "name", t->steps[i].name);
		lk_out_str(&j, "verdict", verdict_name(&t->steps[i]));
		lk_out_str(&j, "reason",
		    t->steps[i].reason == LK_REASON_NONE ? NULL :
		    lk_reason_name(t->steps[i].reason));
		lk_out_int(&j, "line", t->steps[i].line);
		lk_out_word(&j, "note", t->steps[i].note);
		lk_out_close(&j, '}');
	}
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

/* The policy's file without its folder, and the line; "-" where none rules. */
static void
place(const struct lk_cli *c, const struct lk_step *s, char *out, size_t size)
{
	const char	*base = strrchr(c->policy, '/');

	if (s->line == 0)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "%.40s:%u", base != NULL ? base + 1 :
		    c->policy, s->line);
}

static void
print_step(const struct lk_cli *c, const struct lk_step *s)
{
	char	 where[LK_PATH_MAX], what[LK_NAME_MAX + 32];
	int	 stop = s->reason != LK_REASON_NONE;

	place(c, s, where, sizeof(where));
	snprintf(what, sizeof(what), "%s%s%s", s->step,
	    s->name[0] != '\0' ? " " : "", s->name);
	printf("%-18s  %s%s%s  %-15s  %-*s", what,
	    lk_say_colour(1, s->observed ? "\033[33m" : stop ? "\033[31m" :
	    "\033[32m"),
	    verdict_name(s), lk_say_colour(1, "\033[0m"),
	    stop ? lk_reason_name(s->reason) : "-",
	    s->note[0] != '\0' ? 15 : 0, where);
	if (s->note[0] != '\0') {
		fputs("  ", stdout);
		lk_text_put(stdout, s->note);
	}
	putchar('\n');
}

static void
print_text(const struct lk_cli *c, const struct lk_decision *d,
    const struct lk_trace *t)
{
	size_t	 i;

	if (lk_args_has(c, "explain"))
		for (i = 0; i < t->n; i++)
			print_step(c, &t->steps[i]);
	if (d->outcome == LK_ALLOW)
		printf("allow %s %s %s %s\n", d->account, d->type, d->api,
		    d->key_id);
	else
		printf("%s %s\n", lk_outcome_name(d->outcome),
		    lk_reason_name(d->reason));
}

int
lk_verdict_print(struct lk_cli *c, const struct lk_decision *d,
    const struct lk_trace *t)
{
	int	 r;

	if (c->json) {
		if ((r = print_json(d, t)) != 0)
			return r;
	} else
		print_text(c, d, t);
	if (d->outcome == LK_ERROR && d->fault[0] != '\0')
		lk_say_note("plugin %s is at fault (latchkey plugin list)",
		    d->fault);
	return d->outcome == LK_ALLOW ? 0 : lk_reason_exit(d->reason);
}
