#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "map_inner.h"

#define PAGE		4096		/* octets                            */
#define TYPES_SIZE	(LK_SLOT_TYPES * sizeof(uint64_t))
#define LEAST_SLOTS	256
#define LEAST_NAMES	128
#define LEAST_UNITS	256

/* ----------------------------------------------------------------- shapes */

static uint64_t
at_least(uint64_t used, unsigned percent, uint64_t least)
{
	uint64_t	 n = used * 100 / percent + 1;

	return n > least ? n : least;
}

void
lk_shape_fit(struct lk_shape *s, uint64_t keys, uint64_t names, uint64_t units,
    unsigned percent, const struct lk_shape *least)
{
	static const struct lk_shape	 smallest = {
		LEAST_SLOTS, LEAST_SLOTS, LEAST_NAMES, LEAST_UNITS
	};

	if (least == NULL)
		least = &smallest;
	s->slots = at_least(keys, percent, least->slots);
	s->ids = at_least(keys, percent, least->ids);
	s->names = at_least(names, percent, least->names);
	s->units = at_least(units, 100, least->units);
}

static size_t
round_up(size_t n)
{
	return (n + PAGE - 1) / PAGE * PAGE;
}

size_t
lk_shape_size(const struct lk_shape *s)
{
	return round_up(LK_MAP_HEADER + TYPES_SIZE + s->slots * LK_SLOT_SIZE +
	    (s->ids + s->names) * sizeof(uint64_t)) +
	    round_up(s->units * LK_MAP_UNIT);
}

static void
lay_out(struct lk_map *m)
{
	unsigned char	*p = m->base + LK_MAP_HEADER;

	m->types = (_Atomic uint64_t *)(void *)p;
	p += TYPES_SIZE;
	m->slots = (_Atomic uint64_t *)(void *)p;
	p += m->shape.slots * LK_SLOT_SIZE;
	m->ids = (_Atomic uint64_t *)(void *)p;
	p += m->shape.ids * sizeof(uint64_t);
	m->names = (_Atomic uint64_t *)(void *)p;
	p += m->shape.names * sizeof(uint64_t);
	m->at_heap = round_up((size_t)(p - m->base));
	m->heap = (_Atomic uint64_t *)(void *)(m->base + m->at_heap);
}

/* All slots and entries empty.  Nobody else has it yet. */
static void
blank(struct lk_map *m)
{
	uint64_t	 i, none = lk_entry_make(0, 0);

	for (i = 0; i < LK_SLOT_TYPES; i++)
		lk_put(&m->types[i], lk_word_make(0, LK_SALT_TYPE));
	for (i = 0; i < m->shape.slots; i++)
		lk_put(&m->slots[i * LK_SLOT_WORDS + 7], LK_SLOT_EMPTY);
	for (i = 0; i < m->shape.ids; i++)
		lk_put(&m->ids[i], none);
	for (i = 0; i < m->shape.names; i++)
		lk_put(&m->names[i], none);
	m->nunits = 1;			/* 0 refers to nothing               */
}

/* ------------------------------------------------------------- life of one */

int
lk_map_new(const struct lk_shape *s, struct lk_map **out)
{
	struct lk_map	*m;
	void		*p;

	if ((m = calloc(1, sizeof *m)) == NULL)
		return LK_ENOMEM;
	m->shape = *s;
	m->size = lk_shape_size(s);
	p = mmap(NULL, m->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		free(m);
		return LK_ENOMEM;
	}
	m->base = p;
	lay_out(m);
	blank(m);
	*out = m;
	return 0;
}

void
lk_map_retire(struct lk_map *m)
{
	free(m->sure);
	m->sure = NULL;
	/* If it cannot be, the memory stays; so do the readers. */
	(void)!mmap(m->base, m->size, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void
lk_map_free(struct lk_map **mp)
{
	struct lk_map	*m, *older;

	for (m = *mp; m != NULL; m = older) {
		older = m->older;
		munmap(m->base, m->size);
		free(m->sure);
		free(m);
	}
	*mp = NULL;
}

int
lk_map_room(const struct lk_map *m, uint64_t keys, uint64_t names,
    uint64_t units)
{
	const struct lk_shape	*s = &m->shape;

	return m->nkeys + keys <= s->slots / 4 * 3 &&
	    m->nkeys + keys <= s->ids / 4 * 3 &&
	    m->nnames + names <= s->names / 4 * 3 &&
	    m->nunits + units <= s->units;
}

/* --------------------------------------------------------- checked words */

uint64_t
lk_word_make(uint32_t value, uint32_t salt)
{
	uint64_t	 w = value | (uint64_t)salt << 32;

	return value | (uint64_t)lk_crc32c_words(&w, 1) << 32;
}

int
lk_word_value(uint64_t word, uint32_t salt, uint32_t *value)
{
	*value = (uint32_t)word;
	return word == lk_word_make((uint32_t)word, salt) ? 0 : -1;
}

uint64_t
lk_entry_make(uint32_t value, uint64_t hash)
{
	uint64_t	 e = value | (hash & 0xffff) << 32;
	uint64_t	 w = e | (uint64_t)LK_SALT_ENTRY << 48;

	return e | (uint64_t)(lk_crc32c_words(&w, 1) >> 16) << 48;
}

int
lk_entry_value(uint64_t entry, uint32_t *value)
{
	*value = (uint32_t)entry;
	if (entry != lk_entry_make((uint32_t)entry, entry >> 32))
		return -1;
	return *value != 0;
}

/* ----------------------------------------------------------------- hashes */

/* Of MurmurHash3 (Austin Appleby, public domain): each bit moves each. */
static uint64_t
mix(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
	return h ^ h >> 33;
}

uint64_t
lk_id_hash(const uint64_t id[2])
{
	return mix((id[0] << 4) ^ id[1] * 0x9e3779b97f4a7c15);
}

uint64_t
lk_name_hash(enum lk_record_kind kind, const char *name, size_t n)
{
	uint64_t	 h = 0xcbf29ce484222325 ^ (uint64_t)kind;

	while (n-- > 0)
		h = (h ^ (unsigned char)*name++) * 0x100000001b3;
	return mix(h);
}

/* ---------------------------------------------------------------- records */

unsigned
lk_record_words(enum lk_record_kind kind)
{
	return kind == LK_RECORD_ACCOUNT ? 3 : 1;
}

_Atomic uint64_t *
lk_record_at(const struct lk_map *m, uint32_t ref)
{
	if (ref == 0 || ref >= m->shape.units)
		return NULL;
	return &m->heap[(uint64_t)ref * (LK_MAP_UNIT / sizeof(uint64_t))];
}

uint64_t
lk_record_head(enum lk_record_kind kind, uint32_t ref, const void *p, size_t n)
{
	uint64_t	 low = n | (uint64_t)kind << 16;
	uint64_t	 w[2] = { low | (uint64_t)ref << 32, lk_crc32c(p, n) };

	return low | (uint64_t)lk_crc32c_words(w, 2) << 32;
}

/* One that a cache line can hold does not begin in the middle of two. */
uint64_t
lk_map_units(size_t payload)
{
	return (payload + 3 * sizeof(uint64_t)) / LK_MAP_UNIT + 2;
}
