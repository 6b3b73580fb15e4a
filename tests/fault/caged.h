/*
 * caged.h: files are mapped into memory of this process, between two pages that
 * nobody may touch.
 *
 * So a bit of them can be flipped without a system call, and who reads outside
 * of a map is ended.  What is stored there nobody else sees.
 */
#ifndef CAGED_H
#define CAGED_H

#include "cases.h"

#include "base/io.h"

static inline void *
caged_map(void *ctx, int fd, size_t n, int prot)
{
	size_t		 page = (size_t)sysconf(_SC_PAGESIZE);
	size_t		 room = (n + page - 1) / page * page;
	unsigned char	*p;

	(void)ctx;
	(void)prot;
	p = mmap(NULL, room + 2 * page, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + page, room,
	    PROT_READ | PROT_WRITE) != 0)
		return MAP_FAILED;
	if (pread(fd, p + page, n, 0) != (ssize_t)n) {
		munmap(p, room + 2 * page);
		return MAP_FAILED;
	}
	return p + page;
}

static inline int
caged_unmap(void *ctx, void *base, size_t n)
{
	size_t		 page = (size_t)sysconf(_SC_PAGESIZE);
	size_t		 room = (n + page - 1) / page * page;

	(void)ctx;
	return munmap((unsigned char *)base - page, room + 2 * page);
}

/* The system's, but for maps and syncs. */
static inline const struct lk_io *
caged_io(void)
{
	static struct lk_io	 io;

	io = lk_io_system;
	io.map = caged_map;
	io.unmap = caged_unmap;
	return &io;
}

#endif
