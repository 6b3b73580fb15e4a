#include <sys/stat.h>

#include <inttypes.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "inner.h"
#include "repair.h"
#include "swap.h"

#define ROUNDS		16		/* without the lock, at most         */
#define NEAR		65536		/* octets that are left to the lock  */

/* -------------------------------------------------------------------- copy */

static void
tell(struct lk_swap *w, uint64_t done, uint64_t all)
{
	if (w->job->progress != NULL)
		w->job->progress(w->job->progress_arg, done, all);
}

static int
copy_line(struct lk_swap *w, struct lk_error *e)
{
	const struct lk_line	*l = &w->src.line;
	const char		*body;
	size_t			 n;
	int			 r;

	w->before++;
	if ((r = w->job->keep(w->job->arg, w, e)) != 1)
		return r;
	w->kept++;
	body = lk_lines_body(&w->src, &n);
	return lk_rewrite_put(&w->out, body, n, l->time, !l->is_signed,
	    l->kind == LK_EVENT_ADDRESSES, e);
}

/* Up to limit, and then into the index. */
static int
copy(struct lk_swap *w, uint64_t limit, struct lk_error *e)
{
	int	 r;

	w->from_off = w->limit;
	w->limit = limit;
	lk_lines_more(&w->src, limit);
	while ((r = lk_lines_next(&w->src, e)) > 0) {
		if (r == 2)
			continue;	/* lost, and accepted as such        */
		if ((r = copy_line(w, e)) != 0)
			return r;
		if (w->before % 10000 == 0)
			tell(w, w->src.raw.off, 2 * limit);
	}
	if (r != 0)
		return r;
	w->head = w->src.head;
	memcpy(w->head_mac, w->src.head_mac, sizeof w->head_mac);
	return lk_rewrite_flush(&w->out, e);
}

/* ------------------------------------------------------------------- index */

/* The index reports its own octets. */
static void
second_half(void *arg, uint64_t done, uint64_t all)
{
	tell(arg, all + done, 2 * all);
}

/* What was written is read again, and must be what was meant. */
static int
read_new(struct lk_swap *w, struct lk_error *e)
{
	struct lk_load	*l = &w->new->load;
	int		 r;

	if ((r = lk_image_read_tail(w->new, w->out.end, e)) != 0)
		return r;
	if (l->faults == 0 && l->newer == 0 && l->end == LK_LOAD_WHOLE &&
	    l->pos.end == w->out.end)
		return 0;
	return lk_fail(e, LK_EUNAVAIL, "%s/%s is not what was written (line %"
	    PRIu64 ": %s): nothing was changed", w->old->folder.path,
	    LK_REWRITE_NAME, l->faults > 0 ? l->fault_line : l->pos.line,
	    l->faults > 0 ? l->fault_why : "its end");
}

static int
open_new(struct lk_swap *w, struct lk_error *e)
{
	struct lk_store_options	 o = w->s->o;
	struct lk_ack		 a;
	int			 r;

	o.mac = w->key;
	o.check = w->check;
	o.pepper = NULL;
	o.remove = 0;
	if ((r = lk_image_open_aside(&o, LK_REWRITE_NAME, &w->new, e)) != 0 ||
	    (r = lk_image_fill_file(w->new, w->kept + 1, e)) != 0)
		return r;
	w->new->load.progress = second_half;
	w->new->load.progress_arg = w;
	r = read_new(w, e);
	w->new->load.progress = NULL;
	if (r != 0 || (r = lk_rewrite_sync(&w->out, e)) != 0 ||
	    (r = lk_map_sync(lk_index_map(w->new->index), e)) != 0)
		return r;
	/* After a crash of the machine it is good as far as this. */
	lk_image_describe(w->new, &w->new->load.pos, 0, &a);
	lk_map_set_checkpoint(lk_index_map(w->new->index), &a);
	return 0;
}

/* ----------------------------------------------------------- with the lock */

static int
judge(struct lk_swap *w, struct lk_error *e)
{
	struct lk_store	*s = w->s;
	int		 r;

	w->old = lk_store_image(s);
	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	if (!w->job->mend || w->old->load.newer > 0)
		r = lk_batch_judge(s, &w->old->load, e);
	w->key = w->job->key != NULL ? w->job->key : s->o.mac;
	memcpy(w->check, w->job->key != NULL ? w->job->check : s->check,
	    sizeof w->check);
	lk_store_leave(s);
	if (r == 0 && w->ino != 0 && w->ino != atomic_load(&w->old->ino))
		r = lk_fail(e, LK_EAGAIN, "%s/%s was replaced by hand "
		    "meanwhile: nothing was changed, try again", s->o.dir,
		    LK_JOURNAL_NAME);
	return r;
}

/* How much of the old one there is: of a damaged one all, sound or not. */
static int
length(struct lk_swap *w, uint64_t *out, struct lk_error *e)
{
	const struct lk_io	*io = w->old->folder.io;
	struct stat		 st;

	*out = w->old->load.pos.end;
	if (!w->job->mend)
		return 0;
	if (io->fstat(io->ctx, w->old->fd, &st) != 0)
		return lk_fail_errno(e, LK_EIO, "%s/%s: fstat", w->s->o.dir,
		    LK_JOURNAL_NAME);
	*out = (uint64_t)st.st_size;
	return 0;
}

/* What is there to copy; from then on only what comes behind it matters. */
static int
start(struct lk_swap *w, struct lk_error *e)
{
	const struct lk_io	*io;
	struct lk_batch		*b;
	struct lk_image		*im;
	struct stat		 st;
	uint64_t		 limit = 0;
	int			 r;

	if ((r = lk_batch_begin_alone(w->s, LK_BATCH_REMOVE, w->actor, w->from,
	    &b, e)) != 0)
		return r;
	im = w->old = lk_store_image(w->s);
	io = im->folder.io;
	if ((r = judge(w, e)) == 0 && (r = length(w, &limit, e)) == 0) {
		w->seen = limit;
		w->ino = atomic_load(&im->ino);
		w->fd = io->dup(io->ctx, im->fd, -1);
		if (w->fd == -1 || io->fstat(io->ctx, w->fd, &st) != 0)
			r = lk_fail_errno(e, LK_EIO, "%s/%s: dup", w->s->o.dir,
			    LK_JOURNAL_NAME);
	}
	lk_batch_abandon(&b);
	if (r != 0)
		return r;
	if ((r = lk_rewrite_open(&w->out, &im->folder, &st, w->key,
	    w->check, e)) != 0)
		return r;
	w->src.accept = w->job->accept;
	w->src.arg = w->job->arg;
	if (w->job->source.name != NULL) {
		w->limit = w->job->source.limit;
		return lk_lines_start(&w->src, w->job->source.folder,
		    w->job->source.name, w->job->source.fd, w->limit,
		    w->job->source.key, e);
	}
	w->limit = limit;
	return lk_lines_start(&w->src, &im->folder, LK_JOURNAL_NAME, w->fd,
	    limit, w->s->o.mac, e);
}

static int
fill(struct lk_swap *w, struct lk_error *e)
{
	struct lk_ack	 ack;
	uint64_t	 limit = w->limit;
	int		 r;

	if (w->job->start != NULL &&
	    (r = w->job->start(w->job->arg, w, e)) != 0)
		return r;
	w->limit = LK_JOURNAL_FIRST;
	if ((r = copy(w, limit, e)) != 0 || (r = open_new(w, e)) != 0)
		return r;
	if (w->job->late != NULL && ((r = w->job->late(w->job->arg, w,
	    e)) != 0 || (r = lk_rewrite_flush(&w->out, e)) != 0 ||
	    (r = read_new(w, e)) != 0))
		return r;
	if (w->job->source.name != NULL)
		return 0;
	for (w->round = 1; w->round < ROUNDS; w->round++) {
		if (lk_state_read(&w->old->state, &ack) != 1 ||
		    ack.length < w->limit + NEAR)
			return 0;
		if ((r = copy(w, ack.length, e)) != 0 ||
		    (r = read_new(w, e)) != 0 ||
		    (r = lk_rewrite_sync(&w->out, e)) != 0)
			return r;
	}
	return 0;
}

/* ---------------------------------------------------------------- in place */

static int
unplaced(struct lk_swap *w, const char *what, struct lk_error *e)
{
	const struct lk_folder	*f = &w->old->folder;

	lk_fail_errno(e, LK_EIO, "%s/%s cannot be %s: nothing was changed",
	    f->path, LK_JOURNAL_NAME, what);
	lk_state_forget(&w->new->state);
	(void)f->io->unlink(f->io->ctx, f->fd, w->file);
	return LK_EIO;
}

static int
put_in_place(struct lk_swap *w, struct lk_error *e)
{
	const struct lk_folder	*f = &w->old->folder;
	struct lk_ack		 a;
	uint64_t		 g = lk_state_generation(&w->old->state);
	int			 r;

	lk_image_describe(w->new, &w->new->load.pos, 0, &a);
	if ((r = lk_image_number(w->new, g + 1, e)) != 0)
		return r;
	r = lk_state_succeed(&w->new->state, &a, g + 1, e);
	if (r == 0 && f->io->link(f->io->ctx, f->fd, LK_JOURNAL_NAME,
	    w->file) != 0)
		r = unplaced(w, "kept under another name", e);
	if (r == 0 && f->io->rename(f->io->ctx, f->fd, LK_REWRITE_NAME,
	    LK_JOURNAL_NAME) != 0)
		r = unplaced(w, "replaced", e);
	if (r != 0) {
		lk_map_unlink(f, g + 1);
		return r;
	}
	if (f->io->fsync(f->io->ctx, f->fd) != 0)
		return lk_fail_errno(e, LK_EINDOUBT, "%s could not be synced: "
		    "the new journal has its place, but a power cut may put "
		    "the old one back", f->path);
	lk_state_step(&w->new->state, &a, g + 1);
	if (g != 0)
		lk_map_unlink(f, g);
	return 0;
}

static int
add_end(struct lk_swap *w, const struct lk_batch *b, struct lk_error *e)
{
	int	 r;

	lk_swap_now(w, b->when);
	if (lk_repair_name(&w->old->folder, LK_JOURNAL_NAME, w->when, w->file,
	    sizeof w->file) != 0)
		return lk_fail(e, LK_EIO, "%s has too many files %s.*",
		    w->s->o.dir, LK_JOURNAL_NAME);
	if ((r = w->job->end(w->job->arg, w, e)) != 0)
		return r;
	return lk_rewrite_flush(&w->out, e);
}

static int
finish(struct lk_swap *w, const struct lk_batch *b, struct lk_error *e)
{
	struct lk_folder	*f = &w->old->folder;
	uint64_t		 limit;
	int			 r;

	if ((r = judge(w, e)) != 0 || (r = length(w, &limit, e)) != 0 ||
	    (w->job->source.name == NULL && (r = copy(w, limit, e)) != 0) ||
	    (r = add_end(w, b, e)) != 0 ||
	    (r = lk_journal_reserve(f, w->out.fd, w->out.end, 0, 0, e)) != 0 ||
	    (r = read_new(w, e)) != 0 ||
	    (r = lk_rewrite_sync(&w->out, e)) != 0)
		return r;
	return put_in_place(w, e);
}

/* The name is the new one's in all of these. */
static int
is_placed(int r)
{
	return r == 0 || r == LK_EINDOUBT;
}

static int
take_place(struct lk_swap *w, struct lk_error *e)
{
	struct lk_store	*s = w->s;
	struct lk_batch	*b;
	int		 r;

	if ((r = lk_batch_begin_alone(s, LK_BATCH_REMOVE, w->actor, w->from, &b,
	    e)) != 0)
		return r;
	r = finish(w, b, e);
	s->wrote = 1;
	/* Its lock is that of the journal now. */
	lk_rewrite_close(&w->out, is_placed(r));
	if (is_placed(r) && lk_store_enter(s, NULL) == 0) {
		/* If it cannot be read now, the next refresh says so. */
		(void)lk_store_catch_up(s, NULL);
		lk_store_leave(s);
	}
	lk_batch_abandon(&b);
	return r;
}

int
lk_swap_run(struct lk_swap *w, struct lk_store *s, const char *actor,
    const char *from, const struct lk_swap_job *job, struct lk_error *e)
{
	int	 r;

	memset(w, 0, sizeof *w);
	w->s = s;
	w->job = job;
	w->actor = actor;
	w->from = from;
	w->fd = -1;
	w->src = LK_LINES_NONE;
	w->out = LK_REWRITE_NONE;
	if ((r = start(w, e)) == 0 && (r = fill(w, e)) == 0)
		r = take_place(w, e);
	if (w->new != NULL && !is_placed(r))
		lk_map_unlink(&w->new->folder, 0);
	lk_image_free(&w->new);
	if (w->out.fd != -1)
		lk_rewrite_close(&w->out, 0);
	lk_lines_end(&w->src);
	if (w->fd != -1)
		s->o.io->close(s->o.io->ctx, w->fd);
	return r;
}

void
lk_swap_now(struct lk_swap *w, int64_t now)
{
	if (w->when < now)
		w->when = now;
	if (w->when < w->src.time)
		w->when = w->src.time;
}

int
lk_swap_event(struct lk_swap *w, const struct lk_buf *body,
    struct lk_error *e)
{
	if (body->failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	return lk_rewrite_put(&w->out, body->p, body->n, w->when, 0, 0, e);
}

void
lk_swap_add_head(const struct lk_swap *w, struct lk_buf *body)
{
	uint8_t	 was[LK_MAC_SIZE];
	char	 text[32];

	lk_base64url(w->head_mac, sizeof w->head_mac, text);
	lk_line_attr_number(body, "seq", (int64_t)w->head);
	lk_line_attr(body, "mac", text);
	if (w->job->check != NULL)	/* the current one becomes the old   */
		memcpy(was, w->s->check, sizeof was);
	else if (lk_map_was(lk_index_map(w->old->index), was) != 1)
		return;
	lk_base64url(was, sizeof was, text);
	lk_line_attr(body, "was", text);
}

/* --------------------------------------------------------- of a killed one */

int
lk_swap_settle(struct lk_image *im, int remove, struct lk_error *e)
{
	const struct lk_folder	*f = &im->folder;
	struct lk_ack		 a;
	uint64_t		 g;

	if (lk_state_successor(&im->state, &a, &g)) {
		if (!lk_image_fits(im, im->fd, &a))
			lk_state_forget(&im->state);
		else if (f->io->fsync(f->io->ctx, f->fd) != 0 && !remove)
			return lk_fail_errno(e, LK_EIO, "%s cannot be synced",
			    f->path);
		else {
			lk_state_step(&im->state, &a, g);
			lk_map_unlink(f, g - 1);
		}
		atomic_store(&im->state.next, 0);
	}
	g = lk_state_generation(&im->state);
	if (im->swept == g + 1)
		return 0;
	im->swept = g + 1;
	lk_rewrite_sweep(f, g);
	/* Of one that was killed before the old index was removed. */
	if (g > 1)
		lk_map_sweep(f, g - 1);
	return 0;
}
