/*
 * cases.h: each case in a process of its own, whose children end with it.
 *
 * cmocka catches signals and goes on behind an assertion that failed, in
 * whatever process; so its few assertions that store_home.h needs are here as
 * well, and end the process.
 */
#ifndef CASES_H
#define CASES_H

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "fault.h"

static inline void __attribute__((noreturn, format(printf, 3, 4)))
case_fail(const char *file, int line, const char *fmt, ...)
{
	char	 text[8192];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
	_exit(98);
}

#define fail_msg(...)	case_fail(__FILE__, __LINE__, __VA_ARGS__)
#define assert_true(x)							\
	do {								\
		if (!(x))						\
			fail_msg("%s", #x);				\
	} while (0)
#define assert_non_null(x)	assert_true((x) != NULL)
#define assert_int_equal(a, b)						\
	do {								\
		long long	 a_ = (long long)(a), b_ = (long long)(b); \
									\
		if (a_ != b_)						\
			fail_msg("%s is %lld and not %lld", #a, a_, b_); \
	} while (0)

/* As fork; the child ends when its parent does, and leaves no core file. */
static inline pid_t
case_fork(void)
{
	const struct rlimit	 none = { 0, 0 };
	pid_t			 parent = getpid(), pid = fork();

	assert_true(pid != -1);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	if (getppid() != parent)
		_exit(97);
	return 0;
}

typedef void (*case_fn)(const void *arg);

/* What became of it, as waitpid has it. */
static inline int
case_run(case_fn fn, const void *arg, unsigned seconds)
{
	int	 status;
	pid_t	 pid;

	fflush(stdout);
	if ((pid = case_fork()) == 0) {
		alarm(seconds);
		fn(arg);
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/* A point: it must end by itself. */
static inline void
case_point(const char *name, case_fn fn, const void *arg, unsigned seconds)
{
	int	 status = case_run(fn, arg, seconds);

	fault_point(status == 0, "%s", name);
	if (status != 0)
		fault_note("it ended with 0x%x", (unsigned)status);
}

/* Planted: it must be caught. */
static inline void
case_caught(const char *name, case_fn fn, const void *arg, unsigned seconds)
{
	int	 status = case_run(fn, arg, seconds);

	fault_point(WIFEXITED(status) && WEXITSTATUS(status) == 98,
	    "caught: %s", name);
}

/* Zeroed memory that children have as well. */
static inline void *
case_shared(size_t n)
{
	void	*p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	return p;
}

static inline int64_t
case_nanos(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* xorshift64*, so that a seed says all. */
static inline uint64_t
case_random(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * 0x2545f4914f6cdd1d;
}

#endif
