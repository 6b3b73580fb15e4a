/*
 * follow.c: to the journal that took the place of the one that is open.
 *
 * The descriptor keeps its number, so that whoever reads through it meanwhile
 * reads one file or the other, and no image is used up.  Offsets are of the one
 * or the other too: what is read at one is judged by its key's id.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"

/* The last line before end, if that is where one ends. */
static int
last_line(const struct lk_image *im, int fd, uint64_t end,
    struct lk_line *out)
{
	char		 b[LK_LINE_MAX + 1];
	size_t		 n = sizeof b;
	const char	*nl, *why;

	if (end < LK_JOURNAL_FIRST)
		return -1;
	if (n > end)
		n = (size_t)end;
	if (lk_io_read_at(im->folder.io, fd, b, n, (off_t)(end - n)) !=
	    (ssize_t)n || b[n - 1] != '\n')
		return -1;
	nl = memrchr(b, '\n', n - 1);
	if (nl == NULL)
		return -1;
	return lk_line_parse(nl + 1, (size_t)(b + n - 1 - (nl + 1)), out,
	    &why);
}

/* Lines without a MAC at its end: the next MAC covers what they say by then. */
static int
bare_fit(const struct lk_image *im, int fd, const struct lk_ack *a)
{
	struct lk_link	 at = { .bare = LK_BARE };
	char		 b[LK_LINE_MAX];
	uint64_t	 off;
	size_t		 n;

	if (a->bare == 0)
		return 1;		/* it is not known                   */
	for (off = a->span; off < a->length; off += n) {
		n = a->length - off < sizeof b ? (size_t)(a->length - off) :
		    sizeof b;
		if (lk_io_read_at(im->folder.io, fd, b, n, (off_t)off) !=
		    (ssize_t)n)
			return 0;
		lk_link_pass(&at, b, n);
	}
	return at.bare == a->bare;
}

int
lk_image_fits(const struct lk_image *im, int fd, const struct lk_ack *a)
{
	struct stat	 st;
	struct lk_line	 l;

	if (im->folder.io->fstat(im->folder.io->ctx, fd, &st) != 0 ||
	    (uint64_t)st.st_size < a->length)
		return 0;
	if (a->length == LK_JOURNAL_FIRST)
		return 1;
	if (last_line(im, fd, a->length, &l) != 0 || l.seq != a->last)
		return 0;
	if (!l.is_signed)
		return bare_fit(im, fd, a);
	return a->span == a->length &&
	    memcmp(l.mac, a->mac, sizeof l.mac) == 0;
}

void
lk_image_resolve(struct lk_image *im)
{
	struct lk_ack	 a;
	uint64_t	 generation, next = 0;

	if (lk_state_successor(&im->state, &a, &generation) &&
	    lk_image_fits(im, im->fd, &a))
		next = generation;
	atomic_store_explicit(&im->state.next, next, memory_order_release);
}

int
lk_image_moved(const struct lk_image *im)
{
	const struct lk_io	*io = im->folder.io;
	struct stat		 st;

	return io->stat(io->ctx, im->folder.fd, LK_JOURNAL_NAME, &st) == 0 &&
	    (st.st_ino != atomic_load(&im->ino) ||
	    st.st_dev != atomic_load(&im->dev));
}

/* Whose successor or copy vouches for it; nobody else's is gone over to. */
static int
is_vouched(struct lk_image *im, int fd)
{
	struct lk_ack	 a;
	uint64_t	 generation;

	if (lk_state_successor(&im->state, &a, &generation) &&
	    lk_image_fits(im, fd, &a))
		return 1;
	return lk_state_read(&im->state, &a) != -1 && lk_image_fits(im, fd, &a);
}

static int
go_over_to(struct lk_image *im, int fd, const struct stat *st)
{
	const struct lk_io	*io = im->folder.io;

	if (!is_vouched(im, fd) || io->dup(io->ctx, fd, im->fd) == -1)
		return LK_IMAGE_AGAIN;
	atomic_store(&im->ino, st->st_ino);
	atomic_store(&im->dev, st->st_dev);
	return 0;
}

int
lk_image_follow(struct lk_image *im, struct lk_error *e)
{
	const struct lk_io	*io = im->folder.io;
	struct stat		 st;
	int			 fd, r;

	if (!lk_image_moved(im)) {
		lk_image_resolve(im);
		return 0;
	}
	if (!atomic_load(&im->shared))
		return LK_IMAGE_AGAIN;
	r = lk_folder_file(&im->folder, LK_JOURNAL_NAME, im->writes ? O_RDWR :
	    O_RDONLY, &fd, &st, e);
	if (r != 0)
		return r;
	if ((r = lk_journal_check(&im->folder, fd, im->check, e)) == 0)
		r = go_over_to(im, fd, &st);
	io->close(io->ctx, fd);
	if (r == 0)
		lk_image_resolve(im);
	return r;
}
