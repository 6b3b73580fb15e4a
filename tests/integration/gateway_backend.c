/*
 * gateway_backend.c: a server behind a gateway, for tests.
 *
 *	gateway_backend FILE	listen on a free port of 127.0.0.1, write it to
 *				FILE.port, append each request to FILE and give
 *				it back as the answer
 *	gateway_backend -p	print a port that is free now
 *	gateway_backend -s PORT	send standard input there, and print the answer
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define REQUEST_MAX	131072		/* octets */

static int
listen_anywhere(unsigned *port)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	socklen_t		 len = sizeof(sa);
	int			 fd;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sa, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) == -1 ||
	    listen(fd, 64) == -1)
		err(1, "listen");
	*port = ntohs(sa.sin_port);
	return fd;
}

/* The octets of the body that the head tells of. */
static size_t
length_of(const char *head)
{
	const char	*p;

	for (p = head; (p = strchr(p, '\n')) != NULL; p++)
		if (strncasecmp(p + 1, "Content-Length:", 15) == 0)
			return strtoul(p + 16, NULL, 10);
	return 0;
}

/* Of one in chunks all is there when its trailers have ended. */
static int
is_whole(const char *buf, size_t n)
{
	const char	*end = strstr(buf, "\r\n\r\n");

	if (end == NULL || n < (size_t)(end + 4 - buf) + length_of(buf))
		return 0;
	return strcasestr(buf, "\nTransfer-Encoding: chunked\r") == NULL ||
	    ((end = strstr(end, "\r\n0\r\n")) != NULL &&
	    strstr(end + 3, "\r\n\r\n") != NULL);
}

static size_t
take(int fd, char *buf)
{
	size_t	 n = 0;
	ssize_t	 got;

	while (n < REQUEST_MAX - 1 &&
	    (got = read(fd, buf + n, REQUEST_MAX - 1 - n)) > 0) {
		n += (size_t)got;
		buf[n] = '\0';
		if (is_whole(buf, n))
			break;
	}
	return n;
}

static void
serve(int fd, FILE *log)
{
	static char	 buf[REQUEST_MAX];
	struct timeval	 most = { .tv_sec = 2 };
	size_t		 n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most));
	if ((n = take(fd, buf)) > 0) {
		fwrite(buf, 1, n, log);
		fflush(log);
		dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		    "Content-Length: %zu\r\nConnection: close\r\n\r\n", n);
		if (write(fd, buf, n) != (ssize_t)n)
			warn("write");
	}
	close(fd);
}

static void
send_to(unsigned long port)
{
	static char		 buf[REQUEST_MAX];
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	ssize_t			 n;
	int			 fd;

	sa.sin_port = htons((uint16_t)port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1)
		err(1, "connect");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (write(fd, buf, (size_t)n) != n)
			err(1, "write");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	close(fd);
}

static void
tell_port(const char *name, unsigned port)
{
	char	 tmp[4096], to[4096];
	FILE	*f;

	snprintf(tmp, sizeof(tmp), "%s.new", name);
	snprintf(to, sizeof(to), "%s.port", name);
	if ((f = fopen(tmp, "w")) == NULL || fprintf(f, "%u\n", port) < 0 ||
	    fclose(f) != 0 || rename(tmp, to) == -1)
		err(1, "%s", to);
}

int
main(int argc, char **argv)
{
	unsigned	 port;
	FILE		*log;
	int		 fd, s;

	if (argc == 3 && strcmp(argv[1], "-s") == 0) {
		send_to(strtoul(argv[2], NULL, 10));
		return 0;
	}
	if (argc != 2)
		errx(64, "usage: gateway_backend FILE | -p | -s PORT");
	s = listen_anywhere(&port);
	if (strcmp(argv[1], "-p") == 0) {
		printf("%u\n", port);
		return 0;
	}
	if ((log = fopen(argv[1], "a")) == NULL)
		err(1, "%s", argv[1]);
	tell_port(argv[1], port);
	while ((fd = accept(s, NULL, NULL)) != -1)
		serve(fd, log);
	return 1;
}
