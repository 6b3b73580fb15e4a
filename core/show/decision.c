#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "show/show.h"

const char *
lk_show_verdict(const struct lk_step *s)
{
	if (s->observed)
		return "observed";
	return s->reason == LK_REASON_NONE ? "pass" : "stop";
}

void
lk_show_decision(struct lk_out *j, const char *name,
    const struct lk_decision *d, const struct lk_trace *t)
{
	size_t		 i;

	lk_out_open(j, name, '{');
	lk_out_str(j, "outcome", lk_outcome_name(d->outcome));
	lk_out_str(j, "reason", lk_reason_name(d->reason));
	lk_out_word(j, "key", d->key_id);
	lk_out_word(j, "type", d->type);
	lk_out_word(j, "account", d->account);
	lk_out_word(j, "api", d->api);
	if (d->retry_after != 0)
		lk_out_int(j, "retry_after", d->retry_after);
	else
		lk_out_str(j, "retry_after", NULL);
	lk_out_int(j, "observed", d->observed);
	lk_out_open(j, "trace", '[');
	for (i = 0; i < t->n; i++) {
		lk_out_open(j, NULL, '{');
		lk_out_str(j, "step", t->steps[i].step);
		lk_out_word(j, "name", t->steps[i].name);
		lk_out_str(j, "verdict", lk_show_verdict(&t->steps[i]));
		lk_out_str(j, "reason",
		    t->steps[i].reason == LK_REASON_NONE ? NULL :
		    lk_reason_name(t->steps[i].reason));
		lk_out_int(j, "line", t->steps[i].line);
		lk_out_word(j, "note", t->steps[i].note);
		lk_out_close(j, '}');
	}
	lk_out_close(j, ']');
	lk_out_close(j, '}');
}
