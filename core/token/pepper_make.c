/*
 * pepper_make.c: the first pepper of a home.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
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

int
lk_pepper_make(const char *path, mode_t mode, gid_t gid, struct lk_error *e)
{
	struct lk_secret	 s = LK_SECRET_NONE;
	int			 dir = -1, fd = -1, r;

	if (lk_secret_alloc(LK_PEPPER_MIN, &s) != 0)
		return lk_fail(e, LK_EUNAVAIL, "no memory for a pepper");
	if ((r = lk_random(s.p, s.n, e)) != 0)
		goto out;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		r = lk_fail_errno(e, LK_EIO, "%s", path);
		goto out;
	}
	fd = openat(dir, FIRST, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1) {
		/* Made anew it would make every key unknown. */
		r = lk_fail_errno(e, errno == EEXIST ? LK_ECONFIG : LK_EIO,
		    "%s/" FIRST, path);
		goto out;
	}
	if (fill(fd, mode, gid, &s) == -1 || fsync(dir) == -1) {
		r = lk_fail_errno(e, LK_EIO, "%s/" FIRST, path);
		unlinkat(dir, FIRST, 0);
	}
out:
	lk_secret_free(&s);
	if (fd != -1)
		close(fd);
	if (dir != -1)
		close(dir);
	return r;
}
