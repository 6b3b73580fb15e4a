/*
 * endpoint.c: where a server listens.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/net.h"

#define UNIX_PREFIX	"unix:"

static int
wrong(const char **why, const char *text)
{
	*why = text;
	return LK_ESYNTAX;
}

static int
parse_path(const char *path, struct lk_endpoint *out, const char **why)
{
	size_t	 n = strlen(path);

	if (path[0] != '/')
		return wrong(why, "the path of a unix socket starts with /");
	if (n >= sizeof out->sa.un.sun_path)
		return wrong(why, "the path of a unix socket has at most 107 "
		    "octets");
	if (path[n - 1] == '/')
		return wrong(why, "the path of a unix socket names a file");
	out->sa.un.sun_family = AF_UNIX;
	memcpy(out->sa.un.sun_path, path, n + 1);
	out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
	return 0;
}

/* Digits as one would count, 1 to 65535; 0: they are not. */
static unsigned
parse_port(const char *s)
{
	size_t		 n = strspn(s, "0123456789");
	unsigned long	 v;

	if (n == 0 || n > 5 || s[n] != '\0' || s[0] == '0')
		return 0;
	v = strtoul(s, NULL, 10);
	return v <= 65535 ? (unsigned)v : 0;
}

static int
parse_address(char *host, unsigned port, struct lk_endpoint *out)
{
	size_t	 n = strlen(host);

	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		out->sa.in6.sin6_family = AF_INET6;
		out->sa.in6.sin6_port = htons((uint16_t)port);
		out->len = sizeof out->sa.in6;
		return inet_pton(AF_INET6, host + 1,
		    &out->sa.in6.sin6_addr) == 1 ? 0 : LK_ESYNTAX;
	}
	out->sa.in.sin_family = AF_INET;
	out->sa.in.sin_port = htons((uint16_t)port);
	out->len = sizeof out->sa.in;
	return inet_pton(AF_INET, host, &out->sa.in.sin_addr) == 1 ? 0 :
	    LK_ESYNTAX;
}

int
lk_endpoint_parse(const char *text, struct lk_endpoint *out, const char **why)
{
	char	 host[INET6_ADDRSTRLEN + 2], *colon;
	unsigned port;

	memset(out, 0, sizeof *out);
	if (strncmp(text, UNIX_PREFIX, strlen(UNIX_PREFIX)) == 0)
		return parse_path(text + strlen(UNIX_PREFIX), out, why);
	if (strlen(text) >= sizeof host || (colon = strrchr(text, ':')) == NULL
	    || colon == text)
		return wrong(why, "it is none of unix:/PATH, 127.0.0.1:PORT, "
		    "[::1]:PORT");
	if ((port = parse_port(colon + 1)) == 0)
		return wrong(why, "a port is a number from 1 to 65535");
	memcpy(host, text, (size_t)(colon - text));
	host[colon - text] = '\0';
	if (parse_address(host, port, out) != 0)
		return wrong(why, "an address is a number such as 127.0.0.1 "
		    "or [::1]");
	return 0;
}

const char *
lk_endpoint_path(const struct lk_endpoint *e)
{
	return e->sa.any.sa_family == AF_UNIX ? e->sa.un.sun_path : NULL;
}

int
lk_net_loopback(const struct lk_net *net)
{
	static const struct lk_net	 nets[] = {
		{ 4, 8, { 127 } }, { 6, 128, { [15] = 1 } }
	};

	return lk_net_in(net, nets, sizeof nets / sizeof *nets);
}

int
lk_endpoint_local(const struct lk_endpoint *e)
{
	struct lk_net	 net;

	if (lk_endpoint_path(e) != NULL)
		return 1;
	lk_net_from_sockaddr(&e->sa, &net);
	return lk_net_loopback(&net);
}
