#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "show/show.h"

static void
details(struct lk_out *j, const struct lk_event *v)
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

void
lk_show_event(struct lk_out *j, const char *name, const struct lk_event *v)
{
	lk_out_open(j, name, '{');
	lk_out_int(j, "seq", (int64_t)v->seq);
	lk_out_int(j, "line", (int64_t)v->line);
	lk_out_time(j, "time", v->time);
	lk_out_str(j, "event", v->event);
	lk_out_str(j, "actor", v->actor);
	lk_out_str(j, "from", v->from);
	lk_out_word(j, "key", v->key_id);
	details(j, v);
	lk_out_bool(j, "signed", !v->unsigned_line);
	lk_out_close(j, '}');
}
