#include <time.h>

#include "checkpoint.h"

#define STEP		4194304		/* octets of the journal             */
/*
 * One part of so many of the time.  It costs more than that: each page that
 * was written back is made writable anew when it is stored to.
 */
#define SHARE		30

static int64_t
microseconds(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A writer goes on meanwhile: what was acknowledged before is in the map. */
void
lk_checkpoint_make(struct lk_image *im)
{
	uint64_t	 g = lk_state_generation(&im->state);
	struct lk_map	*m;
	struct lk_ack	 ack;
	uint32_t	 damaged;

	/* Its own map: another thread may give back the one in use. */
	if (!im->writes || !atomic_load(&im->shared) || g == 0 ||
	    lk_map_open(&im->folder, g, 1, &m, NULL) != 0)
		return;
	if (lk_map_get(m, LK_MAP_DAMAGED, &damaged) != 0 || damaged ||
	    lk_state_read(&im->state, &ack) != 1)
		goto out;
	/* The kernel may now hold pages for clean that the disk never had, and
	 * read the old ones again under those who look at the map. */
	if (lk_map_sync(m, NULL) != 0) {
		lk_map_set(m, LK_MAP_DAMAGED, 1);
		lk_state_disown(&im->state, g);
	}
	/* Of another journal, if another generation came with one. */
	else if (lk_state_generation(&im->state) == g)
		lk_map_set_checkpoint(m, &ack);
out:
	lk_map_free(&m);
}

static int
is_due(const struct lk_image *im)
{
	const struct lk_map	*m = lk_index_map(im->index);
	struct lk_ack		 ack, last;
	uint32_t		 damaged;

	return atomic_load(&im->shared) && im->writes &&
	    lk_map_get(m, LK_MAP_DAMAGED, &damaged) == 0 && !damaged &&
	    lk_state_read(&im->state, &ack) == 1 &&
	    (lk_map_checkpoint(m, &last) == 0 ||
	    ack.length >= last.length + STEP);
}

void
lk_checkpoint_fit(struct lk_store *s)
{
	struct lk_image	*im = lk_store_image(s);
	int64_t		 began = microseconds(), ended;

	if (began < atomic_load(&s->mark_after) || !is_due(im) ||
	    atomic_exchange(&s->marking, 1))
		return;
	lk_checkpoint_make(im);
	ended = microseconds();
	atomic_store(&s->mark_after, ended + (ended - began) * (SHARE - 1));
	atomic_store(&s->marking, 0);
}
