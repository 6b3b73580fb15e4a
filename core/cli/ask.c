/*
 * ask.c: the target of a question, with what a user typed in it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/link.h"

struct lk_ask
lk_ask_new(const char *method, const char *target)
{
	struct lk_ask	 q = { .method = method, .target = LK_BUF_NONE,
			     .body = LK_OUT_NONE };

	lk_buf_str(&q.target, target);
	return q;
}

/* RFC 3986, 2.3, without the dot: "." and ".." are no names in a path. */
static void
escape(struct lk_buf *b, const char *s)
{
	static const char	 plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~,";
	size_t			 n;

	for (; *s != '\0'; s += n) {
		if ((n = strspn(s, plain)) != 0)
			lk_buf_add(b, s, n);
		else {
			lk_buf_fmt(b, "%%%02X", (unsigned char)*s);
			n = 1;
		}
	}
}

void
lk_ask_segment(struct lk_ask *q, const char *value)
{
	lk_buf_str(&q->target, "/");
	escape(&q->target, value);
}

void
lk_ask_param(struct lk_ask *q, const char *name, const char *value)
{
	int	 first;

	if (value == NULL)
		return;
	first = q->target.p == NULL || strchr(q->target.p, '?') == NULL;
	lk_buf_fmt(&q->target, "%s%s=", first ? "?" : "&", name);
	escape(&q->target, value);
}
