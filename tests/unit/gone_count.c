/*
 * gone_count.c: what befalls the count of the keys under an odd pepper.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "store/index.h"
#include "store/inner.h"

void	gone_count_lose(struct lk_store *s);
void	gone_count_more(struct lk_store *s);
int64_t	gone_count(struct lk_store *s);

static struct lk_map *
map_of(struct lk_store *s)
{
	return lk_index_map(lk_store_image(s)->index);
}

void
gone_count_lose(struct lk_store *s)
{
	atomic_store(&map_of(s)->head[LK_MAP_ODD], 0x1234567);
}

int64_t
gone_count(struct lk_store *s)
{
	uint32_t	 n;

	return lk_map_under(map_of(s), 1, &n) == 0 ? (int64_t)n : -1;
}

void
gone_count_more(struct lk_store *s)
{
	uint32_t	 n;

	if (lk_map_under(map_of(s), 1, &n) == 0)
		lk_map_set(map_of(s), LK_MAP_ODD, n + 1);
}
