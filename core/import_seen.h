/*
 * import_seen.h: what was seen of an import so far: which digests and key ids,
 * and how many keys of each account.
 *
 * It grows with the import: 16 octets a record, and as much again of room,
 * less than a fifth of what the index takes for them.
 */
#ifndef LK_IMPORT_SEEN_H
#define LK_IMPORT_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define LK_SEEN_OCTETS	11		/* of what is told apart             */

struct lk_seen_one {
	uint64_t	 a, b;		/* 11 octets; the line, 40 bits      */
};

struct lk_seen {
	struct lk_seen_one *v;
	size_t	 n, cap;
};

/* There will be so many: to grow late costs more.  0, -1 no memory. */
int	lk_seen_expect(struct lk_seen *s, uint64_t n);
/*
 * Note octets of a digest, at line (from 1).  0, or the line where they were
 * before; -1 no memory.  11 octets that are as good as random are the same by
 * chance once in 10^12 imports of 10^7 records.
 */
int64_t	lk_seen_add(struct lk_seen *s, const uint8_t octets[LK_SEEN_OCTETS],
	    uint64_t line);
/* Nothing was seen; its memory is kept. */
void	lk_seen_clear(struct lk_seen *s);
/* What stands for a key id, and for no digest but by chance. */
void	lk_seen_id(const char *id, uint8_t out[LK_SEEN_OCTETS]);
/* What stands for a key id as the successor of another key of an account and
 * type, by its number, and for nothing else; likewise. */
void	lk_seen_heir(const char *id, const char *account, unsigned type,
	    uint8_t out[LK_SEEN_OCTETS]);
/* The same, to tell whether two keys have one successor. */
void	lk_seen_rotated(const char *id, uint8_t out[LK_SEEN_OCTETS]);
void	lk_seen_free(struct lk_seen *s);

/* Keys of one account and type. */
struct lk_tally_one {
	uint32_t	 name;		/* in lk_tally.names                 */
	uint32_t	 hash;
	uint32_t	 held;		/* in the store, alive; or package   */
	uint32_t	 added;		/* by the import, likewise           */
	uint16_t	 type;
	uint16_t	 used;		/* not 0: an entry                   */
};

struct lk_tally {
	struct lk_tally_one *v;
	size_t		 n, cap;
	struct lk_buf	 names;		/* each ended by NUL                 */
	size_t		 last;		/* the entry that was asked for last */
};

#define LK_TALLY_NONE	((struct lk_tally){ .names = LK_BUF_NONE })

/* In the place of a type: what is known of the package of the account. */
#define LK_TALLY_PACKAGE	UINT16_MAX

/* The entry of an account and type, valid until the next call; *new when it is
 * made by this one.  NULL: no memory. */
struct lk_tally_one *lk_tally_get(struct lk_tally *t, const char *account,
	    unsigned type, int *new);
void	lk_tally_free(struct lk_tally *t);

#endif
