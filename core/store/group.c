/*
 * group.c: batches of one process that are written together; see batch_inner.h.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "base/err.h"
#include "batch_inner.h"
#include "checkpoint.h"
#include "grow.h"
#include "pen.h"

#define LINES_MAX	100000		/* lines of a group                  */

/* ----------------------------------------------------------------- pending */

const struct lk_pending *
lk_group_heir(const struct lk_store *s, const char *account, const char *id)
{
	const struct lk_pending	*p = NULL;
	const struct lk_group	*g;

	for (g = s->groups; g != NULL && p == NULL; g = g->next)
		p = lk_pendings_heir(&g->keys, account, id);
	return p;
}

int
lk_group_replaces(struct lk_store *s, const char *account, const char *id)
{
	int	 found;

	pthread_mutex_lock(&s->group_mutex);
	found = lk_group_heir(s, account, id) != NULL;
	pthread_mutex_unlock(&s->group_mutex);
	return found;
}

int
lk_group_has(struct lk_store *s, const char *id, const uint8_t *digest)
{
	const struct lk_group	*g;
	int			 found = 0;

	pthread_mutex_lock(&s->group_mutex);
	for (g = s->groups; g != NULL && !found; g = g->next)
		found = lk_pendings_have(&g->keys, id, digest);
	pthread_mutex_unlock(&s->group_mutex);
	return found;
}

/* ------------------------------------------------------------------ groups */

static void
group_free(struct lk_group *g)
{
	lk_buf_free(&g->bodies);
	lk_buf_free(&g->ended);
	lk_pendings_free(&g->keys);
	free(g);
}

void
lk_group_renew(struct lk_store *s)
{
	pid_t	 me = lk_self_pid(&s->self);

	if (s->group_pid == me)
		return;
	/* The locks were the parent's; what it has in groups, it writes. */
	pthread_mutex_init(&s->group_mutex, NULL);
	pthread_cond_init(&s->group_end, NULL);
	s->groups = NULL;
	s->leading = s->holding = s->shut = 0;
	atomic_store(&s->marking, 0);
	s->group_pid = me;
}

int
lk_group_busy(struct lk_store *s)
{
	int	 busy;

	pthread_mutex_lock(&s->group_mutex);
	busy = s->groups != NULL;
	pthread_mutex_unlock(&s->group_mutex);
	return busy;
}

void
lk_group_await(struct lk_store *s)
{
	pthread_mutex_lock(&s->group_mutex);
	while (s->groups != NULL)
		pthread_cond_wait(&s->group_end, &s->group_mutex);
	pthread_mutex_unlock(&s->group_mutex);
}

void
lk_group_shut(struct lk_store *s, int shut)
{
	pthread_mutex_lock(&s->group_mutex);
	while (shut && s->shut)
		pthread_cond_wait(&s->group_end, &s->group_mutex);
	s->shut = shut;
	pthread_cond_broadcast(&s->group_end);
	pthread_mutex_unlock(&s->group_mutex);
}

void
lk_group_yield(struct lk_store *s)
{
	if (s->group_pid != lk_self_pid(&s->self))
		return;			/* of the parent's: not ours         */
	pthread_mutex_lock(&s->group_mutex);
	while (s->shut)
		pthread_cond_wait(&s->group_end, &s->group_mutex);
	pthread_mutex_unlock(&s->group_mutex);
}

void
lk_group_rest(struct lk_store *s)
{
	struct lk_image	*im = lk_store_image(s);

	if (lk_group_busy(s) || !s->holding)
		return;
	lk_lock_drop(&s->lock, &im->folder, &im->state);
	s->holding = 0;
}

static struct lk_group *
group_new(struct lk_store *s, int remove)
{
	struct lk_group	*g, **at;

	if ((g = calloc(1, sizeof *g)) == NULL)
		return NULL;
	g->remove = remove;
	g->bodies = g->ended = LK_BUF_NONE;
	for (at = &s->groups; *at != NULL; at = &(*at)->next)
		;
	*at = g;
	return g;
}

/* The last one, if it may take so many lines more. */
static struct lk_group *
group_open(struct lk_store *s, const struct lk_batch *b)
{
	struct lk_group	*g;

	for (g = s->groups; g != NULL && g->next != NULL; g = g->next)
		;
	if (g != NULL && !g->closed && g->remove == b->remove && !b->doubt &&
	    g->n + b->draft.n <= LINES_MAX)
		return g;
	return group_new(s, b->remove);
}

/* It is the last: without members nobody would come and write it. */
static void
group_forget(struct lk_store *s, struct lk_group *g)
{
	struct lk_group	**at;

	for (at = &s->groups; *at != g; at = &(*at)->next)
		;
	*at = NULL;
	group_free(g);
}

/* All of it or nothing. */
static int
add(struct lk_buf *to, const struct lk_buf *from)
{
	lk_buf_add(to, from->p, from->n);
	return to->failed ? LK_ENOMEM : 0;
}

static struct lk_group *
join(struct lk_store *s, const struct lk_batch *b, int *lead)
{
	struct lk_group	*g;
	size_t		 lines, ends;

	pthread_mutex_lock(&s->group_mutex);
	if ((g = group_open(s, b)) != NULL) {
		lines = g->bodies.n;
		ends = g->ended.n;
		if (add(&g->bodies, &b->draft.bodies) != 0 ||
		    add(&g->ended, &b->ended) != 0 ||
		    lk_pendings_join(&g->keys, &b->keys) != 0) {
			g->bodies.n = lines;
			g->ended.n = ends;
			g->bodies.failed = g->ended.failed = 0;
			if (g->members == 0)
				group_forget(s, g);
			g = NULL;
		}
	}
	if (g != NULL) {
		g->n += b->draft.n;
		g->members++;
		g->doubt = b->doubt;
		if (b->doubt)
			g->e = b->why;
		if (b->when > g->when)
			g->when = b->when;
		*lead = !s->leading;
		s->leading = 1;
	}
	pthread_mutex_unlock(&s->group_mutex);
	return g;
}

/* ------------------------------------------------------------------ writing */

/* What was ended is so from now, come what may. */
static void
deny(struct lk_store *s, const struct lk_group *g)
{
	if (g->ended.n == 0 || lk_store_enter(s, NULL) != 0)
		return;
	lk_store_deny(s, &g->ended);
	lk_store_leave(s);
}

/* Who has an index of his own reads what he wrote. */
static void
read_own(struct lk_store *s, const struct lk_group *g)
{
	struct lk_image	*im = lk_store_image(s);

	/* If it cannot be read now, the next refresh says so. */
	if (atomic_load(&im->shared) || lk_store_enter(s, NULL) != 0)
		return;
	if (lk_store_catch_up(s, NULL) == 0)
		lk_image_tell(im, (const void *)g->ended.p,
		    g->ended.n / sizeof(struct lk_end));
	lk_store_leave(s);
}

/* Room to keep what is ended for such, should the sync fail. */
static int
reserve(struct lk_store *s, const struct lk_group *g, struct lk_error *e)
{
	struct lk_buf	*d = &s->denied;
	size_t		 n = d->n;
	int		 r;

	if (g->ended.n == 0)
		return 0;
	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	lk_buf_add(d, g->ended.p, g->ended.n);
	if (d->failed)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	d->failed = 0;
	d->n = n;
	lk_store_leave(s);
	return r;
}

static int
compose(struct lk_store *s, struct lk_group *g, struct lk_pen *pen)
{
	const struct lk_load	*l;
	int			 r;

	if ((r = lk_store_enter(s, &g->e)) != 0)
		return r;
	l = &lk_store_image(s)->load;
	r = lk_pen_take(pen, lk_store_image(s), &g->e);
	/* What was not read may be lines, and is not written behind. */
	if (r == 0 && l->end != LK_LOAD_DAMAGED && pen->end != l->pos.end)
		r = lk_fail(&g->e, LK_EAGAIN, "%s changed meanwhile: nothing "
		    "was written, try again", s->o.dir);
	if (r == 0) {
		if (g->when < pen->time)
			g->when = pen->time;
		r = lk_pen_stage(pen, &g->bodies, g->n, g->when, &g->e);
	}
	lk_store_leave(s);
	return r;
}

/* What the index cannot tell, the journal can. */
static int
compose_sure(struct lk_store *s, struct lk_group *g, struct lk_pen *pen)
{
	int	 r;

	if ((r = reserve(s, g, &g->e)) != 0 ||
	    (r = compose(s, g, pen)) != LK_EUNAVAIL || !pen->shared)
		return r;
	lk_pen_drop(pen);
	*pen = LK_PEN_NONE;
	if ((r = lk_store_renew(s, g->remove, &g->e)) != 0)
		return r;
	return compose(s, g, pen);
}

/* A sync before it failed: it may count or not, whatever became of it. */
static int
stay_in_doubt(struct lk_store *s, struct lk_group *g,
    const struct lk_error *why)
{
	lk_index_discard(lk_store_image(s)->index);
	g->e = *why;
	return LK_EINDOUBT;
}

/* Without the mutex but for the end: others gather meanwhile. */
static void
write_group(struct lk_store *s, struct lk_group *g)
{
	const struct lk_error	 why = g->e;
	struct lk_pen		 pen = LK_PEN_NONE;
	int			 r;

	if ((r = compose_sure(s, g, &pen)) == 0)
		r = lk_pen_put(&pen, g->remove, &g->e);
	(void)lk_mutex_take(&s->lock.mutex, -1);
	if (g->doubt)
		r = stay_in_doubt(s, g, &why);
	if (r == 0)
		lk_pen_show(&pen);
	lk_pen_drop(&pen);
	s->wrote = 1;
	if (r == 0)
		read_own(s, g);
	if (r == LK_EINDOUBT) {
		s->poisoned = 1;
		deny(s, g);
	}
	g->r = r;
}

/* One who knows it less; the last one frees it. */
static void
leave(struct lk_group *g)
{
	if (atomic_fetch_sub(&g->members, 1) == 1)
		group_free(g);
}

/* Its result is known, by all of its members at once. */
static void
tell(struct lk_group *g)
{
	atomic_fetch_add(&g->members, 1);
	lk_bell_ring(&g->bell, LK_GROUP_DONE, LK_BELL_ALL);
	leave(g);
}

/* With the mutex: a group is over; those behind one that is in doubt were
 * never written. */
static void
end_group(struct lk_store *s, struct lk_group *g)
{
	struct lk_group	*next;
	int		 failed = g->r == LK_EINDOUBT || g->r == LK_EAGAIN;

	pthread_mutex_lock(&s->group_mutex);
	s->groups = g->next;
	tell(g);
	while (failed && (next = s->groups) != NULL) {
		s->groups = next->next;
		next->r = lk_fail(&next->e, LK_EAGAIN, "a write before this "
		    "one failed: nothing was written, try again");
		tell(next);
	}
	s->leading = 0;
	if (s->groups != NULL)
		lk_bell_ring(&s->groups->bell, LK_GROUP_CALL, 1);
	pthread_cond_broadcast(&s->group_end);
	pthread_mutex_unlock(&s->group_mutex);
	lk_group_rest(s);
	lk_lock_leave(&s->lock);
}

static void
lead(struct lk_store *s)
{
	struct lk_group	*g;

	pthread_mutex_lock(&s->group_mutex);
	g = s->groups;
	g->closed = 1;
	pthread_mutex_unlock(&s->group_mutex);
	write_group(s, g);
	end_group(s, g);
}

/* 1 when nobody writes, and so it falls to this thread. */
static int
may_lead(struct lk_store *s)
{
	int	 r;

	pthread_mutex_lock(&s->group_mutex);
	if ((r = !s->leading && s->groups != NULL) != 0)
		s->leading = 1;
	pthread_mutex_unlock(&s->group_mutex);
	return r;
}

/* Until the group is over; it may fall to this thread to write one. */
static int
await(struct lk_store *s, struct lk_group *g, struct lk_error *e)
{
	uint32_t	 word;
	int		 r;

	while ((word = lk_bell_word(&g->bell)) != LK_GROUP_DONE) {
		if (word == LK_GROUP_CALL && may_lead(s))
			lead(s);
		else
			lk_bell_wait(&g->bell, word);
	}
	r = g->r;
	if (r != 0 && e != NULL)
		*e = g->e;
	leave(g);
	return r;
}

int
lk_batch_commit(struct lk_batch **bp, struct lk_error *e)
{
	struct lk_batch	*b = *bp;
	struct lk_store	*s = b->s;
	struct lk_group	*g;
	int		 r, remove = b->remove, first = 0;

	if (b->draft.n == 0) {
		lk_batch_abandon(bp);
		return 0;
	}
	if ((g = join(s, b, &first)) == NULL) {
		lk_batch_abandon(bp);
		return lk_fail(e, LK_ENOMEM, "no memory");
	}
	*bp = NULL;
	lk_batch_free(b);
	lk_lock_leave(&s->lock);
	if (first)
		lead(s);
	r = await(s, g, e);
	/* Without the lock: it takes time, and nobody waits for it; who deletes
	 * does not either. */
	if (!remove) {
		lk_grow_fit(s);
		lk_checkpoint_fit(s);
	}
	lk_usage_fit(s->usage, lk_store_size(s));
	return r;
}

void
lk_batch_abandon(struct lk_batch **bp)
{
	struct lk_batch	*b = *bp;

	*bp = NULL;
	if (b == NULL)
		return;
	lk_group_rest(b->s);
	lk_lock_leave(&b->s->lock);
	lk_batch_free(b);
}
