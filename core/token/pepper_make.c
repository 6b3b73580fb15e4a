/*
 * pepper_make.c: the first pepper of a home.
 *
 * It gets its name when all of it is on the disk: a file that a killed init
 * left half written would be a wrong pepper for ever.
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

/* Under a name of nobody else's, and then under its own if that is free. */
static int
make_first(int dir, const char *path, mode_t mode, gid_t gid,
    const struct lk_secret *s, struct lk_error *e)
{
	char	 tmp[32];
	int	 fd, r = 0;

	snprintf(tmp, sizeof(tmp), LK_PEPPER_NEW "%ld", (long)getpid());
	(void)unlinkat(dir, tmp, 0);	/* of an earlier one that was killed */
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return lk_fail_errno(e, LK_EIO, "%s/%s", path, tmp);
	if (fill(fd, mode, gid, s) == -1)
		r = lk_fail_errno(e, LK_EIO, "%s/%s", path, tmp);
	else if (linkat(dir, tmp, dir, FIRST, 0) == -1)
		/* Made anew it would make every key unknown. */
		r = lk_fail_errno(e, errno == EEXIST ? LK_ECONFIG : LK_EIO,
		    "%s/" FIRST, path);
	else if (fsync(dir) == -1) {
		r = lk_fail_errno(e, LK_EIO, "%s/" FIRST, path);
		unlinkat(dir, FIRST, 0);
	}
	unlinkat(dir, tmp, 0);
	close(fd);
	return r;
}

int
lk_pepper_make(const char *path, mode_t mode, gid_t gid, struct lk_error *e)
{
	struct lk_secret	 s = LK_SECRET_NONE;
	int			 dir = -1, r;

	if (lk_secret_alloc(LK_PEPPER_MIN, &s) != 0)
		return lk_fail(e, LK_EUNAVAIL, "no memory for a pepper");
	if ((r = lk_random(s.p, s.n, e)) != 0)
		goto out;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		r = lk_fail_errno(e, LK_EIO, "%s", path);
	else
		r = make_first(dir, path, mode, gid, &s, e);
out:
	lk_secret_free(&s);
	if (dir != -1)
		close(dir);
	return r;
}
