/*
 * longer.c: a check plugin of a later day, whose table has a tail that this
 * latchkey does not know.  Its minor says that the tail may be ignored.
 */
#include "plugin.h"

struct longer {
	struct lk_plugin	 plugin;
	uint64_t		 tail[8];
};

struct longer_option {
	struct lk_option	 option;
	const char		*unit;
};

static uint32_t
check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)record;
	(void)a;
	return LK_PASS;
}

static const struct longer_option options[] = {
	{ .option = { .name = "first", .kind = LK_OPTION_INTEGER,
	  .fallback = "1", .help = "the first" }, .unit = "inch" },
	{ .option = { .name = "second", .kind = LK_OPTION_INTEGER,
	  .fallback = "2", .help = "the second" }, .unit = "mile" },
};

/* plugin.h declares the symbol as it is today; ld knows no types. */
LK_PLUGIN_EXPORT extern const struct longer later __asm__("lk_plugin_v1");

const struct longer later = {
	.plugin.magic = LK_PLUGIN_MAGIC,
	.plugin.major = LK_PLUGIN_MAJOR,
	.plugin.minor = LK_PLUGIN_MINOR,
	.plugin.size = sizeof(struct longer),
	.plugin.kind = LK_PLUGIN_CHECK,
	.plugin.flags = LK_PLUGIN_THREAD_SAFE,
	.plugin.option_size = sizeof(struct longer_option),
	.plugin.name = "longer",
	.plugin.version = "1.9",
	.plugin.title = "A table with a tail",
	.plugin.options = &options[0].option,
	.plugin.noptions = sizeof(options) / sizeof(options[0]),
	.plugin.check = check,
	.tail = { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
	    UINT64_MAX, UINT64_MAX, UINT64_MAX },
};
