/*
 * open.c: dlopen by descriptor, and the one symbol.
 *
 * glibc knows loaded objects by name, then by device and inode.  The same path
 * after a rename, or the same number after a close, would give the code that
 * was loaded before, so each object gets a name of its own: "./" as often as
 * there are builds already, and one.  What was judged is what is loaded, since
 * both go through one descriptor.  Source: research/traps/fd.c.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "loader/build.h"

#define SELF_FD		"/proc/self/fd/"
#define SYMBOL		"lk_plugin_v1"

/* Octets that must be there before anything is believed: up to size. */
#define HEAD		(offsetof(struct lk_plugin, size) + sizeof(uint32_t))

/* What ld.so says, and what mends it. */
static const struct hint {
	const char	*says, *mend;
} hints[] = {
	{ "undefined symbol",
	  "link the library that has it; what is latchkey's comes in the host "
	  "table" },
	{ "cannot open shared object file",
	  "install the library that it needs" },
	{ "file too short",		"it was cut off, install it again" },
	{ "position-independent",	"link it with -shared, not -pie" },
	{ "noexec",
	  "its file system is mounted noexec, install it elsewhere" },
	{ "failed to map",
	  "its file system is mounted noexec, or memory is short" },
};

static void
fresh_name(char *out, size_t size, size_t nth, int fd)
{
	size_t	 n = sizeof(SELF_FD) - 1;

	memcpy(out, SELF_FD, n);
	for (; nth > 0 && n + 16 < size; nth--, n += 2)
		memcpy(out + n, "./", 2);
	snprintf(out + n, size - n, "%d", fd);
}

/* ld.so's words without the name, which means nothing to anybody. */
static int
unloadable(const struct lk_want *w, const struct lk_build *b,
    const char *name, struct lk_error *e)
{
	const char	*says = dlerror(), *mend = "rebuild it here";
	size_t		 n = strlen(name), i;

	if (says == NULL)
		says = "no cause given";
	if (strncmp(says, name, n) == 0 && strncmp(says + n, ": ", 2) == 0)
		says += n + 2;
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(says, hints[i].says) != NULL)
			mend = hints[i].mend;
	return lk_refuse(e, LK_ECONFIG, w, b->path, "cannot be loaded, %s: %s",
	    says, mend);
}

/* Whether sym lies in the object of handle itself, not in one it needs. */
static int
is_own(void *handle, const void *sym)
{
	struct link_map	*own = NULL;
	void		*of = NULL;
	Dl_info		 info;

	return dlinfo(handle, RTLD_DI_LINKMAP, &own) == 0 &&
	    dladdr1(sym, &info, &of, RTLD_DL_LINKMAP) != 0 && of == own;
}

/*
 * Find the table.  It is read no further than the symbol is long, whatever
 * size it states.
 */
static void
find_table(struct lk_build *b)
{
	const struct lk_plugin	*t = dlsym(b->handle, SYMBOL);
	const ElfW(Sym)		*sym = NULL;
	void			*extra = NULL;
	Dl_info			 info;

	if (t == NULL || !is_own(b->handle, t)) {
		b->fault = "exports no " SYMBOL ": not a latchkey plugin, or "
		    "LK_PLUGIN_EXPORT is missing there";
		return;
	}
	if (dladdr1(t, &info, &extra, RTLD_DL_SYMENT) != 0)
		sym = extra;
	if (sym == NULL || info.dli_saddr != t ||
	    ELF64_ST_TYPE(sym->st_info) != STT_OBJECT || sym->st_size < HEAD)
		b->fault = "its " SYMBOL " is no struct lk_plugin";
	else if (t->magic == LK_PLUGIN_MAGIC && t->size > sym->st_size)
		b->fault = "its " SYMBOL " is smaller than the size that it "
		    "states: set .size = sizeof(struct lk_plugin)";
	else
		b->theirs = t;
}

int
lk_build_open(const struct lk_want *w, size_t nth, struct lk_build *b,
    struct lk_error *e)
{
	char	 name[sizeof(SELF_FD) + 2 * (LK_BUILDS_MAX + 2) + 16];
	struct lk_footprint	 before;
	const char	*changed;

	fresh_name(name, sizeof(name), nth, b->file.fd);
	lk_footprint_take(&before);
	b->handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	changed = lk_footprint_changed(&before);
	if (b->handle == NULL)
		return unloadable(w, b, name, e);
	if (changed != NULL)
		b->fault = "its constructors changed the umask, the locale, "
		    "the signal mask, the rounding of floating point or the "
		    "working directory: it may not";
	else
		find_table(b);
	return 0;
}
