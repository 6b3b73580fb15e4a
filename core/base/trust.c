/*
 * trust.c: who may have written this file?
 *
 * Each folder from / down is judged when something is taken out of it, each
 * component by its owner as well, and the file at last by the descriptor that
 * is handed out.  A descriptor stands for one inode, so a rename between two
 * steps changes nothing that was judged.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/trust.h"
#include "base/walk.h"

#define WRITE_OTHERS	(S_IWGRP | S_IWOTH)
#define PLAIN	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"	\
		"0123456789/._-+=@,:"
#define CHUNK	4096			/* octets read at once */

/* One component before the judge. */
struct judged {
	const char		*asked;	/* the path the caller gave          */
	const char		*path;	/* resolved                          */
	int			 fd;
	const struct stat	*st;
	struct lk_error		*e;
};

/* A path as a shell takes it. */
static void
quote(struct lk_buf *b, const char *path)
{
	size_t	 n;

	if (path[strspn(path, PLAIN)] == '\0') {
		lk_buf_str(b, path);
		return;
	}
	lk_buf_str(b, "'");
	for (; *path != '\0'; path += n) {
		if ((n = strcspn(path, "'")) == 0) {
			lk_buf_str(b, "'\\''");
			n = 1;
		} else
			lk_buf_add(b, path, n);
	}
	lk_buf_str(b, "'");
}

static int refuse(const struct judged *j, const char *mend, const char *fmt,
    ...) LK_PRINTF(3, 4);

/* PATH, what it is and should be, and the command that mends it. */
static int
refuse(const struct judged *j, const char *mend, const char *fmt, ...)
{
	struct lk_buf	 b = LK_BUF_NONE;
	char		 what[256];
	va_list		 ap;
	int		 r;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	lk_buf_str(&b, mend);
	if (!b.failed && b.n != 0 && b.p[b.n - 1] == ' ')
		quote(&b, j->path);
	r = lk_fail_at(j->e, LK_ECONFIG, j->asked, 0, 0, "%s %s: %s", j->path,
	    what, b.failed ? mend : b.p);
	lk_buf_free(&b);
	return r;
}

static int
judge_owner(const struct judged *j)
{
	const char	*mend = S_ISLNK(j->st->st_mode) ? "chown -h root " :
			    "chown root ";
	uid_t		 us = geteuid();

	if (j->st->st_uid == 0 || j->st->st_uid == us)
		return 0;
	if (us == 0)
		return refuse(j, mend, "belongs to uid %u, it should belong "
		    "to root", (unsigned)j->st->st_uid);
	return refuse(j, mend, "belongs to uid %u, it should belong to root "
	    "or to uid %u", (unsigned)j->st->st_uid, (unsigned)us);
}

/* With a list, the group's bits are the most that anybody named in it gets. */
static int
has_acl(const struct judged *j)
{
	char	 self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", j->fd);
	return getxattr(self, "system.posix_acl_access", NULL, 0) > 0;
}

/* Others may not write, nor a group but root's. */
static int
judge_writers(const struct judged *j)
{
	mode_t	 mode = j->st->st_mode & 07777;

	if ((mode & WRITE_OTHERS) == 0)
		return 0;
	if (mode & S_IWOTH)
		return refuse(j, "chmod go-w ", "has mode %04o: all may write "
		    "it, only its owner should", (unsigned)mode);
	if (j->st->st_gid != 0)
		return refuse(j, "chmod go-w ", "has mode %04o: group %u may "
		    "write it, only its owner should", (unsigned)mode,
		    (unsigned)j->st->st_gid);
	if (has_acl(j))
		return refuse(j, "chmod go-w ", "has mode %04o and an access "
		    "list: others than its owner may write it",
		    (unsigned)mode);
	return 0;
}

static int
judge_private(const struct judged *j)
{
	mode_t	 mode = j->st->st_mode & 07777;

	if (mode & (S_IRWXO | S_IWGRP | S_IXGRP))
		return refuse(j, "chmod g-wx,o= ", "has mode %04o: only its "
		    "owner and, to read, one group should have it (0640)",
		    (unsigned)mode);
	if ((mode & S_IRGRP) && has_acl(j))
		return refuse(j, "setfacl -b ", "has an access list: only its "
		    "owner and one group should have it");
	return 0;
}

/* holder: what is taken out of it is the last component. */
static int
judge_folder(const struct judged *j, int holder)
{
	int	 r;

	if ((r = judge_owner(j)) != 0)
		return r;
	if (j->st->st_uid != 0 || !(j->st->st_mode & S_ISVTX) ||
	    !(j->st->st_mode & WRITE_OTHERS))
		return judge_writers(j);
	if (!holder)	/* only root and we can move what is ours in it */
		return 0;
	return refuse(j, "use a folder of its own, which only its owner may "
	    "write", "has mode %04o: all may put files next to it",
	    (unsigned)(j->st->st_mode & 07777));
}

/* The folder we are in, then the owner of what was found in it. */
static int
judge_met(const struct lk_walk *w, int folder, struct lk_error *e)
{
	struct judged	 dir = { w->asked, w->dir_path, w->dir, &w->dir_st,
			    e };
	struct judged	 met = { w->asked, w->met_path, w->met, &w->met_st,
			    e };
	int		 r;

	if ((r = judge_folder(&dir, w->last && !folder)) != 0)
		return r;
	return judge_owner(&met);
}

/* folder: the end is to be one, so what it lies in holds no file. */
static int
walk(struct lk_walk *w, const char *path, int folder, struct lk_error *e)
{
	int	 r;

	if ((r = lk_walk_start(w, path, e)) != 0)
		return r;
	while ((r = lk_walk_next(w, e)) > 0) {
		if ((r = judge_met(w, folder, e)) != 0)
			return r;
		if ((r = lk_walk_enter(w, e)) != 0)
			return r;
	}
	return r;
}

static int
judge_file(const struct judged *j, int want)
{
	int	 r;

	if (!S_ISREG(j->st->st_mode))
		return refuse(j, "put a file there", "is no regular file");
	if ((r = judge_owner(j)) != 0)
		return r;
	return want == LK_TRUST_PRIVATE ? judge_private(j) : judge_writers(j);
}

int
lk_trust_open(const char *path, int want, int *out, struct lk_error *e)
{
	struct lk_walk	 w;
	struct stat	 st;
	struct judged	 j = { path, w.met_path, -1, &w.met_st, e };
	int		 fd = -1, r;

	*out = -1;
	if ((r = walk(&w, path, 0, e)) != 0)
		goto out;
	if (w.met == -1) {		/* we are in a folder */
		j.path = w.dir_path;
		j.st = &w.dir_st;
	}
	j.fd = w.met;
	if ((r = judge_file(&j, want)) != 0)	/* opening a pipe would wait */
		goto out;
	fd = openat(w.dir, w.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		r = lk_walk_failed(&w, w.met_path, e);
		goto out;
	}
	j.fd = fd;
	j.st = &st;
	if ((r = judge_file(&j, want)) != 0)	/* it may be another by now */
		goto out;
	*out = fd;
	fd = -1;			/* handed over */
out:
	if (fd != -1)
		close(fd);
	lk_walk_end(&w);
	return r;
}

int
lk_trust_folder(const char *path, struct lk_error *e)
{
	struct lk_walk	 w;
	struct judged	 j = { path, w.dir_path, -1, &w.dir_st, e };
	int		 r;

	if ((r = walk(&w, path, 1, e)) != 0)
		goto out;
	j.fd = w.dir;
	if (w.met != -1) {
		j.path = w.met_path;
		r = refuse(&j, "make it one", "is no folder");
		goto out;
	}
	r = judge_folder(&j, 1);
out:
	lk_walk_end(&w);
	return r;
}

int
lk_read_all(int fd, size_t max, char **out, size_t *n, struct lk_error *e)
{
	struct lk_buf	 b = LK_BUF_NONE;
	char		 chunk[CHUNK];
	ssize_t		 got;
	int		 r = 0;

	*out = NULL;
	*n = 0;
	lk_buf_str(&b, "");
	while ((got = read(fd, chunk, sizeof chunk)) != 0) {
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1) {
			r = lk_fail_errno(e, LK_EIO, "cannot read");
			goto out;
		}
		lk_buf_add(&b, chunk, (size_t)got);
		if (b.n > max) {
			r = lk_fail(e, LK_ECONFIG,
			    "larger than %zu octets", max);
			goto out;
		}
		if (b.failed)
			break;
	}
	if (b.failed) {
		r = lk_fail(e, LK_ENOMEM, "no memory to read a file");
		goto out;
	}
	*out = b.p;
	*n = b.n;
	b = LK_BUF_NONE;		/* handed over */
out:
	lk_wipe(chunk, sizeof chunk);
	lk_buf_free(&b);
	return r;
}
