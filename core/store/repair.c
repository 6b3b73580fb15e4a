#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "attach.h"
#include "base/err.h"
#include "base/log.h"
#include "pen.h"
#include "repair.h"
#include "scan.h"

#define STATE_NEW	"state.new"

int
lk_repair_name(const struct lk_folder *f, const char *stem, int64_t when,
    char *out, size_t size)
{
	struct stat	 st;
	int		 i;

	for (i = 0; i < 1000; i++) {
		snprintf(out, size, i == 0 ? "%s.%" PRId64 :
		    "%s.%" PRId64 ".%d", stem, when, i);
		if (f->io->stat(f->io->ctx, f->fd, out, &st) != 0 &&
		    errno == ENOENT)
			return 0;
	}
	return -1;
}

/* With the mode and group of the journal. */
static int
make_state(const struct lk_folder *f, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	struct lk_ack		 none = { 0 };
	struct stat		 st;
	int			 r;

	if (io->stat(io->ctx, f->fd, LK_JOURNAL_NAME, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s: stat", f->path,
		    LK_JOURNAL_NAME);
	r = lk_state_make(f, STATE_NEW, st.st_mode & 0777, st.st_gid, &none,
	    e);
	if (r == 0 && (io->rename(io->ctx, f->fd, STATE_NEW,
	    LK_STATE_NAME) != 0 || io->fsync(io->ctx, f->fd) != 0))
		r = lk_fail_errno(e, LK_EIO, "%s/%s cannot be made", f->path,
		    LK_STATE_NAME);
	return r;
}

static int
is_odd(const struct lk_folder *f)
{
	struct lk_state	 state;
	int		 r = lk_state_open(f, 0, &state, NULL);

	lk_state_close(&state);
	return r != 0 && state.odd;
}

/* What nobody can read must not keep a key from being deleted. */
static int
move_away(const struct lk_folder *f, int64_t when, struct lk_error *e)
{
	const struct lk_io	*io = f->io;
	char			 name[48];

	if (lk_repair_name(f, "state.bad", when, name, sizeof name) != 0 ||
	    io->rename(io->ctx, f->fd, LK_STATE_NAME, name) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s is of no known form and "
		    "cannot be moved away", f->path, LK_STATE_NAME);
	lk_log(LOG_WARNING, "%s/%s is of no known form: it was kept as %s and "
	    "a new one is made", f->path, LK_STATE_NAME, name);
	return 0;
}

/*
 * Two that find no state must not each make one, or each would lock its own;
 * and who had locked the one that is gone must have written.  So it is made
 * under the journal's lock.
 */
int
lk_repair_state(struct lk_store *s, const struct lk_wait *w,
    struct lk_error *e)
{
	struct lk_image		*im = lk_store_image(s);
	const struct lk_folder	*f = &im->folder;
	struct stat		 named;
	int			 r;

	r = lk_lock_take_journal(&s->lock, f, w, &im->state, e);
	if (r != 0)
		return r;
	if (f->io->stat(f->io->ctx, f->fd, LK_STATE_NAME, &named) != 0)
		r = errno == ENOENT ? make_state(f, e) : lk_fail_errno(e,
		    LK_EIO, "%s/%s: stat", f->path, LK_STATE_NAME);
	else if (s->o.remove && is_odd(f) &&
	    (r = move_away(f, lk_store_now(s), e)) == 0)
		r = make_state(f, e);
	lk_lock_drop_journal(&s->lock, f);
	return r;
}

/* Keep [from, size) of the journal in a file of its own. */
static int
keep_evidence(struct lk_image *im, uint64_t from, uint64_t size,
    const char *name, struct lk_error *e)
{
	const struct lk_folder	*f = &im->folder;
	size_t			 n = (size_t)(size - from);
	char			*p;
	int			 r;

	if ((p = malloc(n)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (lk_io_read_at(f->io, im->fd, p, n, (off_t)from) != (ssize_t)n)
		r = lk_fail(e, LK_EIO, "%s/%s cannot be read", f->path,
		    LK_JOURNAL_NAME);
	else
		r = lk_folder_write(f, name, p, n, 0640, (gid_t)-1, 0, e);
	if (r == 0 && f->io->fsync(f->io->ctx, f->fd) != 0)
		r = lk_fail_errno(e, LK_EIO, "%s cannot be synced", f->path);
	free(p);
	return r;
}

static int
cut(struct lk_image *im, uint64_t end, struct lk_error *e)
{
	const struct lk_folder	*f = &im->folder;

	if (f->io->ftruncate(f->io->ctx, im->fd, (off_t)end) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s cannot be cut", f->path,
		    LK_JOURNAL_NAME);
	/* That gave the reserve away; nobody else should get it. */
	(void)lk_journal_reserve(&im->folder, im->fd, end, 0, 1, NULL);
	if (f->io->fdatasync(f->io->ctx, im->fd) != 0)
		return lk_fail_errno(e, LK_EINDOUBT, "%s/%s could not be "
		    "synced", f->path, LK_JOURNAL_NAME);
	lk_image_ack(im, &im->load.pos, im->load.cut);
	return 0;
}

/* The event, where there is a key to sign it with. */
static int
record(struct lk_image *im, uint64_t size, const char *name, int64_t when,
    const char *actor, const char *from, struct lk_error *e)
{
	struct lk_pen	 pen = LK_PEN_NONE;
	struct lk_buf	 body = LK_BUF_NONE;
	int		 r;

	if ((r = lk_pen_take(&pen, im, e)) != 0)
		goto out;
	if (!pen.sign)
		goto out;
	lk_line_begin(&body, LK_EVENT_REPAIR, actor, from, NULL);
	lk_line_attr_number(&body, "from", (int64_t)size);
	lk_line_attr_number(&body, "to", (int64_t)pen.end);
	lk_line_attr(&body, "file", name);
	lk_buf_add(&body, "\n", 1);
	if (body.failed)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	else
		r = lk_pen_write(&pen, &body, 1, when, 0, e);
out:
	lk_buf_free(&body);
	lk_pen_drop(&pen);
	return r;
}

static int
mend(struct lk_image *im, uint64_t size, const struct lk_who *who,
    struct lk_error *e)
{
	uint64_t	 end = im->load.pos.end;
	int64_t		 when = who->when;
	int		 r, remove = who->remove;
	char		 name[48];

	if (when < im->load.pos.time)
		when = im->load.pos.time;
	if (lk_repair_name(&im->folder, "torn", when, name, sizeof name) != 0)
		r = lk_fail(e, LK_EIO, "%s has too many files torn.*",
		    im->folder.path);
	else
		r = keep_evidence(im, end, size, name, e);
	if (r != 0 && !remove)
		return r;
	if (r != 0)			/* a full disk must not stop delete  */
		strcpy(name, "-");
	if ((r = cut(im, end, e)) != 0)
		return r;
	lk_log(LOG_WARNING, "%s/%s: a torn tail was cut after line %" PRIu64
	    " (%s): %" PRIu64 " octets to %" PRIu64 ", kept as %s",
	    im->folder.path, LK_JOURNAL_NAME, im->load.pos.line,
	    im->load.tail_why, size, end, name);
	im->load.end = LK_LOAD_WHOLE;
	r = record(im, size, name, when, who->actor, who->from, e);
	return remove && r != LK_EINDOUBT ? 0 : r;
}

/* A state that was made anew vouches for nothing before its first copy is on
 * the disk: then a batch that a power cut tore is known for such. */
static int
keep_state(struct lk_image *im, struct lk_error *e)
{
	const struct lk_folder	*f = &im->folder;

	if (f->io->fsync(f->io->ctx, im->state.fd) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s could not be synced",
		    f->path, LK_STATE_NAME);
	return 0;
}

/* A whole batch that its writer did not live to acknowledge, or any that no
 * state speaks of. */
static int
adopt(struct lk_image *im, int vouched, int poisoned, const struct lk_ack *ack,
    struct lk_error *e)
{
	const struct lk_pos	*pos = &im->load.pos;
	uint64_t		 from = poisoned ? LK_JOURNAL_FIRST : pos->end;
	int			 r;

	if (vouched == 1 && pos->end <= ack->length)
		return 0;
	/* After a start of the machine all that is read came from the disk; to
	 * write it again would put it at risk.  A sync that failed says nothing
	 * true when it is tried again. */
	if (vouched == -1 && (r = lk_journal_rewrite(&im->folder, im->fd,
	    from < pos->end ? from : pos->end, pos->end, e)) != 0)
		return r;
	lk_image_ack(im, pos, im->load.cut);
	return vouched == -1 ? keep_state(im, e) : 0;
}

/* Is there a whole line behind what was read?  1, 0, or an error. */
static int
has_line(const struct lk_image *im, uint64_t size, struct lk_error *e)
{
	struct lk_scan	 s;
	struct lk_raw	 raw;
	int		 r;

	r = lk_scan_start(&s, im->folder.io, im->fd, im->load.pos.end, size);
	if (r == 0) {
		r = lk_scan_next(&s, &raw);
		lk_scan_end(&s);
	}
	return r >= 0 ? r : lk_fail(e, r, "%s/%s cannot be read",
	    im->folder.path, LK_JOURNAL_NAME);
}

/* All of the file on the disk, and then in the index: what could not be made
 * durable is not served.  What is less than a line is only cut, so a disk that
 * does not sync is met after that. */
static int
read_tail(struct lk_image *im, uint64_t size, struct lk_error *e)
{
	int	 r;

	if ((r = has_line(im, size, e)) < 0)
		return r;
	if (r == 1 && (r = lk_journal_rewrite(&im->folder, im->fd,
	    im->load.pos.end, size, e)) != 0)
		return r;
	return lk_image_read_tail(im, size, e);
}

int
lk_repair_settle(struct lk_store *s, const struct lk_who *who,
    struct lk_error *e)
{
	struct lk_image	*im = lk_store_image(s);
	struct lk_ack	 ack;
	struct stat	 st;
	int		 r, vouched;

	vouched = lk_state_read(&im->state, &ack);
	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s: fstat", im->folder.path);
	if (vouched == 1 && im->load.end == LK_LOAD_WHOLE &&
	    (uint64_t)st.st_size > im->load.pos.end &&
	    (r = read_tail(im, (uint64_t)st.st_size, e)) != 0)
		return r;
	if (im->load.end == LK_LOAD_DAMAGED)
		return 0;		/* lines may only be put behind it   */
	if ((r = adopt(im, vouched, s->poisoned, &ack, e)) != 0)
		return r;
	if (im->load.end == LK_LOAD_TORN &&
	    (r = mend(im, (uint64_t)st.st_size, who, e)) != 0)
		return r;
	return lk_store_catch_up(s, e);
}
