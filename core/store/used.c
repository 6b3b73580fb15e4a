/*
 * used.c: what the file `usage` needs to know of its store.
 */
#include "inner.h"

struct lk_usage_file *
lk_store_usage(struct lk_store *s)
{
	return s->usage;
}

uint64_t
lk_store_size(struct lk_store *s)
{
	uint32_t	 n;

	return lk_map_get(lk_index_map(lk_store_image(s)->index), LK_MAP_KEYS,
	    &n) == 0 ? n : 0;
}
