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
 * The header, in words of 8 octets:
 *
 *	0	magic "lkindex1"
 *	1	version, 2
 *	2	generation, 0 of a map in the memory of one process
 *	3..6	how many slots, ids, names, units there is room for
 *	7	CRC-32C of words 0 to 6
 *	8..10	how many keys, names and units are in use (checked words)
 *	11	not 0: a key that is not there may exist (checked)
 *	12	not 0: the journal was found damaged (checked)
 *	13	octets of the journal that are in it, 40 bits, 24 to check
 *	14, 15	how many keys that are not deleted are under peppers of even and
 *		odd version (checked); one more for each time that a writer was
 *		killed at it, never one less
 *	16	checkpoint: what of the journal is in it for certain, also after
 *		a crash of the machine; a copy as in state.h, with odd seq
 *	32	the same with even seq
 *	48, 49	check value of the pepper before the current one, if it is known
 *	50	their CRC-32C (checked)
 *
 * Every other word but those of slots and records is checked: a value of 32
 * bits and, above it, what must go with the value.  Entries of ids and names
 * hold 16 bits of the hash too.  So an octet that changed, or a page that is
 * gone, reads as damage and never as something else.
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
#include <string.h>

#include "latchkey.h"
#include "slot.h"
#include "state.h"

#define LK_MAP_UNIT		32	/* octets of the heap                */
#define LK_MAP_HEADER		4096	/* octets                            */

/* How much of each kind there is room for. */
struct lk_shape {
	uint64_t	 slots, ids, names, units;
};

struct lk_type_name {
	size_t		 len;
	char		 name[LK_NAME_MAX + 1];
};

struct lk_map {
	unsigned char	*base;
	size_t		 size;
	struct lk_shape	 shape;
	_Atomic uint64_t *types, *slots, *ids, *names, *heap;
	size_t		 at_heap;	/* octets before it                  */

	_Atomic uint64_t *head;
	const struct lk_io *io;		/* of the file; NULL: there is none  */
	int		 fd;
	uint64_t	 generation;

	/* Names of the types that were there when it was first used. */
	unsigned	 ncached;
	struct lk_type_name *cached;

	/* The writer's. */
	uint32_t	*sure;		/* see index.c; or NULL              */
	struct lk_map	*older;
};

/* Checked words of the header. */
enum lk_map_word {
	LK_MAP_KEYS = 8,
	LK_MAP_NAMES,
	LK_MAP_UNITS,
	LK_MAP_LACKS,
	LK_MAP_DAMAGED,
	LK_MAP_EVEN = 14,
	LK_MAP_ODD
};

/* Kinds of records. */
enum lk_record_kind {
	LK_RECORD_ACCOUNT = 1,		/* 2 checked words, then the name    */
	LK_RECORD_NAME,			/* of a type or package              */
	LK_RECORD_REST			/* struct lk_rest, then networks     */
};

#define LK_RECORD_MAX	2048		/* octets of a record's payload      */

#define LK_REST_MAX	(sizeof(struct lk_rest) + \
			    LK_ADDRESSES_MAX * sizeof(struct lk_net))

/* What a record of the rest begins with, its networks behind it. */
struct lk_rest {
	int64_t		 not_before;
	char		 successor[16];	/* of a retired key alone; with NULs */
};

/* ------------------------------------------------------------ whole maps */

/* A shape that holds so many keys, accounts and units at a load of at most
 * percent, and is no smaller than least (or NULL). */
void	lk_shape_fit(struct lk_shape *s, uint64_t keys, uint64_t names,
	    uint64_t units, unsigned percent, const struct lk_shape *least);
/* Octets of a map of that shape. */
size_t	lk_shape_size(const struct lk_shape *s);
/* An empty one in memory of this process alone.  0 or LK_ENOMEM. */
int	lk_map_new(const struct lk_shape *s, struct lk_map **out);
/* The file index.GENERATION of a folder.  0; LK_ENOTFOUND; LK_EDAMAGE, of no
 * known form; or as lk_folder_file. */
int	lk_map_open(const struct lk_folder *f, uint64_t generation, int write,
	    struct lk_map **out, struct lk_error *e);
/* Make it, with all its blocks, mode and group as st has them; what had its
 * name is gone.  Generation 0: index.new, which nobody opens before
 * lk_map_number.
 * 0; LK_EIO, as on a full disk; LK_ENOMEM. */
int	lk_map_make(const struct lk_folder *f, uint64_t generation,
	    const struct lk_shape *s, const struct stat *st,
	    struct lk_map **out, struct lk_error *e);
/* Give index.new its generation and name.  0 or LK_EIO. */
int	lk_map_number(const struct lk_folder *f, struct lk_map *m,
	    uint64_t generation, struct lk_error *e);
/* All of it on the disk.  0 or LK_EIO. */
int	lk_map_sync(struct lk_map *m, struct lk_error *e);
/* No more name for that generation, if there is such a file. */
void	lk_map_unlink(const struct lk_folder *f, uint64_t generation);
/* Likewise, where there may well be none. */
void	lk_map_sweep(const struct lk_folder *f, uint64_t generation);
/* Give the memory back; what is read of it from now on is zero. */
void	lk_map_retire(struct lk_map *m);
/* And the addresses; with all older ones. */
void	lk_map_free(struct lk_map **m);
/* A checked word of the header.  0, or -1 it is damaged. */
int	lk_map_get(const struct lk_map *m, enum lk_map_word w,
	    uint32_t *value);
void	lk_map_set(struct lk_map *m, enum lk_map_word w, uint32_t value);
/* Octets of the journal that are in it; 0, or -1. */
int	lk_map_applied(const struct lk_map *m, uint64_t *length);
void	lk_map_set_applied(struct lk_map *m, uint64_t length);
/* The newest sound checkpoint.  1, or 0: there is none. */
int	lk_map_checkpoint(const struct lk_map *m, struct lk_ack *out);
/* After lk_map_sync: what was in it before is a checkpoint. */
void	lk_map_set_checkpoint(struct lk_map *m, const struct lk_ack *a);
void	lk_map_forget_checkpoint(struct lk_map *m);
/* Is there room for so many more?  1; 0; or -1.  Growth begins beside it when
 * LK_MAP_SOFT percent are in use, and it takes no more than LK_MAP_HARD. */
#define LK_MAP_SOFT		75
#define LK_MAP_HARD		90
int	lk_map_room(const struct lk_map *m, uint64_t keys, uint64_t names,
	    uint64_t units, unsigned percent);
/* How many places of it cannot be read as what they must be; all of it is
 * read. */
uint64_t lk_map_faults(const struct lk_map *m);
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

/* What a look-up by a digest, or of an account, reads is asked for. */
void	lk_map_expect(const struct lk_map *m, const void *digest);
void	lk_map_expect_account(const struct lk_map *m, uint32_t account);
/* Likewise by a key id of LK_KEYID_LEN octets, whatever they are. */
void	lk_map_expect_id(const struct lk_map *m, const char *id);
/* An account by its name: its entry, and later what that leads to; the hash in
 * between.  Whatever the entries say, nothing but time is lost by it. */
uint64_t lk_map_expect_name(const struct lk_map *m, const char *account,
	    size_t n);
void	lk_map_expect_led(const struct lk_map *m, uint64_t hash);
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
/* The name of a type, NULs up to its end; its length. */
int	lk_map_type(const struct lk_map *m, unsigned type,
	    char out[LK_NAME_MAX + 1], size_t *len);
/* Keep the names that are there now at hand; before others use the map. */
void	lk_map_cache(struct lk_map *m);
/* A word of an account: its newest slot, plus 1, or 0; its package's record,
 * or 0, or LK_MAP_GONE: the account was deleted.  0 or -1. */
#define LK_MAP_GONE		UINT32_MAX	/* no record is there        */
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

/* The account; made when there is none, or it was deleted. */
int	lk_map_have_account(struct lk_map *m, const char *name,
	    uint32_t *ref);
/* The account is deleted; its keys, which are too, still lead to it. */
void	lk_map_forget_account(struct lk_map *m, uint32_t account);
/* The number of a type; LK_SLOT_TYPES when there are too many. */
int	lk_map_have_type(struct lk_map *m, const char *name, unsigned *type);
int	lk_map_set_package(struct lk_map *m, uint32_t account,
	    const char *name);
/* The check value of the pepper before the current one.  1; 0, not known. */
int	lk_map_was(const struct lk_map *m, uint8_t check[LK_MAC_SIZE]);
void	lk_map_set_was(struct lk_map *m, const uint8_t check[LK_MAC_SIZE]);
/* A record of the rest. */
int	lk_map_put_rest(struct lk_map *m, const void *p, size_t n,
	    uint32_t *ref);
/* Octets of a rest before its networks. */
static inline size_t
lk_rest_size(int retired)
{
	return retired ? sizeof(struct lk_rest) : sizeof(int64_t);
}
/* Read them of n octets; *used of them.  0; LK_EDAMAGE there are fewer. */
static inline int
lk_rest_head(const void *p, size_t n, int retired, struct lk_rest *out,
    size_t *used)
{
	*used = lk_rest_size(retired);
	if (n < *used)
		return LK_EDAMAGE;
	memset(out, 0, sizeof *out);
	memcpy(out, p, *used);
	return 0;
}
/* Where a key goes, as the map is now. */
struct lk_place {
	uint64_t	 entry, hash;	/* of its id                         */
	uint32_t	 slot;
	int		 there, named;	/* not 0: somebody was killed after he
					 * stored its slot, or its entry     */
};
/* 0; 1 another key has its id or its digest, slot *twin; -1. */
int	lk_map_place(const struct lk_map *m, const struct lk_slot *s,
	    struct lk_place *p, uint32_t *twin);
/* Put it there, with prev filled in here. */
int	lk_map_put(struct lk_map *m, struct lk_slot *s,
	    const struct lk_place *p);
/* Store a slot, with prev filled in, and count it; nothing leads to it yet. */
int	lk_map_fill(struct lk_map *m, struct lk_slot *s, uint32_t at);
/* The word that counts the keys under peppers of such a version. */
static inline enum lk_map_word
lk_map_word_of(int odd)
{
	return odd ? LK_MAP_ODD : LK_MAP_EVEN;
}
/* How many keys, of those that are not deleted, are under peppers of odd or
 * even version: no more than *n.  0; -1 it cannot be told. */
int	lk_map_under(const struct lk_map *m, int odd, uint32_t *n);
/* All slots were looked at, and there is none. */
void	lk_map_none_under(struct lk_map *m, int odd);
void	lk_map_set_newest(struct lk_map *m, uint32_t account, uint32_t value);
/* A key of the slot old, which has another end now, into a slot of its own; see
 * move.c.  *at: which. */
int	lk_map_move(struct lk_map *m, struct lk_slot *s, uint32_t old,
	    uint32_t *at);
int	lk_map_set_state(struct lk_map *m, uint32_t at, int state);
/* What a line took from a key: all, or until it is enabled. */
struct lk_end {
	char		 id[LK_KEYID_LEN + 1];
	uint8_t		 state;	/* LK_SLOT_DELETED or _DISABLED      */
};
int	lk_map_end(struct lk_map *m, const struct lk_end *end);

/* Units that a record takes, and what may be lost before it. */
uint64_t lk_map_units(size_t payload);

#endif
