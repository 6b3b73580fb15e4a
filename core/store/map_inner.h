/*
 * map_inner.h: what the files of a map share.
 */
#ifndef LK_STORE_MAP_INNER_H
#define LK_STORE_MAP_INNER_H

#include <string.h>

#include "map.h"

/* Salts of checked words. */
enum {
	LK_SALT_ENTRY = 0x1d,		/* of ids and names                  */
	LK_SALT_TYPE,
	LK_SALT_NEWEST,
	LK_SALT_PACKAGE,
	LK_SALT_HEADER			/* and the number of the word        */
};

/* Pointers into m->base by m->shape. */
void	lk_map_lay_out(struct lk_map *m);
/* A header, and all slots and entries empty.  Nobody else has it yet. */
void	lk_map_blank(struct lk_map *m);
/* The words of the header that name it, as shape and generation are now. */
void	lk_map_head(struct lk_map *m);
/* A map of no shape yet; lk_map_free it. */
struct lk_map *lk_map_alloc(void);
/* Take the shape from the header at base, if it is sound and of a file of that
 * size.  0 or LK_EDAMAGE. */
int	lk_map_judge(struct lk_map *m, uint64_t generation);

/* An entry: value, then 16 bits of the hash, then 16 of a check. */
uint64_t lk_entry_make(uint32_t value, uint64_t hash);
/* 1 and *value; 0 none; -1 damaged. */
int	lk_entry_value(uint64_t entry, uint32_t *value);

static inline int
lk_entry_like(uint64_t entry, uint64_t hash)
{
	return (entry >> 32 & 0xffff) == (hash & 0xffff);
}

/* Where in n places, fewer than 2^32, a hash begins; in the order of hashes. */
static inline uint64_t
lk_home(uint64_t hash, uint64_t n)
{
	return (hash >> 32) * n >> 32;
}

static inline uint64_t
lk_next(uint64_t i, uint64_t n)
{
	return i + 1 == n ? 0 : i + 1;
}

static inline uint64_t
lk_load(const _Atomic uint64_t *w)
{
	return atomic_load_explicit(w, memory_order_acquire);
}

static inline void
lk_put(_Atomic uint64_t *w, uint64_t v)
{
	atomic_store_explicit(w, v, memory_order_release);
}

/* lk_map_digest, for who looks up nothing else. */
static inline int
lk_map_seek(const struct lk_map *m, const void *digest,
    uint64_t w[LK_SLOT_WORDS], uint32_t *at)
{
	uint64_t	 d[2], i, n;
	int		 r;

	memcpy(d, digest, sizeof d);
	i = lk_home(d[0], m->shape.slots);
	for (n = m->shape.slots; n > 0; n--) {
		r = lk_slot_read(&m->slots[i * LK_SLOT_WORDS], w);
		if (r != 1)
			return r;
		if (w[0] == d[0] && w[1] == d[1] &&
		    lk_slot_state(w) != LK_SLOT_MOVED) {
			*at = (uint32_t)i;
			return 1;
		}
		i = lk_next(i, m->shape.slots);
	}
	return -1;			/* it is never full                  */
}

uint64_t lk_id_hash(const uint64_t id[2]);
uint64_t lk_name_hash(enum lk_record_kind kind, const char *name, size_t n);

/* The first word of a record; NULL: no such place. */
_Atomic uint64_t *lk_record_at(const struct lk_map *m, uint32_t ref);
/* What that word is for a payload of n octets. */
uint64_t lk_record_head(enum lk_record_kind kind, uint32_t ref, const void *p,
	    size_t n);
/* Words between it and the payload. */
unsigned lk_record_words(enum lk_record_kind kind);

#endif
