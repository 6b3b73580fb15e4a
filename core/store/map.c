#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/guard.h"
#include "map_inner.h"

#define PAGE		4096		/* octets                            */
#define TYPES_SIZE	(LK_SLOT_TYPES * sizeof(uint64_t))
#define MAGIC		0x317865646e696b6cULL	/* lkindex1, low octet first */
#define VERSION		2

/* Words of the header. */
#define H_MAGIC		0
#define H_VERSION	1
#define H_GENERATION	2
#define H_SHAPE		3
#define H_CRC		7
#define H_APPLIED	13
#define H_CHECKPOINT	16
#define APPLIED_BITS	40
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

void
lk_map_lay_out(struct lk_map *m)
{
	unsigned char	*p = m->base + LK_MAP_HEADER;

	m->head = (_Atomic uint64_t *)(void *)m->base;
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

static void
header_words(const struct lk_map *m, uint64_t w[H_CRC + 1])
{
	w[H_MAGIC] = MAGIC;
	w[H_VERSION] = VERSION;
	w[H_GENERATION] = m->generation;
	w[H_SHAPE] = m->shape.slots;
	w[H_SHAPE + 1] = m->shape.ids;
	w[H_SHAPE + 2] = m->shape.names;
	w[H_SHAPE + 3] = m->shape.units;
	w[H_CRC] = lk_crc32c_words(w, H_CRC);
}

int
lk_map_judge(struct lk_map *m, uint64_t generation)
{
	static const uint64_t	 most = (uint64_t)1 << 32;
	uint64_t		 w[H_CRC + 1];
	struct lk_shape		*s = &m->shape;

	if (m->size < LK_MAP_HEADER)
		return LK_EDAMAGE;
	memcpy(w, m->base, sizeof w);
	if (w[H_MAGIC] != MAGIC || w[H_VERSION] != VERSION ||
	    w[H_GENERATION] != generation ||
	    w[H_CRC] != lk_crc32c_words(w, H_CRC))
		return LK_EDAMAGE;
	s->slots = w[H_SHAPE];
	s->ids = w[H_SHAPE + 1];
	s->names = w[H_SHAPE + 2];
	s->units = w[H_SHAPE + 3];
	if (s->slots - 1 >= most || s->ids - 1 >= most ||
	    s->names - 1 >= most || s->units - 1 >= most ||
	    lk_shape_size(s) != m->size)
		return LK_EDAMAGE;
	m->generation = generation;
	return 0;
}

void
lk_map_head(struct lk_map *m)
{
	uint64_t	 w[H_CRC + 1];

	header_words(m, w);
	memcpy(m->base, w, sizeof w);
}

void
lk_map_blank(struct lk_map *m)
{
	uint64_t	 i, none = lk_entry_make(0, 0);

	lk_map_head(m);
	for (i = LK_MAP_KEYS; i <= LK_MAP_DAMAGED; i++)
		lk_map_set(m, (enum lk_map_word)i, 0);
	lk_map_set(m, LK_MAP_EVEN, 0);
	lk_map_set(m, LK_MAP_ODD, 0);
	lk_map_set_applied(m, 0);
	for (i = 0; i < LK_SLOT_TYPES; i++)
		lk_put(&m->types[i], lk_word_make(0, LK_SALT_TYPE));
	for (i = 0; i < m->shape.slots; i++)
		lk_put(&m->slots[i * LK_SLOT_WORDS + 7], LK_SLOT_EMPTY);
	for (i = 0; i < m->shape.ids; i++)
		lk_put(&m->ids[i], none);
	for (i = 0; i < m->shape.names; i++)
		lk_put(&m->names[i], none);
	lk_map_set(m, LK_MAP_UNITS, 1);	/* 0 refers to nothing               */
}

/* ------------------------------------------------------------- life of one */

struct lk_map *
lk_map_alloc(void)
{
	struct lk_map	*m = calloc(1, sizeof *m);

	if (m != NULL)
		m->fd = -1;
	return m;
}

int
lk_map_new(const struct lk_shape *s, struct lk_map **out)
{
	struct lk_map	*m;
	void		*p;

	if ((m = lk_map_alloc()) == NULL)
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
	lk_map_lay_out(m);
	lk_map_blank(m);
	*out = m;
	return 0;
}

/* Pages that cost nothing are moved over it at one stroke, so that no thread
 * ever finds nothing there. */
void
lk_map_retire(struct lk_map *m)
{
	void	*p;

	free(m->sure);
	m->sure = NULL;
	p = mmap(NULL, m->size, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	/* If it cannot be, the memory stays; so do the readers. */
	if (p != MAP_FAILED && mremap(p, m->size, m->size,
	    MREMAP_MAYMOVE | MREMAP_FIXED, m->base) == MAP_FAILED)
		munmap(p, m->size);
	else if (p != MAP_FAILED)
		lk_guard_forget(m->base);
	if (m->fd != -1)
		lk_io_close_aside(m->io, m->fd, m->size);
	m->fd = -1;
}

void
lk_map_free(struct lk_map **mp)
{
	struct lk_map	*m, *older;

	for (m = *mp; m != NULL; m = older) {
		older = m->older;
		if (m->base != NULL && m->io != NULL)
			m->io->unmap(m->io->ctx, m->base, m->size);
		else if (m->base != NULL)
			munmap(m->base, m->size);
		if (m->fd != -1)
			m->io->close(m->io->ctx, m->fd);
		free(m->sure);
		free(m->cached);
		free(m);
	}
	*mp = NULL;
}

int
lk_map_room(const struct lk_map *m, uint64_t keys, uint64_t names,
    uint64_t units, unsigned percent)
{
	const struct lk_shape	*s = &m->shape;
	uint32_t		 nkeys, nnames, nunits;

	if (lk_map_get(m, LK_MAP_KEYS, &nkeys) != 0 ||
	    lk_map_get(m, LK_MAP_NAMES, &nnames) != 0 ||
	    lk_map_get(m, LK_MAP_UNITS, &nunits) != 0)
		return -1;
	/* What is in the heap is found at once, however full it is. */
	return (nkeys + keys) * 100 <= s->slots * percent &&
	    (nkeys + keys) * 100 <= s->ids * percent &&
	    (nnames + names) * 100 <= s->names * percent &&
	    (nunits + units) * (percent < LK_MAP_HARD ? 16 : 15) <=
	    s->units * 15;
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

/* ----------------------------------------------------------------- header */

int
lk_map_get(const struct lk_map *m, enum lk_map_word w, uint32_t *value)
{
	return lk_word_value(lk_load(&m->head[w]),
	    LK_SALT_HEADER ^ (uint32_t)w << 8, value);
}

void
lk_map_set(struct lk_map *m, enum lk_map_word w, uint32_t value)
{
	lk_put(&m->head[w], lk_word_make(value,
	    LK_SALT_HEADER ^ (uint32_t)w << 8));
}

static uint64_t
applied_word(uint64_t length)
{
	uint64_t	 w[2] = { length, LK_SALT_HEADER };

	return length | (uint64_t)(lk_crc32c_words(w, 2) >> 8) << APPLIED_BITS;
}

int
lk_map_applied(const struct lk_map *m, uint64_t *length)
{
	uint64_t	 w = lk_load(&m->head[H_APPLIED]);

	*length = w & (((uint64_t)1 << APPLIED_BITS) - 1);
	return w == applied_word(*length) ? 0 : -1;
}

void
lk_map_set_applied(struct lk_map *m, uint64_t length)
{
	lk_put(&m->head[H_APPLIED], applied_word(length));
}

static int
read_checkpoint(const struct lk_map *m, uint64_t seq, struct lk_ack *out)
{
	uint64_t	 w[LK_ACK_WORDS];
	unsigned	 i, at = H_CHECKPOINT;

	if (seq % 2 == 0)
		at += LK_ACK_WORDS;
	for (i = 0; i < LK_ACK_WORDS; i++)
		w[i] = lk_load(&m->head[at + i]);
	return lk_ack_unpack(w, out);
}

int
lk_map_checkpoint(const struct lk_map *m, struct lk_ack *out)
{
	struct lk_ack	 odd, even;
	int		 has_odd = read_checkpoint(m, 1, &odd);
	int		 has_even = read_checkpoint(m, 2, &even);

	if (!has_odd && !has_even)
		return 0;
	*out = !has_even || (has_odd && odd.seq > even.seq) ? odd : even;
	return 1;
}

void
lk_map_set_checkpoint(struct lk_map *m, const struct lk_ack *a)
{
	uint64_t	 w[LK_ACK_WORDS];
	struct lk_ack	 now = *a, last;
	unsigned	 i, at = H_CHECKPOINT;

	now.seq = lk_map_checkpoint(m, &last) ? last.seq + 1 : 1;
	if (now.seq % 2 == 0)
		at += LK_ACK_WORDS;
	lk_ack_pack(&now, w);
	for (i = 0; i < LK_ACK_WORDS; i++)
		lk_put(&m->head[at + i], w[i]);
}

void
lk_map_forget_checkpoint(struct lk_map *m)
{
	unsigned	 i;

	for (i = 0; i < 2 * LK_ACK_WORDS; i++)
		lk_put(&m->head[H_CHECKPOINT + i], 0);
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
