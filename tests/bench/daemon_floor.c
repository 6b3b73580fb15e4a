/*
 * daemon_floor.c: the HTTP library of latchkeyd with no work to do: 204 to
 * whatever comes, on a port of 127.0.0.1, until standard input ends.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <unistd.h>

static struct MHD_Response	*nothing;

/* One that is answered in the first call is closed; see http.c. */
static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **seen)
{
	static int	 here;

	(void)arg;
	(void)url;
	(void)method;
	(void)version;
	(void)data;
	if (*seen == NULL) {
		*seen = &here;
		return MHD_YES;
	}
	*n = 0;
	return MHD_queue_response(c, 204, nothing);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in	 sa = { .sin_family = AF_INET };
	char			 c;

	if (argc != 2)
		errx(64, "usage: daemon_floor PORT");
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons((uint16_t)atoi(argv[1]));
	nothing = MHD_create_response_from_buffer(0, (void *)&c,
	    MHD_RESPMEM_PERSISTENT);
	if (nothing == NULL || MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL, NULL,
	    answer, NULL, MHD_OPTION_SOCK_ADDR, &sa,
	    MHD_OPTION_CONNECTION_LIMIT, 16384U, MHD_OPTION_END) == NULL)
		errx(1, "cannot serve");
	while (read(STDIN_FILENO, &c, 1) > 0)
		continue;
	return 0;
}
