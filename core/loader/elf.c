/*
 * elf.c: is a file a shared object of this machine, and is all of it there?
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <link.h>
#include <string.h>
#include <unistd.h>

#include "loader/build.h"

#define SEGMENTS_MAX	64		/* headers of segments a file        */

/* The header of the object that this code is in: the machine is its own. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static int
read_at(const struct lk_file *f, void *p, size_t n, off_t at)
{
	return pread(f->fd, p, n, at) == (ssize_t)n ? 0 : -1;
}

/*
 * Whether the n segments, whose headers are at at, lie in the file: ld.so does
 * not ask, and touching a page behind a file's end is SIGBUS.
 */
static int
whole(const struct lk_file *f, size_t at, size_t n)
{
	ElfW(Phdr)	 segment;
	size_t		 i, size = (size_t)f->size;
	int		 loads = 0;

	if (n > SEGMENTS_MAX || at > size)
		return 0;
	for (i = 0; i < n; i++) {
		if (read_at(f, &segment, sizeof(segment),
		    (off_t)(at + i * sizeof(segment))) != 0)
			return 0;
		if (segment.p_filesz > size ||
		    segment.p_offset > size - segment.p_filesz)
			return 0;
		loads += segment.p_type == PT_LOAD;
	}
	return loads > 0;
}

int
lk_file_elf(const struct lk_want *w, const char *path, const struct lk_file *f,
    struct lk_error *e)
{
	const ElfW(Ehdr)	*own = &__ehdr_start;
	ElfW(Ehdr)		 h;

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
	    !whole(f, (size_t)h.e_phoff, h.e_phnum))
		return lk_refuse(e, LK_ECONFIG, w, path, "cut off, parts of it "
		    "are missing: install it again");
	return 0;
}
