/*
 * findings.c: collect findings, sort them, report them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/findings.h"

/* A longer word is no slip of the pen, and to compare it would cost time. */
#define WORD_MAX	64

static int
findings_grow(struct lk_findings *f)
{
	struct lk_finding	*v;
	size_t			 cap;

	if (f->n < f->cap)
		return 0;
	cap = f->cap == 0 ? 16 : f->cap * 2;
	if ((v = realloc(f->v, cap * sizeof *v)) == NULL) {
		f->nomem = 1;
		return -1;
	}
	f->v = v;
	f->cap = cap;
	return 0;
}

static void	findings_add(struct lk_findings *, struct lk_place, int,
		    const char *, va_list) LK_PRINTF(4, 0);

static void
findings_add(struct lk_findings *f, struct lk_place at, int code,
    const char *fmt, va_list ap)
{
	struct lk_error	 e;		/* no text is longer than its */
	char		*text;

	if (code != LK_NOTE)
		f->errors++;
	if (f->n == LK_FINDINGS_MAX) {
		f->dropped += code != LK_NOTE;
		return;
	}
	if (findings_grow(f) == -1)
		return;
	vsnprintf(e.text, sizeof e.text, fmt, ap);
	if ((text = strdup(e.text)) == NULL) {
		f->nomem = 1;
		return;
	}
	f->v[f->n] = (struct lk_finding){ at, code, f->n, text };
	f->n++;
}

void
lk_found(struct lk_findings *f, struct lk_place at, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	findings_add(f, at, LK_ECONFIG, fmt, ap);
	va_end(ap);
}

void
lk_noted(struct lk_findings *f, struct lk_place at, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	findings_add(f, at, LK_NOTE, fmt, ap);
	va_end(ap);
}

static int
finding_cmp(const void *a, const void *b)
{
	const struct lk_finding	*x = a, *y = b;

	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	if (x->place.column != y->place.column)
		return x->place.column < y->place.column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void
lk_findings_report(struct lk_findings *f, const struct lk_policy *p,
    struct lk_report *rep, struct lk_error *e)
{
	struct lk_place	 none = { 0, 0 };
	size_t		 i;

	if (f->n > 1)
		qsort(f->v, f->n, sizeof *f->v, finding_cmp);
	for (i = 0; i < f->n; i++)
		lk_report_at(rep, &p->source, f->v[i].place, f->v[i].code, e,
		    "%s", f->v[i].text);
	if (f->dropped == 0)
		return;
	rep->errors += f->dropped;
	lk_report_at(rep, &p->source, none, LK_NOTE, e,
	    "%u more errors are not shown: mend these first", f->dropped);
}

void
lk_findings_free(struct lk_findings *f)
{
	size_t	 i;

	for (i = 0; i < f->n; i++)
		free(f->v[i].text);
	free(f->v);
	*f = LK_FINDINGS_NONE;
}

struct lk_shown
lk_shown(const char *text)
{
	struct lk_shown	 out;
	size_t		 n = strlen(text);

	if (n <= LK_SHOWN_MAX) {
		memcpy(out.s, text, n + 1);
		return out;
	}
	/* never inside a character of UTF-8 */
	for (n = LK_SHOWN_MAX; n > 0 && (text[n] & 0xc0) == 0x80; n--)
		;
	memcpy(out.s, text, n);
	memcpy(out.s + n, "...", 4);
	return out;
}

struct lk_hint
lk_hint(const struct lk_findings *f, const char *word,
    const char *const *words, size_t n, const char *otherwise)
{
	struct lk_hint	 out;
	const char	*near = NULL;

	if (f->n < LK_FINDINGS_MAX && strlen(word) <= WORD_MAX)
		near = lk_nearest(word, words, n);
	if (near != NULL)
		snprintf(out.s, sizeof out.s, "; did you mean \"%s\"?", near);
	else
		snprintf(out.s, sizeof out.s, "%s", otherwise);
	return out;
}
