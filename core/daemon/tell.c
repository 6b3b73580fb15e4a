/*
 * tell.c: sentences on standard error.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/tell.h"

#define TEXT_MAX	1280		/* octets, all of one                */

int
lk_tell_journal(void)
{
	const char	*s = secure_getenv("JOURNAL_STREAM");
	struct stat	 st;
	uintmax_t	 dev, ino;

	return s != NULL && sscanf(s, "%ju:%ju", &dev, &ino) == 2 &&
	    fstat(STDERR_FILENO, &st) == 0 && st.st_dev == (dev_t)dev &&
	    st.st_ino == (ino_t)ino;
}

void
lk_tell(int priority, const char *fmt, ...)
{
	char	 text[TEXT_MAX], level[8] = "";
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (lk_tell_journal())
		snprintf(level, sizeof(level), "<%d>", priority);
	fprintf(stderr, "%slatchkeyd: %s\n", level, text);
}

void
lk_tell_format(const struct lk_error *e, char *out, size_t size)
{
	char	*p;

	if (e->file[0] != '\0' && e->line != 0)
		snprintf(out, size, "%s:%u:%u: %s", e->file, e->line,
		    e->column, e->text);
	else
		snprintf(out, size, "%s", e->text);
	for (p = out; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\177')
			*p = '?';
}

int
lk_tell_error(const char *before, const struct lk_error *e)
{
	char	 text[TEXT_MAX];

	lk_tell_format(e, text, sizeof(text));
	lk_tell(e->code == LK_NOTE ? LOG_NOTICE : LOG_ERR, "%s%s", before,
	    text);
	return lk_exit_status(e->code);
}
