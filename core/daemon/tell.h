/*
 * tell.h: what the daemon says of itself: sentences on standard error, and what
 * a service manager shows.  Not for what has to do with a request, see lines.h.
 */
#ifndef LK_DAEMON_TELL_H
#define LK_DAEMON_TELL_H

#include <stddef.h>

#include "base/err.h"

/* 1 when standard error is the journal, which reads <5> in front of a line. */
int	lk_tell_journal(void);
/* A sentence, with a priority of syslog(3) for the journal. */
void	lk_tell(int priority, const char *fmt, ...) LK_PRINTF(2, 3);
/* "FILE:LINE:COLUMN: TEXT", as far as they are known, without an octet that
 * would end a line; cut where it is too long. */
void	lk_tell_format(const struct lk_error *e, char *out, size_t size);
/* The sentence of an error behind before, "" or "WHAT: ".  Its exit status. */
int	lk_tell_error(const char *before, const struct lk_error *e);

#endif
