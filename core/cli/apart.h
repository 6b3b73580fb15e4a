/*
 * apart.h: plugins in a process of their own; see apart.c.
 */
#ifndef LK_CLI_APART_H
#define LK_CLI_APART_H

#include "cli/cli.h"

/* 0 and d and t are filled; or an exit status when it was said why not.  c->lk
 * is opened here, and closed by who calls. */
typedef int (*lk_apart_fn)(struct lk_cli *c, void *arg, struct lk_decision *d,
    struct lk_trace *t);

/*
 * lk_apart: do it in a child, which may end in whatever way.  0 when it came to
 * its end and answered 0; what it answered; or an exit status, never 0, when it
 * did not come to its end, or could not be started, and that was said.  The
 * process must have one thread.
 */
int	lk_apart(struct lk_cli *c, lk_apart_fn fn, void *arg,
	    struct lk_decision *d, struct lk_trace *t);

#endif
