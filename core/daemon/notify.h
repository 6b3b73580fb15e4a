/*
 * notify.h: what a service manager is told, and what it hands over, by
 * systemd's protocol and without its library.
 *
 * Source: sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3).
 */
#ifndef LK_DAEMON_NOTIFY_H
#define LK_DAEMON_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

/* Send "READY=1" and the like to $NOTIFY_SOCKET.  Without one, or when nobody
 * listens there, nothing happens. */
void	lk_notify(const char *state);
/* From now on what is told goes, a write each of at most PIPE_BUF octets, to a
 * pipe: that of the parent, which tells the manager. */
void	lk_notify_to(int fd);
/* RELOADING=1 with the clock's time, which READY=1 ends. */
void	lk_notify_reloading(void);
/* Microseconds in which WATCHDOG=1 is wanted; 0: it is not. */
uint64_t lk_notify_watchdog(void);

#define LK_HANDED_MAX	32	/* sockets that may be handed over           */

/* Sockets that were handed over. */
struct lk_handed {
	size_t		 n;
	int		 fds[LK_HANDED_MAX];
	char		 names[LK_HANDED_MAX][32];	/* or ""             */
};

/*
 * Take them over: close-on-exec is set.  The variables are removed, so that no
 * child takes them for its own.  0, or -1: $LISTEN_FDS makes no sense.
 */
int	lk_handed_take(struct lk_handed *h);

#endif
