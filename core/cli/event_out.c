#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/event_out.h"
#include "cli/key_out.h"

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
void
lk_event_details(struct lk_buf *b, const struct lk_event *v)
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

int
lk_event_json(void *out, const struct lk_event *v)
{
	struct lk_out	*j = out;

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
