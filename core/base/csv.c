#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/csv.h"
#include "latchkey.h"

struct cursor {
	const char	*p, *end;	/* of the record                     */
	const char	*start;
	char		*text;		/* free part of lk_csv.text          */
};

static int
wrong(const struct cursor *c, const char *at, struct lk_csv *out, int code,
    const char *why)
{
	out->why = why;
	out->at = (size_t)(at - c->start);
	return code;
}

static int
bare(struct cursor *c, struct lk_csv *out, struct lk_cell *cell)
{
	const char	*comma = memchr(c->p, ',', (size_t)(c->end - c->p));
	const char	*stop = comma != NULL ? comma : c->end, *quote;

	cell->n = (size_t)(stop - c->p);
	if ((quote = memchr(c->p, '"', cell->n)) != NULL)
		return wrong(c, quote, out, LK_ESYNTAX, "a quote in a cell "
		    "that does not begin with one");
	memcpy(c->text, c->p, cell->n);
	c->text += cell->n;
	c->p = stop;
	return 0;
}

static int
quoted(struct cursor *c, struct lk_csv *out, struct lk_cell *cell)
{
	const char	*quote, *from = c->p + 1;
	size_t		 n;

	for (;; from = quote + 2) {
		quote = memchr(from, '"', (size_t)(c->end - from));
		if (quote == NULL)
			return wrong(c, c->p, out, LK_ESYNTAX,
			    "a quote that is never closed");
		n = (size_t)(quote - from);
		memcpy(c->text, from, n);
		c->text += n;
		if (quote + 1 == c->end || quote[1] != '"')
			break;
		*c->text++ = '"';
	}
	c->p = quote + 1;
	cell->n = (size_t)(c->text - cell->p);
	if (c->p != c->end && *c->p != ',')
		return wrong(c, c->p, out, LK_ESYNTAX, "something between a "
		    "closing quote and the comma");
	return 0;
}

int
lk_csv_split(const char *p, size_t n, struct lk_csv *out)
{
	struct cursor	 c = { p, p + n, p, out->text };
	struct lk_cell	*cell;
	int		 r;

	for (out->n = 0; out->n < LK_CELLS_MAX; c.p++) {
		cell = &out->v[out->n++];
		cell->p = c.text;
		cell->at = (size_t)(c.p - p);
		r = c.p != c.end && *c.p == '"' ? quoted(&c, out, cell) :
		    bare(&c, out, cell);
		if (r != 0)
			return r;
		*c.text++ = '\0';
		if (c.p == c.end)
			return 0;
	}
	return wrong(&c, c.p, out, LK_EDATA, "over 64 cells");
}

void
lk_csv_put(struct lk_buf *b, const char *text)
{
	const char	*quote;

	if (text[strcspn(text, "\",\r\n")] == '\0') {
		lk_buf_str(b, text);
		return;
	}
	lk_buf_add(b, "\"", 1);
	for (; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
		lk_buf_add(b, text, (size_t)(quote - text) + 1);
		lk_buf_add(b, "\"", 1);
	}
	lk_buf_str(b, text);
	lk_buf_add(b, "\"", 1);
}
