/*
 * elf.c: is a file a shared object of this machine, is all of it there, and
 * does it name folders to take libraries from?  Nobody has judged those, and
 * the constructors of what lies in them would run with its own.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <link.h>
#include <string.h>

#include "base/io.h"
#include "loader/build.h"

#define SEGMENTS_MAX	64		/* headers of segments a file        */
#define DYNAMIC_MAX	1024		/* entries of the dynamic section    */
#define NAME_OCTETS	256		/* of a library, its NUL included    */

/* A file that is looked at. */
struct look {
	const struct lk_file *f;
	ElfW(Phdr)	 v[SEGMENTS_MAX];	/* its segments              */
	size_t		 n;
	ElfW(Addr)	 names;		/* of the table of names             */
	ElfW(Dyn)	 entry;		/* of the dynamic section, in hand   */
};

/* The header of the object that this code is in: the machine is its own. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static int
read_at(const struct lk_file *f, void *p, size_t n, off_t at)
{
	return lk_io_read_at(&lk_io_system, f->fd, p, n, at) == (ssize_t)n ?
	    0 : -1;
}

/*
 * Whether the n segments, whose headers are at at, lie in the file: ld.so does
 * not ask, and touching a page behind a file's end is SIGBUS.
 */
static int
whole(struct look *l, size_t at, size_t n)
{
	size_t	 i, size = (size_t)l->f->size;
	int	 loads = 0;

	if (n > SEGMENTS_MAX || at > size ||
	    read_at(l->f, l->v, n * sizeof(l->v[0]), (off_t)at) != 0)
		return 0;
	l->n = n;
	for (i = 0; i < n; i++) {
		if (l->v[i].p_filesz > size ||
		    l->v[i].p_offset > size - l->v[i].p_filesz)
			return 0;
		loads += l->v[i].p_type == PT_LOAD;
	}
	return loads > 0;
}

/* -------------------------------------------------------------- its folders */

/* Where in the file n octets at addr come from when it is loaded, or -1. */
static off_t
offset_of(const struct look *l, size_t addr, size_t n)
{
	size_t	 i, in;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].p_type != PT_LOAD || addr < l->v[i].p_vaddr)
			continue;
		in = addr - l->v[i].p_vaddr;
		if (in < l->v[i].p_filesz && n <= l->v[i].p_filesz - in)
			return (off_t)(l->v[i].p_offset + in);
	}
	return -1;
}

/*
 * Take the i-th entry of the dynamic section at addr in hand, as ld.so will see
 * it: by the address, whatever offset the header states.  1; 0: the end; -1.
 */
static int
entry_at(struct look *l, size_t addr, size_t i)
{
	size_t	 size = sizeof(l->entry);
	off_t	 at = offset_of(l, addr + i * size, size);

	if (i == DYNAMIC_MAX || at < 0 || read_at(l->f, &l->entry, size,
	    at) != 0)
		return -1;
	return l->entry.d_tag != DT_NULL;
}

/* Whether the library that the entry names is named by a path.  1, 0 or -1. */
static int
entry_path(const struct look *l)
{
	char	 name[NAME_OCTETS];
	off_t	 at = offset_of(l, l->names + l->entry.d_un.d_val, 1);
	ssize_t	 n = at < 0 ? -1 : lk_io_read_at(&lk_io_system, l->f->fd, name,
		    sizeof(name), at);

	if (n <= 0 || memchr(name, '\0', (size_t)n) == NULL)
		return -1;
	return strchr(name, '/') != NULL;
}

/* Why the entry in hand is refused, or NULL. */
static const char *
entry_refused(const struct look *l)
{
	int	 r;

	switch (l->entry.d_tag) {
	case DT_RPATH:
	case DT_RUNPATH:
		return "names folders to take libraries from (RPATH or "
		    "RUNPATH), and who may write there nobody has judged: "
		    "link it without -rpath, or chrpath -d";
	case DT_NEEDED:
	case DT_FILTER:
	case DT_AUXILIARY:
		if ((r = entry_path(l)) == -1)
			return "damaged, the name of a library that it needs "
			    "is missing: install it again";
		return r == 0 ? NULL : "needs a library by its path, and who "
		    "may write there nobody has judged: link that with -l, "
		    "or give it a soname";
	default:
		return NULL;
	}
}

/* Twice through the section: its table of names may be told of anywhere. */
static const char *
dynamic_refused(struct look *l, size_t addr)
{
	const char	*why = NULL;
	size_t		 i;
	int		 r;

	for (i = 0; (r = entry_at(l, addr, i)) == 1; i++)
		if (l->entry.d_tag == DT_STRTAB)
			l->names = l->entry.d_un.d_ptr;
	if (r == -1)
		return "damaged, the end of its dynamic section is missing: "
		    "install it again";
	for (i = 0; why == NULL && entry_at(l, addr, i) == 1; i++)
		why = entry_refused(l);
	return why;
}

static const char *
folders_refused(struct look *l)
{
	const char	*why = NULL;
	size_t		 i;

	for (i = 0; i < l->n && why == NULL; i++)
		if (l->v[i].p_type == PT_DYNAMIC)
			why = dynamic_refused(l, l->v[i].p_vaddr);
	return why;
}

int
lk_file_elf(const struct lk_want *w, const char *path, const struct lk_file *f,
    struct lk_error *e)
{
	const ElfW(Ehdr)	*own = &__ehdr_start;
	struct look		 l = { .f = f };
	ElfW(Ehdr)		 h;
	const char		*why;

	if (read_at(f, &h, sizeof(h), 0) != 0 ||
	    memcmp(h.e_ident, ELFMAG, SELFMAG) != 0)
		return lk_refuse(e, LK_ECONFIG, w, path, "not ELF: a plugin is "
		    "a shared object (cc -shared)");
	if (h.e_ident[EI_CLASS] != own->e_ident[EI_CLASS] ||
	    h.e_ident[EI_DATA] != own->e_ident[EI_DATA] ||
	    h.e_machine != own->e_machine)
		return lk_refuse(e, LK_ECONFIG, w, path, "built for another "
		    "machine (ELF machine %u, this one is %u): build it here",
		    (unsigned)h.e_machine, (unsigned)own->e_machine);
	if (h.e_type != ET_DYN)
		return lk_refuse(e, LK_ECONFIG, w, path, "ELF, but not a "
		    "shared object: link it with -shared");
	if (h.e_phentsize != sizeof(ElfW(Phdr)) ||
	    !whole(&l, (size_t)h.e_phoff, h.e_phnum))
		return lk_refuse(e, LK_ECONFIG, w, path, "cut off, parts of it "
		    "are missing: install it again");
	if ((why = folders_refused(&l)) != NULL)
		return lk_refuse(e, LK_ECONFIG, w, path, "%s", why);
	return 0;
}
