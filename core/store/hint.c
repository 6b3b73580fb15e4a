#include <string.h>

#include "base/buf.h"
#include "hint.h"

#define AHEAD		2048		/* octets: about ten lines           */
#define FIELDS		6		/* before the key id                 */
#define DIGITS		12		/* of base64url: nine octets         */

/* Past n colons of it; NULL: it has fewer. */
static const char *
past(const char *p, const char *end, int n)
{
	for (; n > 0 && p != NULL; n--) {
		p = memchr(p, ':', (size_t)(end - p));
		if (p != NULL)
			p++;
	}
	return p;
}

/* A line that makes a key: id, type, account, digest. */
static void
expect(const struct lk_map *m, const char *p, size_t n)
{
	static const char	 name[] = "digest=";
	const size_t		 len = sizeof name - 1;
	const char		*end = p + n, *id = past(p, end, FIELDS);
	const char		*d = id == NULL ? NULL : past(id, end, 3);
	uint8_t			 head[DIGITS / 4 * 3];

	if (d == NULL || (size_t)(end - d) < len + DIGITS ||
	    memcmp(d, name, len) != 0 ||
	    lk_base64url_decode(d + len, DIGITS, head, sizeof head) != 0)
		return;
	lk_map_expect(m, head);
	lk_map_expect_id(m, id);
}

const char *
lk_hint_lines(const struct lk_map *m, const char *from, const char *at,
    const char *end)
{
	const char	*nl;

	if (from < at)
		from = at;
	while (from < end && from - at < AHEAD) {
		nl = memchr(from, '\n', (size_t)(end - from));
		if (nl == NULL)
			break;
		expect(m, from, (size_t)(nl - from));
		from = nl + 1;
	}
	return from;
}

void
lk_hint_ahead(const struct lk_map *m, struct lk_scan *s)
{
	s->ahead = (size_t)(lk_hint_lines(m, s->buf + s->ahead, s->buf + s->at,
	    s->buf + s->n) - s->buf);
}
