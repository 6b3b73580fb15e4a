/*
 * trap.c: a signal of a fault in the child: what it means goes on the board,
 * and the process ends.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "conform/child.h"

#define STACK_OCTETS	65536		/* its own may be used up       */

static struct lk_board	*board;
static struct lk_range {
	uintptr_t	 from, to;
} request, output;

static int
within(const struct lk_range *r, const void *p)
{
	return (uintptr_t)p >= r->from && (uintptr_t)p < r->to;
}

static void
trapped(int sig, siginfo_t *info, void *context)
{
	uint32_t	 what = LK_TRAP_CRASH;

	(void)context;
	if (sig == SIGSYS) {
		what = LK_TRAP_CALL;
		board->syscall = info->si_syscall;
	} else if (sig == SIGSEGV || sig == SIGBUS) {
		if (within(&request, info->si_addr))
			what = LK_TRAP_REQUEST;
		else if (within(&output, info->si_addr))
			what = LK_TRAP_OUTPUT;
	}
	board->signal = sig;
	board->trap = what;
	_exit(1);
}

void
lk_trap_set(struct lk_board *b)
{
	static const int	 signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				     SIGSYS, SIGXFSZ };
	static char		 stack[STACK_OCTETS];
	const stack_t		 alternative = { .ss_sp = stack,
				     .ss_size = sizeof(stack) };
	struct sigaction	 sa;
	size_t			 i;

	board = b;
	sigaltstack(&alternative, NULL);
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = trapped;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
}

static void
set(struct lk_range *r, const void *p, size_t n)
{
	r->from = (uintptr_t)p;
	r->to = p != NULL ? (uintptr_t)p + n : 0;
}

void
lk_trap_request(const void *p, size_t n)
{
	set(&request, p, n);
}

void
lk_trap_output(const void *p, size_t n)
{
	set(&output, p, n);
}
