/*
 * test_feed.c: records and cells of files that anybody may have written.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/csv.h"
#include "table.h"

#define TEXT(s)	(s), sizeof(s) - 1
#define MAX	LK_RECORD_MAX

static int
file_of(const char *p, size_t n)
{
	int	 fd = memfd_create("feed", 0);

	assert_true(fd != -1);
	assert_int_equal(write(fd, p, n), n);
	return fd;
}

/* ----------------------------------------------------------------- records */

/* What is read: each record in brackets behind its line. */
static const struct feed_case {
	const char	*name, *in;
	size_t		 n;
	int		 quotes;
	const char	*want;
} feed_cases[] = {
	{ "nothing", TEXT(""), 1, "" },
	{ "a line", TEXT("a,b\n"), 1, "1[a,b]" },
	{ "without a newline", TEXT("a,b"), 1, "1[a,b]" },
	{ "CR LF", TEXT("a\r\nb\r\n"), 1, "1[a]2[b]" },
	{ "CR alone belongs to it", TEXT("a\rb\n"), 1, "1[a\rb]" },
	{ "CR at the end", TEXT("a\r"), 1, "1[a]" },
	{ "empty lines", TEXT("\n\na\n\n"), 1, "1[]2[]3[a]4[]" },
	{ "a byte order mark", TEXT("\xef\xbb\xbf" "a\n"), 1, "1[a]" },
	{ "a mark and no more", TEXT("\xef\xbb\xbf"), 1, "" },
	{ "a mark in the middle", TEXT("a\n\xef\xbb\xbf"), 1,
	    "1[a]2[\xef\xbb\xbf]" },
	{ "half a mark", TEXT("\xef\xbb"), 1, "1[\xef\xbb]" },
	{ "a newline in quotes", TEXT("a,\"b\nc\",d\ne\n"), 1,
	    "1[a,\"b\nc\",d]3[e]" },
	{ "a record in quotes", TEXT("\"\nucd,eve,00\n\"\nb\n"), 1,
	    "1[\"\nucd,eve,00\n\"]4[b]" },
	{ "doubled quotes", TEXT("\"a\"\"\nb\"\nc\n"), 1,
	    "1[\"a\"\"\nb\"]3[c]" },
	{ "quotes that do not count", TEXT("\"a\nb\"\n"), 0,
	    "1[\"a]2[b\"]" },
	{ "a quote that is never closed", TEXT("a\n\"b\nc\nd\n"), 1,
	    "1[a]2:open" },
};

static void
read_all(struct lk_feed *f, char *out, size_t size)
{
	struct lk_feed_record	 rec;
	size_t			 n;
	int			 r;

	out[0] = '\0';
	while ((r = lk_feed_next(f, &rec)) != 0) {
		assert_true(r == 1 || r == LK_EDATA || r == LK_ESYNTAX);
		n = strlen(out);
		if (r == 1)
			snprintf(out + n, size - n, "%lu[%s]",
			    (unsigned long)rec.line, rec.p);
		else
			snprintf(out + n, size - n, "%lu:%s",
			    (unsigned long)rec.line,
			    r == LK_EDATA ? "long" : "open");
		assert_true(r != 1 || strlen(rec.p) == rec.n);
	}
}

static void
test_feed(void **state)
{
	const struct feed_case	*c = *state;
	struct lk_feed		 f;
	char			 got[256];
	int			 fd = file_of(c->in, c->n), i;

	assert_int_equal(lk_feed_start(&f, fd, 0), 0);
	f.quotes = c->quotes;
	for (i = 0; i < 2; i++) {
		read_all(&f, got, sizeof got);
		assert_string_equal(got, c->want);
		assert_int_equal(lk_feed_done(&f), c->n);
		lk_feed_rewind(&f);
	}
	lk_feed_end(&f);
	close(fd);
}

/* Octets before and behind a long record; how long it is. */
static const struct long_case {
	const char	*name, *before, *behind;
	size_t		 n;
	const char	*want;
} long_cases[] = {
	{ "at most", "a\n", "\nb\n", MAX, "fits" },
	{ "one more", "a\n", "\nb\n", MAX + 1, "1[a]2:long3[b]" },
	{ "as long as the window", "a\n", "\nb\n", 262144, "1[a]2:long3[b]" },
	{ "10 MB", "a\n", "\nb\n", 10000000, "1[a]2:long3[b]" },
	{ "10 MB at the end", "a\n", "", 10000000, "1[a]2:long" },
	{ "10 MB in quotes", "a\n\"", "\nc,d\n\"\nb\n", 10000000,
	    "1[a]2:long5[b]" },
	{ "10 MB in an open quote", "\"", "\nb\n", 10000000, "1:open" },
};

static void
test_long(void **state)
{
	const struct long_case	*c = *state;
	struct lk_feed		 f;
	char			*text, got[256];
	char			*all;
	size_t			 n = strlen(c->before);
	int			 fd;

	all = malloc(n + c->n + strlen(c->behind));
	text = malloc(MAX + 300);
	assert_true(all != NULL && text != NULL);
	memcpy(all, c->before, n);
	memset(all + n, 'x', c->n);
	memcpy(all + n + c->n, c->behind, strlen(c->behind));
	fd = file_of(all, n + c->n + strlen(c->behind));
	assert_int_equal(lk_feed_start(&f, fd, 0), 0);
	f.quotes = 1;
	if (strcmp(c->want, "fits") == 0) {
		read_all(&f, text, MAX + 300);
		assert_int_equal(strlen(text), 4 + 3 + MAX + 4);
	} else {
		read_all(&f, got, sizeof got);
		assert_string_equal(got, c->want);
	}
	lk_feed_end(&f);
	close(fd);
	free(text);
	free(all);
}

/* Records over every place where the window may end. */
static void
test_windows(void **state)
{
	struct lk_feed_record	 rec;
	struct lk_feed		 f;
	char			*all;
	size_t			 size = 1000003, i, line = 0;
	int			 fd;

	(void)state;
	assert_non_null(all = malloc(size));
	for (i = 0; i < size; i++)
		all[i] = i % 37 == 36 ? '\n' : (char)('a' + i % 26);
	fd = file_of(all, size);
	assert_int_equal(lk_feed_start(&f, fd, 0), 0);
	f.quotes = 1;
	for (i = 0; lk_feed_next(&f, &rec) == 1; i += rec.n + 1) {
		assert_int_equal(rec.line, ++line);
		assert_memory_equal(rec.p, all + i, rec.n);
	}
	assert_true(i >= size && line == (size + 36) / 37);
	lk_feed_end(&f);
	close(fd);
	free(all);
}

static void
test_peek(void **state)
{
	struct lk_feed		 f;
	struct lk_feed_record	 rec;
	int			 fd = file_of(TEXT("\xef\xbb\xbf{}\n"));

	(void)state;
	assert_int_equal(lk_feed_start(&f, fd, 0), 0);
	assert_int_equal(lk_feed_peek(&f), '{');
	assert_int_equal(lk_feed_next(&f, &rec), 1);
	assert_string_equal(rec.p, "{}");
	assert_int_equal(lk_feed_peek(&f), -1);
	lk_feed_end(&f);
	close(fd);
}

/* ------------------------------------------------------------------- cells */

static const struct cell_case {
	const char	*name, *in;
	int		 want;
	const char	*cells;		/* or where it is wrong, and why     */
	size_t		 at;
} cell_cases[] = {
	{ "one cell", "a", 0, "[a]", 0 },
	{ "an empty one", "", 0, "[]", 0 },
	{ "three", "a,b,c", 0, "[a][b][c]", 0 },
	{ "empty ones", ",a,", 0, "[][a][]", 0 },
	{ "in quotes", "\"a\",\"b,c\"", 0, "[a][b,c]", 0 },
	{ "empty quotes", "\"\",\"\"", 0, "[][]", 0 },
	{ "quotes doubled", "\"a \"\"b\"\"\"", 0, "[a \"b\"]", 0 },
	{ "a quote alone, doubled", "\"\"\"\"", 0, "[\"]", 0 },
	{ "a newline", "\"a\nb\",c", 0, "[a\nb][c]", 0 },
	{ "blanks belong to it", " a , b ", 0, "[ a ][ b ]", 0 },
	{ "a quote inside", "a,b\"c", LK_ESYNTAX, "does not begin", 3 },
	{ "a blank before a quote", "a, \"b\"", LK_ESYNTAX, "does not begin",
	    3 },
	{ "behind a quote", "a,\"b\"c,d", LK_ESYNTAX, "between", 5 },
	{ "never closed", "a,\"b", LK_ESYNTAX, "never closed", 2 },
	{ "closed by half", "a,\"b\"\"", LK_ESYNTAX, "never closed", 2 },
	{ "64 cells", ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
	    ",,,,,,,,", 0, NULL, 0 },
	{ "65 cells", ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,"
	    ",,,,,,,,,", LK_EDATA, "over 64", 64 },
};

static void
test_cells(void **state)
{
	static struct lk_csv	 csv;
	const struct cell_case	*c = *state;
	char			 got[512] = "";
	size_t			 i, n;

	assert_int_equal(lk_csv_split(c->in, strlen(c->in), &csv), c->want);
	if (c->want != 0) {
		assert_non_null(strstr(csv.why, c->cells));
		assert_int_equal(csv.at, c->at);
		return;
	}
	if (c->cells == NULL) {
		assert_int_equal(csv.n, LK_CELLS_MAX);
		return;
	}
	for (i = 0; i < csv.n; i++) {
		n = strlen(got);
		snprintf(got + n, sizeof got - n, "[%s]", csv.v[i].p);
		assert_int_equal(strlen(csv.v[i].p), csv.v[i].n);
	}
	assert_string_equal(got, c->cells);
}

/* The longest record, in one cell and in as many as there may be. */
static void
test_longest(void **state)
{
	static struct lk_csv	 csv;
	static char		 all[MAX];
	size_t			 i;

	(void)state;
	memset(all, 'x', sizeof all);
	assert_int_equal(lk_csv_split(all, sizeof all, &csv), 0);
	assert_int_equal(csv.v[0].n, MAX);
	for (i = 1; i < LK_CELLS_MAX; i++)
		all[sizeof all - i] = ',';
	assert_int_equal(lk_csv_split(all, sizeof all, &csv), 0);
	assert_int_equal(csv.n, LK_CELLS_MAX);
}

static const struct put_case {
	const char	*name, *in, *want;
} put_cases[] = {
	{ "put: a word", "a", "a" },
	{ "put: nothing", "", "" },
	{ "put: a comma", "a,b", "\"a,b\"" },
	{ "put: quotes", "a \"b\"", "\"a \"\"b\"\"\"" },
	{ "put: a newline", "a\nb", "\"a\nb\"" },
	{ "put: blanks", " a ", " a " },
};

static void
test_put(void **state)
{
	static struct lk_csv	 csv;
	const struct put_case	*c = *state;
	struct lk_buf		 b = LK_BUF_NONE;

	lk_buf_str(&b, "");
	lk_csv_put(&b, c->in);
	assert_string_equal(b.p, c->want);
	assert_int_equal(lk_csv_split(b.p, b.n, &csv), 0);
	assert_int_equal(csv.n, 1);
	assert_string_equal(csv.v[0].p, c->in);
	lk_buf_free(&b);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_feed, feed_cases);
	TABLE_ROWS(&t, test_long, long_cases);
	TABLE_TEST(&t, test_windows);
	TABLE_TEST(&t, test_peek);
	TABLE_ROWS(&t, test_cells, cell_cases);
	TABLE_TEST(&t, test_longest);
	TABLE_ROWS(&t, test_put, put_cases);
	return table_run(&t, "feed");
}
