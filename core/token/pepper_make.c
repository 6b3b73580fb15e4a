/*
 * pepper_make.c: a new pepper.
 *
 * It gets its name when it is whole and on the disk: a short one would stop
 * every program that loads the folder.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "token/pepper.h"
#include "base/random.h"

#define NAME_SIZE	48

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

/* Two that make the same one each have a file of their own. */
static int
make_file(int dir, const char *name, mode_t mode, gid_t gid,
    const struct lk_secret *s)
{
	char	 tmp[NAME_SIZE];
	int	 error, fd, r = -1;

	snprintf(tmp, sizeof tmp, LK_PEPPER_NEW "%ld", (long)getpid());
	(void)unlinkat(dir, tmp, 0);	/* of an earlier one that was killed */
	fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (fill(fd, mode, gid, s) == 0 &&
	    linkat(dir, tmp, dir, name, 0) == 0 && (r = fsync(dir)) != 0)
		(void)unlinkat(dir, name, 0);
	error = errno;
	close(fd);
	(void)unlinkat(dir, tmp, 0);
	errno = error;
	return r;
}

int
lk_pepper_make(const char *path, unsigned version, mode_t mode, gid_t gid,
    struct lk_error *e)
{
	struct lk_secret	 s = LK_SECRET_NONE;
	char			 name[NAME_SIZE];
	int			 dir = -1, r;

	snprintf(name, sizeof name, "%u", version);
	if (lk_secret_alloc(LK_PEPPER_MIN, &s) != 0)
		return lk_fail(e, LK_EUNAVAIL, "no memory for a pepper");
	if ((r = lk_random(s.p, s.n, e)) != 0)
		goto out;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		r = lk_fail_errno(e, LK_EIO, "%s", path);
	else if (make_file(dir, name, mode, gid, &s) == -1)
		/* Made anew it would make every key unknown. */
		r = lk_fail_errno(e, errno == EEXIST ? LK_ECONFIG :
		    errno == EACCES ? LK_EPERM : LK_EIO, "%s/%s", path, name);
out:
	lk_secret_free(&s);
	if (dir != -1)
		close(dir);
	return r;
}

int
lk_pepper_there(const char *path)
{
	const struct dirent	*entry;
	DIR			*d = opendir(path);
	int			 found = 0;

	if (d == NULL)
		return 0;
	while (!found && (entry = readdir(d)) != NULL)
		found = entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	closedir(d);
	return found;
}
