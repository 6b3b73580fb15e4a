#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/json_out.h"
#include "cli/text_out.h"
#include "cli/verdict.h"
#include "show/show.h"

static int
print_json(const struct lk_decision *d, const struct lk_trace *t)
{
	struct lk_out	 j = LK_OUT_NONE;

	lk_show_decision(&j, NULL, d, t);
	return lk_out_print(&j);
}

/* The policy of a home has one name, here and on a server; "-" where no line
 * of it rules. */
static void
place(const struct lk_step *s, char *out, size_t size)
{
	if (s->line == 0)
		snprintf(out, size, "-");
	else
		snprintf(out, size, "policy.yaml:%u", s->line);
}

static void
print_step(const struct lk_step *s)
{
	char	 where[LK_PATH_MAX], what[LK_NAME_MAX + 32];
	int	 stop = s->reason != LK_REASON_NONE;

	place(s, where, sizeof(where));
	snprintf(what, sizeof(what), "%s%s%s", s->step,
	    s->name[0] != '\0' ? " " : "", s->name);
	printf("%-18s  %s%s%s  %-15s  %-*s", what,
	    lk_say_colour(1, s->observed ? "\033[33m" : stop ? "\033[31m" :
	    "\033[32m"),
	    lk_show_verdict(s), lk_say_colour(1, "\033[0m"),
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
			print_step(&t->steps[i]);
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
