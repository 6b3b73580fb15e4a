/*
 * log.h: lines on their way out, so that no loop waits for who reads them.
 *
 *	loop ── ring ──┐
 *	loop ── ring ──┴─ a thread ── writev ──▶ standard error
 *
 * A ring has one writer, its loop, and one reader; there is no lock.  When it
 * is full, because a terminal or a journal does not take what is written, lines
 * are lost and the loop goes on.
 */
#ifndef LK_DAEMON_LOG_H
#define LK_DAEMON_LOG_H

#include <stddef.h>

#include "latchkey.h"

struct lk_log;
struct lk_ring;

/* n rings whose lines go to fd.  NULL with e: LK_ENOMEM. */
struct lk_log	*lk_log_start(int fd, unsigned n, struct lk_error *e);
/* Write what is there, for a second at most, and free all.  The loops have
 * ended. */
void		 lk_log_stop(struct lk_log **l);
/* Borrowed. */
struct lk_ring	*lk_log_ring(struct lk_log *l, unsigned i);

/* The ring's loop alone: a line with its newline.  0, or -1: it is full. */
int		 lk_ring_put(struct lk_ring *r, const char *p, size_t n);
/* Have what was put written. */
void		 lk_ring_wake(struct lk_ring *r);

#endif
