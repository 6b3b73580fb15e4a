/*
 * err.c: one sentence for people, and the exit status of a code.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/err.h"

static const int exits[] = {
	[-LK_EUSAGE]	= EX_USAGE,
	[-LK_EDATA]	= EX_DATAERR,
	[-LK_ENOTFOUND]	= EX_NOINPUT,
	[-LK_EUNAVAIL]	= EX_UNAVAILABLE,
	[-LK_EDAMAGE]	= EX_UNAVAILABLE,
	[-LK_ENOMEM]	= EX_UNAVAILABLE,
	[-LK_EINDOUBT]	= EX_OSERR,
	[-LK_ELIMIT]	= EX_CANTCREAT,
	[-LK_EIO]	= EX_IOERR,
	[-LK_EAGAIN]	= EX_TEMPFAIL,
	[-LK_EPERM]	= EX_NOPERM,
	[-LK_ECONFIG]	= EX_CONFIG,
	[-LK_ESYNTAX]	= EX_DATAERR,
};

int
lk_exit_status(int code)
{
	int	 n = sizeof exits / sizeof exits[0];

	if (code == 0 || code == LK_NOTE)
		return EX_OK;
	/* A code of no table must not read as done. */
	return code < 0 && code > -n ? exits[-code] : EX_SOFTWARE;
}

/*
 * Names of files go into sentences, and sentences to terminals and logs: a
 * control character, C1 in UTF-8 included, must not get there.  The cut may
 * have gone through a character; what is left of it goes as well.
 */
static void
tidy(char *s)
{
	unsigned char	*p = (unsigned char *)s;
	size_t		 n = strlen(s), i;

	for (i = 0; i < n; i++) {
		if (p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '?';
		else if (p[i] == 0xc2 && p[i + 1] >= 0x80 && p[i + 1] < 0xa0)
			p[i] = p[i + 1] = '?';
	}
	if (n < sizeof ((struct lk_error *)0)->text - 1)
		return;
	for (i = n; i > 0 && n - i < 3 && (p[i - 1] & 0xc0) == 0x80; i--)
		continue;
	if (i > 0 && p[i - 1] >= 0xc0)
		p[i - 1] = '\0';
}

/* The arguments may point into *e itself: it is written last. */
static int
fill(struct lk_error *e, int code, int err, const char *fmt, va_list ap)
    LK_PRINTF(4, 0);

static int
fill(struct lk_error *e, int code, int err, const char *fmt, va_list ap)
{
	char	 text[sizeof e->text], words[128];
	int	 n;

	if (e == NULL)
		return code;
	n = vsnprintf(text, sizeof text, fmt, ap);
	if (n < 0)
		text[n = 0] = '\0';
	if (err != 0 && (size_t)n < sizeof text)
		snprintf(text + n, sizeof text - (size_t)n, ": %s",
		    strerror_r(err, words, sizeof words));
	tidy(text);
	e->code = code;
	e->line = e->column = 0;
	e->file[0] = '\0';
	memcpy(e->text, text, sizeof text);
	return code;
}

int
lk_fail(struct lk_error *e, int code, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	fill(e, code, 0, fmt, ap);
	va_end(ap);
	return code;
}

int
lk_fail_errno(struct lk_error *e, int code, const char *fmt, ...)
{
	va_list	 ap;
	int	 err = errno;

	va_start(ap, fmt);
	fill(e, code, err, fmt, ap);
	va_end(ap);
	return code;
}

int
lk_fail_at(struct lk_error *e, int code, const char *file, unsigned line,
    unsigned column, const char *fmt, ...)
{
	va_list	 ap;
	char	 where[sizeof e->file] = "";

	if (file != NULL)
		snprintf(where, sizeof where, "%s", file);
	va_start(ap, fmt);
	fill(e, code, 0, fmt, ap);
	va_end(ap);
	if (e == NULL)
		return code;
	memcpy(e->file, where, sizeof where);
	e->line = line;
	e->column = column;
	return code;
}
