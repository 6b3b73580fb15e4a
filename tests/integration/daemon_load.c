/*
 * daemon_load.c: latchkeyd under a service manager and under load, for tests.
 *
 *	daemon_load DAEMON POLICY DIR reload N	N reloads, one after the other
 *	daemon_load DAEMON POLICY DIR restart N	N restarts by socket activation
 *	daemon_load DAEMON POLICY DIR flight	a stop while a body is sent
 *	daemon_load DAEMON POLICY DIR watchdog	it says that it is alive, until
 *						it is not
 *	daemon_load - SOCKET DIR ask		ask that of somebody else,
 *						until standard input ends
 *
 * This is the service manager: it holds the socket and gives it to latchkeyd,
 * and hears what latchkeyd tells it.  Meanwhile clients ask as fast as they are
 * answered, on connections that are kept; with an argument more, "hurry", the
 * daemon is killed where it should be stopped, so that answers are lost and the
 * count of them is seen to count.  DIR has the head of a question that is
 * allowed in DIR/question.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS		4
#define PATIENCE	60		/* seconds, of what hangs            */
#define ANSWER_MAX	4096

static const char	*program, *policy;
static struct sockaddr_un at = { .sun_family = AF_UNIX };
static char		 question[4096];
static int		 listener, told;
static pid_t		 daemon_pid;
static atomic_int	 over;
static atomic_ulong	 good, bad, lost;

/* --------------------------------------------------------- service manager */

static int
unix_socket(const char *dir, const char *name, int type,
    struct sockaddr_un *un)
{
	int	 fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s/%s", dir, name);
	(void)unlink(un->sun_path);
	if (fd == -1 || bind(fd, (struct sockaddr *)un, sizeof(*un)) == -1)
		err(1, "%s", un->sun_path);
	return fd;
}

static void
child(void)
{
	char	 pid[24];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(listener, 3) == -1)
		_exit(1);
	fcntl(3, F_SETFD, 0);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_FDNAMES", "verify", 1);
	execl(program, program, "--verify", "--policy", policy, (char *)0);
	_exit(127);
}

/* The next that latchkeyd tells; "" after seconds without a word. */
static const char *
hear(unsigned seconds)
{
	static char	 text[256];
	struct timeval	 tv = { (time_t)seconds, 0 };
	ssize_t		 n;

	setsockopt(told, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	n = recv(told, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
await(const char *what)
{
	const char	*s;

	do {
		if (*(s = hear(PATIENCE)) == '\0')
			errx(1, "no %s", what);
	} while (strncmp(s, what, strlen(what)) != 0);
}

static void
begin(void)
{
	if ((daemon_pid = fork()) == -1)
		err(1, "fork");
	if (daemon_pid == 0)
		child();
	await("READY=1");
}

static void
end(int how)
{
	int	 status;

	kill(daemon_pid, how);
	if (waitpid(daemon_pid, &status, 0) != daemon_pid)
		err(1, "wait");
	if (how == SIGTERM && status != 0)
		errx(1, "latchkeyd ended with %#x", (unsigned)status);
}

/* ------------------------------------------------------------------ client */

static int
client_connect(void)
{
	struct timeval	 tv = { PATIENCE, 0 };
	int		 fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	if (fd == -1 || connect(fd, (struct sockaddr *)&at, sizeof(at)) == -1)
		err(1, "connect");
	return fd;
}

/* A whole answer without body; its status, or 0: it was lost. */
static int
answer(int fd, int *ends)
{
	char	 text[ANSWER_MAX];
	size_t	 n = 0;
	ssize_t	 r;

	do {
		r = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (r <= 0)
			return 0;
		n += (size_t)r;
		text[n] = '\0';
	} while (strstr(text, "\r\n\r\n") == NULL);
	*ends = strcasestr(text, "\r\nconnection: close") != NULL;
	return n > 12 ? atoi(text + 9) : 0;
}

static int
ask(int fd, int *ends)
{
	size_t	 n = strlen(question);

	*ends = 1;
	return send(fd, question, n, MSG_NOSIGNAL) == (ssize_t)n ?
	    answer(fd, ends) : 0;
}

static void *
client(void *arg)
{
	int	 fd = -1, ends, status;

	(void)arg;
	while (!atomic_load(&over)) {
		if (fd == -1)
			fd = client_connect();
		status = ask(fd, &ends);
		atomic_fetch_add(status == 200 ? &good : status == 0 ? &lost :
		    &bad, 1);
		if (ends) {
			close(fd);
			fd = -1;
		}
	}
	if (fd != -1)
		close(fd);
	return NULL;
}

/* ------------------------------------------------------------------- tests */

static void
reload(int n, int how)
{
	int	 i;

	for (i = 0; i < n; i++) {
		kill(daemon_pid, SIGHUP);
		await("RELOADING=1");
		await("READY=1");
	}
	if (how == SIGKILL) {
		end(how);
		begin();
	}
}

/* So many more are answered, as before; or something is wrong. */
static void
go_on(unsigned long n)
{
	n += atomic_load(&good);
	while (atomic_load(&good) < n && atomic_load(&bad) == 0)
		usleep(1000);
}

static void
restart(int n, int how)
{
	int	 i;

	for (i = 0; i < n; i++) {
		go_on(500);
		end(how);
		begin();
	}
}

static int
under_load(void (*what)(int, int), int n, int how)
{
	pthread_t	 t[CLIENTS];
	int		 i;

	for (i = 0; i < CLIENTS; i++)
		if (pthread_create(&t[i], NULL, client, NULL) != 0)
			errx(1, "no thread");
	go_on(100);
	what(n, how);
	go_on(100);
	atomic_store(&over, 1);
	for (i = 0; i < CLIENTS; i++)
		pthread_join(t[i], NULL);
	printf("%d times: %lu answers, %lu wrong, %lu lost\n", n,
	    atomic_load(&good), atomic_load(&bad), atomic_load(&lost));
	return atomic_load(&bad) != 0 || atomic_load(&lost) != 0;
}

/* The head and half of the body came before the stop, the rest after it. */
static int
flight(int how)
{
	char	 head[sizeof(question) + 64];
	int	 fd = client_connect(), ends = 0, status;
	size_t	 n = strlen(question);

	snprintf(head, sizeof(head), "POST%.*sContent-Length: 4\r\n\r\n{}",
	    (int)(n - 2 - 3), question + 3);
	if (send(fd, head, strlen(head), MSG_NOSIGNAL) == -1)
		err(1, "send");
	usleep(200000);
	kill(daemon_pid, how);
	if (how == SIGTERM)
		await("STOPPING=1");
	usleep(200000);
	(void)send(fd, "\n\n", 2, MSG_NOSIGNAL);
	status = answer(fd, &ends);
	close(fd);
	printf("status %d, connection %s\n", status, ends ? "ends" : "kept");
	return status != 200 || !ends;
}

/* Whoever has much to do is alive as well. */
static void
await_between_reloads(void)
{
	const char	*s;
	int		 i;

	for (i = 0; i < 500; i++) {
		kill(daemon_pid, SIGHUP);
		do {
			s = hear(PATIENCE);
			if (strcmp(s, "WATCHDOG=1") == 0)
				return;
		} while (*s != '\0' && strncmp(s, "READY=1", 7) != 0);
	}
	errx(1, "no WATCHDOG=1 in %d reloads", i);
}

static int
watchdog(void)
{
	await("WATCHDOG=1");
	await("WATCHDOG=1");
	await_between_reloads();
	kill(daemon_pid, SIGSTOP);
	while (*hear(2) != '\0')
		continue;
	kill(daemon_pid, SIGCONT);
	await("WATCHDOG=1");
	return 0;
}

/* Meanwhile somebody else does something to it. */
static void
wait_for_input(int n, int how)
{
	char	 c;

	(void)n;
	(void)how;
	while (read(STDIN_FILENO, &c, 1) > 0)
		continue;
}

static void
read_question(const char *dir)
{
	char	 path[256];
	FILE	*f;
	size_t	 n;

	snprintf(path, sizeof(path), "%s/question", dir);
	if ((f = fopen(path, "re")) == NULL)
		err(1, "%s", path);
	n = fread(question, 1, sizeof(question) - 1, f);
	fclose(f);
	question[n] = '\0';
}

static void
prepare(const char *dir)
{
	struct sockaddr_un	 un;

	read_question(dir);
	told = unix_socket(dir, "notify", SOCK_DGRAM, &un);
	setenv("NOTIFY_SOCKET", un.sun_path, 1);
	listener = unix_socket(dir, "load.sock", SOCK_STREAM, &at);
	if (listen(listener, 128) == -1)
		err(1, "listen");
}

int
main(int argc, char **argv)
{
	int	 n, how, r = 1;

	if (argc < 5)
		errx(1, "arguments");
	program = argv[1];
	policy = argv[2];
	if (strcmp(argv[4], "ask") == 0) {
		read_question(argv[3]);
		snprintf(at.sun_path, sizeof(at.sun_path), "%s", argv[2]);
		return under_load(wait_for_input, 1, 0);
	}
	prepare(argv[3]);
	n = argc > 5 ? atoi(argv[5]) : 1;
	how = strcmp(argv[argc - 1], "hurry") == 0 ? SIGKILL : SIGTERM;
	if (strcmp(argv[4], "watchdog") == 0)
		setenv("WATCHDOG_USEC", "400000", 1);
	begin();
	if (strcmp(argv[4], "reload") == 0)
		r = under_load(reload, n, how);
	else if (strcmp(argv[4], "restart") == 0)
		r = under_load(restart, n, how);
	else if (strcmp(argv[4], "flight") == 0)
		return flight(how);
	else if (strcmp(argv[4], "watchdog") == 0)
		r = watchdog();
	end(SIGTERM);
	return r;
}
