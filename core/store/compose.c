/*
 * compose.c: a line as it is written; line.c reads it.
 */
#include <string.h>

#include "line.h"

static const char *
dash(const char *s)
{
	return s == NULL || *s == '\0' ? "-" : s;
}

void
lk_line_begin(struct lk_buf *b, enum lk_event_kind kind, const char *actor,
    const char *from, const char *key_id)
{
	lk_buf_str(b, lk_event_name(kind));
	lk_buf_add(b, ":", 1);
	lk_buf_escape(b, dash(actor), strlen(dash(actor)));
	lk_buf_add(b, ":", 1);
	lk_buf_escape(b, dash(from), strlen(dash(from)));
	lk_buf_add(b, ":", 1);
	lk_buf_str(b, dash(key_id));
}

static void
begin_attr(struct lk_buf *b, const char *name)
{
	lk_buf_add(b, ":", 1);
	lk_buf_str(b, name);
	lk_buf_add(b, "=", 1);
}

void
lk_line_attr(struct lk_buf *b, const char *name, const char *value)
{
	begin_attr(b, name);
	lk_buf_escape(b, value, strlen(value));
}

void
lk_line_attr_number(struct lk_buf *b, const char *name, int64_t v)
{
	begin_attr(b, name);
	if (v < 0)
		lk_buf_add(b, "-", 1);
	lk_buf_number(b, v < 0 ? -(uint64_t)v : (uint64_t)v);
}

void
lk_line_cover(struct lk_buf *b, uint64_t seq, uint64_t batch, int64_t when,
    const char *body, size_t n)
{
	lk_buf_number(b, seq);
	lk_buf_add(b, ":", 1);
	lk_buf_number(b, batch);
	lk_buf_add(b, ":", 1);
	lk_buf_number(b, (uint64_t)when);
	lk_buf_add(b, ":", 1);
	lk_buf_add(b, body, n);
	lk_buf_add(b, ":", 1);
}
