/*
 * pidfile.c: the number of this process, whole at any moment: a new file is
 * renamed over the old one.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/pidfile.h"

#define NUMBER_MAX	24		/* octets of a number and its end    */

/* 0, or -1 and errno. */
static int
fill(int fd)
{
	char	 text[NUMBER_MAX];
	int	 n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (fchmod(fd, 0644) == -1)
		return -1;
	return write(fd, text, (size_t)n) == n ? 0 : -1;
}

int
lk_pidfile_write(const char *path, struct lk_error *e)
{
	char	 new[PATH_MAX];
	int	 fd, r, n = snprintf(new, sizeof(new), "%s.new", path);

	if (n < 0 || (size_t)n >= sizeof(new))
		return lk_fail(e, LK_EUSAGE, "the path of --pid is too long");
	(void)unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return lk_fail(e, LK_EIO, "%s: %s", path, strerror(errno));
	r = fill(fd);
	if (close(fd) == -1 || r == -1 || rename(new, path) == -1) {
		r = lk_fail(e, LK_EIO, "%s: %s", path, strerror(errno));
		(void)unlink(new);
	}
	return r;
}

void
lk_pidfile_remove(const char *path)
{
	char	 text[NUMBER_MAX] = { 0 };
	long	 pid = 0;
	int	 fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return;
	if (read(fd, text, sizeof(text) - 1) > 0 &&
	    sscanf(text, "%ld", &pid) == 1 && pid == (long)getpid())
		(void)unlink(path);
	close(fd);
}
