/*
 * used.c: what the file `usage` needs to know of its store.
 */
#include "index_inner.h"
#include "inner.h"

struct lk_usage_file *
lk_store_usage(struct lk_store *s)
{
	return s->usage;
}

uint64_t
lk_store_size(struct lk_store *s)
{
	return lk_store_image(s)->index->digests.used;
}
