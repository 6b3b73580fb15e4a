/*
 * serial.c: a check plugin that is not thread-safe and notices when two threads
 * are in it.  Its counter is a plain one: a thread sanitizer notices as well.
 */
#include <sched.h>
#include <stdio.h>

#include "plugin.h"

#define LINGER	20			/* times that it stays a while longer */

#ifndef SERIAL_FLAGS
#define SERIAL_FLAGS	0
#endif

static int	inside, calls;

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	int	 i, alone;

	(void)instance;
	(void)c;
	(void)record;
	alone = inside++ == 0;
	for (i = 0; i < LINGER; i++)
		sched_yield();
	alone = --inside == 0 && alone;
	calls++;
	a->wait = (uint32_t)calls;
	if (!alone)
		snprintf(a->note, sizeof(a->note), "two threads in here");
	return alone ? LK_WAIT : LK_BROKEN;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	.magic = LK_PLUGIN_MAGIC,
	.major = LK_PLUGIN_MAJOR,
	.minor = LK_PLUGIN_MINOR,
	.size = sizeof(struct lk_plugin),
	.kind = LK_PLUGIN_CHECK,
	.flags = SERIAL_FLAGS,
	.option_size = sizeof(struct lk_option),
	.name = "serial",
	.version = "1.0",
	.title = "One thread at a time, please",
	.check = check,
};
