/*
 * notify.c: systemd's protocol, a page of code.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/notify.h"

#define FIRST_FD	3		/* SD_LISTEN_FDS_START               */

/* A path, or @ and the name of an abstract socket.  Its length, or 0. */
static socklen_t
notify_address(const char *name, struct sockaddr_un *un)
{
	size_t	 n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n < 2 ||
	    n >= sizeof(un->sun_path))
		return 0;
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, name, n);
	if (name[0] == '@')
		un->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n +
	    (name[0] == '/'));
}

static int	 parent = -1;

void
lk_notify_to(int fd)
{
	parent = fd;
}

void
lk_notify(const char *state)
{
	const char		*name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un	 un;
	socklen_t		 len;
	int			 fd;

	if (parent != -1) {
		/* So short a write is whole or not at all. */
		(void)!write(parent, state, strlen(state));
		return;
	}
	if (name == NULL || (len = notify_address(name, &un)) == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	while (sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&un, len) == -1 && errno == EINTR)
		continue;
	close(fd);
}

void
lk_notify_reloading(void)
{
	struct timespec	 ts;
	char		 state[64];

	clock_gettime(CLOCK_MONOTONIC, &ts);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
	lk_notify(state);
}

/* A number of a variable: digits alone.  1, or 0. */
static int
env_number(const char *name, uint64_t max, uint64_t *out)
{
	const char	*s = getenv(name);
	size_t		 n;

	if (s == NULL || (n = strspn(s, "0123456789")) == 0 || n > 18 ||
	    s[n] != '\0')
		return 0;
	*out = strtoull(s, NULL, 10);
	return *out <= max;
}

/* Meant for this process, and not for the one that started it. */
static int
env_is_mine(const char *name)
{
	uint64_t	 pid;

	return env_number(name, INT32_MAX, &pid) && (pid_t)pid == getpid();
}

uint64_t
lk_notify_watchdog(void)
{
	uint64_t	 usec;

	if (!env_number("WATCHDOG_USEC", UINT64_MAX / 1000, &usec))
		return 0;
	if (getenv("WATCHDOG_PID") != NULL && !env_is_mine("WATCHDOG_PID"))
		return 0;
	return usec;
}

/* ----------------------------------------------------------------- sockets */

/* The names, parted by colons; those that are missing are "". */
static void
take_names(struct lk_handed *h, const char *s)
{
	size_t	 i, len;

	for (i = 0; s != NULL && i < h->n; i++) {
		len = strcspn(s, ":");
		if (len < sizeof(h->names[i]))
			memcpy(h->names[i], s, len);
		s = s[len] == ':' ? s + len + 1 : NULL;
	}
}

static int
take_fds(struct lk_handed *h, uint64_t n)
{
	size_t	 i;
	int	 fd;

	for (i = 0; i < n; i++) {
		fd = FIRST_FD + (int)i;
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
			return -1;
		h->fds[h->n++] = fd;
	}
	return 0;
}

int
lk_handed_take(struct lk_handed *h)
{
	uint64_t	 n = 0;
	int		 r = 0;

	memset(h, 0, sizeof(*h));
	if (env_is_mine("LISTEN_PID")) {
		r = env_number("LISTEN_FDS", LK_HANDED_MAX, &n) ?
		    take_fds(h, n) : -1;
		take_names(h, getenv("LISTEN_FDNAMES"));
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return r;
}
