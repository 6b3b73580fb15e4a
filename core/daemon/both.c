/*
 * both.c: a parent and its two duties.
 *
 *	latchkeyd --both ─┬─ fork ─▶ --verify ── a pipe: READY=1, WATCHDOG=1
 *	                  └─ fork ─▶ --admin ─── a pipe
 *
 * The parent opens neither policy nor store, and has no thread; so what ends
 * one of the two cannot end it.  When it is killed itself, the kernel tells
 * them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/both.h"
#include "daemon/notify.h"
#include "daemon/pidfile.h"
#include "daemon/tell.h"
#include "latchkey.h"

#define NCHILDREN	2
#define TEXT_MAX	1280		/* octets of what a child says       */

struct child {
	const char	*name;
	enum lk_duty	 duty;
	pid_t		 pid;		/* 0: it ended                       */
	int		 pipe;		/* what it says; -1: closed          */
	int		 ready, alive;
	char		 status[TEXT_MAX];
};

struct both {
	struct child	 v[NCHILDREN];
	int		 signals;	/* signalfd                          */
	int		 stopping;	/* a signal said so                  */
	int		 status;
	int		 decided;	/* status is                         */
	const char	*pid;		/* a file to write; NULL: none, or
					 * it is written                     */
};

/* -------------------------------------------------------------------- start */

static void	 child_run(struct both *b, struct child *c, int fd,
		    lk_duty_fn fn, void *arg) __attribute__((noreturn));

static void
child_run(struct both *b, struct child *c, int fd, lk_duty_fn fn, void *arg)
{
	sigset_t	 set;
	size_t		 i;

	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	close(b->signals);
	for (i = 0; i < NCHILDREN; i++)
		if (b->v[i].pipe != -1)
			close(b->v[i].pipe);
	lk_notify_to(fd);
	exit(fn(arg, c->duty));
}

static int
child_start(struct both *b, struct child *c, lk_duty_fn fn, void *arg)
{
	pid_t	 parent = getpid();
	int	 fds[2];

	/* A read takes what was one write. */
	if (pipe2(fds, O_CLOEXEC | O_DIRECT) == -1)
		return -1;
	c->pipe = fds[0];
	if ((c->pid = fork()) == -1) {
		c->pid = 0;
		close(fds[1]);
		return -1;
	}
	if (c->pid == 0) {
		/* It may have died before this one asked to be told. */
		if (getppid() != parent)
			_exit(EX_UNAVAILABLE);
		child_run(b, c, fds[1], fn, arg);
	}
	close(fds[1]);
	return 0;
}

static int
watch_signals(struct both *b)
{
	sigset_t	 set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return b->signals == -1 ? -1 : 0;
}

/* --------------------------------------------------------------------- end */

static void
hand_on(struct both *b, int sig)
{
	size_t	 i;

	for (i = 0; i < NCHILDREN; i++)
		if (b->v[i].pid != 0)
			kill(b->v[i].pid, sig);
}

/* What a child's end says of the whole. */
static void
judge(struct both *b, struct child *c, int how)
{
	int	 status = WIFEXITED(how) ? WEXITSTATUS(how) : EX_UNAVAILABLE;

	if (WIFSIGNALED(how)) {
		snprintf(c->status, sizeof(c->status), "was ended by signal "
		    "%d", WTERMSIG(how));
		lk_tell(LOG_ERR, "%s %s", c->name, c->status);
	}
	if (b->decided || (b->stopping && status == 0))
		return;
	if (!b->stopping)
		lk_tell(LOG_ERR, "%s ended: the other one is stopped",
		    c->name);
	b->status = status != 0 ? status : EX_UNAVAILABLE;
	b->decided = 1;
}

static void
reap(struct both *b)
{
	pid_t	 pid;
	size_t	 i;
	int	 how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0)
		for (i = 0; i < NCHILDREN; i++) {
			if (b->v[i].pid != pid)
				continue;
			b->v[i].pid = 0;
			judge(b, &b->v[i], how);
			hand_on(b, SIGTERM);
		}
}

/* ------------------------------------------------------------------- listen */

static void
take_signal(struct both *b, int sig)
{
	size_t	 i;

	if (sig == SIGCHLD)
		reap(b);
	else if (sig == SIGHUP) {
		for (i = 0; i < NCHILDREN; i++)
			b->v[i].ready = 0;
		lk_notify_reloading();
		hand_on(b, SIGHUP);
	} else {
		if (!b->stopping)
			lk_notify("STOPPING=1");
		b->stopping = 1;
		hand_on(b, SIGTERM);
	}
}

static void
take_signals(struct both *b)
{
	struct signalfd_siginfo	 si;

	while (read(b->signals, &si, sizeof(si)) == sizeof(si))
		take_signal(b, (int)si.ssi_signo);
}

/* What it would have told a service manager. */
static void
hear(struct child *c)
{
	char	 text[TEXT_MAX + 1], *status;
	ssize_t	 n = read(c->pipe, text, TEXT_MAX);

	if (n <= 0) {
		if (n == -1 && errno == EINTR)
			return;
		close(c->pipe);
		c->pipe = -1;
		return;
	}
	text[n] = '\0';
	if (strncmp(text, "READY=1", 7) == 0)
		c->ready = 1;
	if (strncmp(text, "WATCHDOG=1", 10) == 0)
		c->alive = 1;
	if ((status = strstr(text, "STATUS=")) != NULL)
		snprintf(c->status, sizeof(c->status), "%s", status + 7);
}

/* A start that fails leaves that of another one alone. */
static void
write_pid(struct both *b)
{
	struct lk_error	 e = { 0 };

	if (b->pid == NULL || b->stopping || b->decided)
		return;
	if (lk_pidfile_write(b->pid, &e) != 0) {
		b->status = lk_tell_error("", &e);
		b->decided = 1;
		hand_on(b, SIGTERM);
	}
	b->pid = NULL;
}

static void
notify_statuses(const struct both *b, const char *before)
{
	const struct child	*x = &b->v[0], *y = &b->v[1];
	char			 state[2 * TEXT_MAX + 64];

	snprintf(state, sizeof(state), "%sSTATUS=%s %s; %s %s", before,
	    x->name, x->status, y->name, y->status);
	lk_notify(state);
}

/* The manager hears of it when both have said it. */
static void
tell(struct both *b)
{
	struct child	*x = &b->v[0], *y = &b->v[1];

	if (x->ready == 1 && y->ready == 1) {
		x->ready = y->ready = 2;
		write_pid(b);
		notify_statuses(b, "READY=1\n");
	}
	if (x->alive && y->alive) {
		x->alive = y->alive = 0;
		lk_notify("WATCHDOG=1");
	}
}

static void
look_after(struct both *b)
{
	struct pollfd	 p[NCHILDREN + 1];
	size_t		 i;

	while (b->v[0].pid != 0 || b->v[1].pid != 0) {
		for (i = 0; i < NCHILDREN; i++) {
			p[i].fd = b->v[i].pipe;
			p[i].events = POLLIN;
		}
		p[i].fd = b->signals;
		p[i].events = POLLIN;
		if (poll(p, NCHILDREN + 1, -1) == -1 && errno != EINTR)
			return;
		for (i = 0; i < NCHILDREN; i++)
			if (b->v[i].pipe != -1 && p[i].revents != 0)
				hear(&b->v[i]);
		take_signals(b);
		tell(b);
	}
}

int
lk_both_run(lk_duty_fn fn, void *arg, const char *pid)
{
	struct both	 b = { .pid = pid, .v = {
		{ .name = "--verify", .duty = LK_DUTY_VERIFY, .pipe = -1,
		    .status = "starts" },
		{ .name = "--admin", .duty = LK_DUTY_ADMIN, .pipe = -1,
		    .status = "starts" },
	} };

	if (watch_signals(&b) == -1 ||
	    child_start(&b, &b.v[0], fn, arg) == -1 ||
	    child_start(&b, &b.v[1], fn, arg) == -1) {
		lk_tell(LOG_ERR, "cannot start both: %s", strerror(errno));
		b.status = EX_OSERR;
		b.decided = 1;
		hand_on(&b, SIGTERM);
	}
	look_after(&b);
	if (!b.stopping)
		notify_statuses(&b, "");
	if (pid != NULL)
		lk_pidfile_remove(pid);
	return b.status;
}
