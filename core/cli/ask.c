/*
 * ask.c: the target of a question, with what a user typed in it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/link.h"

#define PLAIN	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define NAME_LEN	64		/* octets of an id or an account     */

struct lk_ask
lk_ask_new(const char *method, const char *target)
{
	struct lk_ask	 q = { .method = method, .target = LK_BUF_NONE,
			     .body = LK_OUT_NONE };

	lk_buf_str(&q.target, target);
	return q;
}

/* RFC 3986, 2.3. */
static void
escape(struct lk_buf *b, const char *s)
{
	size_t	 n;

	for (; *s != '\0'; s += n) {
		if ((n = strspn(s, PLAIN "._-~")) != 0)
			lk_buf_add(b, s, n);
		else {
			lk_buf_fmt(b, "%%%02X", (unsigned char)*s);
			n = 1;
		}
	}
}

void
lk_ask_name(struct lk_ask *q, char before, const char *value)
{
	size_t	 n = strlen(value);

	lk_buf_add(&q->target, &before, 1);
	lk_buf_str(&q->target, n != 0 && n <= NAME_LEN &&
	    strspn(value, PLAIN "._-") == n ? value : "-");
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
