#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define CHUNK	65536			/* octets                            */
#define ALIGN	16

struct lk_chunk {
	struct lk_chunk	*next;
	_Alignas(ALIGN) unsigned char p[];
};

/* align 1 or ALIGN */
static void *
get(struct lk_arena *a, size_t n, size_t align)
{
	struct lk_chunk	*c;
	size_t		 at = (a->used + align - 1) & ~(align - 1);
	size_t		 size = n > CHUNK ? n : CHUNK;

	if (a->chunks == NULL || at > a->size || n > a->size - at) {
		c = calloc(1, sizeof *c + size);
		if (c == NULL)
			return NULL;
		c->next = a->chunks;
		a->chunks = c;
		a->size = size;
		at = 0;
	}
	a->used = at + n;
	return a->chunks->p + at;
}

void *
lk_arena_get(struct lk_arena *a, size_t n)
{
	return get(a, n, ALIGN);
}

const char *
lk_arena_str(struct lk_arena *a, const char *s)
{
	size_t	 n = strlen(s) + 1;
	char	*p;

	if (n == 1)
		return "";
	if ((p = get(a, n, 1)) != NULL)
		memcpy(p, s, n);
	return p;
}

void
lk_arena_free(struct lk_arena *a)
{
	struct lk_chunk	*c;

	while ((c = a->chunks) != NULL) {
		a->chunks = c->next;
		free(c);
	}
	*a = LK_ARENA_NONE;
}
