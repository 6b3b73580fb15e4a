#include <string.h>

#include "base/crc32c.h"
#include "slot.h"

#define TEN		10		/* 6-bit digits in a word            */
#define TIME_BITS	38
#define TIME_MASK	(((uint64_t)1 << TIME_BITS) - 1)
#define F_REST		1		/* word 4 is the record of the rest  */
#define NO_DIGIT	64

static const char	 id_digits[65] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZabcdefghijklmnopqrstuvwxyz??";
static const char	 name_digits[65] = "?abcdefghijklmnopqrstuvwxyz0123456"
			    "789._-????????????????????????";

static unsigned
id_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A') + 10;
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 36 : NO_DIGIT;
}

static unsigned
name_digit(char c)
{
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 1;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 27;
	return c == '.' ? 37 : c == '_' ? 38 : c == '-' ? 39 : NO_DIGIT;
}

/* Twelve digits into the low bits of two words: ten of them, then two. */
static int
pack_digits(const char *p, size_t n, unsigned (*digit)(char), uint64_t out[2])
{
	size_t	 i;
	unsigned v;

	out[0] = out[1] = 0;
	for (i = 0; i < n; i++) {
		if ((v = digit(p[i])) == NO_DIGIT)
			return -1;
		out[i / TEN] |= (uint64_t)v << (6 * (i % TEN));
	}
	return 0;
}

/* Twelve of them; each on its own, so that none waits for another. */
static inline void
unpack_digits(uint64_t low, uint64_t high, const char *digits, char *out)
{
	out[0] = digits[low & 63];
	out[1] = digits[low >> 6 & 63];
	out[2] = digits[low >> 12 & 63];
	out[3] = digits[low >> 18 & 63];
	out[4] = digits[low >> 24 & 63];
	out[5] = digits[low >> 30 & 63];
	out[6] = digits[low >> 36 & 63];
	out[7] = digits[low >> 42 & 63];
	out[8] = digits[low >> 48 & 63];
	out[9] = digits[low >> 54 & 63];
	out[10] = digits[high & 63];
	out[11] = digits[high >> 6 & 63];
}

int
lk_slot_id(const char *id, uint64_t out[2])
{
	return pack_digits(id, LK_KEYID_LEN, id_digit, out);
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
	return (uint64_t)t > TIME_MASK ? TIME_MASK : (uint64_t)t;
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
	    pack_digits(s->name, n, name_digit, name) != 0)
		n = 0;
	memcpy(w, s->digest, LK_SLOT_DIGEST);
	w[2] = id[0] | (uint64_t)(s->rest != 0 ? F_REST : 0) << 60;
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
	memcpy(s->digest, w, LK_SLOT_DIGEST);
	unpack_digits(w[2], w[3], id_digits, s->id);
	s->id[LK_KEYID_LEN] = '\0';
	s->created = (int64_t)(w[3] >> 12 & TIME_MASK);
	s->type = (uint16_t)(w[3] >> 50 & (LK_SLOT_TYPES - 1));
	s->expires = (int64_t)(w[5] >> 12 & TIME_MASK);
	s->offset = lk_slot_offset(w);
	s->account = (uint32_t)w[6];
	s->prev = (uint32_t)(w[6] >> 32);
	s->state = (uint8_t)lk_slot_state(w);
	s->rest = w[2] >> 60 & F_REST ? (uint32_t)w[4] : 0;
	s->name_len = s->rest != 0 ? 0 : (uint8_t)(w[4] >> 60);
	if (s->name_len > LK_SLOT_NAME)
		s->name_len = 0;
	if (s->name_len != 0)
		unpack_digits(w[4], w[5], name_digits, s->name);
	s->name[s->name_len] = '\0';
}

static inline uint32_t
crc(const uint64_t w[LK_SLOT_WORDS])
{
	uint64_t	 copy[LK_SLOT_WORDS];

	memcpy(copy, w, sizeof copy);
	copy[7] >>= 32;
	return lk_crc32c_words(copy, LK_SLOT_WORDS);
}

uint64_t
lk_slot_last(const uint64_t w[LK_SLOT_WORDS], int state)
{
	uint64_t	 copy[LK_SLOT_WORDS];

	memcpy(copy, w, sizeof copy);
	copy[7] = w[7] >> 40 << 40 | (uint64_t)state << 32;
	return copy[7] | crc(copy);
}

int
lk_slot_read(const _Atomic uint64_t *slot, uint64_t w[LK_SLOT_WORDS])
{
	int	 i;

	uint64_t	 last;

	last = atomic_load_explicit(&slot[7], memory_order_acquire);
	if (last == LK_SLOT_EMPTY)
		return 0;
	for (i = 0; i < 7; i++)
		w[i] = atomic_load_explicit(&slot[i], memory_order_relaxed);
	w[7] = last >> 32;
	if (lk_crc32c_words(w, LK_SLOT_WORDS) != (uint32_t)last)
		return -1;
	w[7] = last;
	return 1;
}

void
lk_slot_write(_Atomic uint64_t *slot, const uint64_t w[LK_SLOT_WORDS])
{
	int	 i;

	for (i = 0; i < 7; i++)
		atomic_store_explicit(&slot[i], w[i], memory_order_relaxed);
	atomic_store_explicit(&slot[7], w[7], memory_order_release);
}
