/*
 * daemon_crowd.c: many connections that do next to nothing, and what it is to
 * others.
 *
 *	daemon_crowd SOCKET PID N HOW
 *
 * N connections to latchkeyd, whose process is PID, on a unix socket; HOW is
 * idle (nothing is sent), slow (an octet a second of a head) or kept (one
 * question was answered).  Prints the octets of the daemon's memory that each
 * takes, how many it left open, and of 20,000 questions that another one asks
 * meanwhile the 50th and 99th percentile of the time, in microseconds.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS	20000

static const char	 ask[] = "GET /healthz HTTP/1.1\r\nHost: l\r\n\r\n";
static struct sockaddr_un at = { .sun_family = AF_UNIX };

static int
client(void)
{
	int	 fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1)
		err(1, "connect");
	return fd;
}

static long
memory(const char *pid)
{
	char	 path[64], line[256];
	long	 kb = 0, n;
	FILE	*f;

	snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", pid);
	if ((f = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Private_%*[a-zA-Z]: %ld kB", &n) == 1)
			kb += n;
	fclose(f);
	return kb * 1024;
}

static void
question(int fd)
{
	char	 got[4096];

	if (send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == -1 ||
	    recv(fd, got, sizeof(got), 0) <= 0)
		err(1, "no answer");
}

static int
is_open(int fd)
{
	char	 c;

	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

static double
now(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
rising(const void *a, const void *b)
{
	double	 x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static double	 t[QUESTIONS];
	struct rlimit	 l;
	double		 began, octet;
	long		 before;
	size_t		 sent = 0;
	int		 i, n, slow, other, open = 0, *fds;

	if (argc != 5 || strlen(argv[1]) >= sizeof(at.sun_path))
		errx(64, "usage: daemon_crowd SOCKET PID N idle|slow|kept");
	strcpy(at.sun_path, argv[1]);
	n = atoi(argv[3]);
	slow = strcmp(argv[4], "slow") == 0;
	getrlimit(RLIMIT_NOFILE, &l);
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
	if ((rlim_t)n + 16 > l.rlim_cur)
		n = (int)l.rlim_cur - 16;
	if ((fds = calloc((size_t)n, sizeof(*fds))) == NULL)
		err(1, "memory");
	other = client();
	question(other);
	before = memory(argv[2]);
	for (i = 0; i < n; i++) {
		fds[i] = client();
		if (strcmp(argv[4], "kept") == 0)
			question(fds[i]);
	}
	octet = now();
	for (i = 0; i < QUESTIONS; i++) {
		if (slow && now() >= octet && sent < sizeof(ask) - 5) {
			for (int k = 0; k < n; k++)
				(void)!send(fds[k], ask + sent, 1,
				    MSG_NOSIGNAL | MSG_DONTWAIT);
			sent++;
			octet += 1e6;
		}
		began = now();
		question(other);
		t[i] = now() - began;
		usleep(100);
	}
	for (i = 0; i < n; i++)
		open += is_open(fds[i]);
	printf("%d %s connections: %ld octets of memory each, %d left open; ",
	    n, argv[4], (memory(argv[2]) - before) / n, open);
	qsort(t, QUESTIONS, sizeof(t[0]), rising);
	printf("others wait %.0f us, p99 %.0f us\n", t[QUESTIONS / 2],
	    t[QUESTIONS / 100 * 99]);
	return 0;
}
