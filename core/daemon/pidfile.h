/*
 * pidfile.h: a file that holds the number of this process, for `latchkey
 * reload` and for managers that look for one.
 */
#ifndef LK_DAEMON_PIDFILE_H
#define LK_DAEMON_PIDFILE_H

struct lk_error;

/*
 * Write it, in place of what another one left there; anybody may read it.
 * 0, or LK_EIO: its folder is not there or may not be written.
 */
int	lk_pidfile_write(const char *path, struct lk_error *e);

/* Away with it, where it is still ours. */
void	lk_pidfile_remove(const char *path);

#endif
