/*
 * child.c: a process for each check, and what its parent makes of its end.
 *
 *	parent					child
 *	fork ------------------------------->	limits, threads, filter
 *	reads /proc of it  <------ ready ----	stands still
 *	go --------------------------------->	loads, asks
 *	reads /proc again  <------ done -----	stands still
 *	compares; go ----------------------->	ends
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/futex.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "conform/child.h"

#define POLL_NS		2000000L	/* between looks at the child        */
#define CALL_SECONDS	3		/* one call that works               */
#define IDLE_SECONDS	10		/* one call that sleeps              */
#define CHECK_SECONDS	120		/* of work, a whole check            */
#define WHOLE_SECONDS	600		/* on the clock                      */
#define MEMORY		(1UL << 30)	/* octets, beside what is there      */
#define OUTPUT_MAX	128		/* octets of what it printed         */

/* A child that runs. */
struct child {
	struct lk_run		*r;
	const struct lk_check	*k;
	pid_t			 pid;
	int			 out;	/* what it prints                    */
	int			 status;
	const char		*hung;	/* why it was killed, or NULL        */
	struct lk_process	 was, is;
};

/* ------------------------------------------------------------ in the child */

static void
limit(int what, rlim_t n)
{
	const struct rlimit	 l = { n, n };

	setrlimit(what, &l);
}

static void
limits_set(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, 64);
	limit(RLIMIT_CPU, CHECK_SECONDS);
	/* A sanitizer maps more than any machine has. */
	if (lk_heap_watched())
		limit(RLIMIT_AS, MEMORY);
}

/* Stand still until the parent has looked. */
static void
stand(struct lk_board *b, uint32_t stage)
{
	b->stage = stage;
	while (b->go != stage)
		syscall(SYS_futex, (void *)(uintptr_t)&b->go, FUTEX_WAIT, b->go,
		    NULL, NULL, 0);
}

uint64_t
lk_child_mapped(struct lk_board *b)
{
	static uint32_t	 looks;

	stand(b, LK_STAGE_LOOK + looks++);
	return b->mapped;
}

/* The rest of what it could change is seen from outside. */
static int
locale_changed(void)
{
	static const int	 v[] = { LC_CTYPE, LC_NUMERIC, LC_TIME,
				     LC_COLLATE, LC_MONETARY, LC_MESSAGES };
	size_t			 i;

	/* This program never sets one, so each is as it began. */
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		if (strcmp(nl_langinfo(NL_LOCALE_NAME(v[i])), "C") != 0)
			return 1;
	return 0;
}

static void
tell_changed(struct lk_trial *t, uint64_t control)
{
	if (locale_changed())
		lk_trial_tell(t, LK_FAULT, "changed the locale: it is the "
		    "whole process's");
	if (lk_float_control() != control)
		lk_trial_tell(t, LK_FAULT, "changed the rounding of floating "
		    "point or its traps: they are its caller's");
}

static void
check_run(struct lk_trial *t, const struct lk_check *k)
{
	const uint64_t	 control = lk_float_control();
	int		 configured = 0;

	if (k->fn == lk_check_constructors) {
		k->fn(t);
		tell_changed(t, control);
		return;
	}
	if (lk_trial_load(t) != 0)
		return;
	lk_filter_set(LK_FILTER_CALLS);
	if (k->fn != lk_check_load && k->fn != lk_check_configure &&
	    k->fn != lk_check_options && k->fn != lk_check_memory)
		configured = 1;
	if (configured && lk_trial_configure(t) != 0)
		return;
	k->fn(t);
	lk_trial_release(t);
	fflush(NULL);
	tell_changed(t, control);
}

static void
trial_make(struct lk_trial *t, struct lk_run *r)
{
	struct lk_board	*b = r->board;

	t->run = r;
	t->board = b;
	t->now = b->when != 0 ? b->when : lk_clock_now();
	t->arena = lk_trial_guarded(LK_ARENA);
	t->cr = (void *)lk_trial_guarded(sizeof(*t->cr));
	t->a = (void *)lk_trial_guarded(sizeof(*t->a));
	t->holders[0] = (struct lk_holder){ "conformanc01", "acme",
	    b->token[0] };
	t->holders[1] = (struct lk_holder){ "conformanc02", "globex",
	    b->token[1] };
}

static void
child_main(struct lk_run *r, const struct lk_check *k, int out)
{
	static struct lk_trial	 t;
	int			 null = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	close(null);
	close(out);
	trial_make(&t, r);
	limits_set();
	lk_trap_set(r->board);
	if (k->threads && lk_trial_threads_start(&t) != 0)
		_exit(2);
	r->board->filtered = lk_filter_set(LK_FILTER_LOAD) == 0;
	stand(r->board, LK_STAGE_READY);
	check_run(&t, k);
	stand(r->board, LK_STAGE_DONE);
	_exit(0);
}

/* ----------------------------------------------------------- in the parent */

static void
nap(void)
{
	const struct timespec	 ts = { 0, POLL_NS };

	nanosleep(&ts, NULL);
}

static void
go(struct lk_board *b, uint32_t stage)
{
	b->go = stage;
	syscall(SYS_futex, (void *)(uintptr_t)&b->go, FUTEX_WAKE, 1, NULL,
	    NULL, 0);
}

/* Of a clock that nobody sets. */
static int64_t
seconds(void)
{
	struct timespec	 ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

/* How long the call that is in has lasted. */
struct lasting {
	uint64_t	 calls;
	int64_t		 since;		/* seconds                           */
	double		 work;
};

/* Why it has lasted too long, or NULL. */
static const char *
stalled(const struct child *c, struct lasting *l)
{
	struct lk_board	*b = c->r->board;
	int64_t		 now = seconds();
	double		 work;
	char		 state;

	if (b->call == NULL || b->calls != l->calls) {
		l->calls = b->calls;
		l->since = now;
		l->work = lk_process_worked(c->pid, &state);
		return NULL;
	}
	if (now - l->since < CALL_SECONDS)
		return NULL;
	work = lk_process_worked(c->pid, &state) - l->work;
	if (work >= CALL_SECONDS - 1)
		return "did not return, and works without end";
	if (now - l->since >= IDLE_SECONDS && state != 'R')
		return "did not return, and waits for something";
	return NULL;
}

static int
ended(struct child *c, int flags)
{
	pid_t	 r;

	do {
		r = waitpid(c->pid, &c->status, flags);
	} while (r == -1 && errno == EINTR);
	return r == c->pid;
}

/* What it wrote: shown, and drained so that it goes on. */
static size_t
drain(const struct child *c, char *text, size_t n)
{
	char	 rest[4096];
	ssize_t	 got;

	while (n + 1 < OUTPUT_MAX &&
	    (got = read(c->out, text + n, OUTPUT_MAX - 1 - n)) > 0)
		n += (size_t)got;
	while (n + 1 >= OUTPUT_MAX && read(c->out, rest, sizeof(rest)) > 0)
		continue;
	text[n] = '\0';
	return n;
}

/* Until it has ended; c->hung when that took a kill. */
static size_t
watch(struct child *c, char *text)
{
	struct lk_board	*b = c->r->board;
	int64_t		 start = seconds();
	struct lasting	 l = { 0, start, 0 };
	size_t		 n = 0;

	while (!ended(c, WNOHANG)) {
		nap();
		n = drain(c, text, n);
		if (b->stage == LK_STAGE_READY && b->go < LK_STAGE_READY) {
			lk_process_read(c->pid, &c->was);
			go(b, LK_STAGE_READY);
		} else if (b->stage >= LK_STAGE_LOOK && b->go != b->stage) {
			b->mapped = lk_process_mapped(c->pid);
			go(b, b->stage);
		} else if (b->stage == LK_STAGE_DONE) {
			lk_process_read(c->pid, &c->is);
			go(b, LK_STAGE_DONE);
			(void)ended(c, 0);
			break;
		}
		c->hung = stalled(c, &l);
		if (c->hung == NULL && seconds() - start > WHOLE_SECONDS)
			c->hung = "takes too long";
		if (c->hung != NULL) {
			kill(-c->pid, SIGKILL);
			(void)ended(c, 0);
			break;
		}
	}
	kill(-c->pid, SIGKILL);
	return drain(c, text, n);
}

/* -------------------------------------------------------------- its verdict */

static void
tell_call(struct lk_run *r, const char *check, const char *in)
{
	char	 name[32];

	lk_filter_name(r->board->syscall, name);
	lk_run_tell(r, LK_FAULT, check, "%s %s: system call %s", in,
	    lk_filter_deed(name), name);
}

/* The child has not come to its end by itself. */
static void
tell_death(const struct child *c)
{
	struct lk_run	*r = c->r;
	struct lk_board	*b = r->board;
	const char	*in = b->call != NULL ? b->call : "after a call, it";
	int		 sig;

	r->over = 1;
	sig = b->trap != LK_TRAP_NONE ? b->signal : WIFSIGNALED(c->status) ?
	    WTERMSIG(c->status) : 0;
	if (c->hung != NULL)
		lk_run_tell(r, LK_FAULT, c->k->name, "%s %s (with %s)", in,
		    c->hung, b->doing);
	else if (b->trap == LK_TRAP_CALL)
		tell_call(r, c->k->name, in);
	else if (sig == SIGSYS)
		lk_run_tell(r, LK_FAULT, c->k->name, "%s started a thread or a "
		    "process, or made another system call that is forbidden, "
		    "with its signals blocked (with %s)", in, b->doing);
	else if (b->trap == LK_TRAP_REQUEST)
		lk_run_tell(r, LK_FAULT, c->k->name, "%s wrote to the request, "
		    "which is its caller's (with %s)", in, b->doing);
	else if (b->trap == LK_TRAP_OUTPUT)
		lk_run_tell(r, LK_FAULT, c->k->name, "%s wrote past the end of "
		    "its output (with %s)", in, b->doing);
	else if (sig != 0)
		lk_run_tell(r, LK_FAULT, c->k->name, "%s %s: signal %d, %s "
		    "(with %s)", in, sig == SIGABRT ? "aborted" : "crashed",
		    sig, strsignal(sig), b->doing);
	else
		lk_run_tell(r, LK_FAULT, c->k->name, "%s ended the process, "
		    "exit status %d (with %s)", in, WEXITSTATUS(c->status),
		    b->doing);
}

static void
verdict(const struct child *c, char *text, size_t n)
{
	struct lk_run	*r = c->r;
	struct lk_board	*b = r->board;
	unsigned	 before = r->faults, told = b->ntold;
	uint32_t	 i;

	for (i = 0; i < b->ntold; i++)
		lk_run_tell(r, b->told[i].verdict, c->k->name, "%s",
		    b->told[i].text);
	if (n != 0) {
		text[strcspn(text, "\n")] = '\0';
		lk_text_tidy(text, OUTPUT_MAX);
		lk_run_tell(r, LK_FAULT, c->k->name, "wrote to the standard "
		    "output or error: %s", text);
	}
	if (b->stage != LK_STAGE_DONE || c->hung != NULL)
		tell_death(c);
	else
		told += lk_process_compare(r, c->k->name, &c->was, &c->is,
		    r->real);
	if (c->k->fn == lk_check_load && !b->filtered)
		lk_run_tell(r, LK_REMARK, c->k->name, "system calls are not "
		    "filtered: built without libseccomp or with a sanitizer");
	if (r->faults == before && told == 0)
		lk_run_tell(r, LK_CONFORMS, c->k->name, "%s", b->pass);
}

static void
board_clear(struct lk_board *b)
{
	b->stage = LK_STAGE_START;
	b->go = LK_STAGE_START;
	b->call = NULL;
	b->trap = LK_TRAP_NONE;
	b->signal = 0;
	b->ntold = 0;
	snprintf(b->doing, sizeof(b->doing), "nothing yet");
	snprintf(b->pass, sizeof(b->pass), "well");
}

void
lk_child_run(struct lk_run *r, const struct lk_check *k)
{
	struct child	 c = { .r = r, .k = k };
	char		 text[OUTPUT_MAX] = "";
	size_t		 n;
	int		 pipes[2];

	board_clear(r->board);
	if (pipe2(pipes, O_CLOEXEC) == -1)
		return;
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	fflush(NULL);
	if ((c.pid = fork()) == 0) {
		close(pipes[0]);
		child_main(r, k, pipes[1]);
	}
	close(pipes[1]);
	c.out = pipes[0];
	if (c.pid > 0) {
		setpgid(c.pid, c.pid);
		n = watch(&c, text);
		verdict(&c, text, n);
	} else {
		r->over = 1;
		lk_run_tell(r, LK_FAULT, k->name, "no process could be made "
		    "for it");
	}
	close(c.out);
}
