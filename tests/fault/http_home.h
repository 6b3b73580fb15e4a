/*
 * http_home.h: latchkeyd's HTTP in this process, before a store with one key,
 * and octets to it.  Allows are counted by who includes it.
 */
#ifndef HTTP_HOME_H
#define HTTP_HOME_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "daemon/loop.h"
#include "daemon/server.h"
#include "fault.h"

#define NOBODY	4294967294U	/* the number of no user             */

/* What is served, and by which policy. */
struct http_kind {
	int		 self;		/* who runs this has role a          */
	const char	*roles;		/* besides it: ", v: { ... }"        */
	const char	*types, *type;
	const char	*role;		/* that the key carries, or NULL     */
	unsigned	 duty;
	lk_http_fn	 serve, done;
	lk_http_slow_fn	 slow;		/* NULL: there is no pool            */
	lk_http_admit_fn admit;
};

static struct http_home {
	char			 dir[64], token[LK_TOKEN_MAX + 1];
	struct lk_server	 server;
	struct lk_log		*log;
	struct lk_listener	 listener;
	struct lk_http		*http;
	struct lk_pool		*pool;
	pthread_t		 thread;
	struct sockaddr_un	 un;
	atomic_ulong		 allows;
	atomic_ulong		 begun, ended;	/* answers of the pool       */
} http_home;

static void
http_die(const char *what, const char *why)
{
	printf("Bail out! %s: %s\n", what, why);
	exit(1);
}

static void
http_policy(const char *path, const struct http_kind *k)
{
	FILE	*f;

	if ((f = fopen(path, "we")) == NULL)
		http_die("a policy", path);
	fprintf(f, "version: 1\nstore: store\npepper: pepper\nplugins: %s\n"
	    "roles: { a: { may: [ generate, delete, list ], users: [ \"%u\" ] "
	    "}%s", getenv("LATCHKEY_PLUGINS"),
	    k->self ? (unsigned)geteuid() : NOBODY, k->roles);
	fprintf(f, " }\ntypes: { %s }\n"
	    "daemon: { log: none, limits: { body: 4KiB } }\n", k->types);
	fclose(f);
}

/* A policy without limits, and a key of it. */
static void
http_store(const struct http_kind *k)
{
	struct lk_generate	 g = { .size = sizeof(g), .account = "acme" };
	struct lk_operator	 op = { .size = sizeof(op) };
	struct lk_error		 e = { 0 };
	char			 path[128];

	strcpy(http_home.dir, "/tmp/latchkey-http.XXXXXX");
	if (mkdtemp(http_home.dir) == NULL ||
	    getenv("LATCHKEY_PLUGINS") == NULL)
		http_die("a folder", "run me by make check");
	snprintf(path, sizeof(path), "%s/h", http_home.dir);
	if (lk_home_init(path, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof(path), &e) != 0)
		http_die("a home", e.text);
	snprintf(path, sizeof(path), "%s/h/policy.yaml", http_home.dir);
	http_policy(path, k);
	g.type = k->type;
	g.role = k->role;
	if (lk_operator_self(&op, &e) != 0 ||
	    lk_open(path, 0, &http_home.server.lk, &e) != 0)
		http_die("a store", e.text);
	strcpy(op.role, "a");
	if (lk_generate(http_home.server.lk, &op, &g, http_home.token, NULL,
	    NULL, 0, &e) != 0)
		http_die("a key", e.text);
}

static void *
http_body(void *arg)
{
	lk_http_run(arg);
	return NULL;
}

static void
http_listen(void)
{
	struct sockaddr_un	*un = &http_home.un;
	int			 fd;

	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s/s", http_home.dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)un, sizeof(*un)) == -1 ||
	    listen(fd, 128) == -1)
		http_die("a socket", un->sun_path);
	http_home.listener.fd = fd;
}

static void
http_start(const struct http_kind *k)
{
	struct lk_server	*s = &http_home.server;
	struct lk_http_options	 o = { 0 };
	struct lk_error		 e = { 0 };

	http_store(k);
	http_listen();
	http_home.listener.duty = k->duty;
	if (lk_daemon_settings(s->lk, &s->settings, &e) != 0 ||
	    (s->gate = lk_gate_new(&s->settings)) == NULL ||
	    (http_home.log = lk_log_start(STDERR_FILENO, 1, &e)) == NULL ||
	    lk_owns_new(&s->settings, http_home.log, 1, &s->loops, &e) != 0)
		http_die("a server", e.text);
	s->nloops = 1;
	o.settings = &s->settings;
	o.gate = s->gate;
	o.listeners = &http_home.listener;
	o.nlisteners = 1;
	o.share = 1;
	o.tick = 1000;
	o.fn = k->serve;
	o.refuse = lk_refuse_http;
	o.slow = k->slow;
	o.admit = k->admit;
	o.done = k->done;
	if (k->slow != NULL &&
	    (http_home.pool = lk_pool_start(2, &e)) == NULL)
		http_die("a pool", e.text);
	o.pool = http_home.pool;
	o.arg = s;
	o.own = s->loops;
	if ((http_home.http = lk_http_new(&o, &e)) == NULL ||
	    pthread_create(&http_home.thread, NULL, http_body,
	    http_home.http) != 0)
		http_die("a loop", e.text);
}

static void
http_stop(void)
{
	char	 command[128];

	lk_http_stop(http_home.http);
	pthread_join(http_home.thread, NULL);
	lk_http_free(&http_home.http);
	lk_pool_stop(&http_home.pool);
	lk_owns_free(&http_home.server.loops, 1);
	lk_log_stop(&http_home.log);
	lk_gate_free(&http_home.server.gate);
	lk_close(&http_home.server.lk);
	close(http_home.listener.fd);
	snprintf(command, sizeof(command), "rm -rf '%s'", http_home.dir);
	if (system(command) != 0)
		http_die("cannot remove", http_home.dir);
}

static int
http_connect(const struct timeval *tv)
{
	int	 fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || connect(fd, (struct sockaddr *)&http_home.un,
	    sizeof(http_home.un)) == -1)
		http_die("connect", http_home.un.sun_path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, tv, sizeof(*tv));
	return fd;
}

/* The loop has seen all that came before: it answered another one since. */
static void
http_barrier(void)
{
	static const char	 ask[] = "GET /healthz HTTP/1.1\r\n"
				    "Host: l\r\n\r\n";
	static const struct timeval minute = { 60, 0 };
	static int		 fd = -1;
	char			 got[4096];

	if (fd == -1)
		fd = http_connect(&minute);
	if (send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == -1 ||
	    recv(fd, got, sizeof(got), 0) <= 0)
		http_die("the loop", "does not answer");
}

/* And the pool is done with it. */
static void
http_settle(void)
{
	static const struct timespec	 ms = { 0, 1000000 };
	int				 i;

	http_barrier();
	http_barrier();
	for (i = 0; atomic_load(&http_home.begun) !=
	    atomic_load(&http_home.ended); i++) {
		if (i == 60000)
			http_die("the pool", "is not done");
		nanosleep(&ms, NULL);
		http_barrier();
	}
	http_barrier();
	http_barrier();
}

/*
 * n octets on a connection of their own, which then ends; all that comes back
 * in out, ended by NUL.  Whoever waits for the rest of a body says nothing, and
 * is not waited for.
 */
static void
http_send(const char *p, size_t n, char *out, size_t size)
{
	static const struct timeval moment = { 0, 5000 };
	ssize_t	 r;
	size_t	 got = 0;
	int	 fd = http_connect(&moment), flags = 0;

	/* It may end the connection before it has read all. */
	(void)!send(fd, p, n, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	while (got < size - 1) {
		r = recv(fd, out + got, size - 1 - got, flags);
		if (r > 0)
			got += (size_t)r;
		else if (r == -1 && errno == EAGAIN && flags == 0) {
			http_settle();
			flags = MSG_DONTWAIT;
		} else
			break;
	}
	out[got] = '\0';
	close(fd);
}

#endif
