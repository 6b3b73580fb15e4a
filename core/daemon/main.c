/*
 * main.c: latchkeyd(8).
 */
#include "daemon/daemon.h"

int
main(int argc, char **argv)
{
	return lk_daemon_main(argc, argv);
}
