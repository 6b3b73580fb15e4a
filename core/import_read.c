#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "import_read.h"

#define EXACT	9007199254740992.0	/* 2^53: as far as each is a double  */

/* --------------------------------------------------------------------- CSV */

static unsigned
column_of(const struct lk_import_reader *r, size_t at)
{
	return (unsigned)lk_utf8_count(r->record.p, at) + 1;
}

static int
split(struct lk_import_reader *r, struct lk_error *e)
{
	int	 code;

	if ((code = lk_csv_split(r->record.p, r->record.n, &r->csv)) == 0)
		return 0;
	lk_fail(e, code, code == LK_ESYNTAX ? "%s: what stands behind it "
	    "cannot be told apart" : "%s", r->csv.why);
	e->column = column_of(r, r->csv.at);
	return code;
}

/* One name of the first line. */
static int
take_name(struct lk_import_reader *r, const struct lk_cell *cell,
    unsigned *set, struct lk_error *e)
{
	enum lk_column	 c;

	if (memchr(cell->p, '\0', cell->n) != NULL)
		return lk_fail(e, LK_EDATA, "a NUL octet: is it text in "
		    "UTF-8?");
	if ((c = lk_column_find(cell->p, e)) == LK_COLUMNS)
		return LK_EDATA;
	if ((*set & 1U << c) != 0)
		return lk_fail(e, LK_EDATA, "column %s is there twice",
		    cell->p);
	*set |= 1U << c;
	r->columns[r->ncolumns++] = c;
	return 0;
}

static int
next_record(struct lk_import_reader *r, struct lk_error *e)
{
	int	 code;

	/* An empty line says nothing. */
	do
		code = lk_feed_next(&r->feed, &r->record);
	while (code == 1 && r->record.n == 0);
	if (code == LK_EDATA)
		return lk_fail(e, code, "over %d octets", LK_RECORD_MAX);
	if (code == LK_ESYNTAX)
		return lk_fail(e, code, "a quote that is never closed: what "
		    "stands behind it cannot be told apart");
	if (code == LK_EIO)
		return lk_fail_errno(e, code, "it cannot be read");
	return code;
}

static int
read_names(struct lk_import_reader *r, struct lk_error *e)
{
	unsigned	 set = 0;
	size_t		 i;
	int		 code;

	if ((code = next_record(r, e)) == 0)
		return lk_fail(e, LK_EDATA, "it is empty: the first line of "
		    "CSV names the columns, type,account,sha256");
	if (code != 1)
		return code;
	if ((code = split(r, e)) != 0)
		return code;
	for (i = 0; i < r->csv.n; i++)
		if ((code = take_name(r, &r->csv.v[i], &set, e)) != 0) {
			e->column = column_of(r, r->csv.v[i].at);
			return code;
		}
	return lk_columns_check(set, &r->own, e);
}

static int
read_cells(struct lk_import_reader *r, struct lk_row *row, struct lk_error *e)
{
	size_t	 i;
	int	 code;

	if ((code = split(r, e)) != 0)
		return code;
	if (r->csv.n != r->ncolumns)
		return lk_fail(e, LK_EDATA, "%zu cells, where the first line "
		    "names %zu", r->csv.n, r->ncolumns);
	for (i = 0; i < r->ncolumns; i++) {
		row->text[r->columns[i]].p = r->csv.v[i].p;
		row->text[r->columns[i]].n = r->csv.v[i].n;
	}
	row->own = r->own;
	return 1;
}

/* -------------------------------------------------------------- JSON Lines */

static int
wrong_kind(const struct lk_json_member *m, struct lk_error *e)
{
	return lk_fail(e, LK_EDATA, "%s is of another kind: text, null, a "
	    "whole number of seconds, or of addresses an array of texts",
	    m->name);
}

/* The addresses of an array, with blanks between them. */
static int
join(struct lk_import_reader *r, const struct lk_json_member *m,
    struct lk_slice *out, struct lk_error *e)
{
	struct lk_slice	 s;
	char		*p = r->text + r->used;
	size_t		 i, n = 0, left = sizeof(r->text) - r->used;

	for (i = 0; i < m->n; i++) {
		if (lk_json_item(r->json, m->name, i, &s) != 1)
			return wrong_kind(m, e);
		/* The text of a record has at least as many octets. */
		if (s.n + 2 > left - n)
			return lk_fail(e, LK_EDATA, "%s is too long", m->name);
		memcpy(p + n, s.p, s.n);
		p[n + s.n] = ' ';
		n += s.n + 1;
	}
	p[n] = '\0';
	r->used += n + 1;
	out->p = p;
	out->n = n;
	return 0;
}

static int
to_digits(struct lk_import_reader *r, const struct lk_json_member *m,
    struct lk_slice *out, struct lk_error *e)
{
	char	*p = r->text + r->used;
	int	 n;

	if (m->number < -EXACT || m->number > EXACT ||
	    m->number != (double)(int64_t)m->number)
		return wrong_kind(m, e);
	n = snprintf(p, sizeof(r->text) - r->used, "%.0f", m->number);
	if (n < 0 || (size_t)n >= sizeof(r->text) - r->used)
		return lk_fail(e, LK_EDATA, "%s is too long", m->name);
	r->used += (size_t)n + 1;
	out->p = p;
	out->n = (size_t)n;
	return 0;
}

static int
takes_number(enum lk_column c)
{
	return c == LK_COLUMN_CREATED || c == LK_COLUMN_EXPIRES ||
	    c == LK_COLUMN_NOT_BEFORE || c == LK_COLUMN_PEPPER;
}

static int
take_member(struct lk_import_reader *r, const struct lk_json_member *m,
    struct lk_row *row, unsigned *set, struct lk_error *e)
{
	enum lk_column	 c;

	if ((c = lk_column_find(m->name, e)) == LK_COLUMNS)
		return LK_EDATA;
	*set |= 1U << c;
	switch (m->kind) {
	case LK_JSON_NULL:
		return 0;
	case LK_JSON_STRING:
		row->text[c] = m->text;
		return 0;
	case LK_JSON_NUMBER:
		return takes_number(c) ? to_digits(r, m, &row->text[c], e) :
		    wrong_kind(m, e);
	case LK_JSON_LIST:
		return c == LK_COLUMN_ADDRESSES ?
		    join(r, m, &row->text[c], e) : wrong_kind(m, e);
	default:
		return wrong_kind(m, e);
	}
}

static int
read_members(struct lk_import_reader *r, struct lk_row *row,
    struct lk_error *e)
{
	struct lk_json_member	 m;
	const char		*why;
	void			*at = NULL;
	unsigned		 set = 0;
	int			 code;

	lk_json_free(&r->json);
	code = lk_json_parse(r->record.p, r->record.n, &r->json, &why);
	if (code == -2)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (code != 1)
		return lk_fail(e, LK_EDATA, "%s: a line is one object",
		    why);
	r->used = 0;
	while (lk_json_next(r->json, &at, &m))
		if ((code = take_member(r, &m, row, &set, e)) != 0)
			return code;
	code = lk_columns_check(set, &row->own, e);
	return code == 0 ? 1 : code;
}

/* ------------------------------------------------------------------- either */

int
lk_import_reader_start(struct lk_import_reader *r, int fd, off_t start,
    int format, struct lk_error *e)
{
	int	 c;

	r->ncolumns = 0;
	r->json = NULL;
	r->record = (struct lk_feed_record){ "", 0, 1 };
	if (lk_feed_start(&r->feed, fd, start) != 0)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (format == LK_FORMAT_AUTO) {
		/* No name of a column begins so. */
		c = lk_feed_peek(&r->feed);
		format = c == '{' ? LK_FORMAT_JSONL : LK_FORMAT_CSV;
	}
	r->jsonl = format == LK_FORMAT_JSONL;
	r->feed.quotes = !r->jsonl;
	return r->jsonl ? 0 : read_names(r, e);
}

void
lk_import_reader_end(struct lk_import_reader *r)
{
	lk_json_free(&r->json);
	lk_feed_end(&r->feed);
}

int
lk_import_read(struct lk_import_reader *r, struct lk_row *row,
    struct lk_error *e)
{
	int	 code;

	memset(row->text, 0, sizeof(row->text));
	if ((code = next_record(r, e)) != 1)
		return code;
	return r->jsonl ? read_members(r, row, e) : read_cells(r, row, e);
}

void
lk_import_place(const struct lk_import_reader *r, enum lk_column at,
    struct lk_error *e)
{
	size_t	 i;

	for (i = 0; !r->jsonl && i < r->ncolumns; i++)
		if (r->columns[i] == at && i < r->csv.n)
			e->column = column_of(r, r->csv.v[i].at);
}
