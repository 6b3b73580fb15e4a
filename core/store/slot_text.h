/*
 * slot_text.h: the texts of a slot.  Not behind a call: for who looks a key up.
 */
#ifndef LK_STORE_SLOT_TEXT_H
#define LK_STORE_SLOT_TEXT_H

#include <endian.h>
#include <string.h>

#include "slot.h"

/* Sixteen digits at once: GNU C's vectors, which each processor has or gets. */
typedef signed char lk_vec __attribute__((vector_size(LK_SLOT_TEXT)));
typedef uint64_t lk_halves __attribute__((vector_size(LK_SLOT_TEXT)));

/* Eight digits of 6 bits, an octet each. */
static inline uint64_t
lk_spread(uint64_t v)
{
	v = (v & 0xffffff) | (v & 0xffffff000000) << 8;
	v = (v & 0xfff00000fff) | (v & 0xfff00000fff000) << 4;
	return (v & 0x3f003f003f003f) | (v & 0xfc00fc00fc00fc0) << 2;
}

/* The twelve of pack_digits, and nothing behind them. */
static inline lk_vec
lk_digits_of(uint64_t low, uint64_t high)
{
	lk_halves	 v = {
		htole64(lk_spread(low & 0xffffffffffff)),
		htole64(lk_spread((low >> 48 & 0xfff) | (high & 0xfff) << 12)),
	};

	return (lk_vec)v;
}

/* A text begins anew where digits of another kind do; ? is none of them. */
static inline lk_vec
lk_id_text(lk_vec v)
{
	lk_vec	 odd = v > 61;

	v += '0' + ((v > 9) & ('A' - '0' - 10)) +
	    ((v > 35) & ('a' - 'A' - 26));
	return (v & ~odd) | (odd & '?');
}

static inline lk_vec
lk_name_text(lk_vec v)
{
	lk_vec	 odd = (v > 39) | (v == 0);

	v += 'a' - 1 + ((v > 26) & ('0' - 'a' - 26)) +
	    ((v > 36) & ('.' - '0' - 10)) + ((v > 37) & ('_' - '.' - 1)) +
	    ((v > 38) & ('-' - '_' - 1));
	return (v & ~odd) | (odd & '?');
}

/* NULs from the n-th on. */
static inline void
lk_put_text(lk_vec v, unsigned n, char out[LK_SLOT_TEXT])
{
	static const lk_vec	 places = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
				     11, 12, 13, 14, 15 };

	v &= places < (signed char)n;
	memcpy(out, &v, sizeof v);
}

/*
 * Key id and name of the account, NULs behind them, of words that were judged;
 * how long the name is, 0: it is not in them.
 */
static inline unsigned
lk_slot_texts(const uint64_t w[LK_SLOT_WORDS], char id[LK_SLOT_TEXT],
    char name[LK_SLOT_TEXT])
{
	unsigned	 n = (unsigned)(w[4] >> 60);

	if (lk_slot_rest(w) != 0 || n > LK_SLOT_NAME)
		n = 0;
	lk_put_text(lk_id_text(lk_digits_of(w[2], w[3])), LK_KEYID_LEN, id);
	lk_put_text(lk_name_text(lk_digits_of(w[4], w[5])), n, name);
	return n;
}

#endif
