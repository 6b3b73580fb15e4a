/*
 * begin.c: what comes before a batch: the locks, the journal as it stands, and
 * whether anything may be written.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/err.h"
#include "batch_inner.h"
#include "repair.h"
#include "swap.h"

#define DAY		86400		/* seconds                           */
#define CLOCK_BACK	DAY
#define CLOCK_AHEAD	(366 * (int64_t)DAY)
#define TRIES		8		/* to lock a state that is replaced  */

static int
meet(struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	r = lk_store_meet(s, e);
	lk_store_leave(s);
	return r;
}

/* The lock of the state that is mapped, and the files that have the names; st
 * is the journal's. */
static int
hold(struct lk_store *s, const struct lk_wait *w, struct stat *st,
    struct lk_error *e)
{
	struct lk_image	*im;
	int		 i, r, same;

	for (i = 0; i < TRIES; i++) {
		im = lk_store_image(s);
		r = im->state.odd ? LK_ENOTFOUND : lk_lock_take(&s->lock,
		    &im->folder, w, &im->state, st, &same, e);
		if (r == 0 && same && st->st_ino == im->ino &&
		    st->st_dev == im->dev && !lk_image_overwritten(im))
			return 0;
		if (r == 0)
			lk_lock_drop(&s->lock, &im->folder, &im->state);
		else if (r != LK_ENOTFOUND ||
		    (r = lk_repair_state(s, w, e)) != 0)
			return r;
		if ((r = meet(s, e)) != 0)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "%s is being replaced: try again",
	    s->o.dir);
}

static int
judge_clock(struct lk_batch *b, int64_t last, int accept, struct lk_error *e)
{
	int64_t	 now = b->s->o.clock();
	char	 is[32], was[32];
	int	 off;

	/* last is 0 where no line before this one could be read. */
	off = last > 0 &&
	    (now < last - CLOCK_BACK || now - CLOCK_AHEAD > last);
	b->when = now > last ? now : last;
	if (off && b->remove)
		b->when = last;
	if (!off || b->remove || accept)
		return 0;
	lk_time_format(now, is, sizeof is);
	lk_time_format(last, was, sizeof was);
	return lk_fail(e, LK_EDATA, "the clock says %s, but the last line of "
	    "%s/%s was written at %s: set the clock, or if it is right, go on "
	    "with --accept-clock", is, b->s->o.dir, LK_JOURNAL_NAME, was);
}

/* Before anything is mended: a mend writes a line, with a time. */
static int
start_clock(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_store		*s = b->s;
	const struct lk_pos	*pos = &lk_store_image(s)->load.pos;

	b->when = s->o.clock();
	return pos->seq == 0 ? 0 : judge_clock(b, pos->time, accept, e);
}

static int
mend(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_who	 who = { .actor = b->draft.actor,
				 .from = b->draft.from };
	int		 r;

	if ((r = start_clock(b, accept, e)) != 0)
		return r;
	who.when = b->when;
	who.remove = b->remove;
	return lk_repair_settle(b->s, &who, e);
}

/*
 * With the index that others use as well: 0; 1, it must be done the long way;
 * or an error.
 */
static int
settle_shared(struct lk_batch *b, int accept, const struct stat *st,
    struct lk_error *e)
{
	struct lk_store	*s = b->s;
	struct lk_error	 why = { 0 };
	struct lk_image	*im;
	int		 r;

	if ((r = lk_store_catch_up(s, e)) != 0)
		return r;
	im = lk_store_image(s);
	if (!atomic_load(&im->shared))
		return 1;
	r = lk_image_jump(im, st, &why);
	/* Nothing stands behind it, as a rule. */
	if (r == 0 && (uint64_t)st->st_size != im->load.pos.end)
		r = mend(b, accept, &why);
	if (r == LK_EDAMAGE) {
		lk_image_mark_damaged(im);
		return (r = lk_store_reload(s, e)) == 0 ? 1 : r;
	}
	if (r != 0 && e != NULL)
		*e = why;
	return r;
}

/* By reading the journal, and then for everybody. */
static int
settle_alone(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_store	*s = b->s;
	int		 r;

	if ((r = lk_store_catch_up(s, e)) != 0 ||
	    (r = mend(b, accept, e)) != 0)
		return r;
	r = lk_image_share(lk_store_image(s), e);
	if (r == 0 || !b->remove)
		return r;
	lk_image_disown(lk_store_image(s));
	return 0;
}

static int
settle(struct lk_batch *b, int accept, const struct stat *st,
    struct lk_error *e)
{
	struct lk_store	*s = b->s;
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	if ((r = lk_swap_settle(lk_store_image(s), b->remove, e)) != 0) {
		lk_store_leave(s);
		return r;
	}
	lk_state_settle(&lk_store_image(s)->state);
	if ((r = settle_shared(b, accept, st, e)) == 1)
		r = settle_alone(b, accept, e);
	lk_store_leave(s);
	s->poisoned = r == LK_EINDOUBT || (s->poisoned && r != 0);
	return r;
}

int
lk_batch_judge(const struct lk_store *s, const struct lk_load *l,
    struct lk_error *e)
{
	if (l->faults > 0)
		return lk_journal_fail(e, LK_EDAMAGE, s->o.dir, l->fault_line,
		    "%s; until a copy of the journal is put back "
		    "(latchkey-journal(5), RESTORING) keys can only be deleted "
		    "(latchkey store check)", l->fault_why);
	if (l->newer > 0)
		return lk_journal_fail(e, LK_EDAMAGE, s->o.dir, l->newer,
		    "its event is not known here: it was written by a newer "
		    "latchkey, use that one");
	return 0;
}

static int
judge_load(struct lk_batch *b, const struct lk_load *l, int accept,
    struct lk_error *e)
{
	int	 r = 0;

	if (!b->remove)
		r = lk_batch_judge(b->s, l, e);
	if (r == 0 && l->pos.seq + l->pos.lost != 0)
		r = judge_clock(b, l->pos.time, accept, e);
	return r;
}

/* May this batch be written, and when is it? */
static int
judge(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_store		*s = b->s;
	const struct lk_image	*im = lk_store_image(s);
	int			 r;

	if (!b->remove && s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "this, and it is not at hand");
	b->when = s->o.clock();
	/* Only who writes reads on with a shared one, which is us.  So this
	 * waits for nobody who makes the lines of a group. */
	if (atomic_load(&im->shared))
		return judge_load(b, &im->load, accept, e);
	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	r = judge_load(b, &lk_store_image(s)->load, accept, e);
	lk_store_leave(s);
	return r;
}

static struct lk_batch *
make(struct lk_store *s, int kind, const char *actor, const char *from)
{
	struct lk_batch	*b;
	size_t		 n, m;

	if (actor == NULL)
		actor = "";
	if (from == NULL)
		from = "";
	n = strlen(actor) + 1;
	m = strlen(from) + 1;
	if ((b = calloc(1, sizeof *b + n + m)) == NULL)
		return NULL;
	b->s = s;
	b->remove = kind != LK_BATCH_ADD;
	b->draft = LK_DRAFT_NONE;
	b->draft.actor = memcpy(b->text, actor, n);
	b->draft.from = memcpy(b->text + n, from, m);
	b->ended = LK_BUF_NONE;
	return b;
}

void
lk_batch_free(struct lk_batch *b)
{
	lk_draft_free(&b->draft);
	lk_buf_free(&b->ended);
	lk_pendings_free(&b->keys);
	free(b);
}

/* Hold the files and know what is in them, unless a group of this process does
 * already. */
static int
enter(struct lk_batch *b, const struct lk_wait *w, int accept,
    struct lk_error *e)
{
	struct lk_store	*s = b->s;
	struct stat	 st;
	int		 r;

	if (s->holding && !s->poisoned)
		return 0;
	if (s->holding)
		return lk_fail(e, LK_EAGAIN, "a sync of this process failed: "
		    "nothing was written, try again");
	if ((r = hold(s, w, &st, e)) != 0)
		return r;
	s->holding = 1;
	return settle(b, accept, &st, e);
}

/* Nothing stands behind what was read, so that a line may. */
static int
ends_there(const struct lk_image *im)
{
	struct stat	 st;

	return im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) == 0 &&
	    (uint64_t)st.st_size == im->load.pos.end;
}

/* A torn tail whose cut was not synced stops all but what removes power, which
 * is then in doubt as well. */
static int
enter_in_doubt(struct lk_batch *b, const struct lk_wait *w, int accept,
    struct lk_error *e)
{
	int	 r;

	if ((r = enter(b, w, accept, &b->why)) == LK_EINDOUBT && b->remove &&
	    ends_there(lk_store_image(b->s))) {
		b->doubt = 1;
		return 0;
	}
	if (r != 0 && e != NULL)
		*e = b->why;
	return r;
}

static int
begin(struct lk_store *s, int kind, const char *actor,
    const char *from, int accept_clock, struct lk_batch **out,
    struct lk_error *e)
{
	struct lk_batch	*b;
	struct lk_wait	 w;
	int		 r;

	*out = NULL;
	if (!s->o.write)
		return lk_fail(e, LK_EPERM, "%s was opened to read",
		    s->o.dir);
	if ((b = make(s, kind, actor, from)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	lk_wait_start(&w, s->o.wait);
	if ((r = lk_lock_enter(&s->lock, &w, e)) != 0) {
		lk_batch_free(b);
		return r;
	}
	lk_group_renew(s);
	if ((r = enter_in_doubt(b, &w, accept_clock, e)) != 0 ||
	    (r = judge(b, accept_clock, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	*out = b;
	return 0;
}

int
lk_batch_begin(struct lk_store *s, int kind, const char *actor,
    const char *from, int accept_clock, struct lk_batch **out,
    struct lk_error *e)
{
	lk_group_yield(s);
	return begin(s, kind, actor, from, accept_clock, out, e);
}

static int
give_up(struct lk_batch **b, struct lk_error *e)
{
	if (e != NULL)
		*e = (*b)->why;
	lk_batch_abandon(b);
	return LK_EINDOUBT;
}

int
lk_batch_begin_alone(struct lk_store *s, int kind, const char *actor,
    const char *from, struct lk_batch **out, struct lk_error *e)
{
	struct lk_wait	 w;
	int		 r;

	lk_wait_start(&w, s->o.wait);
	if ((r = lk_lock_enter(&s->lock, &w, e)) != 0)
		return r;
	lk_group_renew(s);
	lk_lock_leave(&s->lock);
	lk_group_shut(s, 1);
	for (;;) {
		r = begin(s, kind, actor, from, 0, out, e);
		if (r == 0 && (*out)->doubt)
			r = give_up(out, e);
		if (r != 0 || !lk_group_busy(s))
			break;
		lk_batch_abandon(out);
		lk_group_await(s);
	}
	lk_group_shut(s, 0);
	return r;
}
