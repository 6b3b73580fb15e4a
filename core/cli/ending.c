/*
 * ending.c: a plugin that ends the process does not end it with the status of
 * an allow.
 *
 * Plugins run in this process, and exit(0) in one of them would be read as yes
 * by whoever asks for the exit status alone.  Until main has come to its end,
 * each way out that goes by the C library ends in EX_UNAVAILABLE.  A system
 * call of the plugin's own goes by nothing of ours: where that status says that
 * somebody is let in, plugins have a process of their own (apart.c).
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/syscall.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"

static volatile int	 expected;

/* Of sanitizers and of gcov, which act at the end of a process. */
void	__lsan_do_leak_check(void) __attribute__((weak));
void	__gcov_dump(void) __attribute__((weak));

/* Seen by plugins in the place of the C library's own. */
#pragma GCC visibility push(default)
void	_exit(int);
void	_Exit(int);
void	quick_exit(int);
#pragma GCC visibility pop

void
_exit(int status)
{
	if (!expected)
		status = EX_UNAVAILABLE;
	for (;;)
		syscall(SYS_exit_group, status);
}

void
_Exit(int status)
{
	_exit(status);
}

/* What at_quick_exit(3) was told to run is a plugin's, and not run. */
void
quick_exit(int status)
{
	_exit(status);
}

/* By exit(3), pthread_exit(3) of the last thread, or a return of main. */
static void
at_exit(void)
{
	if (!expected)
		_exit(EX_UNAVAILABLE);
}

void
lk_ending_watch(void)
{
	atexit(at_exit);
}

void
lk_ending_now(int status)
{
	/* What a plugin has for the end of a process would run behind main. */
	expected = 1;
	fflush(NULL);
	if (__lsan_do_leak_check != NULL)
		__lsan_do_leak_check();
	if (__gcov_dump != NULL)
		__gcov_dump();
	_exit(status);
}
