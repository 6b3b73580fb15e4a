/*
 * slot.h: the 64 octets of an index that a verify reads of a key.
 *
 *	word	what, and from which bit on
 *	0, 1	the first 16 octets of the digest
 *	2	key id, digits 0..9, 6 bits each; 60 flags
 *	3	key id, digits 10, 11; 12 created, 38 bits; 50 type, 10 bits
 *	4	name of the account, octets 0..9, 6 bits each; 60 its length
 *	5	name, octets 10, 11; 12 expires, 38 bits; 50 offset, 37..24
 *	6	account; 32 next older slot of the account, plus 1, or 0
 *	7	CRC-32C of all else; 32 state; 40 offset, 23..0
 *
 * A cache line that starts at a cache line.  The digest is an HMAC and so may
 * be cut (RFC 2104, section 5); 128 bits of it name a key among 10 million and
 * leave a guess one chance in 2^104.  A name of the account over 12 octets is
 * not in the slot; nor is one where word 4 holds the record with the rest
 * (networks, not_before): flags say so.  Times are seconds UTC, the offset is
 * that of the key's line in the journal.
 *
 * Words 0 to 6 are stored once, before word 7, and never again; so whoever
 * loads word 7 first may load them as he likes.  State and CRC share word 7:
 * one store of 8 octets changes both.  An empty slot has LK_SLOT_EMPTY there,
 * and not zero, so that a page that got lost is not taken for one on which
 * there is nothing.
 */
#ifndef LK_STORE_SLOT_H
#define LK_STORE_SLOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/crc32c.h"
#include "plugin.h"

#define LK_SLOT_WORDS		8
#define LK_SLOT_SIZE		64	/* octets                            */
#define LK_SLOT_DIGEST		16	/* octets of a digest in a slot      */
#define LK_SLOT_NAME		12	/* octets of an account in a slot    */
#define LK_SLOT_TEXT		16	/* octets for either, as text        */
#define LK_SLOT_TYPES		1024	/* that an index can tell apart      */
#define LK_SLOT_OFFSET_MAX	(((uint64_t)1 << 38) - 1)	/* 256 GiB   */
#define LK_SLOT_TIME_MAX	(((uint64_t)1 << 38) - 1)	/* seconds   */
#define LK_SLOT_REST		1	/* flag: word 4 is the rest's record */
#define LK_SLOT_ODD		2	/* flag: so is its pepper's version  */
#define LK_SLOT_RETIRED		4	/* flag: another key takes its place */

/* Word 7 of a slot that holds nothing yet, whatever is in the others. */
#define LK_SLOT_EMPTY		0x9d1c6b0f37a2e548

/* States: of 8 bits, each four or more from any other. */
#define LK_SLOT_ACTIVE		0x69
#define LK_SLOT_DISABLED	0x96
#define LK_SLOT_DELETED		0xa5
#define LK_SLOT_UNSURE		0x5a	/* a lost line may have ended it     */
#define LK_SLOT_NEWER		0xc3	/* likewise; only a delete counts     */
#define LK_SLOT_MOVED		0x3c	/* another slot has taken its place  */

struct lk_slot {
	uint8_t		 digest[LK_SLOT_DIGEST];
	char		 id[LK_KEYID_LEN + 1];
	char		 name[LK_SLOT_NAME + 1];	/* "": not in here   */
	uint8_t		 name_len;
	uint8_t		 state;
	uint16_t	 type;
	uint32_t	 account;	/* see map.h                         */
	uint32_t	 prev;
	uint32_t	 rest;		/* likewise; 0: there is none        */
	int64_t		 created, expires;
	uint64_t	 offset;
	uint8_t		 odd;		/* flag LK_SLOT_ODD                  */
	uint8_t		 retired;	/* flag LK_SLOT_RETIRED              */
};

/* Into words.  0; -1 where something is beyond what the bits can hold.  A name
 * that does not fit, or that the rest leaves no room for, is left out. */
int	lk_slot_pack(const struct lk_slot *s, uint64_t w[LK_SLOT_WORDS]);
/* The words must have been judged. */
void	lk_slot_unpack(const uint64_t w[LK_SLOT_WORDS], struct lk_slot *s);
/* Two words to find a key id by, as they stand in words 2 and 3; -1: it is no
 * key id. */
int	lk_slot_id(const char *id, uint64_t out[2]);
int	lk_slot_is(const uint64_t w[LK_SLOT_WORDS], const uint64_t id[2]);

/* The last word with another state. */
uint64_t lk_slot_last(const uint64_t w[LK_SLOT_WORDS], int state);

static inline unsigned
lk_slot_type(const uint64_t w[LK_SLOT_WORDS])
{
	return (unsigned)(w[3] >> 50 & (LK_SLOT_TYPES - 1));
}

static inline int64_t
lk_slot_created(const uint64_t w[LK_SLOT_WORDS])
{
	return (int64_t)(w[3] >> 12 & LK_SLOT_TIME_MAX);
}

static inline int64_t
lk_slot_expires(const uint64_t w[LK_SLOT_WORDS])
{
	return (int64_t)(w[5] >> 12 & LK_SLOT_TIME_MAX);
}

/* The record of the rest, or 0. */
static inline int
lk_slot_odd(const uint64_t w[LK_SLOT_WORDS])
{
	return (w[2] >> 60 & LK_SLOT_ODD) != 0;
}

static inline int
lk_slot_retired(const uint64_t w[LK_SLOT_WORDS])
{
	return (w[2] >> 60 & LK_SLOT_RETIRED) != 0;
}

static inline uint32_t
lk_slot_rest(const uint64_t w[LK_SLOT_WORDS])
{
	return (w[2] >> 60 & LK_SLOT_REST) != 0 ? (uint32_t)w[4] : 0;
}

static inline int
lk_slot_state(const uint64_t w[LK_SLOT_WORDS])
{
	return (int)(w[7] >> 32 & 0xff);
}

static inline uint32_t
lk_slot_account(const uint64_t w[LK_SLOT_WORDS])
{
	return (uint32_t)w[6];
}

static inline uint64_t
lk_slot_offset(const uint64_t w[LK_SLOT_WORDS])
{
	return w[7] >> 40 | w[5] >> 50 << 24;
}

/*
 * Copy a slot and judge the copy.  1 a key; 0 empty; -1 damaged, or no longer
 * there.
 */
static inline int
lk_slot_read(const _Atomic uint64_t *slot, uint64_t w[LK_SLOT_WORDS])
{
	uint64_t	 last;

	last = atomic_load_explicit(&slot[7], memory_order_acquire);
	if (last == LK_SLOT_EMPTY)
		return 0;
	w[0] = atomic_load_explicit(&slot[0], memory_order_relaxed);
	w[1] = atomic_load_explicit(&slot[1], memory_order_relaxed);
	w[2] = atomic_load_explicit(&slot[2], memory_order_relaxed);
	w[3] = atomic_load_explicit(&slot[3], memory_order_relaxed);
	w[4] = atomic_load_explicit(&slot[4], memory_order_relaxed);
	w[5] = atomic_load_explicit(&slot[5], memory_order_relaxed);
	w[6] = atomic_load_explicit(&slot[6], memory_order_relaxed);
	w[7] = last >> 32;
	if (lk_crc32c_line(w) != (uint32_t)last)
		return -1;
	w[7] = last;
	return 1;
}

/* Store all of it, the last word last. */
void	lk_slot_write(_Atomic uint64_t *slot,
	    const uint64_t w[LK_SLOT_WORDS]);

#endif
