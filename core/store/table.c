#include <stdlib.h>

#include "latchkey.h"
#include "table.h"

#define FIRST	64			/* slots                             */

struct lk_slots {
	struct lk_slots	*older;		/* readers may still be in it        */
	size_t		 n;		/* a power of two                    */
	_Atomic(void *)	 v[];
};

uint64_t
lk_table_hash(const void *p, size_t n)
{
	const uint8_t	*b = p;
	uint64_t	 h = 0xcbf29ce484222325;

	while (n-- > 0)
		h = (h ^ *b++) * 0x100000001b3;
	return h ^ h >> 32;
}

void *
lk_table_find(struct lk_table *t, uint64_t hash, const void *key, size_t n)
{
	struct lk_slots	*s;
	size_t		 i;
	void		*v;

	s = atomic_load_explicit(&t->now, memory_order_acquire);
	if (s == NULL)
		return NULL;
	for (i = (size_t)hash & (s->n - 1);; i = (i + 1) & (s->n - 1)) {
		v = atomic_load_explicit(&s->v[i], memory_order_acquire);
		if (v == NULL || t->is(v, key, n))
			return v;
	}
}

static void
put(struct lk_slots *s, uint64_t hash, void *item)
{
	size_t	 i = (size_t)hash & (s->n - 1);

	while (atomic_load_explicit(&s->v[i], memory_order_relaxed) != NULL)
		i = (i + 1) & (s->n - 1);
	atomic_store_explicit(&s->v[i], item, memory_order_release);
}

int
lk_table_reserve(struct lk_table *t, size_t n)
{
	struct lk_slots	*s, *old;
	size_t		 size, i;
	void		*v;

	old = atomic_load_explicit(&t->now, memory_order_relaxed);
	size = old == NULL ? FIRST : old->n;
	while (t->used + n > size / 4 * 3)
		size *= 2;
	if (old != NULL && size == old->n)
		return 0;
	s = calloc(1, sizeof *s + size * sizeof s->v[0]);
	if (s == NULL)
		return LK_ENOMEM;
	s->n = size;
	s->older = old;
	for (i = 0; old != NULL && i < old->n; i++) {
		v = atomic_load_explicit(&old->v[i], memory_order_relaxed);
		if (v != NULL)
			put(s, t->hash(v), v);
	}
	atomic_store_explicit(&t->now, s, memory_order_release);
	return 0;
}

void
lk_table_add(struct lk_table *t, void *item)
{
	put(atomic_load_explicit(&t->now, memory_order_relaxed),
	    t->hash(item), item);
	t->used++;
}

void
lk_table_free(struct lk_table *t)
{
	struct lk_slots	*s, *older;

	for (s = atomic_load(&t->now); s != NULL; s = older) {
		older = s->older;
		free(s);
	}
	atomic_store(&t->now, NULL);
	t->used = 0;
}
