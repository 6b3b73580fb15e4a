#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/cli.h"
#include "cli/finding.h"
#include "cli/text_out.h"

#define AROUND	79	/* characters of a line on either side of a column */

/* Pass over count characters, or all there are. */
static const char *
pass(const char *p, unsigned count)
{
	unsigned long	 cp;
	size_t		 n, left;

	for (left = strlen(p); left != 0 && count-- > 0; p += n, left -= n)
		n = lk_text_next(p, left, &cp);
	return p;
}

static void
print_line(FILE *f, const char *p, const char *end)
{
	unsigned long	 cp;
	size_t		 n;

	for (; p < end; p += n) {
		n = lk_text_next(p, (size_t)(end - p), &cp);
		if (cp == '\t')
			fputc('\t', f);
		else if (cp < 0x20 || cp == LK_TEXT_BROKEN)
			fputc('?', f);
		else
			fwrite(p, 1, n, f);
	}
}

/* A tab is one column in the policy but several on a terminal, so it stays a
 * tab in the line of the caret. */
static void
print_caret(FILE *f, const char *p, unsigned before)
{
	unsigned long	 cp;
	size_t		 n, w;

	for (; before > 0; before--, p += n) {
		n = *p != '\0' ? lk_text_next(p, strlen(p), &cp) : 0;
		w = n != 0 ? lk_text_width(p, n) : 1;
		if (n != 0 && cp == '\t')
			fputc('\t', f);
		else
			fprintf(f, "%*s", (int)w, "");
	}
	fputs("^\n", f);
}

/* The line, or of a long one what is around the column, and a caret below. */
static void
print_source(FILE *f, const char *source, unsigned column)
{
	unsigned	 skip = column > AROUND + 1 ? column - AROUND - 1 : 0;
	const char	*p = source, *end = pass(source, column + AROUND);

	if (skip != 0)
		p = pass(source, skip);
	if (p > source)
		fputs("\xe2\x80\xa6", f);
	print_line(f, p, end);
	fputs(*end != '\0' ? "\xe2\x80\xa6\n" : "\n", f);
	if (p > source)
		fputc(' ', f);
	print_caret(f, p, column - 1 - skip);
}

static void
print_place(FILE *f, const struct lk_error *e)
{
	lk_text_put(f, e->file);
	if (e->line != 0)
		fprintf(f, ":%u", e->line);
	if (e->line != 0 && e->column != 0)
		fprintf(f, ":%u", e->column);
	fputs(": ", f);
}

static void
to_text(const struct lk_findings *fs, const struct lk_error *e,
    const char *source)
{
	int		 fd = fileno(fs->to), note = e->code == LK_NOTE;
	const char	*kind = fs->kinds[note];

	/* What is not of a line may name its file in its sentence. */
	if (e->line != 0 || strstr(e->text, e->file) == NULL)
		print_place(fs->to, e);
	if (kind != NULL)
		fprintf(fs->to, "%s%s:%s ",
		    lk_say_colour(fd, note ? "\033[36m" : "\033[31m"), kind,
		    lk_say_colour(fd, "\033[0m"));
	lk_text_put(fs->to, e->text);
	fputc('\n', fs->to);
	if (source != NULL && e->column != 0)
		print_source(fs->to, source, e->column);
}

static void
to_json(const struct lk_findings *fs, const struct lk_error *e)
{
	struct lk_out	*j = fs->json;

	lk_out_open(j, NULL, '{');
	if (fs->with_file)
		lk_out_str(j, "file", e->file);
	lk_out_int(j, "line", e->line);
	lk_out_int(j, "column", e->column);
	lk_out_str(j, "text", e->text);
	lk_out_str(j, "kind", e->code == LK_NOTE ? "note" : "error");
	lk_out_close(j, '}');
}

void
lk_finding(void *arg, const struct lk_error *f, const char *source)
{
	struct lk_findings	*fs = arg;

	if (f->code == LK_NOTE)
		fs->notes++;
	else
		fs->errors++;
	if (fs->json != NULL)
		to_json(fs, f);
	else
		to_text(fs, f, source);
}
