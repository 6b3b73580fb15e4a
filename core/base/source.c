#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdarg.h>
#include <stdio.h>

#include "base/source.h"

static const char *
line_of(const struct lk_source *src, unsigned line)
{
	return line > 0 && line <= src->nlines ? src->lines[line - 1] : NULL;
}

void
lk_report_at(struct lk_report *rep, const struct lk_source *src,
    struct lk_place place, int code, struct lk_error *e, const char *fmt, ...)
{
	struct lk_error	 f = { .code = code, .line = place.line,
			    .column = place.column };
	va_list		 ap;

	snprintf(f.file, sizeof f.file, "%s", src->path);
	va_start(ap, fmt);
	vsnprintf(f.text, sizeof f.text, fmt, ap);
	va_end(ap);
	if (code != LK_NOTE && rep->errors++ == 0 && e != NULL)
		*e = f;
	if (rep->fn != NULL)
		rep->fn(rep->arg, &f, line_of(src, place.line));
}
