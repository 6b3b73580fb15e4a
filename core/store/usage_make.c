/*
 * usage_make.c: make the file, or a bigger one in its place.
 *
 * It is never synced: what a crash leaves of it is either sound or of no known
 * form, and is then made anew.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"
#include "latchkey.h"
#include "store/usage_inner.h"

#define MODE		0660

/* The disk has all of it: to touch what it lacks may be SIGBUS. */
static int
fill(const struct lk_usage_file *u, int fd, size_t size)
{
	static const char	 zeros[LK_USAGE_PAGE];
	size_t			 at;

	if (u->io->fallocate(u->io->ctx, fd, 0, 0, (off_t)size) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return LK_EIO;
	for (at = 0; at < size; at += LK_USAGE_PAGE)
		if (lk_io_write_all(u->io, fd, zeros, sizeof(zeros),
		    (off_t)at) != 0)
			return LK_EIO;
	return 0;
}

/*
 * The new file, locked: two who make one at once would put a half-made one in
 * place.  LK_EAGAIN: another is at it, or was a moment ago.
 */
static int
open_new(const struct lk_usage_file *u, int dir, int *out, struct stat *st)
{
	const struct lk_io	*io = u->io;
	struct stat		 named;
	int			 fd, r = 0;

	fd = io->open(io->ctx, dir, LK_USAGE_NEW, O_RDWR | O_CREAT |
	    O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd == -1)
		return LK_EIO;
	if (io->lock(io->ctx, fd, F_WRLCK) != 0 ||
	    io->stat(io->ctx, dir, LK_USAGE_NEW, &named) != 0)
		r = LK_EAGAIN;
	else if (io->fstat(io->ctx, fd, st) != 0)
		r = LK_EIO;
	else if (st->st_ino != named.st_ino || st->st_dev != named.st_dev)
		r = LK_EAGAIN;
	else if (!S_ISREG(st->st_mode) || st->st_uid != geteuid() ||
	    io->ftruncate(io->ctx, fd, 0) != 0)
		r = LK_EIO;
	if (r != 0)
		io->close(io->ctx, fd);
	else
		*out = fd;
	return r;
}

/* Octets, header and rights: who may read the store may write this. */
static int
write_new(const struct lk_usage_file *u, int fd, uint64_t nkeys, gid_t group,
    struct stat *st)
{
	const struct lk_io	*io = u->io;
	uint64_t		 head[LK_LINE_WORDS];
	uint32_t		 sets, lines;
	size_t			 size = lk_usage_plan(nkeys, &sets, &lines);

	lk_usage_head(head, sets, lines);
	if (fill(u, fd, size) != 0 ||
	    lk_io_write_all(io, fd, head, sizeof(head), 0) != 0 ||
	    (st->st_gid != group &&
	    io->fchown(io->ctx, fd, (uid_t)-1, group) != 0) ||
	    io->fchmod(io->ctx, fd, MODE) != 0 ||
	    io->fstat(io->ctx, fd, st) != 0)
		return LK_EIO;
	return 0;
}

/* Mapped and filled before it gets its name: nobody sees half of it. */
static int
put_in_place(const struct lk_usage_file *u, int dir, int fd,
    const struct stat *st, const struct lk_usage_map *from,
    struct lk_usage_map **out)
{
	struct lk_usage_map	*m = NULL;
	int			 r;

	if ((r = lk_usage_map_fd(u, fd, st, &m)) != 0)
		return r;
	if (from != NULL)
		lk_usage_copy(m, from, lk_clock_ns());
	if (u->io->rename(u->io->ctx, dir, LK_USAGE_NEW, LK_USAGE_NAME) != 0)
		r = LK_EIO;
	if (r == 0)
		*out = m;
	else
		lk_usage_unmap(u, &m);
	return r;
}

/* What has the name now: 1 it is to be replaced; 0 *out is another, which
 * somebody made meanwhile; or it cannot be told. */
static int
replaceable(const struct lk_usage_file *u, int dir, uid_t owner,
    const struct lk_usage_map *from, struct lk_usage_map **out)
{
	struct lk_usage_map	*m = NULL;
	int			 r = lk_usage_map_name(u, dir, owner, &m);

	if (r == 0 && (from == NULL || m->ino != from->ino)) {
		*out = m;
		return 0;
	}
	lk_usage_unmap(u, &m);
	if (r == LK_EDAMAGE)
		(void)u->io->rename(u->io->ctx, dir, LK_USAGE_NAME,
		    LK_USAGE_BAD);
	return r == 0 || r == LK_ENOTFOUND || r == LK_EDAMAGE ? 1 : r;
}

int
lk_usage_make(const struct lk_usage_file *u, int dir, const struct stat *folder,
    uint64_t nkeys, const struct lk_usage_map *from, struct lk_usage_map **out)
{
	struct stat	 st;
	int		 fd, r, named = 0;

	if ((r = open_new(u, dir, &fd, &st)) != 0)
		return r;
	if ((r = replaceable(u, dir, folder->st_uid, from, out)) == 1) {
		r = write_new(u, fd, nkeys, folder->st_gid, &st);
		if (r == 0)
			r = put_in_place(u, dir, fd, &st, from, out);
		named = r == 0;
	}
	/* While it is locked the name is ours. */
	if (!named)
		(void)u->io->unlink(u->io->ctx, dir, LK_USAGE_NEW);
	u->io->close(u->io->ctx, fd);
	return r;
}
