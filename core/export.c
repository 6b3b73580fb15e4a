/*
 * export.c: keys as lk_import takes them back.
 *
 * A cell of CSV that begins with = + - or @ is a formula to a spreadsheet, and
 * labels are what others wrote.  Such a one gets an apostrophe before it, and
 * so does one that begins with an apostrophe; lk_import takes it away again.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/csv.h"
#include "base/err.h"
#include "import_row.h"
#include "operator.h"

#define FORMULA	"=+-@'"
#define ROOM	65536			/* octets, then they are handed over */

/* The order of the columns. */
static const enum lk_column columns[] = {
	LK_COLUMN_ID, LK_COLUMN_TYPE, LK_COLUMN_ACCOUNT, LK_COLUMN_LABEL,
	LK_COLUMN_HINT, LK_COLUMN_STATE, LK_COLUMN_CREATED,
	LK_COLUMN_CREATED_BY, LK_COLUMN_EXPIRES, LK_COLUMN_NOT_BEFORE,
	LK_COLUMN_ADDRESSES, LK_COLUMN_PACKAGE, LK_COLUMN_DIGEST,
	LK_COLUMN_PEPPER, LK_COLUMN_CHECK, LK_COLUMN_REPLACES,
	LK_COLUMN_REPLACED_BY, LK_COLUMN_ROLE,
};

#define NCOLUMNS	(sizeof(columns) / sizeof(columns[0]))

struct exporting {
	struct lk		*lk;
	const struct lk_export	*o;
	struct lk_rules		 rules;	/* for its check value               */
	struct lk_buf		 out;
	struct lk_buf		 cell;
	uint64_t		 keys;
	size_t			 n;	/* cells of this record              */
	struct lk_error		*e;
};

static int
hand_over(struct exporting *x)
{
	int	 r;

	if (x->out.failed || x->cell.failed)
		return lk_fail(x->e, LK_ENOMEM, "no memory");
	if (x->out.n != 0 &&
	    (r = x->o->sink(x->o->sink_arg, x->out.p, x->out.n)) != 0)
		return lk_fail(x->e, LK_EIO, "it could not be written");
	lk_buf_reset(&x->out);
	return 0;
}

/* ------------------------------------------------------------------- values */

/* Nothing that is stored has control characters. */
static void
json_text(struct lk_buf *b, const char *s)
{
	size_t	 n;

	lk_buf_add(b, "\"", 1);
	for (; *s != '\0'; s += n) {
		n = strcspn(s, "\"\\");
		lk_buf_add(b, s, n);
		if (s[n] == '\0')
			break;
		lk_buf_add(b, "\\", 1);
		lk_buf_add(b, s + n++, 1);
	}
	lk_buf_add(b, "\"", 1);
}

/* "" is nothing: null, or an empty cell. */
static void
text(struct exporting *x, const char *s)
{
	if (x->o->format == LK_FORMAT_CSV)
		lk_csv_put(&x->out, s);
	else if (*s == '\0')
		lk_buf_str(&x->out, "null");
	else
		json_text(&x->out, s);
}

static void
guarded(struct exporting *x, const char *s)
{
	if (x->o->format != LK_FORMAT_CSV || *s == '\0' ||
	    strchr(FORMULA, *s) == NULL) {
		text(x, s);
		return;
	}
	lk_buf_reset(&x->cell);
	lk_buf_fmt(&x->cell, "'%s", s);
	lk_csv_put(&x->out, x->cell.failed ? "" : x->cell.p);
}

static void
when(struct exporting *x, int64_t t)
{
	char	 out[32] = "";

	if (t != 0)
		lk_time_format(t, out, sizeof(out));
	text(x, out);
}

static void
nets(struct exporting *x, const struct lk_found *f)
{
	int	 csv = x->o->format == LK_FORMAT_CSV;
	char	 net[64];
	size_t	 i;

	if (!csv)
		lk_buf_str(&x->out, "[");
	for (i = 0; i < f->naddresses; i++) {
		lk_net_format(&f->addresses[i], net, sizeof(net));
		if (i != 0)
			lk_buf_str(&x->out, csv ? " " : ",");
		if (csv)
			lk_buf_str(&x->out, net);
		else
			json_text(&x->out, net);
	}
	if (!csv)
		lk_buf_str(&x->out, "]");
}

/* A package that cannot be known would be the default one where it is imported:
 * 0, or LK_EUNAVAIL. */
static int
package(struct exporting *x, const struct lk_found *f)
{
	char	 name[LK_NAME_MAX + 1];

	if (lk_store_package(x->lk->store, f, name) != 1)
		return lk_fail(x->e, LK_EUNAVAIL, "the store cannot tell the "
		    "package of %s (latchkey store check)", f->account);
	text(x, name);
	return 0;
}

static int
value(struct exporting *x, enum lk_column c, const struct lk_dumped *d)
{
	const struct lk_found	*f = d->found;
	const char *const	 texts[LK_COLUMNS] = {
		[LK_COLUMN_ID] = f->key_id,
		[LK_COLUMN_TYPE] = f->type,
		[LK_COLUMN_ACCOUNT] = f->account,
		[LK_COLUMN_HINT] = d->hint,
		[LK_COLUMN_STATE] = f->state == LK_STATE_DISABLED ?
		    "disabled" : "active",
		[LK_COLUMN_DIGEST] = d->digest,
		[LK_COLUMN_CHECK] = x->rules.check,
		[LK_COLUMN_REPLACES] = d->replaces,
		[LK_COLUMN_REPLACED_BY] = f->successor,
		[LK_COLUMN_ROLE] = d->role,
	};
	const int64_t		 times[LK_COLUMNS] = {
		[LK_COLUMN_CREATED] = f->created,
		[LK_COLUMN_EXPIRES] = f->expires,
		[LK_COLUMN_NOT_BEFORE] = f->not_before,
	};

	if (texts[c] != NULL)
		text(x, texts[c]);
	else if (c == LK_COLUMN_LABEL || c == LK_COLUMN_CREATED_BY)
		guarded(x, c == LK_COLUMN_LABEL ? d->label : d->created_by);
	else if (c == LK_COLUMN_ADDRESSES)
		nets(x, f);
	else if (c == LK_COLUMN_PACKAGE)
		return package(x, f);
	else if (c == LK_COLUMN_PEPPER)
		lk_buf_fmt(&x->out, "%u", d->pepper);
	else
		when(x, times[c]);
	return 0;
}

/* ------------------------------------------------------------------ records */

static int
record(void *arg, const struct lk_dumped *d)
{
	struct exporting	*x = arg;
	int			 csv = x->o->format == LK_FORMAT_CSV, r;
	size_t			 i;

	for (i = 0; i < NCOLUMNS; i++) {
		lk_buf_str(&x->out, i != 0 ? "," : csv ? "" : "{");
		if (!csv)
			lk_buf_fmt(&x->out, "\"%s\":",
			    lk_column_name(columns[i]));
		if ((r = value(x, columns[i], d)) != 0)
			return r;
	}
	lk_buf_str(&x->out, csv ? "\n" : "}\n");
	x->keys++;
	return x->out.n < ROOM && !x->out.failed ? 0 : hand_over(x);
}

static void
names(struct exporting *x)
{
	size_t	 i;

	for (i = 0; x->o->format == LK_FORMAT_CSV && i < NCOLUMNS; i++)
		lk_buf_fmt(&x->out, "%s%s", i != 0 ? "," : "",
		    lk_column_name(columns[i]));
	if (x->o->format == LK_FORMAT_CSV)
		lk_buf_str(&x->out, "\n");
}

static int
write_all(struct exporting *x)
{
	struct lk_dump	 d = { .fn = record, .arg = x };
	int		 r;

	d.type = x->o->type;
	d.account = x->o->account;
	d.progress = x->o->progress;
	d.progress_arg = x->o->progress_arg;
	/* What lacks keys must not pass for all of them. */
	if ((r = lk_store_damaged(x->lk->store, x->e)) == 1)
		return x->e->code = LK_EDAMAGE;
	if (r != 0)
		return r;
	names(x);
	if ((r = lk_store_dump(x->lk->store, &d, x->e)) != 0)
		return r;
	return hand_over(x);
}

int
lk_export(struct lk *lk, const struct lk_operator *op,
    const struct lk_export *o, uint64_t *keys, struct lk_error *e)
{
	struct exporting	 x = { .lk = lk, .o = o };
	struct lk_seat		*seat;
	struct lk_error		 ignored;
	int			 r;

	x.e = e != NULL ? e : &ignored;
	x.out = x.cell = LK_BUF_NONE;
	if (lk == NULL || o == NULL || o->size != sizeof(*o) ||
	    o->sink == NULL || keys == NULL || (o->format != LK_FORMAT_CSV &&
	    o->format != LK_FORMAT_JSONL))
		return lk_fail(e, LK_EUSAGE, "lk_export: an argument is "
		    "missing");
	*keys = 0;
	if (lk->snapshot == NULL || atomic_load(&lk->pepper) == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a pepper: "
		    "nothing can be exported");
	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if ((r = lk_operator_may(lk, op, LK_MAY_GENERATE, x.e)) == 0 &&
	    (r = lk_store_refresh(lk->store, x.e)) == 0 &&
	    (r = lk_rules_start(&x.rules, lk, x.e)) == 0)
		r = write_all(&x);
	lk_release(seat);
	*keys = x.keys;
	lk_buf_free(&x.out);
	lk_buf_free(&x.cell);
	return r;
}
