/*
 * Maps of files that are cut off.  Each row runs in a child, since a handler is
 * for a whole process and some are to end it.
 */
#include "table.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "base/guard.h"
#include "base/io.h"
#include "latchkey.h"

#define PAGES		64

static size_t		 page;
static volatile int	 told;

static int
file_of(size_t n)
{
	char	 name[] = "/tmp/lkguard.XXXXXX";
	int	 fd = mkstemp(name);

	if (fd == -1 || unlink(name) != 0 || ftruncate(fd, (off_t)n) != 0)
		_exit(90);
	if (pwrite(fd, "x", 1, 0) != 1)
		_exit(91);
	return fd;
}

/* A map by the table of operations. */
static volatile unsigned char *
mapped(size_t n, int prot, int *fd)
{
	void	*p;

	*fd = file_of(n);
	p = lk_io_system.map(NULL, *fd, n, prot);
	if (p == MAP_FAILED)
		_exit(92);
	return p;
}

static void
drop(volatile unsigned char *p, size_t n, int fd)
{
	lk_io_system.unmap(NULL, (void *)(uintptr_t)p, n);
	close(fd);
}

static int
hit(volatile unsigned char *p)
{
	return lk_guard_hit((const void *)(uintptr_t)p);
}

/* ------------------------------------------------------------------ in one */

static int
cut_off(void)
{
	volatile unsigned char	*p, *other;
	int			 fd, fd2;

	p = mapped(4 * page, PROT_READ, &fd);
	other = mapped(page, PROT_READ, &fd2);
	if (lk_guard() != 0 || lk_guard() != 0)
		return 1;
	if (p[0] != 'x' || hit(p) || ftruncate(fd, (off_t)page) != 0)
		return 2;
	if (p[0] != 'x' || hit(p))
		return 3;
	if (p[2 * page] != 0 || !hit(p) || hit(other) || p[0] != 'x')
		return 4;
	if (ftruncate(fd, 0) != 0 || p[0] != 0 || p[4 * page - 1] != 0)
		return 5;
	drop(p, 4 * page, fd);
	drop(other, page, fd2);
	return hit(p);
}

static int
written(void)
{
	volatile unsigned char	*p;
	int			 fd;

	if (lk_guard() != 0)
		return 1;
	p = mapped(2 * page, PROT_READ | PROT_WRITE, &fd);
	if (ftruncate(fd, 0) != 0)
		return 2;
	p[page] = 7;
	if (p[page] != 7 || !hit(p))
		return 3;
	drop(p, 2 * page, fd);
	return 0;
}

static int
many(void)
{
	volatile unsigned char	*p[100];
	int			 fd[100], i;

	if (lk_guard() != 0)
		return 1;
	for (i = 0; i < 100; i++)
		p[i] = mapped(page, PROT_READ, &fd[i]);
	for (i = 0; i < 100; i += 2)
		if (ftruncate(fd[i], 0) != 0 || p[i][0] != 0)
			return 2;
	for (i = 0; i < 100; i++)
		if (hit(p[i]) != (i % 2 == 0))
			return 3;
	for (i = 0; i < 100; i++)
		drop(p[i], page, fd[i]);
	return 0;
}

struct gone {
	volatile unsigned char	*p;
	pthread_barrier_t	 together;
	_Atomic unsigned	 sum;
};

static void *
toucher(void *arg)
{
	struct gone	*g = arg;
	int		 i;

	for (i = 0; i < PAGES; i++) {
		pthread_barrier_wait(&g->together);
		g->sum += g->p[(size_t)i * page];
	}
	return NULL;
}

/* Four threads at one page at once. */
static int
threads(void)
{
	struct gone	 g;
	pthread_t	 t[4];
	int		 fd, i;

	if (lk_guard() != 0)
		return 1;
	g.p = mapped(PAGES * page, PROT_READ, &fd);
	g.sum = 0;
	pthread_barrier_init(&g.together, NULL, 4);
	if (ftruncate(fd, 0) != 0)
		return 2;
	for (i = 0; i < 4; i++)
		if (pthread_create(&t[i], NULL, toucher, &g) != 0)
			return 3;
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&g.together);
	return g.sum != 0 || !hit(g.p);
}

static int
forked(void)
{
	volatile unsigned char	*p;
	int			 fd, status;
	pid_t			 pid;

	p = mapped(page, PROT_READ, &fd);
	if (lk_guard() != 0 || ftruncate(fd, 0) != 0)
		return 1;
	if ((pid = fork()) == 0)
		_exit(p[0] != 0 || !hit(p));
	if (waitpid(pid, &status, 0) != pid || status != 0)
		return 2;
	return hit(p);			/* the child's pages are its own     */
}

/* ------------------------------------------------------------ not of ours */

static volatile unsigned char *
foreign(int *fd)
{
	void	*p;

	*fd = file_of(page);
	p = mmap(NULL, page, PROT_READ, MAP_SHARED, *fd, 0);
	if (p == MAP_FAILED || ftruncate(*fd, 0) != 0)
		_exit(93);
	return p;
}

static int
not_asked(void)
{
	volatile unsigned char	*p;
	int			 fd;

	p = mapped(page, PROT_READ, &fd);
	if (ftruncate(fd, 0) != 0)
		return 1;
	return p[0] + 2;
}

static int
forgotten(void)
{
	volatile unsigned char	*p;
	int			 fd;

	p = mapped(page, PROT_READ, &fd);
	if (lk_guard() != 0)
		return 1;
	lk_guard_forget((const void *)(uintptr_t)p);
	if (ftruncate(fd, 0) != 0)
		return 2;
	return p[0] + 3;
}

static int
another(void)
{
	int	 fd;

	if (lk_guard() != 0)
		return 1;
	return foreign(&fd)[0] + 2;
}

static int
sent(void)
{
	if (lk_guard() != 0)
		return 1;
	raise(SIGBUS);
	return 2;
}

static void
leave(int sig)
{
	told = sig;
	_exit(told == SIGBUS ? 0 : 4);
}

static void
leave_info(int sig, siginfo_t *info, void *context)
{
	(void)context;
	_exit(sig == SIGBUS && info->si_addr != NULL ? 0 : 4);
}

static int
handed_on(void)
{
	struct sigaction	 sa = { .sa_handler = leave };
	int			 fd;

	if (sigaction(SIGBUS, &sa, NULL) != 0 || lk_guard() != 0)
		return 1;
	return foreign(&fd)[0] + 2;
}

static int
handed_on_info(void)
{
	struct sigaction	 sa = {
		.sa_sigaction = leave_info, .sa_flags = SA_SIGINFO
	};
	int			 fd;

	if (sigaction(SIGBUS, &sa, NULL) != 0 || lk_guard() != 0)
		return 1;
	return foreign(&fd)[0] + 2;
}

static int
ignored(void)
{
	if (signal(SIGBUS, SIG_IGN) == SIG_ERR || lk_guard() != 0)
		return 1;
	raise(SIGBUS);
	return 0;
}

static const struct guard_case {
	const char	*name;
	int		(*run)(void);
	int		 signal;	/* that ends it; 0: it exits with 0  */
} guard_cases[] = {
	{ "a map is cut off",			cut_off,	0 },
	{ "a map that is written to",		written,	0 },
	{ "more maps than a block of them",	many,		0 },
	{ "four threads at one page",		threads,	0 },
	{ "a forked child",			forked,		0 },
	{ "nobody asked for it",		not_asked,	SIGBUS },
	{ "a map that was forgotten",		forgotten,	SIGBUS },
	{ "a map of somebody else",		another,	SIGBUS },
	{ "one that was sent",			sent,		SIGBUS },
	{ "the handler before",			handed_on,	0 },
	{ "the handler before, with info",	handed_on_info,	0 },
	{ "sent, and ignored before",		ignored,	0 },
};

static void
test_guard(void **state)
{
	const struct guard_case	*c = *state;
	const struct rlimit	 none = { 0, 0 };
	int			 status;
	pid_t			 pid;

	page = (size_t)sysconf(_SC_PAGESIZE);
	if ((pid = fork()) == 0) {
		/* No core file, and no handler of a sanitizer. */
		setrlimit(RLIMIT_CORE, &none);
		signal(SIGBUS, SIG_DFL);
		alarm(60);
		_exit(c->run());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (c->signal != 0) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), c->signal);
		return;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_guard, guard_cases);
	return table_run(&t, "guard");
}
