/*
 * mortal.c: a check that knows when it was released: whoever asks it after that
 * used what was freed.  What it knows it by is never freed.
 */
#include <stdatomic.h>
#include <time.h>

#include "plugin.h"

#define LIVES		65536		/* instances of a process            */

struct life {
	atomic_int	 over;
	int64_t		 pause;		/* microseconds; -1: broken          */
};

static struct life	 lives[LIVES];
static atomic_uint	 born;

static const struct lk_option options[] = {
	{ .name = "pause", .kind = LK_OPTION_INTEGER, .fallback = "0",
	  .help = "microseconds that a check takes, -1: it is broken" },
};

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	unsigned	 n = atomic_fetch_add(&born, 1);

	if (n >= LIVES)
		return lk_plugin_broken(a, "too many lives");
	host->option_number(setup, "pause", &lives[n].pause);
	*instance = &lives[n];
	return LK_PASS;
}

static void
release(void *instance)
{
	struct life	*l = instance;

	atomic_store(&l->over, 1);
}

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *r,
    struct lk_answer *a)
{
	struct life	*l = instance;
	struct timespec	 t = { 0, 0 };

	(void)c;
	(void)r;
	if (l->pause < 0)
		return lk_plugin_broken(a, "as it was told");
	if (l->pause != 0) {
		t.tv_nsec = l->pause * 1000;
		nanosleep(&t, NULL);
	}
	return atomic_load(&l->over) ?
	    lk_plugin_broken(a, "asked after it was released") : LK_PASS;
}

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	LK_PLUGIN_HEAD(LK_PLUGIN_CHECK),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = "mortal",
	.version = "1.0",
	.title = "Knows when it was released",
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
	.configure = configure,
	.release = release,
	.check = check,
};
