#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "base/text.h"
#include "index_inner.h"
#include "inner.h"

#define TRIES	8			/* of a load that writers disturb    */

int
lk_store_enter(struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if ((r = lk_mutex_take(&s->refresh, -1)) < 0)
		return lk_fail(e, LK_EUNAVAIL, "a mutex cannot be had");
	/* Forked while another thread was at it: its work is half done. */
	if (r == 1 && atomic_load(&s->busy) &&
	    lk_store_reload(s, e) != 0) {
		lk_mutex_drop(&s->refresh);
		return LK_EUNAVAIL;
	}
	atomic_store(&s->busy, 1);
	return 0;
}

void
lk_store_leave(struct lk_store *s)
{
	atomic_store(&s->busy, 0);
	lk_mutex_drop(&s->refresh);
}

static void
apply_denied(struct lk_store *s, struct lk_image *im)
{
	const struct lk_end	*d = (const void *)s->denied.p;
	size_t			 i;

	for (i = 0; i < s->denied.n / sizeof *d; i++)
		lk_index_end(im->index, &d[i]);
}

/* A new image of what is now there.  cut: where it was found to end. */
static int
build(struct lk_store *s, uint64_t cut, struct lk_image **out,
    struct lk_error *e)
{
	struct lk_image	*im;
	int		 i, r = LK_IMAGE_AGAIN;

	for (i = 0; i < TRIES && r == LK_IMAGE_AGAIN; i++) {
		r = lk_image_open(&s->o, &im, e);
		if (r == LK_ECONFIG && lk_store_learn(s, NULL) == 0) {
			r = LK_IMAGE_AGAIN;
			continue;
		}
		if (r != 0)
			return r;
		r = lk_image_attach(im, e);
		if (cut != 0)
			im->load.cut = cut;
		if (r == 0)
			r = lk_image_read(im, e);
		else if (r == 1)
			r = 0;
		/* Another journal took its place meanwhile. */
		if (r == 0 && lk_image_moved(im))
			r = LK_IMAGE_AGAIN;
		if (r == 0)
			*out = im;
		else
			lk_image_free(&im);
	}
	if (r == LK_IMAGE_AGAIN)
		r = lk_fail(e, LK_EUNAVAIL, "%s changes while it is read",
		    s->o.dir);
	return r;
}

static int
replace(struct lk_store *s, uint64_t cut, struct lk_error *e)
{
	struct lk_image	*im = NULL;
	int		 r;

	if (s->images == LK_IMAGES_MAX)
		return lk_fail(e, LK_EUNAVAIL, "%s was replaced or had to be "
		    "read anew too often: start this program anew", s->o.dir);
	if ((r = build(s, cut, &im, e)) != 0)
		return r;
	s->images++;
	apply_denied(s, im);
	im->older = lk_store_image(s);
	atomic_store_explicit(&s->image, im, memory_order_release);
	return 0;
}

int
lk_store_reload(struct lk_store *s, struct lk_error *e)
{
	return replace(s, 0, e);
}

void
lk_store_deny(struct lk_store *s, const struct lk_buf *ends)
{
	lk_buf_add(&s->denied, ends->p, ends->n);
	/* What is not in the journal for certain must not outlive a crash in
	 * an index that is.  Who cannot have one of his own takes the risk. */
	if (lk_image_doubt(lk_store_image(s)) != 0 &&
	    lk_store_reload(s, NULL) == 0)
		return;
	apply_denied(s, lk_store_image(s));
}

void
lk_store_forgive(struct lk_store *s, const char *id)
{
	struct lk_end	*d = (void *)s->denied.p;
	size_t		 i, n = 0;

	for (i = 0; i < s->denied.n / sizeof *d; i++)
		if (d[i].state == LK_SLOT_DELETED ||
		    strcmp(d[i].id, id) != 0)
			d[n++] = d[i];
	s->denied.n = n * sizeof *d;
}

int
lk_store_meet(struct lk_store *s, struct lk_error *e)
{
	struct lk_image	*im = lk_store_image(s);

	if (im->state.words != NULL && lk_image_follow(im, NULL) == 0 &&
	    lk_image_replaced(im) == 0 && atomic_load(&im->shared))
		return lk_store_catch_up(s, e);
	return lk_store_reload(s, e);
}

int
lk_store_catch_up(struct lk_store *s, struct lk_error *e)
{
	struct lk_image	*im = lk_store_image(s);
	struct stat	 st;
	uint64_t	 cut = 0;
	int		 r;

	if (atomic_load(&im->shared))
		return lk_image_reattach(im) == 0 ? 0 : replace(s, 0, e);
	if (!lk_image_alone(im))
		return replace(s, 0, e);
	if ((r = lk_image_read(im, e)) != LK_IMAGE_AGAIN)
		return r;
	/* Nobody makes a journal shorter than what was once read of it. */
	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) == 0 &&
	    (uint64_t)st.st_size < im->load.pos.end)
		cut = (uint64_t)st.st_size;
	return replace(s, cut, e);
}

static int
hold(struct lk_store *s, int *fd, uint64_t *size, struct lk_error *e)
{
	const struct lk_image	*im;
	int			 i, r;

	for (i = 0; i < TRIES; i++) {
		if ((r = lk_store_catch_up(s, e)) != 0)
			return r;
		im = lk_store_image(s);
		*size = atomic_load(&im->shared) ? lk_image_end(im) :
		    im->load.pos.end;
		/* If it has its name still, that was its length. */
		if (!lk_image_moved(im))
			break;
	}
	*fd = s->o.io->dup(s->o.io->ctx, im->fd, -1);
	return *fd != -1 ? 0 : lk_fail_errno(e, LK_EIO, "%s/%s: dup",
	    s->o.dir, LK_JOURNAL_NAME);
}

int
lk_store_hold(struct lk_store *s, int *fd, uint64_t *size, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	r = hold(s, fd, size, e);
	lk_store_leave(s);
	return r;
}

/* Once a second: do the names still lead to the files that are open? */
static int
look(struct lk_store *s, int64_t last, int64_t now, struct lk_error *e)
{
	int	 r;

	if (!atomic_compare_exchange_strong(&s->looked, &last, now))
		return 0;
	lk_usage_look(s->usage);
	r = lk_image_replaced(lk_store_image(s));
	atomic_store(&s->gone, r == -1);
	if (r != 1)
		return 0;
	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	r = lk_store_meet(s, e);
	lk_store_leave(s);
	if (r != 0)			/* not known: look again next time   */
		atomic_store(&s->looked, 0);
	return r;
}

static int
tell_gone(struct lk_store *s, struct lk_error *e)
{
	return lk_fail(e, LK_EUNAVAIL, "%s/%s is gone: put it, or a copy of "
	    "it, back (latchkey-journal(5), RESTORING)", s->o.dir,
	    LK_JOURNAL_NAME);
}

static int
catch_up(struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if (lk_store_enter(s, e) != 0)
		return LK_EUNAVAIL;
	r = lk_store_catch_up(s, e);
	lk_store_leave(s);
	return r == 0 ? 0 : LK_EUNAVAIL;
}

/* As a rule it is the shared index, and of the generation that there is. */
static inline int
stale(struct lk_image *im, struct lk_error *e)
{
	const struct lk_map	*m;

	m = atomic_load_explicit(&im->index->map, memory_order_acquire);
	if (atomic_load_explicit(&im->shared, memory_order_acquire) &&
	    lk_state_generation(&im->state) == m->generation)
		return 0;
	return lk_image_stale(im, e);
}

/* The word that tells it may be damaged: what would move the clock is taken
 * from where it is checked. */
static int64_t
checked_time(const struct lk_state *st)
{
	struct lk_ack	 ack;

	(void)lk_state_read(st, &ack);
	return ack.time;
}

/* The later of it and the last line's time. */
static int64_t
now_at(struct lk_store *s, int64_t clock)
{
	struct lk_image	*im = lk_store_image(s);
	int64_t		 last = atomic_load_explicit(&im->index->time,
			     memory_order_relaxed);
	int64_t		 told = lk_state_time(&im->state);

	if (told > clock)
		told = checked_time(&im->state);
	if (last < told)
		last = told;
	return clock > last ? clock : last;
}

int64_t
lk_store_now(struct lk_store *s)
{
	return now_at(s, s->o.clock());
}

int
lk_store_refresh_now(struct lk_store *s, int64_t *now, struct lk_error *e)
{
	int64_t	 clock = s->o.clock(), last;
	int	 r;

	last = atomic_load_explicit(&s->looked, memory_order_relaxed);
	if (clock != last && look(s, last, clock, e) != 0)
		return LK_EUNAVAIL;
	if (atomic_load_explicit(&s->gone, memory_order_relaxed))
		return tell_gone(s, e);
	r = stale(lk_store_image(s), e);
	if (r > 0)
		r = catch_up(s, e);
	if (r == 0 && now != NULL)
		*now = now_at(s, clock);
	return r;
}

int
lk_store_refresh(struct lk_store *s, struct lk_error *e)
{
	return lk_store_refresh_now(s, NULL, e);
}
