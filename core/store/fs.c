#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/user.h"
#include "fs.h"

/* Source: linux/magic.h, and statfs(2) for those that are not in it. */
static const struct {
	unsigned long		 magic;
	const char		*name;
	enum lk_fs_verdict	 verdict;
} systems[] = {
	{ 0x0000ef53,	"ext4",		LK_FS_FINE },
	{ 0x58465342,	"xfs",		LK_FS_FINE },
	{ 0x01021994,	"tmpfs",	LK_FS_FINE },
	{ 0x858458f6,	"ramfs",	LK_FS_FINE },
	{ 0xf2f52010,	"f2fs",		LK_FS_FINE },
	{ 0x794c7630,	"overlay",	LK_FS_OVERLAY },
	{ 0x9123683e,	"btrfs",	LK_FS_NOTE },
	{ 0x2fc12fc1,	"zfs",		LK_FS_NOTE },
	{ 0x00006969,	"nfs",		LK_FS_REFUSED },
	{ 0xff534d42,	"cifs",		LK_FS_REFUSED },
	{ 0xfe534d42,	"smb2",		LK_FS_REFUSED },
	{ 0x0000517b,	"smb",		LK_FS_REFUSED },
	{ 0x65735546,	"fuse",		LK_FS_REFUSED },
	{ 0x01021997,	"9p",		LK_FS_REFUSED },
	{ 0x00c36400,	"ceph",		LK_FS_REFUSED },
	{ 0x5346414f,	"afs",		LK_FS_REFUSED },
	{ 0x6b414653,	"afs",		LK_FS_REFUSED },
	{ 0x73757245,	"coda",		LK_FS_REFUSED },
	{ 0x01161970,	"gfs2",		LK_FS_REFUSED },
	{ 0x7461636f,	"ocfs2",	LK_FS_REFUSED },
	{ 0x0bd00bd0,	"lustre",	LK_FS_REFUSED },
	{ 0x786f4256,	"vboxsf",	LK_FS_REFUSED },
	{ 0xbacbacbc,	"hgfs",		LK_FS_REFUSED },
};

const char *
lk_fs_judge(unsigned long magic, enum lk_fs_verdict *verdict)
{
	size_t	 i;

	for (i = 0; i < sizeof systems / sizeof *systems; i++) {
		if (systems[i].magic == (magic & 0xffffffff)) {
			*verdict = systems[i].verdict;
			return systems[i].name;
		}
	}
	*verdict = LK_FS_REFUSED;
	return NULL;
}

static int
judge_system(struct lk_folder *f, int write, struct lk_error *e)
{
	struct statfs	 s;
	const char	*name;

	if (f->io->fstatfs(f->io->ctx, f->fd, &s) != 0)
		return lk_fail_errno(e, LK_EIO, "%s: statfs", f->path);
	name = lk_fs_judge((unsigned long)s.f_type, &f->fs);
	if (f->fs == LK_FS_REFUSED && name != NULL)
		return lk_fail(e, LK_EUNAVAIL, "%s lies on %s, where locks "
		    "and shared maps are not reliable: move the store to a "
		    "local ext4, xfs or tmpfs", f->path, name);
	if (f->fs == LK_FS_REFUSED)
		return lk_fail(e, LK_EUNAVAIL, "%s lies on a file system that "
		    "is not known (type 0x%lx): move the store to a local "
		    "ext4, xfs or tmpfs", f->path,
		    (unsigned long)s.f_type & 0xffffffff);
	if (f->fs == LK_FS_NOTE && write)
		lk_log(LOG_NOTICE, "%s lies on %s: nothing is promised when "
		    "its disk is full", f->path, name);
	return 0;
}

static int
judge_folder(struct lk_folder *f, int write, struct lk_error *e)
{
	struct stat	 st;
	char		 owner[64];

	if (f->io->fstat(f->io->ctx, f->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s: fstat", f->path);
	f->owner = st.st_uid;
	if (write && st.st_uid != geteuid()) {
		lk_user_name(st.st_uid, owner, sizeof owner);
		return lk_fail_at(e, LK_EPERM, f->path, 0, 0, "the store %s "
		    "belongs to %s, and only that user may write to it: run "
		    "this as %s", f->path, owner, owner);
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return lk_fail_at(e, LK_ECONFIG, f->path, 0, 0, "others than "
		    "its owner may write to %s (mode %04o): chmod go-w %s",
		    f->path, (unsigned)st.st_mode & 07777, f->path);
	return 0;
}

static int
open_failed(const char *dir, const char *name, struct lk_error *e)
{
	char	 words[64];
	int	 code = LK_EIO;

	if (errno == EACCES || errno == EPERM)
		return lk_fail(e, LK_EPERM, "%s%s%s cannot be opened: %s: run "
		    "this as the owner of the store or, to verify, in the "
		    "verifiers' group", dir, name ? "/" : "", name ? name : "",
		    strerror_r(errno, words, sizeof words));
	if (errno == ENOENT || errno == ENOTDIR)
		code = LK_ENOTFOUND;
	else if (errno == ELOOP)
		return lk_fail(e, LK_ECONFIG, "%s%s%s is a symbolic link, "
		    "which is not followed here: remove it and put the file "
		    "that it leads to in its place", dir, name ? "/" : "",
		    name ? name : "");
	return lk_fail_errno(e, code, "%s%s%s cannot be opened", dir,
	    name ? "/" : "", name ? name : "");
}

int
lk_folder_open(const struct lk_io *io, const char *path, int write,
    struct lk_folder *out, struct lk_error *e)
{
	int	 r;

	out->io = io;
	out->path = path;
	out->fd = io->open(io->ctx, AT_FDCWD, path,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (out->fd == -1)
		return open_failed(path, NULL, e);
	if ((r = judge_folder(out, write, e)) != 0 ||
	    (r = judge_system(out, write, e)) != 0)
		lk_folder_close(out);
	return r;
}

void
lk_folder_close(struct lk_folder *f)
{
	if (f->fd != -1)
		f->io->close(f->io->ctx, f->fd);
	f->fd = -1;
}

static int
other_owner(const struct lk_folder *f, const char *name, const struct stat *st,
    struct lk_error *e)
{
	char	 has[64], owner[64];

	lk_user_name(st->st_uid, has, sizeof has);
	lk_user_name(f->owner, owner, sizeof owner);
	return lk_fail(e, LK_ECONFIG, "%s/%s belongs to %s, its folder to %s: "
	    "as root, chown %s %s/%s; then run this as %s", f->path, name, has,
	    owner, owner, f->path, name, owner);
}

static int
judge_file(const struct lk_folder *f, const char *name, const struct stat *st,
    struct lk_error *e)
{
	if (!S_ISREG(st->st_mode))
		return lk_fail(e, LK_ECONFIG, "%s/%s is no regular file",
		    f->path, name);
	if (st->st_uid != f->owner)
		return other_owner(f, name, st, e);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return lk_fail(e, LK_ECONFIG, "others than its owner may write "
		    "to %s/%s (mode %04o): chmod go-w %s/%s", f->path, name,
		    (unsigned)st->st_mode & 07777, f->path, name);
	return 0;
}

int
lk_folder_file(const struct lk_folder *f, const char *name, int flags,
    int *fd, struct stat *st, struct lk_error *e)
{
	struct stat	 own;
	int		 d, r;

	if (st == NULL)
		st = &own;
	/* O_NONBLOCK: a FIFO must not keep us before it is judged. */
	d = f->io->open(f->io->ctx, f->fd, name,
	    flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
	if (d == -1)
		return open_failed(f->path, name, e);
	if (f->io->fstat(f->io->ctx, d, st) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s/%s: fstat", f->path, name);
	else
		r = judge_file(f, name, st, e);
	if (r != 0) {
		f->io->close(f->io->ctx, d);
		return r;
	}
	*fd = d;
	return 0;
}

static int
fill(const struct lk_io *io, int fd, const void *p, size_t n, mode_t mode,
    gid_t gid, off_t reserve)
{
	if (io->fchmod(io->ctx, fd, mode) != 0)
		return -1;
	if (gid != (gid_t)-1 && io->fchown(io->ctx, fd, (uid_t)-1, gid) != 0)
		return -1;
	if (lk_io_write_all(io, fd, p, n, 0) != 0)
		return -1;
	if (reserve != 0 && io->fallocate(io->ctx, fd, FALLOC_FL_KEEP_SIZE,
	    (off_t)n, reserve) != 0 && errno != EOPNOTSUPP)
		return -1;
	return io->fsync(io->ctx, fd);
}

int
lk_folder_write(const struct lk_folder *f, const char *name, const void *p,
    size_t n, mode_t mode, gid_t gid, off_t reserve, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	int			 fd, r = 0;

	if (io->unlink(io->ctx, f->fd, name) != 0 && errno != ENOENT)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be replaced",
		    f->path, name);
	fd = io->open(io->ctx, f->fd, name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return open_failed(f->path, name, e);
	if (fill(io, fd, p, n, mode, gid, reserve) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s/%s cannot be written",
		    f->path, name);
	io->close(io->ctx, fd);
	if (r != 0)
		io->unlink(io->ctx, f->fd, name);
	return r;
}
