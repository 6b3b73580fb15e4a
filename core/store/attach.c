#include <sys/stat.h>

#include <string.h>

#include "attach.h"
#include "base/err.h"

#define TRIES	16			/* to meet a generation that stays   */
#define STALE	2			/* generations that may lie about    */

/* ------------------------------------------------------------ what holds */

static int
size_of(const struct lk_image *im, uint64_t *size)
{
	struct stat	 st;

	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0)
		return -1;
	*size = (uint64_t)st.st_size;
	return 0;
}

static uint64_t
written_at(const struct stat *st)
{
	return (uint64_t)st->st_mtim.tv_sec * 1000000000 +
	    (uint64_t)st->st_mtim.tv_nsec;
}

int
lk_image_touched(const struct lk_image *im, const struct stat *st)
{
	struct stat	 own;
	struct lk_ack	 a;
	uint64_t	 size;

	if (lk_state_read(&im->state, &a) != 1 || a.written == 0)
		return 0;
	if (st == NULL) {
		if (im->folder.io->fstat(im->folder.io->ctx, im->fd,
		    &own) != 0)
			return 0;
		st = &own;
	}
	size = (uint64_t)st->st_size;
	/* What is longer has a tail that is looked at. */
	return size < a.length ||
	    (size == a.length && written_at(st) != a.written);
}

/* Does the map of a generation hold as it is? */
static int
holds(const struct lk_image *im, const struct lk_map *m)
{
	struct lk_ack	 ack, c;
	uint64_t	 applied, size;
	uint32_t	 damaged;
	int		 vouched = lk_state_read(&im->state, &ack);

	if (lk_map_get(m, LK_MAP_DAMAGED, &damaged) != 0 ||
	    (damaged && im->writes))
		return 0;
	/* In this order: a writer may be at it. */
	if (lk_map_applied(m, &applied) != 0 || size_of(im, &size) != 0)
		return 0;
	/* Of a later journal than both of these: they were put back. */
	if (vouched == 1)
		return applied >= ack.length &&
		    (applied <= size || applied == ack.length);
	return lk_map_checkpoint(m, &c) && c.length == size &&
	    (vouched == -1 || c.length >= ack.length) &&
	    lk_image_fits(im, im->fd, &c);
}

/* ------------------------------------------------------------------ attach */

static int
make_map(void *arg, const struct lk_shape *shape, struct lk_map **out)
{
	struct lk_image	*im = arg;
	struct stat	 st;

	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) != 0)
		return lk_fail_errno(&im->why, LK_EIO, "%s/%s: fstat",
		    im->folder.path, LK_JOURNAL_NAME);
	return lk_map_make(&im->folder, im->aside ? 0 :
	    lk_state_generation(&im->state) + 1, shape, &st, out, &im->why);
}

/* Let everybody know.  What is in it is all that is acknowledged. */
static int
go_over(void *arg, struct lk_map *new, struct lk_map *old)
{
	struct lk_image	*im = arg;
	struct lk_ack	 ack;
	int		 r;

	if ((r = lk_map_sync(new, &im->why)) != 0) {
		lk_map_unlink(&im->folder, new->generation);
		return r;
	}
	if (lk_state_read(&im->state, &ack) == 1)
		lk_map_set_checkpoint(new, &ack);
	lk_state_set_generation(&im->state, new->generation);
	if (old->generation != 0 && old != new)
		lk_map_unlink(&im->folder, old->generation);
	return 0;
}

/* Who made this one may have been killed before he removed the last. */
static void
remove_stale(const struct lk_image *im, uint64_t generation)
{
	uint64_t	 i;

	for (i = 1; i <= STALE && i < generation; i++)
		lk_map_unlink(&im->folder, generation - i);
}

static void
use_shared(struct lk_image *im, struct lk_map *m)
{
	struct lk_maker	 maker = { make_map, go_over, im, 1 };

	if (im->writes)
		remove_stale(im, m->generation);
	lk_index_attach(im->index, m, &maker);
	atomic_store_explicit(&im->shared, 1, memory_order_release);
}

/* The map that state names; it may be another one by the time it is open. */
static int
open_current(const struct lk_image *im, struct lk_map **out)
{
	uint64_t	 g;
	int		 i, r = LK_ENOTFOUND;

	for (i = 0; i < TRIES; i++) {
		if ((g = lk_state_generation(&im->state)) == 0)
			return LK_ENOTFOUND;
		r = lk_map_open(&im->folder, g, im->writes, out, NULL);
		if (lk_state_generation(&im->state) == g)
			return r;
		if (r == 0)
			lk_map_free(out);
	}
	return LK_ENOTFOUND;
}

static void
go_to(struct lk_load *l, const struct lk_ack *a)
{
	struct lk_pos	*p = &l->pos;

	memset(p, 0, sizeof *p);
	p->end = a->length;
	p->line = a->lines;
	p->seq = a->last;
	p->time = a->time;
	memcpy(p->link.mac[0], a->mac, sizeof a->mac);
	p->link.n = 1;
	p->link.sure = 1;
	p->link.span = a->span;
	p->link.bare = a->bare;
	l->end = LK_LOAD_WHOLE;
	l->cut = a->cut;
}

/* As far as its checkpoint goes, a map is good without reading. */
static int
seed(struct lk_image *im, const struct lk_map *m)
{
	struct lk_map	*own;
	struct lk_ack	 c;
	uint32_t	 lacks, damaged;
	int		 r;

	if (!lk_map_checkpoint(m, &c) || !lk_image_fits(im, im->fd, &c) ||
	    lk_map_get(m, LK_MAP_LACKS, &lacks) != 0 || lacks ||
	    lk_map_get(m, LK_MAP_DAMAGED, &damaged) != 0 || damaged)
		return 0;
	if ((r = lk_map_new(&m->shape, &own)) != 0)
		return r;
	if ((r = lk_map_copy(own, m, c.length)) != 0) {
		lk_map_free(&own);
		return r == LK_ENOMEM ? r : 0;
	}
	lk_index_attach(im->index, own, NULL);
	go_to(&im->load, &c);
	return 0;
}

int
lk_image_attach(struct lk_image *im, struct lk_error *e)
{
	struct lk_map	*m;
	int		 r;

	im->tried = lk_state_generation(&im->state);
	if (open_current(im, &m) != 0)
		return 0;
	if (holds(im, m)) {
		use_shared(im, m);
		return 1;
	}
	if ((r = seed(im, m)) != 0)
		lk_fail(e, r, "no memory");
	lk_map_free(&m);
	return r;
}

int
lk_image_alone(struct lk_image *im)
{
	uint64_t	 g = lk_state_generation(&im->state);
	struct lk_map	*m;

	if (g == im->tried)
		return 1;
	if (open_current(im, &m) == 0) {
		lk_map_free(&m);
		return 0;
	}
	/* Another journal has an index with it. */
	if (lk_image_moved(im))
		return 0;
	im->tried = g;
	return 1;
}

int
lk_image_reattach(struct lk_image *im)
{
	struct lk_map	*m;

	if (lk_state_generation(&im->state) ==
	    lk_index_map(im->index)->generation)
		return 0;
	if (lk_image_follow(im, NULL) != 0 || open_current(im, &m) != 0)
		return LK_IMAGE_AGAIN;
	if (!holds(im, m)) {
		lk_map_free(&m);
		return LK_IMAGE_AGAIN;
	}
	use_shared(im, m);
	return 0;
}

/* ----------------------------------------------------------------- writers */

/* Was it this process that read or wrote the last line?  Then only the file's
 * time need tell that nobody changed it since.  Lines without a MAC are looked
 * at all the same, as the next one covers whatever they say by then. */
static int
knows(const struct lk_image *im, const struct lk_ack *a)
{
	const struct lk_pos	*p = &im->load.pos;

	return a->written != 0 && a->span == a->length &&
	    p->end == a->length && p->seq == a->last &&
	    p->line == a->lines && p->link.sure &&
	    memcmp(p->link.mac[0], a->mac, sizeof a->mac) == 0;
}

int
lk_image_jump(struct lk_image *im, const struct stat *st, struct lk_error *e)
{
	struct lk_ack	 ack;
	int		 vouched = lk_state_read(&im->state, &ack);

	/* It holds by its checkpoint, where everything was durable. */
	if (vouched != 1 && !holds(im, lk_index_map(im->index)))
		return lk_fail(e, LK_EDAMAGE, "the index does not hold");
	if (vouched != 1)
		(void)lk_map_checkpoint(lk_index_map(im->index), &ack);
	if ((!knows(im, &ack) && !lk_image_fits(im, im->fd, &ack)) ||
	    lk_image_touched(im, st))
		return lk_fail(e, LK_EDAMAGE, "%s/%s is not as it was left",
		    im->folder.path, LK_JOURNAL_NAME);
	go_to(&im->load, &ack);
	if (vouched != 1)
		lk_image_ack(im, &im->load.pos, im->load.cut);
	return 0;
}

void
lk_image_describe(const struct lk_image *im, const struct lk_pos *at,
    uint64_t cut, struct lk_ack *a)
{
	struct stat	 st;

	memset(a, 0, sizeof *a);
	a->length = at->end;
	a->time = at->time;
	a->cut = cut;
	a->last = at->seq;
	a->lines = at->line;
	a->span = at->link.span;
	a->bare = at->link.bare;
	if (im->folder.io->fstat(im->folder.io->ctx, im->fd, &st) == 0 &&
	    (uint64_t)st.st_size == at->end)
		a->written = written_at(&st);
	if (at->link.sure)
		memcpy(a->mac, at->link.mac[0], sizeof a->mac);
}

void
lk_image_ack(struct lk_image *im, const struct lk_pos *at, uint64_t cut)
{
	struct lk_ack	 a;

	lk_image_describe(im, at, cut, &a);
	if (atomic_load(&im->shared))
		lk_map_set_applied(lk_index_map(im->index), at->end);
	lk_state_ack(&im->state, &a);
}

/* One that nobody else uses yet gives way to another. */
static int
go_nowhere(void *arg, struct lk_map *new, struct lk_map *old)
{
	(void)arg;
	(void)new;
	(void)old;
	return 0;
}

static int
fill(struct lk_image *im, const struct lk_shape *shape, struct lk_error *e)
{
	struct lk_maker	 maker = { make_map, go_nowhere, im, 0 };
	struct lk_map	*m;
	int		 r;

	if ((r = make_map(im, shape, &m)) != 0)
		return lk_fail(e, r, "%s", im->why.text);
	lk_index_attach(im->index, m, &maker);
	return 0;
}

int
lk_image_fill_file(struct lk_image *im, uint64_t lines, struct lk_error *e)
{
	struct lk_shape	 shape;

	/* A key a line, and four keys an account, as a first guess. */
	lk_shape_fit(&shape, lines, lines / 4, lines / 4, 70, NULL);
	return fill(im, &shape, e);
}

int
lk_image_fill_from(struct lk_image *im, const struct lk_map *from,
    const struct lk_shape *shape, const struct lk_ack *a, struct lk_error *e)
{
	int	 r;

	if ((r = fill(im, shape, e)) != 0)
		return r;
	r = lk_map_copy(lk_index_map(im->index), from, a->length);
	if (r != 0)
		return lk_fail(e, r, r == LK_ENOMEM ? "no memory" :
		    "the index in %s is damaged, or gave way to another "
		    "meanwhile: try again", im->folder.path);
	go_to(&im->load, a);
	return 0;
}

static int
is_damaged(const struct lk_image *im)
{
	return im->load.faults > 0 || im->load.newer > 0;
}

/* What a map says of its journal as a whole. */
static void
describe(struct lk_image *im, struct lk_map *m, int lacks)
{
	lk_map_set(m, LK_MAP_LACKS, lacks || lk_index_lacks(im->index));
	lk_map_set(m, LK_MAP_DAMAGED, is_damaged(im));
	lk_map_set_applied(m, im->load.pos.end);
}

/* Of the size that it needs. */
static int
copy_to_file(struct lk_image *im, const struct lk_map *own,
    struct lk_map **out)
{
	struct lk_shape	 shape;
	uint32_t	 k, n, u, lacks;
	int		 r;

	if (lk_map_get(own, LK_MAP_KEYS, &k) != 0 ||
	    lk_map_get(own, LK_MAP_NAMES, &n) != 0 ||
	    lk_map_get(own, LK_MAP_UNITS, &u) != 0 ||
	    lk_map_get(own, LK_MAP_LACKS, &lacks) != 0)
		return LK_EUNAVAIL;
	lk_shape_fit(&shape, k, n, u + u / 16, 70, NULL);
	if ((r = make_map(im, &shape, out)) != 0)
		return r;
	if ((r = lk_map_copy(*out, own, UINT64_MAX)) != 0) {
		lk_map_unlink(&im->folder, (*out)->generation);
		lk_map_free(out);
		return r == LK_ENOMEM ? r : LK_EUNAVAIL;
	}
	describe(im, *out, (int)lacks);
	return 0;
}

int
lk_image_publish(struct lk_image *im, struct lk_error *e)
{
	uint64_t	 before = lk_state_generation(&im->state);
	struct lk_map	*m = lk_index_map(im->index);
	int		 r;

	describe(im, m, 0);
	if ((r = go_over(im, m, m)) != 0)
		return lk_fail(e, r, "%s", im->why.text);
	if (before != 0)
		lk_map_unlink(&im->folder, before);
	return 0;
}

int
lk_image_number(struct lk_image *im, uint64_t generation, struct lk_error *e)
{
	describe(im, lk_index_map(im->index), 0);
	return lk_map_number(&im->folder, lk_index_map(im->index), generation,
	    e);
}

/* Readers go on with a map that holds, whatever became of the journal. */
static int
keep_damaged(struct lk_image *im)
{
	struct lk_map	*m;
	struct lk_ack	 ack;
	uint64_t	 applied;
	int		 r;

	if (open_current(im, &m) != 0)
		return 0;
	r = lk_state_read(&im->state, &ack) == 1 &&
	    lk_map_applied(m, &applied) == 0 && applied >= ack.length;
	if (r)
		lk_map_set(m, LK_MAP_DAMAGED, 1);
	lk_map_free(&m);
	return r;
}

int
lk_image_share(struct lk_image *im, struct lk_error *e)
{
	uint64_t	 before = lk_state_generation(&im->state);
	struct lk_map	*own = lk_index_map(im->index), *m;
	int		 r;

	if (is_damaged(im) && keep_damaged(im))
		return 0;
	memset(&im->why, 0, sizeof im->why);
	if ((r = copy_to_file(im, own, &m)) == 0 &&
	    (r = go_over(im, m, own)) != 0)
		lk_map_free(&m);
	if (r != 0)
		return lk_fail(e, r, "%s", im->why.text[0] != '\0' ?
		    im->why.text : "no memory");
	if (before != 0)
		lk_map_unlink(&im->folder, before);
	im->tried = m->generation;
	/* Who found damage goes on by himself. */
	if (is_damaged(im))
		lk_map_free(&m);
	else
		use_shared(im, m);
	return 0;
}

void
lk_image_disown(struct lk_image *im)
{
	uint64_t	 before = lk_state_generation(&im->state);

	im->tried = before + 1;
	lk_state_set_generation(&im->state, im->tried);
	/* It may be for many to come that there is none. */
	if (before != 0)
		lk_map_unlink(&im->folder, before);
}

void
lk_image_tell(struct lk_image *im, const struct lk_end *ends, size_t n)
{
	struct lk_map	*m;
	size_t		 i;
	int		 r = 0;

	if (open_current(im, &m) != 0)
		return;
	for (i = 0; i < n && r == 0; i++)
		r = lk_map_end(m, &ends[i]);
	if (r == 0)
		lk_map_set_applied(m, im->load.pos.end);
	else
		lk_image_disown(im);
	lk_map_free(&m);
}

int
lk_image_faults(const struct lk_image *im, uint64_t *generation, uint64_t *n)
{
	struct lk_map	*m;
	int		 i, r = LK_ENOTFOUND;

	for (i = 0; i < TRIES; i++) {
		if ((r = open_current(im, &m)) != 0)
			break;
		*generation = m->generation;
		*n = lk_map_faults(m);
		lk_map_free(&m);
		/* One that was replaced meanwhile is all zeros. */
		if (*n == 0 || lk_state_generation(&im->state) == *generation)
			break;
	}
	return r;
}

void
lk_image_mark_damaged(struct lk_image *im)
{
	if (atomic_load(&im->shared))
		lk_map_set(lk_index_map(im->index), LK_MAP_DAMAGED, 1);
}

int
lk_image_doubt(struct lk_image *im)
{
	struct lk_map	*m = lk_index_map(im->index);
	int		 r;

	if (!atomic_load(&im->shared))
		return 0;
	lk_map_forget_checkpoint(m);
	if ((r = lk_map_sync(m, NULL)) != 0)
		lk_image_disown(im);
	return r;
}
