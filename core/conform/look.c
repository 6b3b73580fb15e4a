/*
 * look.c: what can be known of a plugin before anything of it runs.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "conform/run.h"
#include "loader/value.h"

#define SYMBOL		"lk_plugin_v1"

/* What a plugin needs of others, and why it may not.  NAME* is a beginning. */
static const struct forbidden {
	const char	*name, *why;
} forbidden[] = {
	{ "lk_*",	"a plugin links nothing of latchkey's: what it needs "
	    "comes in the host table" },
	{ "setjmp",	"a call of a plugin is left by return alone" },
	{ "_setjmp",	"a call of a plugin is left by return alone" },
	{ "__sigsetjmp", "a call of a plugin is left by return alone" },
	{ "longjmp",	"a call of a plugin is left by return alone" },
	{ "_longjmp",	"a call of a plugin is left by return alone" },
	{ "siglongjmp",	"a call of a plugin is left by return alone" },
	{ "__longjmp_chk", "a call of a plugin is left by return alone" },
	{ "exit",	"it ends the process of whoever verifies" },
	{ "_exit",	"it ends the process of whoever verifies" },
	{ "_Exit",	"it ends the process of whoever verifies" },
	{ "quick_exit",	"it ends the process of whoever verifies" },
	{ "pthread_exit", "it ends a thread that is not the plugin's" },
	{ "fork",	"it makes a second process of whoever verifies" },
	{ "vfork",	"it makes a second process of whoever verifies" },
	{ "exec*",	"it replaces the process of whoever verifies" },
	{ "clone",	"it makes a second process of whoever verifies" },
	{ "daemon",	"it makes a second process of whoever verifies" },
	{ "posix_spawn*", "it starts a program" },
	{ "pthread_create", "it starts a thread" },
	{ "system",	"it starts a shell" },
	{ "popen",	"it starts a shell" },
	{ "setlocale",	"the locale is the whole process's" },
	{ "umask",	"the umask is the whole process's" },
	{ "chdir",	"the working directory is the whole process's" },
	{ "fchdir",	"the working directory is the whole process's" },
	{ "chroot",	"the root directory is the whole process's" },
	{ "setenv",	"the environment is the whole process's" },
	{ "putenv",	"the environment is the whole process's" },
	{ "unsetenv",	"the environment is the whole process's" },
	{ "signal",	"signal handlers are the whole process's" },
	{ "sigaction",	"signal handlers are the whole process's" },
	{ "sigprocmask", "the signal mask is its caller's" },
	{ "pthread_sigmask", "the signal mask is its caller's" },
	{ "alarm",	"signals are the whole process's" },
	{ "setitimer",	"signals are the whole process's" },
	{ "kill",	"signals are the whole process's" },
	{ "raise",	"signals are the whole process's" },
	{ "fesetround",	"how floating point rounds is its caller's" },
	{ "fesetenv",	"how floating point rounds is its caller's" },
	{ "feenableexcept", "what floating point traps is its caller's" },
	{ "fedisableexcept", "what floating point traps is its caller's" },
	{ "setrlimit*",	"its limits are the whole process's" },
	{ "prctl",	"what it asks of the kernel is the whole process's" },
	{ "syscall",	"it makes system calls past the C library" },
	{ "setuid",	"who the process is, is the whole process's" },
	{ "setgid",	"who the process is, is the whole process's" },
	{ "gets",	"it cannot be used safely" },
};

/* What other tools put into an object; not the plugin's doing. */
static const char *const	tolerated[] = {
	"__asan_*", "__odr_asan*", "__ubsan_*", "__tsan_*", "__sanitizer*",
	"__gcov*", "_init", "_fini", "_edata", "_end", "__bss_start",
};

static int
matches(const char *name, const char *pattern)
{
	size_t	 n = strcspn(pattern, "*");

	return pattern[n] == '*' ? strncmp(name, pattern, n) == 0 :
	    strcmp(name, pattern) == 0;
}

static int
is_tolerated(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(tolerated) / sizeof(tolerated[0]); i++)
		if (matches(name, tolerated[i]))
			return 1;
	return 0;
}

/* ------------------------------------------------------------------ symbols */

static void
look_exports(struct lk_run *r)
{
	struct lk_buf	 more = LK_BUF_NONE;
	const char	*name;
	size_t		 i;

	for (i = 0; i < r->image.nsyms; i++) {
		name = lk_image_name(&r->image, &r->image.syms[i]);
		if (lk_image_exports(&r->image.syms[i]) &&
		    strcmp(name, SYMBOL) != 0 && !is_tolerated(name) &&
		    more.n < 200)
			lk_buf_fmt(&more, "%s%s", more.n != 0 ? ", " : "",
			    name);
	}
	if (more.n != 0)
		lk_run_tell(r, LK_FAULT, "exports", "%s besides " SYMBOL
		    ": compile with -fvisibility=hidden", more.p);
	else
		lk_run_tell(r, LK_CONFORMS, "exports", SYMBOL " alone");
	lk_buf_free(&more);
}

static const struct forbidden *
import_refused(const char *name)
{
	size_t	 i;

	for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (matches(name, forbidden[i].name))
			return &forbidden[i];
	return NULL;
}

static void
look_imports(struct lk_run *r)
{
	const struct forbidden	*f;
	const char		*name;
	size_t			 i, n = 0;
	unsigned		 before = r->faults;

	for (i = 1; i < r->image.nsyms; i++) {
		if (!lk_image_imports(&r->image.syms[i]))
			continue;
		n++;
		name = lk_image_name(&r->image, &r->image.syms[i]);
		if ((f = import_refused(name)) != NULL)
			lk_run_tell(r, LK_FAULT, "imports", "%s: %s", name,
			    f->why);
	}
	if (r->faults == before)
		lk_run_tell(r, LK_CONFORMS, "imports", "%zu symbols", n);
}

static void
look_build(struct lk_run *r)
{
	const struct lk_image	*m = &r->image;
	unsigned		 before = r->faults;

	if (m->exec_stack)
		lk_run_tell(r, LK_FAULT, "build", "its stack is executable, "
		    "and so would be that of whoever loads it: link it with "
		    "-Wl,-z,noexecstack");
	if (m->text_relocs)
		lk_run_tell(r, LK_FAULT, "build", "it writes to its own code "
		    "when it is loaded: compile it with -fPIC");
	if (r->faults == before)
		lk_run_tell(r, LK_CONFORMS, "build", "position independent, "
		    "stack not executable");
	if (m->writable_got)
		lk_run_tell(r, LK_REMARK, "build", "the addresses that it "
		    "calls stay writable: link it with -Wl,-z,relro,-z,now");
	if (m->constructors > LK_CRT_CONSTRUCTORS)
		lk_run_tell(r, LK_REMARK, "constructors", "%zu run before it "
		    "is asked anything: what they do is watched below",
		    m->constructors - LK_CRT_CONSTRUCTORS);
	if (m->resolvers != 0)
		lk_run_tell(r, LK_REMARK, "constructors", "%zu functions that "
		    "choose an implementation run while it is linked, and are "
		    "not watched", m->resolvers);
	if (m->constructors + m->destructors == 0 && m->init == 0 &&
	    m->fini == 0)
		lk_run_tell(r, LK_CONFORMS, "constructors", "none");
}

/* -------------------------------------------------------------------- table */

/* A text, or nothing, that lies in the image; it has an end there. */
static int
text_sound(const struct lk_run *r, const char *p)
{
	return p == NULL || lk_image_holds(&r->image, p, 1);
}

static int
options_sound(const struct lk_run *r, const struct lk_plugin *t)
{
	struct lk_option	 o;
	size_t			 i;

	if (t->noptions == 0)
		return 1;
	if (t->noptions > LK_OPTIONS_MAX || t->option_size > 4096 ||
	    t->option_size < 2 * sizeof(void *) ||
	    (uintptr_t)t->options % _Alignof(struct lk_option) != 0 ||
	    !lk_image_holds(&r->image, t->options,
	    t->noptions * t->option_size))
		return 0;
	for (i = 0; i < t->noptions; i++) {
		lk_option_at(t, i, &o);
		if (!text_sound(r, o.name) || !text_sound(r, o.fallback) ||
		    !text_sound(r, o.choices) || !text_sound(r, o.help))
			return 0;
	}
	return 1;
}

/* The symbol as a table that is as long as it says; NULL when it was told. */
static const struct lk_plugin *
table_find(struct lk_run *r)
{
	const Elf64_Sym		*s = lk_image_symbol(&r->image, SYMBOL);
	const struct lk_plugin	*t;
	size_t			 head = offsetof(struct lk_plugin, kind);

	if (s == NULL) {
		lk_run_tell(r, LK_FAULT, "table", "exports no " SYMBOL ": not "
		    "a latchkey plugin, or LK_PLUGIN_EXPORT is missing there");
		return NULL;
	}
	t = lk_image_at(&r->image, s->st_value, s->st_size);
	if (ELF64_ST_TYPE(s->st_info) != STT_OBJECT || s->st_size < head ||
	    t == NULL || s->st_value % _Alignof(struct lk_plugin) != 0) {
		lk_run_tell(r, LK_FAULT, "table", "its " SYMBOL " is no "
		    "struct lk_plugin");
		return NULL;
	}
	if (t->magic == LK_PLUGIN_MAGIC && t->size > s->st_size) {
		lk_run_tell(r, LK_FAULT, "table", "states a size of %u octets "
		    "and has %zu: set .size = sizeof(struct lk_plugin)",
		    t->size, (size_t)s->st_size);
		return NULL;
	}
	return t;
}

/* Head, version, kind and texts by the loader's own rules, options apart. */
static int
table_judge(struct lk_run *r, const struct lk_plugin *theirs)
{
	const struct lk_want	 w = { NULL, r->name, 0, NULL, NULL };
	struct lk_plugin	 t = { 0 }, out;
	struct lk_error		 e = { 0 };
	size_t			 n = theirs->size;

	memcpy(&t, theirs, n < sizeof(t) ? n : sizeof(t));
	if (!text_sound(r, t.name) || !text_sound(r, t.version) ||
	    !text_sound(r, t.title)) {
		lk_run_tell(r, LK_FAULT, "table", "its name, version or title "
		    "points out of the file");
		return -1;
	}
	t.noptions = 0;
	t.size = theirs->size < sizeof(t) ? theirs->size : sizeof(t);
	if (lk_handshake(&t, &w, r->path, &out, &e) != 0) {
		lk_run_tell(r, LK_FAULT, "table", "%s", e.text);
		return -1;
	}
	lk_run_tell(r, LK_CONFORMS, "table", "%s %s, plugin ABI %u.%u",
	    t.name, t.version, t.major, t.minor);
	return 0;
}

static int
look_table(struct lk_run *r)
{
	const struct lk_want	 w = { NULL, r->name, 0, NULL, NULL };
	const struct lk_plugin	*theirs;
	struct lk_plugin	 t = { 0 };
	struct lk_error		 e = { 0 };

	if ((theirs = table_find(r)) == NULL || table_judge(r, theirs) != 0)
		return -1;
	memcpy(&t, theirs, theirs->size < sizeof(t) ? theirs->size :
	    sizeof(t));
	if (!options_sound(r, &t)) {
		lk_run_tell(r, LK_FAULT, "options", "what it declares of its "
		    "options points out of the file, or there are over %d",
		    LK_OPTIONS_MAX);
		return -1;
	}
	if (lk_handshake(theirs, &w, r->path, &r->table, &e) != 0) {
		lk_run_tell(r, LK_FAULT, "options", "%s", e.text);
		return -1;
	}
	lk_run_tell(r, LK_CONFORMS, "options", "%zu declared",
	    r->table.noptions);
	return 0;
}

void
lk_look_option(const struct lk_run *r, size_t i, struct lk_option *out)
{
	lk_option_at(&r->table, i, out);
}

/* --------------------------------------------------------------------- file */

static int
look_file(struct lk_run *r)
{
	const struct lk_want	 w = { NULL, NULL, 0, NULL, NULL };
	struct lk_error		 e = { 0 };
	int			 n;

	if (lk_file_open(&w, r->path, &r->file, &e) != 0 ||
	    lk_file_elf(&w, r->path, &r->file, &e) != 0) {
		lk_run_tell(r, LK_FAULT, "file", "%s", e.text);
		return -1;
	}
	if (lk_image_read(&r->file, &r->image, &e) != 0) {
		lk_run_tell(r, LK_FAULT, "file", "%s: %s", r->path, e.text);
		return -1;
	}
	n = (int)(sizeof(r->file.sha256) - 1);
	lk_run_tell(r, LK_CONFORMS, "file", "trusted, SHA-256 %.*s", n,
	    r->file.sha256);
	return 0;
}

int
lk_look(struct lk_run *r)
{
	int	 bad;

	if (look_file(r) != 0)
		return -1;
	bad = look_table(r);
	look_exports(r);
	look_imports(r);
	look_build(r);
	return bad;
}
