/*
 * log.h: a line for the operator by syslog(3), facility LOG_AUTHPRIV, never a
 * secret.  Control characters come out as \xNN.  openlog(3) is left to the
 * program; in one that is not ours the line begins with "latchkey: ".
 */
#ifndef LK_BASE_LOG_H
#define LK_BASE_LOG_H

void	lk_log(int level, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
