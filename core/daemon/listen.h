/*
 * listen.h: the sockets of a duty: those that were handed over by a service
 * manager, else those of the policy.
 *
 * A unix socket has a lock beside it, PATH.lock, that its daemon holds as long
 * as it runs: a second one is refused, and what a dead one left is replaced.
 */
#ifndef LK_DAEMON_LISTEN_H
#define LK_DAEMON_LISTEN_H

#include "daemon/notify.h"
#include "latchkey.h"

#define LK_SOCKETS_MAX	LK_HANDED_MAX

struct lk_socket {
	int		 fd;		/* listens; does not block           */
	int		 lock;		/* or -1                             */
	char		 path[LK_LISTEN_LEN];	/* ours to remove; or ""     */
};

struct lk_sockets {
	size_t		 n;
	struct lk_socket v[LK_SOCKETS_MAX];
};

/* 1 when one of them has the name of a duty. */
int	lk_handed_named(const struct lk_handed *h);

/*
 * duty  "verify", "admin" or "metrics".  Handed sockets of that name are taken
 *       or, when none has the name of a duty, all of them, but for metrics.
 *
 * 0            close it with lk_sockets_close
 * LK_EAGAIN    another daemon listens there
 * LK_ECONFIG   the folder, the group, or what stands at the path
 * LK_EPERM, LK_EIO
 */
int	lk_sockets_open(const struct lk_listening *l, const char *duty,
	    const struct lk_handed *handed, struct lk_sockets *out,
	    struct lk_error *e);
/* Remove what was made here, and close all. */
void	lk_sockets_close(struct lk_sockets *s);

#endif
