/*
 * generation.c: maps in files, index.1, index.2 and so on.
 *
 * A file has all its blocks before it is mapped: a store to a page that the
 * disk has no room for is SIGBUS.  It is never made shorter, and a name is
 * never given to another file while anybody might look for it.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "map_inner.h"

#define NAME_SIZE	32
#define CHUNK		65536		/* octets                            */

static void
name_of(uint64_t generation, char out[NAME_SIZE])
{
	/* 0: what nobody uses until it is given a number.                   */
	if (generation == 0)
		snprintf(out, NAME_SIZE, "index.new");
	else
		snprintf(out, NAME_SIZE, "index.%" PRIu64, generation);
}

static int
map_file(const struct lk_folder *f, struct lk_map *m, int write,
    const char *name, struct lk_error *e)
{
	void	*p;

	p = f->io->map(f->io->ctx, m->fd, m->size,
	    write ? PROT_READ | PROT_WRITE : PROT_READ);
	if (p == MAP_FAILED)
		return lk_fail_errno(e, errno == ENOMEM ? LK_ENOMEM : LK_EIO,
		    "%s/%s cannot be mapped", f->path, name);
	m->base = p;
	return 0;
}

int
lk_map_open(const struct lk_folder *f, uint64_t generation, int write,
    struct lk_map **out, struct lk_error *e)
{
	char		 name[NAME_SIZE];
	struct lk_map	*m;
	struct stat	 st;
	int		 r;

	name_of(generation, name);
	if ((m = lk_map_alloc()) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	m->io = f->io;
	if ((r = lk_folder_file(f, name, write ? O_RDWR : O_RDONLY, &m->fd,
	    &st, e)) != 0)
		goto out;
	m->size = (size_t)st.st_size;
	if (m->size == 0)
		r = lk_fail(e, LK_EDAMAGE, "%s/%s is empty", f->path, name);
	else if ((r = map_file(f, m, write, name, e)) == 0 &&
	    (r = lk_map_judge(m, generation)) != 0)
		lk_fail(e, r, "%s/%s is of no known form", f->path, name);
	if (r != 0)
		goto out;
	lk_map_lay_out(m);
	*out = m;
	m = NULL;			/* handed over                       */
out:
	lk_map_free(&m);
	return r;
}

/* Where blocks cannot be asked for, zeros are written. */
static int
write_zeros(const struct lk_io *io, int fd, size_t size)
{
	static const char	 zeros[CHUNK];
	size_t			 at, n;

	for (at = 0; at < size; at += n) {
		n = size - at < CHUNK ? size - at : CHUNK;
		if (lk_io_write_all(io, fd, zeros, n, (off_t)at) != 0)
			return -1;
	}
	return 0;
}

static int
take_blocks(const struct lk_io *io, int fd, size_t size)
{
	if (io->fallocate(io->ctx, fd, 0, 0, (off_t)size) == 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	return write_zeros(io, fd, size);
}

static int
make_file(const struct lk_folder *f, const char *name, const struct stat *st,
    struct lk_map *m)
{
	const struct lk_io	*io = f->io;

	if (io->unlink(io->ctx, f->fd, name) != 0 && errno != ENOENT)
		return -1;
	m->fd = io->open(io->ctx, f->fd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (m->fd == -1 || io->fchmod(io->ctx, m->fd, st->st_mode & 0777) != 0)
		return -1;
	if (st->st_gid != getegid() &&
	    io->fchown(io->ctx, m->fd, (uid_t)-1, st->st_gid) != 0)
		return -1;
	return take_blocks(io, m->fd, m->size);
}

int
lk_map_make(const struct lk_folder *f, uint64_t generation,
    const struct lk_shape *s, const struct stat *st, struct lk_map **out,
    struct lk_error *e)
{
	char		 name[NAME_SIZE];
	struct lk_map	*m;
	int		 r;

	name_of(generation, name);
	if ((m = lk_map_alloc()) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	m->io = f->io;
	m->shape = *s;
	m->size = lk_shape_size(s);
	m->generation = generation;
	if (make_file(f, name, st, m) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s/%s cannot be made", f->path,
		    name);
	else
		r = map_file(f, m, 1, name, e);
	if (r != 0) {
		f->io->unlink(f->io->ctx, f->fd, name);
		lk_map_free(&m);
		return r;
	}
	lk_map_lay_out(m);
	lk_map_blank(m);
	*out = m;
	return 0;
}

int
lk_map_number(const struct lk_folder *f, struct lk_map *m,
    uint64_t generation, struct lk_error *e)
{
	char	 from[NAME_SIZE], to[NAME_SIZE];

	name_of(m->generation, from);
	name_of(generation, to);
	m->generation = generation;
	lk_map_head(m);
	if (f->io->rename(f->io->ctx, f->fd, from, to) == 0)
		return 0;
	lk_fail_errno(e, LK_EIO, "%s/%s cannot be renamed", f->path, from);
	m->generation = 0;
	return LK_EIO;
}

int
lk_map_sync(struct lk_map *m, struct lk_error *e)
{
	if (lk_io_sync_gently(m->io, m->fd, m->size) != 0)
		return lk_fail_errno(e, LK_EIO, "the index cannot be synced");
	return 0;
}

void
lk_map_unlink(const struct lk_folder *f, uint64_t generation)
{
	char	 name[NAME_SIZE];

	name_of(generation, name);
	(void)f->io->unlink(f->io->ctx, f->fd, name);
}

void
lk_map_sweep(const struct lk_folder *f, uint64_t generation)
{
	char		 name[NAME_SIZE];
	struct stat	 st;

	name_of(generation, name);
	if (f->io->stat(f->io->ctx, f->fd, name, &st) == 0)
		(void)f->io->unlink(f->io->ctx, f->fd, name);
}
