#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "journal.h"
#include "state.h"
#include "store.h"
#include "usage.h"

#define JOURNAL_NEW	"journal.new"
#define STATE_NEW	"state.new"

/*
 * Without a journal nothing opens, and making the store again goes over what a
 * crash left; without a state the first writer makes one.  So the two names may
 * come to the disk in any order.
 */
static int
put_in_place(const struct lk_folder *f, struct lk_error *e)
{
	const struct lk_io	*io = f->io;

	if (io->rename(io->ctx, f->fd, STATE_NEW, LK_STATE_NAME) != 0 ||
	    io->rename(io->ctx, f->fd, JOURNAL_NEW, LK_JOURNAL_NAME) != 0 ||
	    io->fsync(io->ctx, f->fd) != 0)
		return lk_fail_errno(e, LK_EIO, "the files of %s cannot be put "
		    "in place", f->path);
	return 0;
}

static int
make_files(const struct lk_folder *f, const uint8_t *check, mode_t mode,
    gid_t gid, struct lk_error *e)
{
	char		 first[LK_JOURNAL_FIRST];
	struct lk_ack	 ack = { .length = LK_JOURNAL_FIRST };
	int		 r;

	lk_journal_first(check, first);
	r = lk_folder_write(f, JOURNAL_NEW, first, sizeof first, mode, gid,
	    LK_JOURNAL_RESERVE, e);
	if (r == 0)
		r = lk_state_make(f, STATE_NEW, mode, gid, &ack, e);
	if (r == 0)
		r = put_in_place(f, e);
	if (r != 0) {
		f->io->unlink(f->io->ctx, f->fd, JOURNAL_NEW);
		f->io->unlink(f->io->ctx, f->fd, STATE_NEW);
	}
	return r;
}

/* The entry of the folder in the one above it. */
static int
sync_parent(const struct lk_io *io, const char *dir, struct lk_error *e)
{
	char	*path, *slash;
	size_t	 n = strlen(dir);
	int	 fd, r = 0;

	if ((path = malloc(n + 4)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	memcpy(path, dir, n + 1);
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	if ((slash = strrchr(path, '/')) == NULL)
		strcpy(path, ".");
	else
		slash[slash == path] = '\0';
	fd = io->open(io->ctx, AT_FDCWD, path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd == -1 || io->fsync(io->ctx, fd) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s cannot be synced", path);
	if (fd != -1)
		io->close(io->ctx, fd);
	free(path);
	return r;
}

static int
judge_place(const struct lk_folder *f, struct lk_error *e)
{
	struct stat	 st;

	if (f->io->stat(f->io->ctx, f->fd, LK_JOURNAL_NAME, &st) == 0)
		return lk_fail_at(e, LK_ECONFIG, f->path, 0, 0, "%s holds a "
		    "store already; nothing was changed", f->path);
	if (errno != ENOENT)
		return lk_fail_errno(e, LK_EIO, "%s", f->path);
	return 0;
}

static int
set_mode(const struct lk_folder *f, mode_t mode, gid_t gid, struct lk_error *e)
{
	if (f->io->fchmod(f->io->ctx, f->fd, mode) != 0 ||
	    (gid != (gid_t)-1 &&
	    f->io->fchown(f->io->ctx, f->fd, (uid_t)-1, gid) != 0))
		return lk_fail_errno(e, LK_EIO, "%s: owner or mode cannot be "
		    "set", f->path);
	return 0;
}

int
lk_store_make(const struct lk_store_options *o, mode_t dir_mode,
    mode_t file_mode, gid_t gid, struct lk_error *e)
{
	const struct lk_io	*io = o->io != NULL ? o->io : &lk_io_system;
	struct lk_folder	 f = { .fd = -1, .io = io };
	struct lk_hmac		*mac = o->mac;
	struct lk_usage_file	*u = NULL;
	int			 r, made;

	lk_hmac_free(&mac);		/* handed over; nothing is signed    */
	if (o->check == NULL)
		return lk_fail(e, LK_ECONFIG, "a store is made with a pepper");
	made = io->mkdir(io->ctx, o->dir, dir_mode) == 0;
	if (!made && errno != EEXIST)
		return lk_fail_errno(e, LK_EIO, "%s cannot be made", o->dir);
	if ((r = lk_folder_open(io, o->dir, 1, &f, e)) != 0)
		return r;
	if ((r = judge_place(&f, e)) != 0 ||
	    (r = set_mode(&f, dir_mode, gid, e)) != 0 ||
	    (r = make_files(&f, o->check, file_mode, gid, e)) != 0)
		goto out;
	r = sync_parent(io, o->dir, e);
	/* What cannot be made now, the first writer makes. */
	if (r == 0 && lk_usage_open(io, o->dir, 1, &u) == 0)
		lk_usage_close(&u);
out:
	lk_folder_close(&f);
	return r;
}
