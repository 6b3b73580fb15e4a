/*
 * checks_load.c: what constructors and destructors do, alone.
 *
 * Constructors run inside dlopen, among the calls that ld.so makes to read
 * files, which must be let through.  So a copy of the plugin is loaded whose
 * dynamic section names none; then the filter of the calls of a plugin is set,
 * and they are called as ld.so would.  Destructors run when a process ends, and
 * could change how.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform/child.h"

typedef void (*constructor)(int argc, char **argv, char **envp);

/* -------------------------------------------------------------- the copy */

/* A tag that ld.so does not look at, in the place of one that it would. */
static int
hide(int fd, off_t at)
{
	const Elf64_Sxword	 none = DT_DEBUG;

	return pwrite(fd, &none, sizeof(none), at) == (ssize_t)sizeof(none) ?
	    0 : -1;
}

static int
is_constructor(Elf64_Sxword tag)
{
	return tag == DT_INIT || tag == DT_INIT_ARRAY ||
	    tag == DT_INIT_ARRAYSZ;
}

static int
hide_all(int fd, const Elf64_Phdr *p)
{
	Elf64_Dyn	 d;
	uint64_t	 at;

	for (at = 0; at + sizeof(d) <= p->p_filesz; at += sizeof(d)) {
		if (pread(fd, &d, sizeof(d), (off_t)(p->p_offset + at)) !=
		    (ssize_t)sizeof(d))
			return -1;
		if (d.d_tag == DT_NULL)
			return 0;
		if (is_constructor(d.d_tag) &&
		    hide(fd, (off_t)(p->p_offset + at)) != 0)
			return -1;
	}
	return 0;
}

static int
strip(int fd)
{
	Elf64_Ehdr	 h;
	Elf64_Phdr	 p;
	size_t		 i;

	if (pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return -1;
	for (i = 0; i < h.e_phnum; i++) {
		if (pread(fd, &p, sizeof(p), (off_t)(h.e_phoff + i *
		    sizeof(p))) != (ssize_t)sizeof(p))
			return -1;
		if (p.p_type == PT_DYNAMIC)
			return hide_all(fd, &p);
	}
	return -1;
}

static int
copy(int from, int to)
{
	char	 buf[65536];
	off_t	 at = 0;
	ssize_t	 n;

	while ((n = pread(from, buf, sizeof(buf), at)) > 0) {
		if (pwrite(to, buf, (size_t)n, at) != n)
			return -1;
		at += n;
	}
	return n == 0 ? 0 : -1;
}

int
lk_load_bare(struct lk_run *r)
{
	int	 fd;

	if (r->image.constructors + r->image.destructors == 0 &&
	    r->image.init == 0 && r->image.fini == 0)
		return -1;
	fd = memfd_create(r->name, MFD_CLOEXEC);
	if (fd != -1 && copy(r->file.fd, fd) == 0 && strip(fd) == 0)
		return fd;
	if (fd != -1)
		close(fd);
	lk_run_tell(r, LK_REMARK, "constructors", "they cannot be called "
	    "alone: no copy of it could be made");
	return -1;
}

/* ---------------------------------------------------------------- the call */

static void
call(struct lk_trial *t, const char *what, constructor fn)
{
	char	*argv[] = { NULL };

	t->board->calls++;
	t->board->call = what;
	fn(0, argv, environ);
	t->board->call = NULL;
}

/* Relocated by ld.so, as all data is. */
static void
call_one(struct lk_trial *t, const char *what, const constructor *fn)
{
	if (*fn != NULL && (uintptr_t)*fn != UINTPTR_MAX)
		call(t, what, *fn);
}

static void
call_all(struct lk_trial *t, const char *base)
{
	static const char	 begins[] = "a constructor";
	static const char	 ends[] = "a destructor";
	const struct lk_image	*m = &t->run->image;
	const constructor	*v;
	size_t			 i;

	if (m->init != 0)
		call(t, begins, (constructor)(uintptr_t)(base + m->init));
	v = (const constructor *)(const void *)(base + m->init_array);
	for (i = 0; i < m->constructors; i++)
		call_one(t, begins, &v[i]);
	v = (const constructor *)(const void *)(base + m->fini_array);
	for (i = m->destructors; i > 0; i--)
		call_one(t, ends, &v[i - 1]);
	if (m->fini != 0)
		call(t, ends, (constructor)(uintptr_t)(base + m->fini));
}

void
lk_check_constructors(struct lk_trial *t)
{
	const struct lk_image *m = &t->run->image;
	struct link_map	*map = NULL;
	char		 name[64];
	void		*handle;

	if (t->run->bare == -1)
		return;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", t->run->bare);
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0) {
		lk_trial_tell(t, LK_FAULT, "cannot be loaded: %.200s",
		    dlerror());
		return;
	}
	lk_filter_set(LK_FILTER_CALLS);
	call_all(t, (const char *)map->l_addr);
	if (m->constructors <= LK_CRT_CONSTRUCTORS &&
	    m->destructors <= LK_CRT_CONSTRUCTORS)
		lk_trial_pass(t, "none but the compiler's own");
	else
		lk_trial_pass(t, "%zu called, and %zu destructors, each alone",
		    m->constructors, m->destructors);
}
