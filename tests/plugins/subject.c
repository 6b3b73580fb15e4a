/*
 * subject.c: a type plugin that is whatever the loader must judge.  One source,
 * built many times: local.mk says with which of these.
 *
 *	SUBJECT_MAGIC SUBJECT_MAJOR SUBJECT_MINOR SUBJECT_SIZE SUBJECT_KIND
 *	SUBJECT_FLAGS SUBJECT_NAME SUBJECT_VERSION	fields of the table
 *	SUBJECT_NO_PRESENT	a type plugin without present
 *	SUBJECT_BAD_OPTION	an option whose fallback is none of its own
 *	SUBJECT_NO_SYMBOL	the table has another name
 *	SUBJECT_UNDEFINED	needs what nobody has
 *	SUBJECT_CONSTRUCTOR	makes the file $LK_TEST_MARKER when it is loaded
 */
#include <stdio.h>
#include <stdlib.h>

#ifdef SUBJECT_NO_SYMBOL
#define lk_plugin_v1	lk_plugin_v9
#endif
#include "plugin.h"

#ifndef SUBJECT_MAGIC
#define SUBJECT_MAGIC	LK_PLUGIN_MAGIC
#endif
#ifndef SUBJECT_MAJOR
#define SUBJECT_MAJOR	LK_PLUGIN_MAJOR
#endif
#ifndef SUBJECT_MINOR
#define SUBJECT_MINOR	LK_PLUGIN_MINOR
#endif
#ifndef SUBJECT_SIZE
#define SUBJECT_SIZE	sizeof(lk_plugin_v1)
#endif
#ifndef SUBJECT_KIND
#define SUBJECT_KIND	LK_PLUGIN_TYPE
#endif
#ifndef SUBJECT_FLAGS
#define SUBJECT_FLAGS	LK_PLUGIN_THREAD_SAFE
#endif
#ifndef SUBJECT_NAME
#define SUBJECT_NAME	"subject"
#endif
#ifndef SUBJECT_VERSION
#define SUBJECT_VERSION	"1.0"
#endif

#ifdef SUBJECT_UNDEFINED
extern int	nobody_has_this(void);
#endif

#ifdef SUBJECT_CONSTRUCTOR
__attribute__((constructor)) static void
constructor(void)
{
	const char	*path = getenv("LK_TEST_MARKER");
	FILE		*f;

	if (path != NULL && (f = fopen(path, "w")) != NULL)
		fclose(f);
}
#endif

#ifndef SUBJECT_NO_PRESENT
static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)cr;
	a->reason = LK_REASON_NO_CREDENTIAL;
#ifdef SUBJECT_UNDEFINED
	a->wait = (uint32_t)nobody_has_this();
#endif
	return LK_REFUSE;
}
#endif

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	(void)instance;
	(void)setup;
	(void)a;
	snprintf(out, size, "%s", "subject_0123456789abcdef");
	return LK_PASS;
}

static uint32_t
verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)cr;
	(void)record;
	(void)a;
	return LK_PASS;
}

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

#ifdef SUBJECT_BAD_OPTION
static const struct lk_option options[] = {
	{ .name = "count", .kind = LK_OPTION_INTEGER, .min = 1, .max = 5,
	  .fallback = "6", .help = "how many" },
};
#endif

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	.magic = SUBJECT_MAGIC,
	.major = SUBJECT_MAJOR,
	.minor = SUBJECT_MINOR,
	.size = SUBJECT_SIZE,
	.kind = SUBJECT_KIND,
	.flags = SUBJECT_FLAGS,
	.option_size = sizeof(struct lk_option),
	.name = SUBJECT_NAME,
	.version = SUBJECT_VERSION,
	.title = "What the loader must judge",
#ifdef SUBJECT_BAD_OPTION
	.options = options,
	.noptions = sizeof(options) / sizeof(options[0]),
#endif
#ifndef SUBJECT_NO_PRESENT
	.present = present,
#endif
	.mint = mint,
	.verify = verify,
	.check = check,
};
