#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "journal.h"

#define CHUNK		262144		/* octets read and written at once   */
#define METADATA	8192		/* octets st_blocks may count in too */

static const char	 magic[] = "latchkey-journal:";
static const char	 version[] = "latchkey-journal:1:";

void
lk_journal_first(const uint8_t check[LK_MAC_SIZE], char out[LK_JOURNAL_FIRST])
{
	char	 text[32];

	lk_base64url(check, LK_MAC_SIZE, text);
	memcpy(out, version, sizeof version - 1);
	memcpy(out + sizeof version - 1, text, 22);
	out[LK_JOURNAL_FIRST - 1] = '\n';
}

int
lk_journal_fail(struct lk_error *e, int code, const char *dir, uint64_t line,
    const char *fmt, ...)
{
	char	 path[sizeof e->file], text[sizeof e->text];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	snprintf(path, sizeof path, "%s/%s", dir, LK_JOURNAL_NAME);
	return lk_fail_at(e, code, path, (unsigned)line, 0, "%s", text);
}

static int
unknown_form(const struct lk_folder *f, const char *line, size_t n,
    struct lk_error *e)
{
	if (n > sizeof version && memcmp(line, magic, sizeof magic - 1) == 0 &&
	    memcmp(line, version, sizeof version - 1) != 0)
		return lk_journal_fail(e, LK_EDAMAGE, f->path, 1, "it was "
		    "written by a newer latchkey, use that one: its first line "
		    "does not say version 1");
	return lk_journal_fail(e, LK_EDAMAGE, f->path, 1, "the first line is "
	    "not that of a journal: put a copy of the journal back "
	    "(latchkey-journal(5), RESTORING)");
}

int
lk_journal_value(const struct lk_folder *f, int fd, uint8_t out[LK_MAC_SIZE],
    struct lk_error *e)
{
	char		 line[LK_JOURNAL_FIRST];
	const size_t	 at = sizeof version - 1;
	ssize_t		 n;

	n = lk_io_read_at(f->io, fd, line, sizeof line, 0);
	if (n < 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be read",
		    f->path, LK_JOURNAL_NAME);
	if (n != sizeof line || memcmp(line, version, at) != 0 ||
	    line[sizeof line - 1] != '\n' ||
	    lk_base64url_decode(line + at, 22, out, LK_MAC_SIZE) != 0)
		return unknown_form(f, line, (size_t)n, e);
	return 0;
}

int
lk_journal_check(const struct lk_folder *f, int fd, const uint8_t *check,
    struct lk_error *e)
{
	uint8_t	 own[LK_MAC_SIZE];
	int	 r;

	if ((r = lk_journal_value(f, fd, own, e)) != 0)
		return r;
	if (check != NULL && memcmp(own, check, sizeof own) != 0)
		return lk_journal_fail(e, LK_ECONFIG, f->path, 1, "the pepper "
		    "is not the one that this store was made with: put that "
		    "one back (its check value is in line 1 of the journal)");
	return 0;
}

/* Once for a folder that is open: it is the disk's matter, not a line's. */
static void
note_no_reserve(struct lk_folder *f)
{
	if (!f->told)
		lk_log(LOG_NOTICE, "the file system of %s cannot reserve space "
		    "behind a file: on a full disk delete and disable may fail "
		    "as well", f->path);
	f->told = 1;
}

static int
reserve(struct lk_folder *f, int fd, const struct stat *st, uint64_t end,
    size_t n, int remove, struct lk_error *e)
{
	const struct lk_io	*io = f->io;

	if ((uint64_t)st->st_blocks * 512 >= end + n + LK_JOURNAL_KEPT +
	    METADATA)
		return 0;
	if (io->fallocate(io->ctx, fd, FALLOC_FL_KEEP_SIZE, (off_t)end,
	    (off_t)n + LK_JOURNAL_RESERVE) == 0)
		return 0;
	if (errno == EOPNOTSUPP || errno == ENOSYS) {
		note_no_reserve(f);
		return 0;
	}
	if (remove)
		return 0;
	if (errno == ENOSPC || errno == EDQUOT)
		return lk_fail(e, LK_EIO, "the disk of %s is full: %d octets "
		    "are kept for delete and disable; make room and try again",
		    f->path, LK_JOURNAL_KEPT);
	return lk_fail_errno(e, LK_EIO, "%s/%s: no space can be reserved",
	    f->path, LK_JOURNAL_NAME);
}

int
lk_journal_reserve(struct lk_folder *f, int fd, uint64_t end, size_t n,
    int remove, struct lk_error *e)
{
	struct stat	 st;

	if (f->io->fstat(f->io->ctx, fd, &st) != 0)
		return remove ? 0 : lk_fail_errno(e, LK_EIO, "%s/%s: fstat",
		    f->path, LK_JOURNAL_NAME);
	return reserve(f, fd, &st, end, n, remove, e);
}

static int
sync_failed(const struct lk_folder *f, struct lk_error *e)
{
	return lk_fail_errno(e, LK_EINDOUBT, "%s/%s could not be synced, so it "
	    "is not known whether this is on the disk", f->path,
	    LK_JOURNAL_NAME);
}

/* Whoever writes without the lock is not written over. */
static int
check_end(const struct lk_folder *f, int fd, uint64_t end, struct stat *st,
    struct lk_error *e)
{
	if (f->io->fstat(f->io->ctx, fd, st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s: fstat: nothing was "
		    "changed", f->path, LK_JOURNAL_NAME);
	if ((uint64_t)st->st_size != end || st->st_nlink == 0)
		return lk_fail(e, LK_EAGAIN, "%s/%s was changed or replaced by "
		    "hand meanwhile: nothing was written, try again", f->path,
		    LK_JOURNAL_NAME);
	return 0;
}

int
lk_journal_append(struct lk_folder *f, int fd, uint64_t end, const void *p,
    size_t n, int remove, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	struct stat		 st;
	int			 full, r;

	if ((r = check_end(f, fd, end, &st, e)) != 0 ||
	    (r = reserve(f, fd, &st, end, n, remove, e)) != 0)
		return r;
	if (lk_io_write_all(io, fd, p, n, (off_t)end) != 0) {
		full = errno == ENOSPC || errno == EDQUOT;
		if (full)
			lk_fail(e, LK_EIO, "the disk of %s is full: nothing "
			    "was changed", f->path);
		else
			lk_fail_errno(e, LK_EIO, "%s/%s cannot be written: "
			    "nothing was changed", f->path, LK_JOURNAL_NAME);
		/* If this fails too, a torn tail stays for the next writer. */
		(void)!io->ftruncate(io->ctx, fd, (off_t)end);
		return LK_EIO;
	}
	if (io->fdatasync(io->ctx, fd) != 0)
		return sync_failed(f, e);
	return 0;
}

static int
again(const struct lk_folder *f, int fd, char *p, size_t n, off_t at,
    struct lk_error *e)
{
	if (lk_io_read_at(f->io, fd, p, n, at) != (ssize_t)n)
		return lk_fail(e, LK_EIO, "%s/%s cannot be read", f->path,
		    LK_JOURNAL_NAME);
	if (lk_io_write_all(f->io, fd, p, n, at) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be written",
		    f->path, LK_JOURNAL_NAME);
	return 0;
}

int
lk_journal_rewrite(const struct lk_folder *f, int fd, uint64_t from,
    uint64_t to, struct lk_error *e)
{
	char	*p;
	size_t	 n;
	int	 r = 0;

	if ((p = malloc(CHUNK)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	for (; from < to && r == 0; from += n) {
		n = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		r = again(f, fd, p, n, (off_t)from, e);
	}
	if (r == 0 && f->io->fdatasync(f->io->ctx, fd) != 0)
		r = sync_failed(f, e);
	free(p);
	return r;
}
