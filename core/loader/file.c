/*
 * file.c: the file of a plugin before anything of it runs.
 *
 * Constructors run inside dlopen, so whatever can be known of a file is known
 * before: who may write it, its SHA-256 and, in elf.c, what it is.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trust.h"
#include "loader/build.h"
#include "token/digest.h"

#define CHUNK	65536			/* octets a read                     */

int
lk_refuse(struct lk_error *e, int code, const struct lk_want *w,
    const char *path, const char *fmt, ...)
{
	char	 why[sizeof(((struct lk_error *)0)->text)];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (w->where == NULL)
		return lk_fail(e, code, "%s: %s", path, why);
	return lk_fail(e, code, "%s: %s (%s)", path, why, w->where);
}

/* What base/trust said, with the file and the line of the policy. */
static int
distrusted(struct lk_error *e, int code, const struct lk_want *w,
    const char *path)
{
	char	 text[sizeof(((struct lk_error *)0)->text)];

	if (e == NULL)
		return code;
	snprintf(text, sizeof(text), "%s", e->text);
	if (code == LK_ENOTFOUND)
		return lk_refuse(e, LK_ECONFIG, w, path, "no such plugin: "
		    "install it, or mend the name");
	if (code == LK_EPERM)
		code = LK_ECONFIG;
	if (strncmp(text, path, strlen(path)) != 0)
		return lk_refuse(e, code, w, path, "%s", text);
	if (w->where == NULL)
		return code;
	return lk_fail(e, code, "%s (%s)", text, w->where);
}

static void
hex(const uint8_t in[LK_DIGEST_SIZE], char out[LK_SHA256_HEX])
{
	size_t	 i;

	for (i = 0; i < LK_DIGEST_SIZE; i++)
		snprintf(out + 2 * i, 3, "%02x", in[i]);
}

/* Feed size octets of fd to c.  0, or -1 with errno (0: the file shrank). */
static int
feed(struct lk_sha256_ctx *c, int fd, off_t size)
{
	char	 chunk[CHUNK];
	off_t	 at = 0;
	ssize_t	 n;

	while (at < size) {
		n = pread(fd, chunk, sizeof(chunk), at);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = 0;
		if (n <= 0)
			return -1;
		lk_sha256_add(c, chunk, (size_t)n);
		at += n;
	}
	return 0;
}

static int
hash(const struct lk_want *w, const char *path, struct lk_file *f,
    struct lk_error *e)
{
	struct lk_sha256_ctx	*c = NULL;
	uint8_t			 digest[LK_DIGEST_SIZE];
	int			 r, fed, err;

	if ((r = lk_digest_init(e)) != 0)
		return r;
	if (lk_sha256_open(&c) != 0)
		return lk_refuse(e, LK_ENOMEM, w, path, "no memory to hash it");
	fed = feed(c, f->fd, f->size);
	err = errno;
	if (lk_sha256_close(&c, digest) != 0)
		return lk_refuse(e, LK_EIO, w, path, "cannot be hashed");
	if (fed != 0)
		return lk_refuse(e, LK_EIO, w, path, "cannot be read: %s",
		    err != 0 ? strerror(err) : "it is being written");
	hex(digest, f->sha256);
	return 0;
}

static int
pinned(const struct lk_want *w, const char *path, const struct lk_file *f,
    struct lk_error *e)
{
	if (w->pin == NULL || strcmp(w->pin, f->sha256) == 0)
		return 0;
	return lk_refuse(e, LK_ECONFIG, w, path, "its SHA-256 is %s, pinned is "
	    "%s: install the pinned build, or pin this one if you trust it",
	    f->sha256, w->pin);
}

/* Out of the way of a program that is going to reopen its first three. */
static int
above_stdio(int fd)
{
	int	 up;

	if (fd > STDERR_FILENO)
		return fd;
	up = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return up;
}

static int
judge(const struct lk_want *w, const char *path, struct lk_file *f,
    struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	if (f->fd == -1 || fstat(f->fd, &st) == -1)
		return lk_refuse(e, LK_EIO, w, path, "cannot be opened: %s",
		    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return lk_refuse(e, LK_ECONFIG, w, path, "not a regular file");
	if (st.st_size > LK_PLUGIN_FILE_MAX)
		return lk_refuse(e, LK_ECONFIG, w, path, "over %d MiB: strip "
		    "it", LK_PLUGIN_FILE_MAX >> 20);
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->size = st.st_size;
	if ((r = hash(w, path, f, e)) != 0)
		return r;
	return pinned(w, path, f, e);
}

int
lk_file_open(const struct lk_want *w, const char *path, struct lk_file *f,
    struct lk_error *e)
{
	int	 r;

	memset(f, 0, sizeof(*f));
	f->fd = -1;
	if ((r = lk_trust_open(path, LK_TRUST_PUBLIC, &f->fd, e)) != 0) {
		f->fd = -1;
		return distrusted(e, r, w, path);
	}
	f->fd = above_stdio(f->fd);
	if ((r = judge(w, path, f, e)) != 0)
		lk_file_close(f);
	return r;
}

void
lk_file_close(struct lk_file *f)
{
	if (f->fd != -1)
		close(f->fd);
	f->fd = -1;
}
