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

int
lk_event_json(void *out, const struct lk_event *v)
{
	lk_show_event(out, NULL, v);
	return 0;
}
