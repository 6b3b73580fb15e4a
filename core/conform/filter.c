/*
 * filter.c: which system calls a plugin may make, by libseccomp where
 * configure found it.
 *
 * A plugin judges what it is given: it needs memory, the clock and locks.  What
 * libgcrypt needs after its set-up is among that.  One that is forbidden ends
 * the check, and is named.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "conform/child.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED	1
#endif
#endif

/* A sanitizer makes calls of its own, more than can be named. */
#if defined(HAVE_LIBSECCOMP) && !defined(SANITIZED)

#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>

/* Of every stage. */
static const char *const	calls[] = {
	"brk", "clock_getres", "clock_gettime", "exit", "exit_group", "futex",
	"getcpu", "getegid", "geteuid", "getgid", "getpid", "getppid",
	"getrandom", "gettid", "gettimeofday", "getuid", "madvise",
	"membarrier", "mmap", "mprotect", "mremap", "munmap", "restart_syscall",
	"rseq", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity",
	"sched_yield", "set_robust_list", "sigaltstack", "sysinfo", "tgkill",
	"time", "uname",
};

/* Of the loader and ld.so, until the plugin is there. */
static const char *const	loads[] = {
	"access", "close", "faccessat", "faccessat2", "fcntl", "fstat",
	"fstatfs", "getcwd", "lseek", "lstat", "newfstatat", "pread64",
	"prctl", "prlimit64", "read", "readlink", "readlinkat", "seccomp",
	"stat", "statx", "uname",
};

static int
allow(scmp_filter_ctx f, const char *const *v, size_t n)
{
	size_t	 i;
	int	 nr, r = 0;

	for (i = 0; i < n && r == 0; i++) {
		nr = seccomp_syscall_resolve_name(v[i]);
		/* Not of this machine: nothing to allow. */
		if (nr >= 0)
			r = seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
	}
	return r;
}

/* To read, and nothing that would be made by it. */
static int
allow_reading(scmp_filter_ctx f)
{
	const uint64_t	 no = O_ACCMODE | O_CREAT | O_TRUNC;
	int		 r;

	r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
	    SCMP_A2(SCMP_CMP_MASKED_EQ, no, O_RDONLY));
	if (r == 0 && SCMP_SYS(open) >= 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
		    SCMP_A1(SCMP_CMP_MASKED_EQ, no, O_RDONLY));
	return r;
}

/* The first thread of a process sets up signals of the C library's own; what
 * is to be told is the thread. */
static int
allow_thread_signals(scmp_filter_ctx f)
{
	scmp_datum_t	 sig;
	int		 r = 0;

	for (sig = 32; sig < 34 && r == 0; sig++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigaction),
		    1, SCMP_A0(SCMP_CMP_EQ, sig));
	return r;
}

/* What is printed is seen, and told as what it is. */
static int
allow_printing(scmp_filter_ctx f)
{
	int	 fd, r = 0;

	for (fd = 1; fd <= 2 && r == 0; fd++) {
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd));
		if (r == 0)
			r = seccomp_rule_add(f, SCMP_ACT_ALLOW,
			    SCMP_SYS(writev), 1,
			    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd));
	}
	/* stdio asks what it writes to. */
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat),
		    1, SCMP_A0(SCMP_CMP_LE, 2));
	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(fstat), 1,
		    SCMP_A0(SCMP_CMP_LE, 2));
	return r;
}

int
lk_filter_set(int which)
{
	scmp_filter_ctx	 f;
	int		 r;

	if ((f = seccomp_init(SCMP_ACT_TRAP)) == NULL)
		return -1;
	r = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	if (r == 0)
		r = allow(f, calls, sizeof(calls) / sizeof(calls[0]));
	if (r == 0)
		r = allow_printing(f);
	if (r == 0)
		r = allow_thread_signals(f);
	if (r == 0 && which == LK_FILTER_LOAD)
		r = allow(f, loads, sizeof(loads) / sizeof(loads[0]));
	if (r == 0 && which == LK_FILTER_LOAD)
		r = allow_reading(f);
	if (r == 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r == 0 ? 0 : -1;
}

void
lk_filter_name(int nr, char out[32])
{
	char	*name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);

	if (name != NULL)
		snprintf(out, 32, "%s", name);
	else
		snprintf(out, 32, "number %d", nr);
	free(name);
}

#else

int
lk_filter_set(int which)
{
	(void)which;
	return -1;
}

void
lk_filter_name(int nr, char out[32])
{
	snprintf(out, 32, "number %d", nr);
}

#endif

static const struct deed {
	const char	*call, *what;
} deeds[] = {
	{ "clone",	"started a thread or a process" },
	{ "clone3",	"started a thread or a process" },
	{ "fork",	"started a process" },
	{ "vfork",	"started a process" },
	{ "execve",	"started a program" },
	{ "open",	"opened a file" },
	{ "openat",	"opened a file" },
	{ "creat",	"made a file" },
	{ "socket",	"opened a connection" },
	{ "close",	"closed a descriptor that is not its own" },
	{ "close_range", "closed descriptors that are not its own" },
	{ "nanosleep",	"slept" },
	{ "clock_nanosleep", "slept" },
	{ "pause",	"waited for a signal" },
	{ "chdir",	"changed the working directory" },
	{ "fchdir",	"changed the working directory" },
	{ "umask",	"changed the umask" },
	{ "rt_sigaction", "changed signal handlers" },
	{ "alarm",	"set an alarm" },
	{ "setitimer",	"set an alarm" },
	{ "kill",	"sent a signal" },
};

const char *
lk_filter_deed(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].call, name) == 0)
			return deeds[i].what;
	return "did what a plugin may not";
}
