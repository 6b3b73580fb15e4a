#include <string.h>

#include "slot_text.h"

#define TEN		10		/* 6-bit digits in a word            */
#define FIRST		'-'		/* octet of the tables               */
#define LAST		'z'
#define NO		64		/* it is no digit                    */

/* By the octet.  A key id is random: branches would be guessed wrong. */
static const uint8_t	 id_digits[LAST - FIRST + 1] = {
	NO, NO, NO,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, NO, NO, NO,
	NO, NO, NO, NO, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
	22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, NO, NO,
	NO, NO, NO, NO, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
	48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61,
};

static const uint8_t	 name_digits[LAST - FIRST + 1] = {
	39, 37, NO, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO,
	NO, NO, 38, NO,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12,
	13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
};

/* Into the low bits of a word; -1: one is no digit. */
static inline int
pack_word(const char *p, size_t n, const uint8_t *digits, uint64_t *out)
{
	uint64_t	 w = 0;
	unsigned	 at, v;
	size_t		 i;

	for (i = 0; i < n; i++) {
		at = (unsigned)(unsigned char)p[i] - FIRST;
		v = at <= LAST - FIRST ? digits[at] : NO;
		if (v == NO)
			return -1;
		w |= (uint64_t)v << (6 * i);
	}
	*out = w;
	return 0;
}

/* Twelve digits at most: ten of them, then two. */
static inline int
pack_digits(const char *p, size_t n, const uint8_t *digits, uint64_t out[2])
{
	out[0] = out[1] = 0;
	if (n <= TEN)
		return pack_word(p, n, digits, &out[0]);
	return pack_word(p, TEN, digits, &out[0]) != 0 ||
	    pack_word(p + TEN, n - TEN, digits, &out[1]) != 0 ? -1 : 0;
}

int
lk_slot_id(const char *id, uint64_t out[2])
{
	return pack_digits(id, LK_KEYID_LEN, id_digits, out);
}

int
lk_slot_is(const uint64_t w[LK_SLOT_WORDS], const uint64_t id[2])
{
	return (w[2] << 4) == (id[0] << 4) && (w[3] & 0xfff) == id[1];
}

static uint64_t
time_bits(int64_t t)
{
	/* Later than any clock will ever say is late enough. */
	return (uint64_t)t > LK_SLOT_TIME_MAX ? LK_SLOT_TIME_MAX :
	    (uint64_t)t;
}

int
lk_slot_pack(const struct lk_slot *s, uint64_t w[LK_SLOT_WORDS])
{
	uint64_t	 id[2], name[2] = { 0, 0 };
	size_t		 n = s->name_len;

	if (lk_slot_id(s->id, id) != 0 || s->created < 0 || s->expires < 0 ||
	    s->offset > LK_SLOT_OFFSET_MAX || s->type >= LK_SLOT_TYPES)
		return -1;
	if (n > LK_SLOT_NAME || s->rest != 0 ||
	    pack_digits(s->name, n, name_digits, name) != 0)
		n = 0;
	memcpy(w, s->digest, LK_SLOT_DIGEST);
	w[2] = id[0] | (uint64_t)((s->rest != 0 ? LK_SLOT_REST : 0) |
	    (s->odd ? LK_SLOT_ODD : 0) |
	    (s->retired ? LK_SLOT_RETIRED : 0)) << 60;
	w[3] = id[1] | time_bits(s->created) << 12 | (uint64_t)s->type << 50;
	w[4] = s->rest != 0 ? s->rest : n == 0 ? 0 :
	    name[0] | (uint64_t)n << 60;
	w[5] = (n == 0 ? 0 : name[1]) | time_bits(s->expires) << 12 |
	    s->offset >> 24 << 50;
	w[6] = s->account | (uint64_t)s->prev << 32;
	w[7] = (s->offset & 0xffffff) << 40;
	w[7] = lk_slot_last(w, s->state);
	return 0;
}

void
lk_slot_unpack(const uint64_t w[LK_SLOT_WORDS], struct lk_slot *s)
{
	char	 id[LK_SLOT_TEXT], name[LK_SLOT_TEXT];

	s->name_len = (uint8_t)lk_slot_texts(w, id, name);
	memcpy(s->id, id, sizeof s->id);
	memcpy(s->name, name, sizeof s->name);
	memcpy(s->digest, w, LK_SLOT_DIGEST);
	s->created = lk_slot_created(w);
	s->type = (uint16_t)lk_slot_type(w);
	s->expires = lk_slot_expires(w);
	s->offset = lk_slot_offset(w);
	s->account = lk_slot_account(w);
	s->prev = (uint32_t)(w[6] >> 32);
	s->state = (uint8_t)lk_slot_state(w);
	s->rest = lk_slot_rest(w);
	s->odd = (uint8_t)lk_slot_odd(w);
	s->retired = (uint8_t)lk_slot_retired(w);
}

static inline uint32_t
crc(const uint64_t w[LK_SLOT_WORDS])
{
	uint64_t	 copy[LK_SLOT_WORDS];

	memcpy(copy, w, sizeof copy);
	copy[7] >>= 32;
	return lk_crc32c_line(copy);
}

uint64_t
lk_slot_last(const uint64_t w[LK_SLOT_WORDS], int state)
{
	uint64_t	 copy[LK_SLOT_WORDS];

	memcpy(copy, w, sizeof copy);
	copy[7] = w[7] >> 40 << 40 | (uint64_t)state << 32;
	return copy[7] | crc(copy);
}

void
lk_slot_write(_Atomic uint64_t *slot, const uint64_t w[LK_SLOT_WORDS])
{
	int	 i;

	for (i = 0; i < 7; i++)
		atomic_store_explicit(&slot[i], w[i], memory_order_relaxed);
	atomic_store_explicit(&slot[7], w[7], memory_order_release);
}
