/*
 * map.h: an index as it lies in memory, mapped from a file or not.
 *
 *	+--------+-------+-------------+-------+----------+----------------+
 *	| header | types | slots       | ids   | names    | heap           |
 *	| 4096   | 8192  | 64 a key    | 8     | 8        | units of 32    |
 *	+--------+-------+-------------+-------+----------+----------------+
 *	            |        ^  |  ^        |        |        ^  ^  ^
 *	            |        |  |  +--------+        +--------+  |  |
 *	            |        |  +--------------------------------+  |
 *	            +--------|---------------------------------------+
 *	                     +- chain: an account's newest slot, and so on
 *
 *	slots	digest -> key (slot.h), open addressing, in the order of its
 *		first word; full: the next one, behind the last the first
 *	ids	key id -> slot, likewise in order of a hash
 *	names	account or package -> record in the heap, likewise
 *	types	number -> record with its name
 *	heap	records, none of which is ever moved or freed
 *
 * Every word but those of slots and records is checked: a value of 32 bits and,
 * above it, what must go with the value.  Entries of ids and names hold 16 bits
 * of the hash too.  So an octet that changed, or a page that is gone, reads as
 * damage and never as something else.
 *
 * Readers take no lock.  One thread at a time writes.  A slot, an entry and a
 * record are stored whole before anything leads to them, and nothing is taken
 * away; when there is no more room, a bigger map is made and takes its place,
 * and the old one reads as all zero from then on, which is damage everywhere:
 * who meets it looks whether there is another map.
 */
#ifndef LK_STORE_MAP_H
#define LK_STORE_MAP_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "latchkey.h"
#include "slot.h"

#define LK_MAP_UNIT		32	/* octets of the heap                */
#define LK_MAP_HEADER		4096	/* octets                            */

/* How much of each kind there is room for. */
struct lk_shape {
	uint64_t	 slots, ids, names, units;
};

struct lk_map {
	unsigned char	*base;
	size_t		 size;
	struct lk_shape	 shape;
	_Atomic uint64_t *types, *slots, *ids, *names, *heap;
	size_t		 at_heap;	/* octets before it                  */

	/* The writer's. */
	uint64_t	 nkeys, nnames, nunits;	/* in use                    */
	uint32_t	*sure;		/* see index.c; or NULL              */
	struct lk_map	*older;
};

/* Kinds of records. */
enum lk_record_kind {
	LK_RECORD_ACCOUNT = 1,		/* 2 checked words, then the name    */
	LK_RECORD_NAME,			/* of a type or package              */
	LK_RECORD_REST			/* not_before, then networks         */
};

#define LK_RECORD_MAX	2048		/* octets of a record's payload      */

/* ------------------------------------------------------------ whole maps */

/* A shape that holds so many keys, accounts and units at a load of at most
 * percent, and is no smaller than least (or NULL). */
void	lk_shape_fit(struct lk_shape *s, uint64_t keys, uint64_t names,
	    uint64_t units, unsigned percent, const struct lk_shape *least);
/* Octets of a map of that shape. */
size_t	lk_shape_size(const struct lk_shape *s);
/* An empty one in memory of this process alone.  0 or LK_ENOMEM. */
int	lk_map_new(const struct lk_shape *s, struct lk_map **out);
/* Give the memory back; what is read of it from now on is zero. */
void	lk_map_retire(struct lk_map *m);
/* And the addresses; with all older ones. */
void	lk_map_free(struct lk_map **m);
/* Is there room for so many more, at a load of at most 3/4? */
int	lk_map_room(const struct lk_map *m, uint64_t keys, uint64_t names,
	    uint64_t units);
/*
 * Put all that is in from, but slots of lines from offset on, into an empty
 * map with room for it.  0; LK_EDAMAGE.
 */
int	lk_map_copy(struct lk_map *to, const struct lk_map *from,
	    uint64_t offset);

/* --------------------------------------------------------- checked words */

/* salt: what the word is, so that it is not taken for another one. */
uint64_t lk_word_make(uint32_t value, uint32_t salt);
/* 0 and *value; -1 it is damaged. */
int	lk_word_value(uint64_t word, uint32_t salt, uint32_t *value);

/* -------------------------------------------------------------- look-ups */

/* All of them: 1 found, 0 not there, -1 cannot be known. */

/* By the first LK_SLOT_DIGEST octets of a digest; *at: which slot. */
int	lk_map_digest(const struct lk_map *m, const void *digest,
	    uint64_t w[LK_SLOT_WORDS], uint32_t *at);
/* By a key id of LK_KEYID_LEN octets. */
int	lk_map_id(const struct lk_map *m, const char *id,
	    uint64_t w[LK_SLOT_WORDS], uint32_t *at);
/* The slot of that number. */
int	lk_map_slot(const struct lk_map *m, uint64_t at,
	    uint64_t w[LK_SLOT_WORDS]);
/* A record of that kind; *n octets of it into p, at most size. */
int	lk_map_record(const struct lk_map *m, uint32_t ref,
	    enum lk_record_kind kind, void *p, size_t size, size_t *n);
/* The name of a record of that kind, ended by NUL. */
int	lk_map_name(const struct lk_map *m, uint32_t ref,
	    enum lk_record_kind kind, char *out, size_t size);
/* The record of an account or a package. */
int	lk_map_named(const struct lk_map *m, enum lk_record_kind kind,
	    const char *name, size_t n, uint32_t *ref);
/* The name of a type. */
int	lk_map_type(const struct lk_map *m, unsigned type, char *out,
	    size_t size);
/* A word of an account: its newest slot, plus 1, or 0; its package's record,
 * or 0.  0 or -1. */
int	lk_map_newest(const struct lk_map *m, uint32_t account, uint32_t *at);
int	lk_map_package(const struct lk_map *m, uint32_t account,
	    uint32_t *ref);
/* Entry i of names, 0 <= i < shape.names: an account's record. */
int	lk_map_entry_account(const struct lk_map *m, uint64_t i,
	    uint32_t *ref);
/* The records of all accounts, in the order in which they were made; free(3)
 * them.  0; LK_EDAMAGE, LK_ENOMEM. */
int	lk_map_accounts(const struct lk_map *m, uint32_t **out, size_t *n);

/* -------------------------------------------------------------- writing */

/* There must be room.  0; LK_EDAMAGE. */

/* The account; made when there is none. */
int	lk_map_have_account(struct lk_map *m, const char *name,
	    uint32_t *ref);
/* The number of a type; LK_SLOT_TYPES when there are too many. */
int	lk_map_have_type(struct lk_map *m, const char *name, unsigned *type);
int	lk_map_set_package(struct lk_map *m, uint32_t account,
	    const char *name);
/* A record of the rest. */
int	lk_map_put_rest(struct lk_map *m, const void *p, size_t n,
	    uint32_t *ref);
/* A key, with prev filled in here. */
int	lk_map_put(struct lk_map *m, struct lk_slot *s, uint32_t *at);
int	lk_map_set_state(struct lk_map *m, uint32_t at, int state);

/* Units that a record takes, and what may be lost before it. */
uint64_t lk_map_units(size_t payload);

#endif
