/*
 * net.c: addresses and networks, strict in what they are written as.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/net.h"

#define TEXT_MAX	(INET6_ADDRSTRLEN + 4)	/* with /128 and a NUL */
#define MAPPED_BITS	96			/* of ::ffff:0:0/96    */

static const uint8_t	 mapped[MAPPED_BITS / 8] = {
	[10] = 0xff, [11] = 0xff
};

static int
is_known(const struct lk_net *net)
{
	return (net->family == 4 && net->bits <= 32) ||
	    (net->family == 6 && net->bits <= 128);
}

/* An IPv4 address in IPv6's clothes is one address, not two. */
static void
unmap(struct lk_net *net)
{
	if (net->family != 6 || net->bits < MAPPED_BITS ||
	    memcmp(net->addr, mapped, sizeof mapped) != 0)
		return;
	net->family = 4;
	net->bits -= MAPPED_BITS;
	memmove(net->addr, net->addr + sizeof mapped, 4);
	memset(net->addr + 4, 0, sizeof net->addr - 4);
}

/* 1 when the first bits of a and b are the same. */
static int
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned	 whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole) != 0)
		return 0;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* 1 when no bit is set behind those that count. */
static int
is_network(const struct lk_net *net)
{
	unsigned	 i;

	for (i = net->bits; i < sizeof net->addr * 8; i++) {
		if (net->addr[i / 8] >> (7 - i % 8) & 1)
			return 0;
	}
	return 1;
}

/* Digits without sign or leading zero, at most max.  The number, or -1. */
static int
bits_parse(const char *s, int max)
{
	int	 v = 0;

	if (*s == '\0' || (s[0] == '0' && s[1] != '\0'))
		return -1;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		v = v * 10 + (*s - '0');
		if (v > max)
			return -1;
	}
	return v;
}

int
lk_net_parse(const char *text, size_t len, struct lk_net *out)
{
	struct lk_net	 net = { 0, 0, { 0 } };
	char		 s[TEXT_MAX], *slash;
	int		 max, bits;

	memset(out, 0, sizeof *out);
	if (len == 0 || len >= sizeof s || memchr(text, '\0', len) != NULL)
		return LK_ESYNTAX;
	memcpy(s, text, len);
	s[len] = '\0';
	if ((slash = strchr(s, '/')) != NULL)
		*slash = '\0';
	net.family = strchr(s, ':') != NULL ? 6 : 4;
	max = net.family == 6 ? 128 : 32;
	/* inet_pton(3) refuses 010.0.0.1, 10.1 and 0x0a000001. */
	if (inet_pton(net.family == 6 ? AF_INET6 : AF_INET, s,
	    net.addr) != 1)
		return LK_ESYNTAX;
	bits = slash == NULL ? max : bits_parse(slash + 1, max);
	if (bits < 0)
		return LK_ESYNTAX;
	net.bits = (uint8_t)bits;
	unmap(&net);
	if (!is_network(&net))		/* 10.0.0.1/8: one or a network? */
		return LK_ESYNTAX;
	*out = net;
	return 0;
}

size_t
lk_net_format(const struct lk_net *net, char *out, size_t size)
{
	char	 s[INET6_ADDRSTRLEN] = "";
	int	 full = net->family == 6 ? 128 : 32;

	if (size == 0)
		return 0;
	out[0] = '\0';
	if (!is_known(net) || inet_ntop(net->family == 6 ? AF_INET6 : AF_INET,
	    net->addr, s, sizeof s) == NULL)
		return 0;
	if (net->bits == full)
		snprintf(out, size, "%s", s);
	else
		snprintf(out, size, "%s/%u", s, net->bits);
	return strlen(out);
}

void
lk_net_from_sockaddr(const void *sa, struct lk_net *out)
{
	struct sockaddr_in6	 in6;
	struct sockaddr_in	 in;
	sa_family_t		 family;

	memset(out, 0, sizeof *out);
	if (sa == NULL)
		return;
	/* Copied: what the caller has may be a buffer of any alignment. */
	memcpy(&family, (const char *)sa +
	    offsetof(struct sockaddr, sa_family), sizeof family);
	if (family == AF_INET) {
		memcpy(&in, sa, sizeof in);
		memcpy(out->addr, &in.sin_addr, 4);
		out->family = 4;
		out->bits = 32;
	} else if (family == AF_INET6) {
		memcpy(&in6, sa, sizeof in6);
		memcpy(out->addr, &in6.sin6_addr, 16);
		out->family = 6;
		out->bits = 128;
		unmap(out);
	}
}

int
lk_net_in(const struct lk_net *addr, const struct lk_net *nets, size_t n)
{
	struct lk_net	 one = *addr;

	one.bits = one.family == 6 ? 128 : 32;
	unmap(&one);
	return lk_net_within(&one, nets, n);
}

int
lk_net_within(const struct lk_net *inner, const struct lk_net *nets, size_t n)
{
	size_t	 i;

	if (!is_known(inner))
		return 0;
	for (i = 0; i < n; i++) {
		if (is_known(&nets[i]) && nets[i].family == inner->family &&
		    nets[i].bits <= inner->bits &&
		    same_bits(nets[i].addr, inner->addr, nets[i].bits))
			return 1;
	}
	return 0;
}
