/*
 * run.c: from the command line to the last answer.
 *
 * The first thread waits for signals and tells the service manager; loops
 * serve.  What is wrong at the start ends the process with its sentence and
 * exit status; what goes wrong later is logged, and it serves on.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/admin.h"
#include "daemon/become.h"
#include "daemon/both.h"
#include "daemon/check.h"
#include "daemon/conn.h"
#include "daemon/daemon.h"
#include "daemon/listen.h"
#include "daemon/loops.h"
#include "daemon/once.h"
#include "daemon/options.h"
#include "daemon/pidfile.h"
#include "daemon/server.h"
#include "daemon/tell.h"

#define TICK_MAX	1000		/* milliseconds                      */
#define WHY_MAX		1024		/* octets of what is told            */

/* What differs from duty to duty. */
static const struct duty {
	unsigned	 flags;		/* of lk_open                        */
	unsigned	 serve;		/* LK_SERVE_*                        */
	const char	*name;		/* of its sockets                    */
} duties[] = {
	[LK_DUTY_VERIFY] = { LK_VERIFY_ONLY, LK_SERVE_VERIFY, "verify" },
	[LK_DUTY_ADMIN] = { 0, LK_SERVE_ADMIN, "admin" },
};

struct run {
	struct lk_options	 options;
	const struct duty	*duty;
	struct lk_server	 server;
	struct lk_handed	 handed;
	struct lk_sockets	 main, metrics;
	struct lk_listener	 listeners[2 * LK_SOCKETS_MAX];
	size_t			 nlisteners;
	struct lk_log		*log;
	struct lk_loops		*loops;
	struct lk_pool		*pool;		/* of the admin alone        */
	unsigned		 tick;		/* milliseconds              */
	int			 watched;	/* by the service manager    */
	int64_t			 beat_at;	/* milliseconds, the next    */
	int			 owner;		/* of the store it shall be  */
	sigset_t		 signals;
};

/* ------------------------------------------------------------------- start */

/* A descriptor that is closed would be given to the next file. */
static void
fill_descriptors(void)
{
	int	 fd;

	for (fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", O_RDWR) != fd)
			_exit(EX_OSERR);
}

/* A core file would hold tokens and the pepper. */
static void
harden(void)
{
	const struct rlimit	 none = { 0, 0 };

	fill_descriptors();
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	(void)lk_guard();
}

/* Each connection is a descriptor; so many are there as the system lets. */
static void
raise_files(void)
{
	struct rlimit	 l;

	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		return;
	l.rlim_cur = l.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &l);
}

/* Threads that are started later leave them to the first one. */
static void
hold_signals(struct run *r)
{
	sigemptyset(&r->signals);
	sigaddset(&r->signals, SIGTERM);
	sigaddset(&r->signals, SIGINT);
	sigaddset(&r->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &r->signals, NULL);
}

/* Beats must come more often than the manager looks for them. */
static void
set_tick(struct run *r)
{
	uint64_t	 ms = lk_notify_watchdog() / 1000;

	r->watched = ms != 0;
	r->tick = ms != 0 && ms / 4 < TICK_MAX ? (unsigned)(ms / 4) : TICK_MAX;
	if (r->tick == 0)
		r->tick = 1;
}

static int
open_all(struct run *r, struct lk_error *e)
{
	struct lk_server	*s = &r->server;
	int			 admin = r->options.duty == LK_DUTY_ADMIN;
	int			 code;

	if ((code = lk_open(r->options.policy, r->duty->flags, &s->lk,
	    e)) != 0 ||
	    (code = lk_daemon_settings(s->lk, &s->settings, e)) != 0)
		return code;
	if (e->code == LK_NOTE)
		(void)lk_tell_error("", e);
	/* A body is read before it is known who sends it. */
	if (admin && s->settings.connections > LK_ADMIN_CONNECTIONS)
		s->settings.connections = LK_ADMIN_CONNECTIONS;
	if ((s->gate = lk_gate_new(&s->settings)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for connections");
	if ((code = lk_sockets_open(admin ? &s->settings.admin :
	    &s->settings.verify, r->duty->name, &r->handed, &r->main,
	    e)) != 0 || admin)
		return code;
	return lk_sockets_open(&s->settings.metrics, "metrics", &r->handed,
	    &r->metrics, e);
}

static void
serve(void *arg, const struct lk_http_request *rq, struct lk_reply *reply)
{
	if (rq->duty == LK_SERVE_ADMIN)
		lk_admin_serve(arg, rq, reply);
	else
		lk_route_serve(rq->duty == LK_SERVE_METRICS ?
		    lk_metrics_routes : lk_verify_routes, arg, rq, reply);
}

static void
listen_to(struct run *r, const struct lk_sockets *s, unsigned duty)
{
	size_t	 i;

	for (i = 0; i < s->n; i++) {
		r->listeners[r->nlisteners].fd = s->v[i].fd;
		r->listeners[r->nlisteners++].duty = duty;
	}
}

static int
start_loops(struct run *r, struct lk_error *e)
{
	struct lk_http_options	 o = { 0 };
	unsigned		 n = r->server.settings.threads;

	if (n == 0)
		n = lk_loops_cores();
	if (r->options.duty == LK_DUTY_ADMIN) {
		n = 1;
		if ((r->pool = lk_pool_start(LK_ADMIN_WORKERS, e)) == NULL)
			return e->code;
		if ((r->server.once = lk_once_new()) == NULL)
			return lk_fail(e, LK_ENOMEM, "no memory");
	}
	listen_to(r, &r->main, r->duty->serve);
	listen_to(r, &r->metrics, LK_SERVE_METRICS);
	if ((r->log = lk_log_start(STDERR_FILENO, n, e)) == NULL ||
	    lk_owns_new(&r->server.settings, r->log, n, &r->server.loops,
	    e) != 0)
		return e->code;
	r->server.nloops = n;
	o.settings = &r->server.settings;
	o.gate = r->server.gate;
	o.listeners = r->listeners;
	o.nlisteners = r->nlisteners;
	o.tick = r->tick;
	o.fn = serve;
	o.refuse = r->pool != NULL ? lk_admin_refuse_http : lk_refuse_http;
	o.arg = &r->server;
	o.pool = r->pool;
	o.slow = lk_admin_slow;
	o.admit = lk_admin_admit;
	o.done = lk_admin_done;
	r->loops = lk_loops_start(&o, r->server.loops, n, e);
	return r->loops != NULL ? 0 : e->code;
}

/* -------------------------------------------------------------------- wait */

static void
notify_why(const char *before, const struct lk_error *e)
{
	char	 why[WHY_MAX], state[WHY_MAX + 64];

	lk_tell_format(e, why, sizeof(why));
	snprintf(state, sizeof(state), "%s: %s", before, why);
	lk_notify(state);
}

/* It serves, and how, in words for whoever asks the manager. */
static void
tell_ready(const struct run *r)
{
	struct lk_health	 h;

	if (lk_health(r->server.lk, &h) != 0 || h.degraded == 0)
		lk_notify("READY=1\nSTATUS=serves");
	else
		notify_why("READY=1\nSTATUS=serves, degraded", &h.why);
}

/* A bad policy is refused whole, and the old one goes on. */
static void
reload(struct run *r)
{
	struct lk_error	 e = { 0 };

	lk_notify_reloading();
	if (lk_reload(r->server.lk, &e) != 0)
		(void)lk_tell_error("not reloaded, the old policy goes on: ",
		    &e);
	tell_ready(r);
}

/* By the clock: whoever is told to reload again and again is alive as well.  A
 * loop that hangs is not to be kept alive by this one. */
static void
beat(struct run *r)
{
	int64_t	 now = lk_now_ms();

	if (!r->watched || now < r->beat_at)
		return;
	r->beat_at = now + r->tick;
	if (lk_loops_alive(r->loops))
		lk_notify("WATCHDOG=1");
}

/* Until a signal says to stop. */
static void
wait_for_end(struct run *r)
{
	struct timespec	 ts;
	int		 got;

	ts.tv_sec = (time_t)(r->tick / 1000);
	ts.tv_nsec = (long)(r->tick % 1000) * 1000000;
	for (;;) {
		got = sigtimedwait(&r->signals, NULL, &ts);
		if (got == SIGTERM || got == SIGINT)
			return;
		if (got == SIGHUP)
			reload(r);
		beat(r);
	}
}

static void
stop(struct run *r)
{
	if (r->options.pid != NULL)
		lk_pidfile_remove(r->options.pid);
	atomic_store(&r->server.stop_by, lk_now_ms() +
	    (int64_t)r->server.settings.stop_time * 1000);
	atomic_store(&r->server.stopping, 1);
	lk_loops_stop(&r->loops);
	lk_pool_stop(&r->pool);
	lk_once_free(&r->server.once);
	lk_owns_free(&r->server.loops, r->server.nloops);
	lk_log_stop(&r->log);
	lk_sockets_close(&r->main);
	lk_sockets_close(&r->metrics);
	lk_gate_free(&r->server.gate);
	lk_close(&r->server.lk);
}

/* Of --both the one that answers gateways may be somebody who cannot write the
 * store, as with a unit of its own. */
static int
become(const struct run *r, struct lk_error *e)
{
	if (r->options.duty == LK_DUTY_VERIFY && r->options.verifier != NULL)
		return lk_become_verifier(r->options.policy,
		    r->options.verifier, e);
	return r->owner ? lk_become_owner(r->options.policy, e) : 0;
}

/* One duty, from opening the policy to the last answer. */
static int
run_duty(void *arg, enum lk_duty duty)
{
	struct run	*r = arg;
	struct lk_error	 e = { 0 };
	int		 status = 0;

	r->options.duty = duty;
	r->duty = &duties[duty];
	if (become(r, &e) != 0 || open_all(r, &e) != 0 ||
	    start_loops(r, &e) != 0 || (r->options.pid != NULL &&
	    lk_pidfile_write(r->options.pid, &e) != 0)) {
		status = lk_tell_error("", &e);
		notify_why("STATUS=does not start", &e);
	} else {
		tell_ready(r);
		wait_for_end(r);
		lk_notify("STOPPING=1");
	}
	stop(r);
	return status;
}

/* Which socket is whose must be said. */
static int
check_handed(const struct run *r, struct lk_error *e)
{
	if (r->options.duty == LK_DUTY_BOTH && r->handed.n != 0 &&
	    !lk_handed_named(&r->handed))
		return lk_fail(e, LK_ECONFIG, "sockets that are handed to "
		    "--both are named verify and admin (FileDescriptorName=)");
	return 0;
}

int
lk_daemon_main(int argc, char **argv)
{
	static struct run	 r;
	struct lk_error		 e = { 0 };
	const char		*pid;
	int			 status;

	harden();
	if ((status = lk_options_parse(argc, argv, &r.options)) != -1)
		return status;
	hold_signals(&r);
	raise_files();
	set_tick(&r);
	if (lk_handed_take(&r.handed) == -1)
		lk_fail(&e, LK_ECONFIG, "LISTEN_FDS names descriptors that are "
		    "not there");
	if (e.code != 0 || check_handed(&r, &e) != 0)
		return lk_tell_error("", &e);
	r.owner = r.options.duty != LK_DUTY_VERIFY;
	if (r.options.check)
		return r.options.verifier != NULL ?
		    lk_check_both(r.options.policy, r.options.verifier) :
		    lk_check(r.options.policy, r.options.duty ==
		    LK_DUTY_VERIFY ? LK_VERIFY_ONLY : 0, r.owner);
	if (r.options.duty != LK_DUTY_BOTH)
		return run_duty(&r, r.options.duty);
	pid = r.options.pid;
	r.options.pid = NULL;		/* it is the parent's */
	return lk_both_run(run_duty, &r, pid);
}
