#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "attach.h"
#include "base/err.h"
#include "base/guard.h"
#include "image.h"

#define TRIES	64			/* to meet the state at rest         */

static const char	 cut_why[] = "the journal ends before what was "
			    "acknowledged, or is not the one that was: it was "
			    "cut off or replaced by an older one";
/* Which of them it was is not known: one CRC is of all. */
static const char	 bare_why[] = "of the lines without a MAC at the end, "
			    "one was changed since it was acknowledged, and "
			    "what it ended may live again: look which keys "
			    "they name before you accept them";

static int
open_journal(struct lk_image *im, const struct lk_store_options *o,
    const char *name, struct lk_error *e)
{
	struct stat	 st;
	int		 r;

	r = lk_folder_file(&im->folder, name,
	    o->write ? O_RDWR : O_RDONLY, &im->fd, &st, e);
	if (r == LK_ENOTFOUND)
		return lk_fail(e, r, "%s/%s is missing: put it, or a copy of "
		    "it, back (latchkey-journal(5), RESTORING)", o->dir,
		    LK_JOURNAL_NAME);
	if (r != 0)
		return r;
	im->dev = st.st_dev;
	im->ino = st.st_ino;
	return lk_journal_check(&im->folder, im->fd, o->check, e);
}

static int
open_state(struct lk_image *im, const struct lk_store_options *o,
    struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	int		 r;

	r = lk_state_open(&im->folder, o->write, &im->state, &why);
	if (r == LK_ENOTFOUND)
		return 0;		/* a reader goes without             */
	if (r != 0 && im->state.odd && o->write && o->remove)
		return 0;		/* lk_repair_state moves it away     */
	if (r != 0 && e != NULL)
		*e = why;
	return r;
}

/* The first line counts already; the first MAC covers it. */
static void
start_load(struct lk_image *im, const struct lk_store_options *o)
{
	struct lk_load	*l = &im->load;

	l->io = im->folder.io;
	l->fd = im->fd;
	l->key = o->mac;
	l->index = im->index;
	l->pos.end = LK_JOURNAL_FIRST;
	l->pos.line = 1;
	lk_link_first(&l->pos.link);
}

static int
open_image(const struct lk_store_options *o, const char *name,
    struct lk_image **out, struct lk_error *e)
{
	struct lk_image	*im;
	int		 r;

	if ((im = calloc(1, sizeof *im)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	im->fd = im->folder.fd = im->state.fd = -1;
	im->writes = o->write;
	im->check = o->check;
	im->folder.io = o->io;
	r = lk_folder_open(o->io, o->dir, o->write, &im->folder, e);
	if (r != 0 ||
	    (o->write && (r = lk_state_layer(&im->folder, e)) != 0) ||
	    (r = open_journal(im, o, name, e)) != 0 ||
	    (r = open_state(im, o, e)) != 0)
		goto out;
	lk_image_resolve(im);
	if ((r = lk_index_new(&im->index)) != 0) {
		lk_fail(e, r, "no memory");
		goto out;
	}
	start_load(im, o);
	*out = im;
	im = NULL;			/* handed over */
out:
	lk_image_free(&im);
	return r;
}

int
lk_image_open(const struct lk_store_options *o, struct lk_image **out,
    struct lk_error *e)
{
	return open_image(o, LK_JOURNAL_NAME, out, e);
}

int
lk_image_open_aside(const struct lk_store_options *o, const char *name,
    struct lk_image **out, struct lk_error *e)
{
	int	 r = open_image(o, name, out, e);

	if (r == 0)
		(*out)->aside = 1;
	return r;
}

void
lk_image_free(struct lk_image **imp)
{
	struct lk_image	*im, *older;

	for (im = *imp; im != NULL; im = older) {
		older = im->older;
		lk_load_free(&im->load);
		lk_index_free(&im->index);
		if (im->fd != -1)
			im->folder.io->close(im->folder.io->ctx, im->fd);
		if (im->state.io != NULL)
			lk_state_close(&im->state);
		lk_folder_close(&im->folder);
		free(im);
	}
	*imp = NULL;
}

static int
size_of(struct lk_image *im, uint64_t *size, struct lk_error *e)
{
	const struct lk_io	*io = im->folder.io;
	struct stat		 st;

	if (io->fstat(io->ctx, im->fd, &st) != 0)
		return lk_fail_errno(e, LK_EUNAVAIL, "%s/%s: fstat",
		    im->folder.path, LK_JOURNAL_NAME);
	*size = (uint64_t)st.st_size;
	return 0;
}

int
lk_image_is_other(const struct lk_pos *p, const struct lk_ack *ack)
{
	if (p->end != ack->length)
		return 0;
	if (p->link.sure &&
	    memcmp(p->link.mac[0], ack->mac, LK_MAC_SIZE) != 0)
		return 1;
	return p->link.span == ack->span && p->link.bare != 0 &&
	    ack->bare != 0 && p->link.bare != ack->bare ? 2 : 0;
}

/* Is the journal the one whose length and MAC were acknowledged? */
static int
check_acked(struct lk_image *im, const struct lk_ack *ack, uint64_t size)
{
	struct lk_load	*l = &im->load;
	int		 other, r;

	if (l->pos.cut_told)
		return 0;
	other = l->end == LK_LOAD_WHOLE ? lk_image_is_other(&l->pos, ack) : 0;
	if (size >= ack->length && !other)
		return 0;
	l->cut = size < ack->length ? size : ack->length;
	r = lk_load_fault(l, l->pos.line, other == 2 ? bare_why : cut_why);
	if (r == 0)
		l->pos.cut_told = 1;
	return r;
}

/* Up to what was acknowledged, now or before a crash of the machine: all of
 * that was on the disk before anyone was told. */
static int
read_acked(struct lk_image *im, const struct lk_ack *ack, uint64_t size,
    struct lk_error *e)
{
	struct lk_load	*l = &im->load;
	int		 r;

	l->limit = ack->length < size ? ack->length : size;
	if (l->limit < l->pos.end)
		return 0;
	if ((r = lk_load_run(l, e)) != 0)
		return r;
	if ((r = check_acked(im, ack, size)) != 0)
		return lk_fail(e, r, "no memory");
	return 0;
}

static int
read_to(struct lk_image *im, const struct lk_ack *ack, int vouched,
    uint64_t size, struct lk_error *e)
{
	struct lk_load	*l = &im->load;
	int		 r;

	l->vouched = vouched == 1;
	l->floor = ack->length;
	/* Old memory of a cut may lie in another file's copy: keep ours. */
	if (l->cut == 0)
		l->cut = ack->cut;
	if (vouched != -1 && (r = read_acked(im, ack, size, e)) != 0)
		return r;
	if (vouched == 1 || l->limit == size)
		return 0;
	l->limit = size;
	return lk_load_run(l, e);
}

/*
 * What is acknowledged, not older than the stamp.  An older copy is read for a
 * moment while two acknowledgements pass, and for good when the newer one was
 * damaged: then nothing vouches.  Of a crash of the machine there may be a half
 * of the newer one, and the older one is the lower bound that it was.
 */
static int
read_ack(const struct lk_state *st, struct lk_ack *ack, uint64_t *stamp)
{
	int	 i, vouched = -1;

	for (i = 0; i < TRIES; i++) {
		*stamp = lk_state_stamp(st);
		vouched = lk_state_read(st, ack);
		if (vouched == -1 || ack->seq >= *stamp)
			return vouched;
	}
	if (vouched == 0)
		return 0;
	memset(ack, 0, sizeof *ack);
	return -1;
}

/* Behind what was acknowledged, only what takes power away holds. */
static int
look_ahead(struct lk_image *im, int vouched, const struct lk_ack *ack,
    uint64_t size, struct lk_error *e)
{
	uint64_t	 from = size, later;
	int		 r;

	if (vouched == 1 && ack->length < size)
		from = ack->length;
	else if (!im->ahead)
		return 0;		/* there was none, and is none       */
	r = lk_ahead_look(im->index, im->folder.io, im->fd, from, size);
	/* Cut meanwhile: it has another length now, and is looked at again. */
	if (r == LK_EIO && size_of(im, &later, NULL) == 0 && later < size)
		r = 0;
	if (r != 0)
		return lk_fail(e, r, "%s/%s cannot be read", im->folder.path,
		    LK_JOURNAL_NAME);
	im->ahead = from < size;
	return 0;
}

int
lk_image_read(struct lk_image *im, struct lk_error *e)
{
	unsigned	 faults = im->load.faults;
	uint64_t	 stamp, size, later;
	struct lk_ack	 ack;
	int		 r, vouched;

	/* What is acknowledged first: octets before it were there already. */
	vouched = read_ack(&im->state, &ack, &stamp);
	if ((r = size_of(im, &size, e)) != 0)
		return r;
	if (size < im->load.pos.end)
		return LK_IMAGE_AGAIN;
	r = read_to(im, &ack, vouched, size, e);
	if (r == LK_EIO && size_of(im, &later, NULL) == 0 && later < size)
		return LK_IMAGE_AGAIN;	/* a torn tail was cut meanwhile     */
	if (r != 0 || (r = look_ahead(im, vouched, &ack, size, e)) != 0)
		return r;
	/* What was read was another journal than what vouches speaks of. */
	if (im->load.faults != faults && lk_image_moved(im))
		return LK_IMAGE_AGAIN;
	/* A writer came while there was none that vouched: what looked like
	 * damage may have been its batch, half written. */
	if (vouched != 1 && im->load.faults != faults &&
	    lk_state_stamp(&im->state) != stamp)
		return LK_IMAGE_AGAIN;
	atomic_store(&im->size, size);
	atomic_store(&im->stamp, stamp);
	return 0;
}

int
lk_image_read_tail(struct lk_image *im, uint64_t size, struct lk_error *e)
{
	im->load.limit = size;
	return lk_load_run(&im->load, e);
}

int
lk_image_chain(struct lk_image *im, struct lk_chain *c, struct lk_error *e)
{
	const struct lk_load	*l = &im->load;
	const struct lk_pos	*pos = &l->pos;
	size_t			 n = (size_t)(pos->end - pos->link.span);
	char			*p;
	int			 r = 0;

	lk_chain_start(c, l->key, &pos->link);
	if (n == 0)
		return 0;
	if ((p = malloc(n)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (lk_io_read_at(l->io, l->fd, p, n, (off_t)pos->link.span) !=
	    (ssize_t)n)
		r = lk_fail(e, LK_EIO, "the journal cannot be read");
	else
		lk_chain_pass(c, p, n);
	free(p);
	return r;
}

int
lk_image_stale(struct lk_image *im, struct lk_error *e)
{
	uint64_t	 size, generation = lk_state_generation(&im->state);
	int		 r;

	if (atomic_load_explicit(&im->shared, memory_order_acquire))
		return generation != lk_index_map(im->index)->generation;
	if (generation != im->tried)
		return 1;
	if ((r = size_of(im, &size, e)) != 0)
		return r;
	return size != atomic_load(&im->size) ||
	    lk_state_stamp(&im->state) != atomic_load(&im->stamp);
}

uint64_t
lk_image_end(const struct lk_image *im)
{
	struct lk_ack	 ack;

	if (atomic_load(&im->shared) && lk_state_read(&im->state, &ack) != -1)
		return ack.length;
	return atomic_load(&im->size);
}

/* By its path, since the folder itself may have been put in place anew. */
static int
other_file(struct lk_image *im, const char *name, dev_t dev, ino_t ino)
{
	const struct lk_io	*io = im->folder.io;
	struct stat		 st;
	char			 path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", im->folder.path, name);
	if (io->stat(io->ctx, AT_FDCWD, path, &st) != 0)
		return errno == ENOENT ? -1 : 0;
	return st.st_dev != dev || st.st_ino != ino;
}

/*
 * Of an overlay: was a file copied up since it was opened?  Number and device
 * stay the same.  A map shows what the lower one holds, and before Linux 4.19
 * a descriptor did so too.
 */
static int
copied_up(struct lk_image *im)
{
	const struct lk_io	*io = im->folder.io;
	struct stat		 before, named, after;

	if (lk_state_frozen(&im->folder, &im->state))
		return 1;
	/* A writer may be at it between these. */
	return io->fstat(io->ctx, im->fd, &before) == 0 &&
	    io->stat(io->ctx, im->folder.fd, LK_JOURNAL_NAME, &named) == 0 &&
	    io->fstat(io->ctx, im->fd, &after) == 0 &&
	    before.st_size == after.st_size &&
	    named.st_size != after.st_size;
}

/* Does the map that is shared lack what was acknowledged?  Then an older copy
 * was written over it. */
static int
is_behind(const struct lk_image *im)
{
	const struct lk_map	*m = lk_index_map(im->index);
	struct lk_ack		 ack;
	uint64_t		 applied;

	/* In this order: a writer may be at it, or at a bigger one. */
	return atomic_load(&im->shared) &&
	    lk_state_read(&im->state, &ack) == 1 &&
	    (lk_map_applied(m, &applied) != 0 || applied < ack.length) &&
	    lk_state_generation(&im->state) == m->generation;
}

/* By hand, in its place. */
static int
written_over(const struct lk_image *im)
{
	return lk_guard_hit(im->state.words) ||
	    lk_guard_hit(lk_index_map(im->index)->base) || is_behind(im);
}

int
lk_image_overwritten(struct lk_image *im)
{
	return written_over(im) ||
	    (im->folder.fs == LK_FS_OVERLAY && copied_up(im));
}

int
lk_image_replaced(struct lk_image *im)
{
	int	 r;

	if (lk_image_overwritten(im))
		return 1;
	if ((r = other_file(im, LK_JOURNAL_NAME, im->dev, im->ino)) != 0)
		return r;
	r = other_file(im, LK_STATE_NAME, im->state.dev, im->state.ino);
	if (im->state.words == NULL)
		return r != -1;		/* somebody made it                  */
	return r != 0;
}
