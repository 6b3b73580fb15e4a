#include <inttypes.h>
#include <string.h>

#include "attach.h"
#include "base/err.h"
#include "batch_inner.h"
#include "grow.h"
#include "rewrite.h"

#define ROUNDS		16		/* without the lock, at most         */
#define NEAR		65536		/* octets that are left to the lock  */
#define LOAD		57		/* percent, after growth             */
#define LOAD_EXPECT	72		/* of what is expected               */

struct growth {
	struct lk_store		*s;
	struct lk_rewrite	 claim;
	struct lk_map		*old;	/* its own: another thread may give
					 * back the one in use; NULL: anew
					 * from the journal          */
	uint64_t		 before;	/* generation        */
	struct lk_shape		 shape;
	struct lk_image		*new;
	ino_t			 ino;	/* of the journal                    */
	lk_progress_fn		 progress;	/* of step 1 anew, or NULL   */
	void			*progress_arg;
};

/* ------------------------------------------------------------------ shapes */

struct usage {
	uint32_t	 keys, names, units;
};

static int
look(const struct lk_map *m, struct usage *u)
{
	if (lk_map_get(m, LK_MAP_KEYS, &u->keys) != 0 ||
	    lk_map_get(m, LK_MAP_NAMES, &u->names) != 0 ||
	    lk_map_get(m, LK_MAP_UNITS, &u->units) != 0)
		return -1;
	return 0;
}

/* A third more of what is nearly full.  1; 0: there is room; -1. */
static int
shape_next(const struct lk_map *m, struct lk_shape *out)
{
	struct usage	 u;
	int		 r;

	r = lk_map_room(m, 0, 0, 0, LK_MAP_SOFT);
	if (r != 0 || look(m, &u) != 0)
		return r == 1 ? 0 : -1;
	lk_shape_fit(out, u.keys, u.names, u.units + u.units / 10 * 3, LOAD,
	    NULL);
	/* What is not full yet keeps its size, and is never made smaller. */
	if (out->slots < m->shape.slots)
		out->slots = m->shape.slots;
	if (out->ids < m->shape.ids)
		out->ids = m->shape.ids;
	if (out->names < m->shape.names)
		out->names = m->shape.names;
	if (out->units < m->shape.units)
		out->units = m->shape.units;
	return 1;
}

/* So many more.  Likewise. */
static int
shape_expect(const struct lk_map *m, uint64_t keys, uint64_t accounts,
    struct lk_shape *out)
{
	uint64_t	 units = accounts * lk_map_units(LK_ACCOUNT_MAX / 4);
	struct usage	 u;
	int		 r;

	r = lk_map_room(m, keys, accounts, units, LK_MAP_SOFT);
	if (r != 0 || look(m, &u) != 0)
		return r == 1 ? 0 : -1;
	lk_shape_fit(out, u.keys + keys, u.names + accounts,
	    (u.units + units) * 17 / 16, LOAD_EXPECT, &m->shape);
	return 1;
}

/* ------------------------------------------------------------------- steps */

/* Is the index one that may be taken over as it is? */
static int
is_whole(const struct lk_map *m)
{
	uint32_t	 lacks, damaged;

	return lk_map_get(m, LK_MAP_LACKS, &lacks) == 0 && !lacks &&
	    lk_map_get(m, LK_MAP_DAMAGED, &damaged) == 0 && !damaged;
}

static int
disturbed(const struct growth *g, struct lk_error *e)
{
	return lk_fail(e, LK_EAGAIN, "the index of %s was replaced while a "
	    "bigger one was made: try again", g->s->o.dir);
}

/* Up to where it is acknowledged now, and what was acknowledged: where it is
 * not, somebody must look who can tell damage. */
static int
read_on(struct growth *g, const struct lk_ack *a, struct lk_error *e)
{
	const struct lk_load	*l = &g->new->load;
	int			 r;

	if ((r = lk_image_read_tail(g->new, a->length, e)) != 0)
		return r;
	if (l->faults != 0 || l->newer != 0 || l->pos.end != a->length ||
	    a->cut != 0 || lk_image_is_other(&l->pos, a))
		return disturbed(g, e);
	return 0;
}

static int
spoiled(const struct growth *g)
{
	return g->old != NULL && !is_whole(g->old);
}

/* Step 1; of the journal no octet is read yet. */
static int
begin(struct growth *g, const struct lk_ack *a, struct lk_error *e)
{
	int	 r;

	r = lk_image_open_aside(&g->s->o, LK_JOURNAL_NAME, &g->new, e);
	if (r != 0 && r != LK_ECONFIG)
		return r;
	/* It may be under another pepper by now, too. */
	if (r != 0 || g->new->ino != g->ino)
		return disturbed(g, e);
	g->new->load.progress = g->progress;
	g->new->load.progress_arg = g->progress_arg;
	if (g->old == NULL)
		return lk_image_fill_file(g->new, a->lines, e);
	return lk_image_fill_from(g->new, g->old, &g->shape, a, e);
}

/* Steps 1 and 2. */
static int
fill(struct growth *g, struct lk_error *e)
{
	const struct lk_image	*im = lk_store_image(g->s);
	struct lk_ack		 a;
	int			 i, r;

	g->ino = atomic_load(&im->ino);
	if (lk_state_read(&im->state, &a) != 1 || spoiled(g))
		return disturbed(g, e);
	if ((r = begin(g, &a, e)) != 0)
		return r;
	if (g->old == NULL && (r = read_on(g, &a, e)) != 0)
		return r;
	g->new->load.progress = NULL;
	for (i = 0; i < ROUNDS; i++) {
		if ((r = lk_map_sync(lk_index_map(g->new->index), e)) != 0)
			return r;
		if (lk_state_read(&im->state, &a) != 1)
			return disturbed(g, e);
		if (i > 0 && a.length < g->new->load.pos.end + NEAR)
			break;
		if ((r = read_on(g, &a, e)) != 0)
			return r;
	}
	return 0;
}

/* Step 3, under the lock and the refresh mutex. */
static int
go_over(struct growth *g, struct lk_error *e)
{
	struct lk_image	*im = lk_store_image(g->s);
	struct lk_map	*m = lk_index_map(g->new->index);
	uint64_t	 before = g->before;
	struct lk_ack	 a;
	int		 r;

	if (!atomic_load(&im->shared) ||
	    lk_state_generation(&im->state) != before ||
	    atomic_load(&im->ino) != g->ino || spoiled(g) ||
	    lk_state_read(&im->state, &a) != 1)
		return disturbed(g, e);
	if ((r = read_on(g, &a, e)) != 0 || (r = lk_map_sync(m, e)) != 0)
		return r;
	lk_map_set_checkpoint(m, &a);
	if ((r = lk_image_number(g->new, before + 1, e)) != 0)
		return r;
	lk_state_set_generation(&im->state, before + 1);
	lk_map_unlink(&im->folder, before);
	return lk_store_catch_up(g->s, e);
}

static int
put_in_place(struct growth *g, struct lk_error *e)
{
	struct lk_batch	*b;
	int		 r;

	if ((r = lk_batch_begin_alone(g->s, LK_BATCH_REMOVE, NULL, NULL, &b,
	    e)) != 0)
		return r;
	if ((r = lk_store_enter(g->s, e)) == 0) {
		r = go_over(g, e);
		lk_store_leave(g->s);
	}
	lk_batch_abandon(&b);
	return r;
}

static int
grow(struct growth *g, struct lk_error *e)
{
	const struct lk_folder	*f = &lk_store_image(g->s)->folder;
	int			 r;

	if ((r = fill(g, e)) == 0)
		r = put_in_place(g, e);
	if (g->new != NULL && lk_index_map(g->new->index)->generation == 0)
		lk_map_unlink(f, 0);
	lk_image_free(&g->new);
	return r;
}

/* ------------------------------------------------------------------ public */

/* Whoever is in it knows how big it must be: shape of it, with the claim. */
typedef int (*shape_fn)(const struct lk_map *, const uint64_t n[2],
    struct lk_shape *);

static int
run(struct lk_store *s, shape_fn shape, const uint64_t n[2], int wait,
    struct lk_error *e)
{
	struct lk_image	*im = lk_store_image(s);
	struct growth	 g = { .s = s, .claim = LK_REWRITE_NONE };
	int		 r;

	if (!atomic_load(&im->shared) ||
	    shape(lk_index_map(im->index), n, &g.shape) != 1)
		return 0;
	if ((r = lk_rewrite_claim(&g.claim, &im->folder, wait, e)) != 0)
		return r;
	/* Somebody may have been at it meanwhile. */
	g.before = lk_state_generation(&im->state);
	if (lk_map_open(&im->folder, g.before, 0, &g.old, NULL) != 0)
		r = disturbed(&g, e);
	else if (shape(g.old, n, &g.shape) == 1)
		r = grow(&g, e);
	lk_map_free(&g.old);
	lk_rewrite_close(&g.claim, 0);
	return r;
}

static int
next(const struct lk_map *m, const uint64_t n[2], struct lk_shape *out)
{
	(void)n;
	return shape_next(m, out);
}

static int
expected(const struct lk_map *m, const uint64_t n[2], struct lk_shape *out)
{
	return shape_expect(m, n[0], n[1], out);
}

void
lk_grow_fit(struct lk_store *s)
{
	if (!s->poisoned)
		(void)run(s, next, NULL, 0, NULL);
}

int
lk_grow_anew(struct lk_store *s, lk_progress_fn progress, void *arg,
    struct lk_error *e)
{
	struct growth	 g = { .s = s, .claim = LK_REWRITE_NONE,
			     .progress = progress, .progress_arg = arg };
	struct lk_image	*im;
	struct lk_batch	*b;
	int		 r;

	/* As the next writer would find it: what a crash left is mended. */
	if ((r = lk_batch_begin_alone(s, LK_BATCH_REMOVE, NULL, NULL, &b,
	    e)) != 0)
		return r;
	lk_batch_abandon(&b);
	im = lk_store_image(s);
	if (!atomic_load(&im->shared) ||
	    lk_rewrite_claim(&g.claim, &im->folder, 0, NULL) != 0)
		return 1;
	g.before = lk_state_generation(&im->state);
	r = grow(&g, e);
	lk_rewrite_close(&g.claim, 0);
	return r == LK_EAGAIN ? 1 : r;
}

int
lk_store_make_room(struct lk_store *s, uint64_t keys,
    uint64_t accounts, struct lk_error *e)
{
	const uint64_t	 n[2] = { keys, accounts };
	struct lk_batch	*b;
	int		 r;

	/* The first writer makes the index, and settles what there is. */
	if ((r = lk_batch_begin(s, LK_BATCH_ADD, NULL, NULL, 1, &b, e)) != 0)
		return r;
	lk_batch_abandon(&b);
	/* At once: what a smaller one is mapped for stays so until the end. */
	lk_usage_fit(s->usage, lk_store_size(s) + keys);
	return run(s, expected, n, 1, e);
}
