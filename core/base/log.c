/*
 * log.c: lines for the operator.
 *
 * A library must not call openlog(3): that would rename the lines of its host.
 * So the identity goes in front of the text where the program is another.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "base/log.h"

#define IDENTITY	"latchkey"
#define LINE_MAX_	1024		/* octets of a line, before escapes  */

void
lk_log(int level, const char *fmt, ...)
{
	const char	*who = program_invocation_short_name;
	char		 in[LINE_MAX_], out[4 * LINE_MAX_], *o = out;
	unsigned char	*p;
	va_list		 ap;

	va_start(ap, fmt);
	if (vsnprintf(in, sizeof in, fmt, ap) < 0)
		in[0] = '\0';
	va_end(ap);
	for (p = (unsigned char *)in; *p != '\0'; p++) {
		if (*p < 0x20 || *p == 0x7f)
			o += sprintf(o, "\\x%02x", *p);
		else
			*o++ = (char)*p;
	}
	*o = '\0';
	syslog(LOG_AUTHPRIV | level, "%s%s",
	    strncmp(who, IDENTITY, strlen(IDENTITY)) == 0 ? "" : IDENTITY ": ",
	    out);
}
