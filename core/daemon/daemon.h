/*
 * daemon.h: latchkeyd as one call; main.c is nothing else.
 */
#ifndef LK_DAEMON_DAEMON_H
#define LK_DAEMON_DAEMON_H

/* The exit status. */
int	lk_daemon_main(int argc, char **argv);

#endif
