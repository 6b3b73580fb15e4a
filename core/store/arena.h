/*
 * arena.h: memory that is given out piece by piece and freed all at once.
 */
#ifndef LK_STORE_ARENA_H
#define LK_STORE_ARENA_H

#include <stddef.h>

struct lk_arena {
	struct lk_chunk	*chunks;
	size_t		 used, size;	/* of the first one                  */
};

#define LK_ARENA_NONE	((struct lk_arena){ NULL, 0, 0 })

/* n octets, zero, aligned for anything, or NULL. */
void	*lk_arena_get(struct lk_arena *a, size_t n);
/* A copy of a string, or NULL. */
const char *lk_arena_str(struct lk_arena *a, const char *s);
void	lk_arena_free(struct lk_arena *a);

#endif
