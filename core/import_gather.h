/*
 * import_gather.h: the keys of an import, read, checked and digested, and their
 * lines made, a batch at a time, before the lock is had.
 *
 * Of a large file another thread does this, while the one that called writes
 * the batch before:
 *
 *	thread		gathers 2	gathers 3	...
 *	caller		writes 1	writes 2
 *
 * It touches the reader, the rules and the row of the import, which are its own
 * from start to end, and of the store what any reader may.
 */
#ifndef LK_IMPORT_GATHER_H
#define LK_IMPORT_GATHER_H

#include "base/relay.h"
#include "import_inner.h"
#include "store/draft.h"

#define LK_GATHER_MOST	20000		/* keys of a batch                   */
#define LK_GATHER_SLOTS	2		/* batches; one of a small file      */
#define LK_GATHER_IDS	512		/* made at once                      */

/* A key on its way; its strings are in the batch's text. */
struct lk_gathered_key {
	struct lk_new_key	 key;
	const struct lk_policy_type *type;
	const char		*package;
	uint64_t		 line;	/* of the import                     */
	size_t			 at, octets, lines;	/* of the draft      */
};

struct lk_gathered {
	struct lk_gathered_key	*v;	/* LK_GATHER_MOST                    */
	size_t			 n;
	char			*text;
	size_t			 used;
	struct lk_draft		 draft;
	struct lk_seen		 seen;
	int			 r;	/* 1 there are more, 0, or an error  */
	struct lk_error		 e;
};

struct lk_gather {
	struct lk_importing	*m;
	char			 ids[LK_GATHER_IDS * LK_KEYID_LEN];
	size_t			 left;	/* of those                          */
	_Atomic int		 look;	/* some are there, as far as is known */
	_Atomic size_t		 most;	/* keys of the next batch            */
	struct lk_gathered	 v[LK_GATHER_SLOTS];
	struct lk_relay		 relay;
};

/* Begin at the first record.  0, LK_ENOMEM, or as lk_import_reader_start.  To
 * be ended in any case; it may be large. */
int	lk_gather_start(struct lk_gather *g, struct lk_importing *m,
	    struct lk_error *e);
/* The next batch, whose r and e say how it ended: an error ends the import, and
 * its keys are not taken.  Borrowed until the next call. */
struct lk_gathered *lk_gather_next(struct lk_gather *g);
void	lk_gather_end(struct lk_gather *g);

#endif
