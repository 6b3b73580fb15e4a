/*
 * pepper_make.c: the first pepper of a home.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "token/pepper.h"
#include "token/random.h"

#define FIRST		"1"

/* The mode last: until then nobody but us can read it. */
static int
fill(int fd, mode_t mode, gid_t gid, const struct lk_secret *s)
{
	if (lk_io_write_all(&lk_io_system, fd, s->p, s->n, 0) == -1)
		return -1;
	if (gid != (gid_t)-1 && fchown(fd, (uid_t)-1, gid) == -1)
		return -1;
	if (fchmod(fd, mode) == -1)
		return -1;
	return fsync(fd);
}

/*
 * A file that has no name before all of it is on the disk: a half of one, left
 * by a power cut, would have to be removed by hand.  Where the file system
 * cannot do that, one with the name.
 */
static int
open_new(int dir, int *named)
{
	int	 fd;

	*named = 0;
	fd = openat(dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR &&
	    errno != EINVAL && errno != ENOENT))
		return fd;
	fd = openat(dir, FIRST, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	*named = fd != -1;
	return fd;
}

static int
give_name(int dir, int fd)
{
	char	 self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, self, dir, FIRST, AT_SYMLINK_FOLLOW);
}

int
lk_pepper_make(const char *path, mode_t mode, gid_t gid, struct lk_error *e)
{
	struct lk_secret	 s = LK_SECRET_NONE;
	int			 dir = -1, fd = -1, named = 0, r;

	if (lk_secret_alloc(LK_PEPPER_MIN, &s) != 0)
		return lk_fail(e, LK_EUNAVAIL, "no memory for a pepper");
	if ((r = lk_random(s.p, s.n, e)) != 0)
		goto out;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		r = lk_fail_errno(e, LK_EIO, "%s", path);
		goto out;
	}
	if ((fd = open_new(dir, &named)) == -1 ||
	    fill(fd, mode, gid, &s) == -1 ||
	    (!named && give_name(dir, fd) == -1)) {
		/* Made anew it would make every key unknown. */
		r = lk_fail_errno(e, errno == EEXIST ? LK_ECONFIG : LK_EIO,
		    "%s/" FIRST, path);
		goto out;
	}
	named = 1;
	if (fsync(dir) == -1)
		r = lk_fail_errno(e, LK_EIO, "%s/" FIRST, path);
out:
	if (named && r != 0)
		unlinkat(dir, FIRST, 0);
	lk_secret_free(&s);
	if (fd != -1)
		close(fd);
	if (dir != -1)
		close(dir);
	return r;
}
