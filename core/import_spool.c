#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "import_inner.h"

#define CHUNK	65536			/* octets                            */

/* A file without a name: it is gone with its last descriptor. */
static int
nameless(const char *dir)
{
	char	 path[4096];
	int	 fd, n;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	n = snprintf(path, sizeof(path), "%s/latchkey.XXXXXX", dir);
	if (n < 0 || (size_t)n >= sizeof(path))
		return -1;
	if ((fd = mkostemp(path, O_CLOEXEC)) != -1)
		unlink(path);
	return fd;
}

/* 1, 0 at the end, -1 with errno. */
static int
copy_some(int from, int to)
{
	static _Thread_local char	 buf[CHUNK];
	ssize_t				 n, w, at;

	if ((n = read(from, buf, sizeof(buf))) == -1)
		return errno == EINTR ? 1 : -1;
	for (at = 0; at < n; at += w) {
		w = write(to, buf + at, (size_t)(n - at));
		if (w == -1 && errno == EINTR)
			w = 0;
		else if (w == -1)
			return -1;
	}
	return n > 0;
}

int
lk_import_spool(int fd, int *out, int *own, struct lk_error *e)
{
	const char	*dir = secure_getenv("TMPDIR");
	struct stat	 st;
	int		 r;

	*out = fd;
	*own = 0;
	if (fstat(fd, &st) == -1)
		return lk_fail_errno(e, LK_EIO, "it cannot be read");
	if (S_ISDIR(st.st_mode))
		return lk_fail(e, LK_EIO, "it is a folder");
	if (S_ISREG(st.st_mode))
		return 0;
	if (dir == NULL || *dir == '\0')
		dir = "/var/tmp";
	if ((*out = nameless(dir)) == -1)
		return lk_fail_errno(e, LK_EIO, "%s: no temporary file for a "
		    "copy (another folder: TMPDIR)", dir);
	*own = 1;
	while ((r = copy_some(fd, *out)) == 1)
		;
	if (r == 0)
		return 0;
	lk_fail_errno(e, LK_EIO, "%s: no copy of what is to be read twice "
	    "(another folder: TMPDIR)", dir);
	close(*out);
	*own = 0;
	return LK_EIO;
}
