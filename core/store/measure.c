#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include "inner.h"
#include "map.h"

/* Is the journal shorter than what was acknowledged?  One look at its inode;
 * all else that is wrong with it is found by who reads it. */
static int
lacks_end(const struct lk_image *im)
{
	const struct lk_io	*io = im->folder.io;
	struct lk_ack		 a;
	struct stat		 st;

	return lk_state_read(&im->state, &a) == 1 &&
	    io->fstat(io->ctx, im->fd, &st) == 0 &&
	    (uint64_t)st.st_size < a.length;
}

int
lk_store_measure(struct lk_store *s, struct lk_measures *out,
    struct lk_error *e)
{
	struct lk_image	*im;
	uint32_t	 marked = 0;
	int		 r;

	/* What others wrote since the last call; else what was known then. */
	(void)lk_store_refresh(s, NULL);
	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	im = lk_store_image(s);
	out->keys = lk_store_size(s);
	out->index = im->state.words != NULL ?
	    lk_state_generation(&im->state) : 0;
	out->journal = lk_image_end(im);
	out->damaged = lk_map_get(lk_index_map(im->index), LK_MAP_DAMAGED,
	    &marked) != 0 || marked || lk_index_damage(im->index) != 0 ||
	    lk_index_spoilt(im->index) || lacks_end(im);
	lk_store_leave(s);
	out->usage = lk_usage_size(s->usage);
	out->usage_shared = lk_usage_shared(s->usage);
	return 0;
}
