/*
 * net.h: addresses and networks.  IPv4-mapped IPv6 is IPv4 everywhere.
 * lk_net_parse and lk_net_format are public: latchkey.h.
 */
#ifndef LK_BASE_NET_H
#define LK_BASE_NET_H

#include <sys/socket.h>

#include "latchkey.h"

/* The address of a struct sockaddr_in or _in6; family 0 where it is neither. */
void	lk_net_from_sockaddr(const void *sa, struct lk_net *out);
/* 1 when addr (its own bits are ignored) lies in one of n nets, else 0. */
int	lk_net_in(const struct lk_net *addr, const struct lk_net *nets,
	    size_t n);
/* 1 when all of inner lies in one of n nets, else 0. */
int	lk_net_within(const struct lk_net *inner, const struct lk_net *nets,
	    size_t n);

#endif
