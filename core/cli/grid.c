#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/grid.h"
#include "cli/json_out.h"
#include "cli/text_out.h"

#define GAP	2	/* columns between two           */
#define DAY	10	/* columns of the day in RFC 3339 */

void
lk_grid_init(struct lk_grid *t, const struct lk_column *columns, size_t n)
{
	memset(t, 0, sizeof(*t));
	t->columns = columns;
	t->ncolumns = n;
}

/* A copy that is fit to be shown; NULL without memory. */
static char *
cell_copy(const char *s)
{
	struct lk_buf	 b = LK_BUF_NONE;
	char		*copy = NULL;

	lk_text_safe(&b, s != NULL && *s != '\0' ? s : "-");
	if (b.p != NULL && !b.failed)
		copy = strdup(b.p);
	lk_buf_free(&b);
	return copy;
}

void
lk_grid_row(struct lk_grid *t, const char *const *cells)
{
	size_t	 i, cap;
	char	**p;

	if (t->nrows == t->cap) {
		cap = t->cap != 0 ? 2 * t->cap : 16;
		p = realloc(t->cells, cap * t->ncolumns * sizeof(*p));
		if (p == NULL) {
			t->failed = 1;
			return;
		}
		t->cells = p;
		t->cap = cap;
	}
	p = t->cells + t->nrows++ * t->ncolumns;
	for (i = 0; i < t->ncolumns; i++)
		if ((p[i] = cell_copy(cells[i])) == NULL)
			t->failed = 1;
}

/* Columns of the terminal; 0: no terminal, nothing is cut. */
static size_t
terminal_width(void)
{
	const char	*env = getenv("COLUMNS");
	struct winsize	 w;
	long		 n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (env != NULL && (n = strtol(env, NULL, 10)) > 0 && n < 10000)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col != 0)
		return w.ws_col;
	return 80;
}

static void
measure(const struct lk_grid *t, size_t *widths)
{
	size_t	 i, w;

	for (i = 0; i < t->ncolumns; i++)
		widths[i] = strlen(t->columns[i].title);
	for (i = 0; i < t->nrows * t->ncolumns; i++) {
		w = lk_text_width(t->cells[i], strlen(t->cells[i]));
		if (w > widths[i % t->ncolumns])
			widths[i % t->ncolumns] = w;
	}
}

/* A column of no width is left out. */
static size_t
total_of(const struct lk_grid *t, const size_t *widths)
{
	size_t	 i, total = 0;

	for (i = 0; i < t->ncolumns; i++)
		if (widths[i] != 0)
			total += widths[i] + (total != 0 ? GAP : 0);
	return total;
}

/* The widest column that may still give, or ncolumns. */
static size_t
widest(const struct lk_grid *t, const size_t *widths)
{
	size_t	 i, best = t->ncolumns;

	for (i = 0; i < t->ncolumns; i++) {
		if (t->columns[i].least == 0 ||
		    widths[i] <= t->columns[i].least)
			continue;
		if (best == t->ncolumns || widths[i] > widths[best])
			best = i;
	}
	return best;
}

/* The column that is left out first, or ncolumns. */
static size_t
dispensable(const struct lk_grid *t, const size_t *widths)
{
	size_t	 i, best = t->ncolumns;

	for (i = 0; i < t->ncolumns; i++)
		if (widths[i] != 0 && t->columns[i].drop != 0 &&
		    (best == t->ncolumns ||
		    t->columns[i].drop > t->columns[best].drop))
			best = i;
	return best;
}

/* Can it fit, its text cut as far as it may be? */
static int
can_fit(const struct lk_grid *t, const size_t *widths, size_t limit)
{
	size_t	 i, least[LK_COLUMNS_MAX];

	for (i = 0; i < t->ncolumns; i++)
		least[i] = t->columns[i].least != 0 &&
		    widths[i] > t->columns[i].least ? t->columns[i].least :
		    widths[i];
	return total_of(t, least) <= limit;
}

/* Cut times to days, leave out columns that must go, then cut text. */
static void
shrink(const struct lk_grid *t, size_t *widths, size_t limit)
{
	size_t	 i;

	if (total_of(t, widths) <= limit)
		return;
	for (i = 0; i < t->ncolumns; i++)
		if (t->columns[i].date && widths[i] > DAY)
			widths[i] = DAY;
	while (!can_fit(t, widths, limit) &&
	    (i = dispensable(t, widths)) != t->ncolumns)
		widths[i] = 0;
	while (total_of(t, widths) > limit &&
	    (i = widest(t, widths)) != t->ncolumns)
		widths[i]--;
}

static void
print_cell(const struct lk_column *col, const char *s, size_t width, int last)
{
	const char	*mark = col->date ? "" : "\xe2\x80\xa6";
	size_t		 n = strlen(s), w = lk_text_width(s, n), room;

	if (width == 0)
		return;
	if (w > width) {
		room = width - (*mark != '\0');
		n = lk_text_fit(s, n, room);
		printf("%.*s%s", (int)n, s, mark);
		w = lk_text_width(s, n) + (*mark != '\0');
	} else
		fputs(s, stdout);
	if (!last)
		printf("%*s", (int)(width > w ? width - w : 0) + GAP, "");
}

/* One row; cells NULL is that of the titles. */
static void
print_row(const struct lk_grid *t, char *const *cells, const size_t *widths)
{
	size_t	 i, last = t->ncolumns;

	while (last > 1 && widths[last - 1] == 0)
		last--;
	for (i = 0; i < last; i++)
		print_cell(&t->columns[i],
		    cells != NULL ? cells[i] : t->columns[i].title, widths[i],
		    i + 1 == last);
}

static void
print_rows(const struct lk_grid *t, const size_t *widths)
{
	size_t	 i;

	fputs(lk_say_colour(STDOUT_FILENO, "\033[1m"), stdout);
	print_row(t, NULL, widths);
	fputs(lk_say_colour(STDOUT_FILENO, "\033[0m"), stdout);
	putchar('\n');
	for (i = 0; i < t->nrows; i++) {
		print_row(t, t->cells + i * t->ncolumns, widths);
		putchar('\n');
	}
}

void
lk_grid_free(struct lk_grid *t)
{
	size_t	 i;

	for (i = 0; i < t->nrows * t->ncolumns; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->nrows = t->cap = 0;
}

int
lk_grid_print(struct lk_grid *t)
{
	size_t	 limit, widths[LK_COLUMNS_MAX];
	int	 r = t->failed ? EX_UNAVAILABLE : 0;

	if (r != 0)
		lk_say_note("no memory for the table");
	else if (t->nrows != 0) {
		measure(t, widths);
		if ((limit = terminal_width()) != 0)
			shrink(t, widths, limit);
		print_rows(t, widths);
	}
	lk_grid_free(t);
	return r;
}

static int
list_json(struct lk_cli *c, const char *name, lk_rows_fn rows)
{
	struct lk_out	 j = LK_OUT_NONE;
	struct lk_error	 e = { 0 };

	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, name, '[');
	if (rows(c, &j, &e) != 0) {
		lk_out_free(&j);
		return lk_say_error(c, &e);
	}
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

int
lk_grid_list(struct lk_cli *c, const char *name,
    const struct lk_column *columns, size_t n, lk_rows_fn rows)
{
	struct lk_error	 e = { 0 };
	struct lk_grid	 t;

	if (c->json)
		return list_json(c, name, rows);
	lk_grid_init(&t, columns, n);
	if (rows(c, &t, &e) != 0) {
		lk_grid_free(&t);
		return lk_say_error(c, &e);
	}
	return lk_grid_print(&t);
}
