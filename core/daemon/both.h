/*
 * both.h: two duties under one roof: a process that does nothing but look after
 * two others.
 */
#ifndef LK_DAEMON_BOTH_H
#define LK_DAEMON_BOTH_H

#include "daemon/options.h"

/* Do one duty, in a process of its own; its exit status. */
typedef int (*lk_duty_fn)(void *arg, enum lk_duty duty);

/*
 * Fork both duties, hand SIGTERM, SIGINT and SIGHUP on to them, tell the
 * service manager when both are ready or alive, and end both when one ends.
 * pid is a file for the number of this process, or NULL.
 *
 * The exit status: 0 after a signal when both ended so; else that of the one
 * that ended first, or EX_UNAVAILABLE where that has none that says why.
 */
int	lk_both_run(lk_duty_fn fn, void *arg, const char *pid);

#endif
