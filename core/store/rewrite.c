#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "journal.h"
#include "map.h"
#include "rewrite.h"

#define BATCH		1000		/* lines                             */
#define CHUNK		262144		/* octets written at once            */
#define TRIES		400		/* for two seconds                   */

/* What is not in the body of a line. */
struct mark {
	int64_t	 when;
	size_t	 n;			/* octets of its body                */
	int	 bare;
};

/* -------------------------------------------------------------- open, close */

static int
unwritten(const struct lk_rewrite *w, struct lk_error *e)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return lk_fail(e, LK_EIO, "the disk of %s is full: a new "
		    "journal and index have no room beside the old ones; "
		    "nothing was changed", w->folder->path);
	return lk_fail_errno(e, LK_EIO, "%s/%s cannot be written: nothing was "
	    "changed", w->folder->path, LK_REWRITE_NAME);
}

/* Is the file that is locked the one of that name?  1, 0. */
static int
is_named(const struct lk_folder *f, int fd)
{
	const struct lk_io	*io = f->io;
	struct stat		 own, named;

	return io->fstat(io->ctx, fd, &own) == 0 &&
	    io->stat(io->ctx, f->fd, LK_REWRITE_NAME, &named) == 0 &&
	    own.st_ino == named.st_ino && own.st_dev == named.st_dev;
}

/* 1 and it is locked; 0 it lost its name, or somebody else has the lock, if
 * only to sweep it away; LK_EIO. */
static int
try_take(struct lk_rewrite *w, struct lk_error *e)
{
	const struct lk_io	*io = w->folder->io;
	int			 r = 0;

	w->fd = io->open(io->ctx, w->folder->fd, LK_REWRITE_NAME,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (w->fd == -1)
		return unwritten(w, e);
	if (io->lock(io->ctx, w->fd, F_WRLCK) == 0)
		r = is_named(w->folder, w->fd);
	else if (errno != EAGAIN)
		r = unwritten(w, e);
	if (r != 1) {
		io->close(io->ctx, w->fd);
		w->fd = -1;
	}
	return r;
}

static int
take(struct lk_rewrite *w, int tries, struct lk_error *e)
{
	const struct timespec	 nap = { 0, 5000000 };
	int			 i, r;

	for (i = 0; i < tries; i++) {
		if (i > 0)
			nanosleep(&nap, NULL);
		if ((r = try_take(w, e)) != 0)
			return r == 1 ? 0 : r;
	}
	return lk_fail(e, LK_EAGAIN, "the journal of %s is being written anew "
	    "already: wait for it", w->folder->path);
}

static int
prepare(struct lk_rewrite *w, const struct stat *st)
{
	const struct lk_io	*io = w->folder->io;

	if (io->ftruncate(io->ctx, w->fd, 0) != 0 ||
	    io->fchmod(io->ctx, w->fd, st->st_mode & 0777) != 0)
		return -1;
	return st->st_gid == getegid() ? 0 :
	    io->fchown(io->ctx, w->fd, (uid_t)-1, st->st_gid);
}

int
lk_rewrite_claim(struct lk_rewrite *w, const struct lk_folder *f, int wait,
    struct lk_error *e)
{
	w->folder = f;
	return take(w, wait ? TRIES : 1, e);
}

int
lk_rewrite_open(struct lk_rewrite *w, const struct lk_folder *f,
    const struct stat *st, struct lk_hmac *key, const uint8_t *check,
    struct lk_error *e)
{
	char		 first[LK_JOURNAL_FIRST];
	struct lk_link	 at;
	int		 r;

	w->folder = f;
	if ((r = take(w, TRIES, e)) != 0)
		return r;
	lk_link_first(&at);
	lk_chain_start(&w->chain, key, &at);
	lk_journal_first(check, first);
	lk_chain_pass(&w->chain, first, sizeof first);
	lk_buf_add(&w->out, first, sizeof first);
	if (prepare(w, st) == 0)
		return 0;
	r = unwritten(w, e);
	lk_rewrite_close(w, 0);
	return r;
}

void
lk_rewrite_close(struct lk_rewrite *w, int keep)
{
	const struct lk_folder	*f = w->folder;

	if (w->fd != -1) {
		if (!keep)
			f->io->unlink(f->io->ctx, f->fd, LK_REWRITE_NAME);
		/* A forked child may have the descriptor too. */
		(void)f->io->lock(f->io->ctx, w->fd, F_UNLCK);
		f->io->close(f->io->ctx, w->fd);
	}
	lk_chain_free(&w->chain);
	lk_buf_free(&w->bodies);
	lk_buf_free(&w->marks);
	lk_buf_free(&w->out);
	*w = LK_REWRITE_NONE;
}

void
lk_rewrite_sweep(const struct lk_folder *f, uint64_t generation)
{
	const struct lk_io	*io = f->io;
	struct stat		 st;
	int			 fd;

	if (io->stat(io->ctx, f->fd, LK_REWRITE_NAME, &st) != 0 ||
	    lk_folder_file(f, LK_REWRITE_NAME, O_RDWR, &fd, NULL, NULL) != 0)
		return;
	if (io->lock(io->ctx, fd, F_WRLCK) == 0 && is_named(f, fd)) {
		lk_map_unlink(f, 0);
		/* It may have had its number, but no place yet. */
		lk_map_sweep(f, generation + 1);
		io->unlink(io->ctx, f->fd, LK_REWRITE_NAME);
	}
	io->close(io->ctx, fd);
}

/* -------------------------------------------------------------------- lines */

static int
write_out(struct lk_rewrite *w, struct lk_error *e)
{
	if (w->out.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (lk_io_write_all(w->folder->io, w->fd, w->out.p, w->out.n,
	    (off_t)w->end) != 0)
		return unwritten(w, e);
	w->end += w->out.n;
	lk_buf_reset(&w->out);
	return 0;
}

/* MAC or "-" behind what stands from on. */
static int
end_line(struct lk_rewrite *w, size_t from, int bare)
{
	char	 text[32];
	uint8_t	 mac[LK_MAC_SIZE];
	int	 r;

	if (w->out.failed)
		return LK_ENOMEM;
	if (bare) {
		lk_buf_add(&w->out, "-\n", 2);
		if (!w->out.failed)
			lk_chain_pass(&w->chain, w->out.p + from,
			    w->out.n - from);
		return w->out.failed ? LK_ENOMEM : 0;
	}
	if ((r = lk_chain_sign(&w->chain, w->out.p + from, w->out.n - from,
	    mac)) != 0)
		return r;
	lk_buf_add(&w->out, text, lk_base64url(mac, sizeof mac, text));
	lk_buf_add(&w->out, "\n", 1);
	return w->out.n - from > LK_LINE_MAX ? LK_EDATA : 0;
}

static int
end_batch(struct lk_rewrite *w, struct lk_error *e)
{
	const struct mark	*m = (const void *)w->marks.p;
	const char		*body = w->bodies.p;
	size_t			 i, from;
	int			 r = 0;

	if (w->bodies.failed || w->marks.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	for (i = 0; i < w->n && r == 0; body += m[i++].n) {
		from = w->out.n;
		lk_line_cover(&w->out, w->seq + i + 1, w->seq + w->n,
		    m[i].when, body, m[i].n);
		r = end_line(w, from, m[i].bare);
	}
	w->seq += w->n;
	w->n = 0;
	lk_buf_reset(&w->bodies);
	lk_buf_reset(&w->marks);
	if (r == 0)
		return 0;
	return lk_fail(e, r, r == LK_ENOMEM ? "no memory" : r == LK_EDATA ?
	    "a line has no room for its new number" :
	    "libgcrypt does not work");
}

int
lk_rewrite_put(struct lk_rewrite *w, const char *body, size_t n, int64_t when,
    int bare, int glue, struct lk_error *e)
{
	struct mark	 m = { when, n, bare };
	int		 r;

	if (w->n >= BATCH && !glue && (r = end_batch(w, e)) != 0)
		return r;
	if (w->out.n >= CHUNK && (r = write_out(w, e)) != 0)
		return r;
	lk_buf_add(&w->bodies, body, n);
	lk_buf_add(&w->marks, &m, sizeof m);
	w->n++;
	return 0;
}

int
lk_rewrite_flush(struct lk_rewrite *w, struct lk_error *e)
{
	int	 r;

	if (w->n > 0 && (r = end_batch(w, e)) != 0)
		return r;
	return w->out.n > 0 ? write_out(w, e) : 0;
}

int
lk_rewrite_sync(struct lk_rewrite *w, struct lk_error *e)
{
	if (w->folder->io->fsync(w->folder->io->ctx, w->fd) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s could not be synced: "
		    "nothing was changed", w->folder->path, LK_REWRITE_NAME);
	return 0;
}
