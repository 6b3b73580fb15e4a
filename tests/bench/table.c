/*
 * table.c: the table, its bounds, and the same figures for a plot.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define VALUE	NO_RATIO	/* the figure itself is bounded */

/* What must hold, of which column, at how many keys (0: any). */
static const struct bound {
	const char	*what;
	size_t		 keys;
	enum ratio	 of;
	int		 at_most;
	double		 limit;
} bounds[] = {
	{ "lk_verify_token",			100000,   FLOOR, 1, 1.7 },
	{ "lk_verify_token",			1000000,  FLOOR, 1, 1.35 },
	{ "lk_verify_token",			10000000, FLOOR, 1, 1.35 },
	{ "lk_verify_token, 2 threads",		0,        OTHER, 0, 1.8 },
	{ "lk_verify, ucd",			1000000,  OURS,  1, 1.35 },
	{ "lk_verify_many, 16 at a time",	1000000,  OURS,  1, 0.7 },
	{ "lk_verify_many, 16 at a time",	10000000, OURS,  1, 0.8 },
	{ "LMDB",				1000000,  OURS,  0, 2 },
	{ "cdb",				1000000,  OURS,  0, 1.2 },
	{ "SQLite",				1000000,  OURS,  0, 8 },
	{ "Redis",				1000000,  OURS,  0, 80 },
	{ "open",				10000000, VALUE, 1, 5 },
	{ "latchkey verify, process",		10000000, OTHER, 1, 1.3 },
	{ "memory, both",			10000000, OTHER, 1, 1.2 },
	{ "journal",				0,        VALUE, 1, 220 },
	{ "index",				100000,   VALUE, 1, 150 },
	{ "index",				1000000,  VALUE, 1, 150 },
	{ "index",				10000000, VALUE, 1, 150 },
	{ "index after import",			10000000, VALUE, 1, 125 },
	{ "index after rebuild",		10000000, VALUE, 1, 125 },
	{ "generate, 1 thread",			0,        OTHER, 0, 0.8 },
	{ "generate, 64 threads",		0,        OTHER, 0, 5 },
	{ "import",				10000000, VALUE, 1, 60 },
	{ "import, memory",			10000000, OTHER, 1, 1.2 },
	{ "rebuild",				10000000, VALUE, 1, 30 },
	{ "rebuild, memory",			10000000, OTHER, 1, 1.2 },
};

static const char *const ratio_names[NRATIOS] = { "", "/floor ", "/ours ", "" };

static FILE	*tsv;
static size_t	 keys;

void
table_open(const char *path)
{
	if ((tsv = fopen(path, "w")) == NULL)
		err(1, "%s", path);
	fprintf(tsv, "keys\twhat\tmedian\tunit\tspread\tto floor\tto ours\t"
	    "to other\tother\n");
	printf("%-32s %9s %-12s %6s %7s %7s\n", "", "median", "", "spread",
	    "/floor", "/ours");
	fflush(stdout);
}

void
table_head(size_t n)
{
	keys = n;
	printf("%zu keys, %zu accounts\n", n,
	    (n + ACCOUNT_KEYS - 1) / ACCOUNT_KEYS);
	fflush(stdout);
}

/* Three digits that say something, or the whole number. */
static const char *
number(char *out, size_t size, double v)
{
	snprintf(out, size, "%.*f", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
	return out;
}

/* Its bound, and whether it holds. */
static const char *
judge(char *out, size_t size, const struct figure *f)
{
	const struct bound	*b;
	size_t			 i;
	double			 v;

	out[0] = '\0';
	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		b = &bounds[i];
		if (strcmp(f->what, b->what) != 0 ||
		    (b->keys != 0 && b->keys != keys))
			continue;
		v = b->of == VALUE ? f->value : f->ratio[b->of];
		snprintf(out, size, "%s%s %g %s", ratio_names[b->of],
		    b->at_most ? "<=" : ">=", b->limit,
		    (b->at_most ? v <= b->limit : v >= b->limit) ? "ok" :
		    "over");
	}
	return out;
}

static void
record(const struct figure *f)
{
	fprintf(tsv, "%zu\t%s\t%.6g\t%s\t%.3f\t%.4g\t%.4g\t%.4g\t%s\n", keys,
	    f->what, f->value, f->unit, f->spread, f->ratio[FLOOR],
	    f->ratio[OURS], f->ratio[OTHER],
	    f->other != NULL ? f->other : "");
}

void
table_figure(const struct figure *f)
{
	char	 text[NRATIOS][16] = { "", "", "", "" };
	char	 other[32] = "", bound[48], line[160];
	int	 i, n;

	number(text[VALUE], sizeof(text[VALUE]), f->value);
	for (i = FLOOR; i <= OURS; i++)
		if (f->ratio[i] != 0)
			number(text[i], sizeof(text[i]), f->ratio[i]);
	if (f->spread > 0)
		snprintf(text[OTHER], sizeof(text[OTHER]), "%.0f %%",
		    f->spread * 100);
	if (f->ratio[OTHER] != 0)
		snprintf(other, sizeof(other), "%.2f x %s", f->ratio[OTHER],
		    f->other);
	n = snprintf(line, sizeof(line), "  %-30s %9s %-12s %6s %7s %7s  %-15s "
	    "%s", f->what, text[VALUE], f->unit, text[OTHER], text[FLOOR],
	    text[OURS], other, judge(bound, sizeof(bound), f));
	while (n > 0 && line[n - 1] == ' ')
		n--;
	printf("%.*s\n", n, line);
	fflush(stdout);
	record(f);
}

void
table_note(const char *what, const char *why)
{
	printf("  %-30s %9s %s\n", what, "-", why);
	fflush(stdout);
}

void
table_close(void)
{
	if (fclose(tsv) != 0)
		err(1, "the figures for the plot");
}

/* ------------------------------------------------------------------ median */

static int
by_value(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
median(double *v, int n, double *spread)
{
	double	 mid;

	qsort(v, (size_t)n, sizeof(*v), by_value);
	mid = (v[n / 2] + v[(n - 1) / 2]) / 2;
	*spread = (v[n - 1 - n / 4] - v[n / 4]) / mid;
	return mid;
}
