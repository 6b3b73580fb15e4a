/*
 * shake.c: the handshake.  Data alone is read; no function of the plugin is
 * called before all of it has passed.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "loader/build.h"
#include "loader/value.h"

/*
 * The table as versions 1.0 and 1.1 have it.  This stays when fields are
 * appended: a plugin of an older minor ends here.
 */
#define SIZE_1_0	(offsetof(struct lk_plugin, check) + sizeof(void *))
#define OPTION_1_0	(offsetof(struct lk_option, help) + sizeof(void *))

#define FLAGS_KNOWN	(LK_PLUGIN_THREAD_SAFE | LK_PLUGIN_SIGNS |	\
			    LK_PLUGIN_COUNTS)
#define VERSION_MAX	31		/* octets, as lk_plugin_info has them */
#define TITLE_MAX	127

/* What one look at the table needs. */
struct shake {
	const struct lk_want	*w;
	const char		*path;
	struct lk_error		*e;
};

static int
type_complete(const struct lk_plugin *t)
{
	return t->present != NULL && t->mint != NULL && t->verify != NULL;
}

static int
check_complete(const struct lk_plugin *t)
{
	return t->check != NULL;
}

/* How each kind is called, and whether a table has what it must. */
static const struct kind {
	uint32_t	 kind;
	const char	*name;		/* "a type plugin"                   */
	const char	*must;		/* what such a one has               */
	int		(*complete)(const struct lk_plugin *);
} kinds[] = {
	{ LK_PLUGIN_TYPE,	"a type plugin",
	  "present, mint and verify",	type_complete },
	{ LK_PLUGIN_CHECK,	"a check plugin",
	  "check",			check_complete },
	{ 0, NULL, NULL, NULL },
};

static int
refuse_version(const struct shake *s, const struct lk_plugin *t,
    const char *mend)
{
	return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "made for plugin ABI "
	    "%u.%u, this latchkey has %d.%d: %s", (unsigned)t->major,
	    (unsigned)t->minor, LK_PLUGIN_MAJOR, LK_PLUGIN_MINOR, mend);
}

/* Nothing beyond size is read before this has passed. */
static int
head_check(const struct shake *s, const struct lk_plugin *t)
{
	if (t->magic != LK_PLUGIN_MAGIC)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "its "
		    "lk_plugin_v1 begins with %#x, not with LK_PLUGIN_MAGIC: "
		    "not a latchkey plugin", t->magic);
	if (t->major > LK_PLUGIN_MAJOR)
		return refuse_version(s, t, "too new, install a newer latchkey "
		    "or a build of it for this one");
	if (t->major < LK_PLUGIN_MAJOR)
		return refuse_version(s, t, "too old, rebuild it with the "
		    "plugin.h of this latchkey");
	if (t->minor > LK_PLUGIN_MINOR)
		return refuse_version(s, t, "too new, install a newer latchkey "
		    "or rebuild it with the plugin.h of this one");
	if (t->size < SIZE_1_0)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "its table "
		    "has %u octets, ABI %u.%u has %zu or more: rebuild it with "
		    "the plugin.h of this latchkey", t->size,
		    (unsigned)t->major, (unsigned)t->minor, SIZE_1_0);
	return 0;
}

static const struct kind *
kind_find(uint32_t kind)
{
	const struct kind	*k;

	for (k = kinds; k->name != NULL; k++)
		if (k->kind == kind)
			return k;
	return NULL;
}

static int
kind_check(const struct shake *s, const struct lk_plugin *t)
{
	const struct kind	*is = kind_find(t->kind), *want;

	if (is == NULL)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "of a kind "
		    "(%#x) that this latchkey does not know: set .kind = "
		    "LK_PLUGIN_TYPE or LK_PLUGIN_CHECK", t->kind);
	want = kind_find(s->w->kind);
	if (want != NULL && want != is)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "%s, and %s "
		    "is wanted here: name another in the policy", is->name,
		    want->name);
	if ((t->flags & ~FLAGS_KNOWN) != 0)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "sets flags "
		    "(%#x) that ABI %d.%d does not have: rebuild it",
		    t->flags, LK_PLUGIN_MAJOR, LK_PLUGIN_MINOR);
	if (!is->complete(t))
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "%s without "
		    "all of its calls: it must have %s", is->name, is->must);
	return 0;
}

/* 1 to max octets that can be shown. */
static int
showable(const char *s, size_t max)
{
	size_t	 n = s != NULL ? strnlen(s, max + 1) : 0;

	return n >= 1 && n <= max && lk_utf8_plain(s, n);
}

static int
texts_check(const struct shake *s, const struct lk_plugin *t)
{
	if (!showable(t->name, LK_NAME_MAX) ||
	    !showable(t->version, VERSION_MAX) ||
	    !showable(t->title, TITLE_MAX))
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "its name, "
		    "version or title is missing, too long (%d, %d, %d octets) "
		    "or cannot be shown", LK_NAME_MAX, VERSION_MAX, TITLE_MAX);
	if (s->w->name != NULL && strcmp(t->name, s->w->name) != 0)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "the plugin "
		    "in it is %s %s: install it as %s.so", t->name, t->version,
		    t->name);
	return 0;
}

static int
options_check(const struct shake *s, const struct lk_plugin *t)
{
	char	 why[256];

	if (t->noptions == 0)
		return 0;
	if (t->options == NULL || t->noptions > LK_OPTIONS_MAX)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "declares "
		    "%zu options without a table, or over %d", t->noptions,
		    LK_OPTIONS_MAX);
	if (t->option_size < OPTION_1_0 ||
	    t->option_size % _Alignof(struct lk_option) != 0)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "its options "
		    "have %u octets each, ABI %u.%u has %zu: set .option_size "
		    "= sizeof(struct lk_option)", t->option_size,
		    (unsigned)t->major, (unsigned)t->minor, OPTION_1_0);
	if (lk_options_judge(t, why, sizeof(why)) != 0)
		return lk_refuse(s->e, LK_ECONFIG, s->w, s->path, "declares an "
		    "option that cannot be: %s", why);
	return 0;
}

int
lk_handshake(const struct lk_plugin *theirs, const struct lk_want *w,
    const char *path, struct lk_plugin *out, struct lk_error *e)
{
	const struct shake	 s = { w, path, e };
	struct lk_plugin	 t;
	size_t			 n;
	int			 r;

	memset(out, 0, sizeof(*out));
	if ((r = head_check(&s, theirs)) != 0)
		return r;
	memset(&t, 0, sizeof(t));
	n = theirs->size < sizeof(t) ? theirs->size : sizeof(t);
	memcpy(&t, theirs, n);
	if ((r = kind_check(&s, &t)) != 0 || (r = texts_check(&s, &t)) != 0 ||
	    (r = options_check(&s, &t)) != 0)
		return r;
	*out = t;
	return 0;
}
