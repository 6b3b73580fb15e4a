/*
 * endpoint.h: where a server listens, as people write it.
 *
 *	unix:/run/latchkey/verify.sock    127.0.0.1:8181    [::1]:8181
 */
#ifndef LK_BASE_ENDPOINT_H
#define LK_BASE_ENDPOINT_H

#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/in.h>

#include "latchkey.h"

struct lk_endpoint {
	union {
		struct sockaddr		 any;
		struct sockaddr_un	 un;
		struct sockaddr_in	 in;
		struct sockaddr_in6	 in6;
	} sa;
	socklen_t	 len;
};

/*
 * 0, or LK_ESYNTAX with what is wrong in *why (static).  A path is absolute and
 * fits a socket's address; an address is a number, never a name; a port is
 * there, and not 0.
 */
int	lk_endpoint_parse(const char *text, struct lk_endpoint *out,
	    const char **why);
/* The path of a unix socket, or NULL. */
const char *lk_endpoint_path(const struct lk_endpoint *e);
/* 1 when this machine alone can reach it: a path, or a loopback address. */
int	lk_endpoint_local(const struct lk_endpoint *e);
/* 1 when an address is one of 127.0.0.0/8 or ::1. */
int	lk_net_loopback(const struct lk_net *net);

#endif
