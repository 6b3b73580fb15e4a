/*
 * nonip.c: a unix socket has no option of TCP.
 *
 * libmicrohttpd sets TCP_CORK and TCP_NODELAY around what it sends.  A socket
 * that it did not accept itself may be a unix socket; it learns so, once, from
 * ENOPROTOOPT.  Linux says EOPNOTSUPP, which 0.9.75 takes for a fault: it would
 * ask again, twice an answer, and make a sentence of each refusal, for a fifth
 * of all that a request costs.  So the library is given, in this program, the
 * answer that it knows.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

/* Instead of the C library's; a shared object's calls come here too. */
__attribute__((visibility("default"))) int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	int	 rc;

	rc = (int)syscall(SYS_setsockopt, fd, level, name, value, len);
	if (rc == -1 && errno == EOPNOTSUPP && level == IPPROTO_TCP)
		errno = ENOPROTOOPT;
	return rc;
}
