/*
 * fault.h: what the tests of this folder share: how much is asked of them, and
 * TAP.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAULT_SLOW	10		/* times slower                      */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define FAULT_SLOW	10
#endif
#endif
#ifndef FAULT_SLOW
#define FAULT_SLOW	1
#endif

/* 1: make check-fault, where everything is done. */
static inline int
fault_full(void)
{
	const char	*full = getenv("LK_FAULT");

	return full != NULL && strcmp(full, "full") == 0;
}

/* How many cases: few in make check, full in make check-fault, a tenth of it
 * under sanitizers, and where LK_FAULT_FEW is set, for a run of many;
 * LK_FAULT_STATES=N instead of all that. */
static inline unsigned long
fault_states(unsigned long few, unsigned long full)
{
	const char	*given = getenv("LK_FAULT_STATES");

	if (given != NULL && *given != '\0')
		return strtoul(given, NULL, 10);
	if (fault_full())
		return full / FAULT_SLOW;
	return FAULT_SLOW > 1 || getenv("LK_FAULT_FEW") != NULL ? few / 10 :
	    few;
}

static struct fault_tap {
	unsigned	 points, bad;
} fault_tap;

/* A point of TAP: ok is 1 or 0. */
static inline void __attribute__((format(printf, 2, 3)))
fault_point(int ok, const char *fmt, ...)
{
	va_list	 ap;

	fault_tap.points++;
	fault_tap.bad += !ok;
	printf("%sok %u - ", ok ? "" : "not ", fault_tap.points);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* A line beside the points. */
static inline void __attribute__((format(printf, 1, 2)))
fault_note(const char *fmt, ...)
{
	va_list	 ap;

	fputs("# ", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

/* What main returns. */
static inline int
fault_end(void)
{
	printf("1..%u\n", fault_tap.points);
	return fault_tap.bad != 0;
}

#endif
