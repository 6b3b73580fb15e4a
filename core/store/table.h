/*
 * table.h: an open-addressing table of pointers that is read without a lock
 * while one thread adds.  Nothing is ever taken out.
 */
#ifndef LK_STORE_TABLE_H
#define LK_STORE_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct lk_slots;

struct lk_table {
	uint64_t	(*hash)(const void *item);
	int		(*is)(const void *item, const void *key, size_t n);
	_Atomic(struct lk_slots *) now;
	size_t		 used;		/* the adding thread's               */
};

/* The item of a key of n octets with this hash, or NULL.  Any thread. */
void	*lk_table_find(struct lk_table *t, uint64_t hash, const void *key,
	    size_t n);
/* Make room for n more.  0 or LK_ENOMEM. */
int	lk_table_reserve(struct lk_table *t, size_t n);
/* Add an item that there is room for. */
void	lk_table_add(struct lk_table *t, void *item);
void	lk_table_free(struct lk_table *t);

/* A hash of octets (FNV-1a, mixed), for keys that nobody can choose freely. */
uint64_t lk_table_hash(const void *p, size_t n);

#endif
