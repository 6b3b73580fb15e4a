/*
 * index_inner.h: what is behind struct lk_index, for the files that share it.
 */
#ifndef LK_STORE_INDEX_INNER_H
#define LK_STORE_INDEX_INNER_H

#include <stdatomic.h>

#include "index.h"

/* A staged line: what it does to whom, once its batch is whole.  Strings are
 * offsets in lk_index.text. */
struct lk_ix_op {
	enum lk_event_kind	 kind;
	struct lk_slot		 key;	/* of a change: its id alone         */
	size_t			 type, account, package;
	size_t			 nets;	/* likewise                          */
	size_t			 nnets;
	int64_t			 not_before;
	char			 successor[LK_KEYID_LEN + 1];	/* or "" */
};

/* Keys that are in doubt: never changed once it can be reached. */
struct lk_doubts {
	struct lk_doubts *older;
	size_t		 n;
	struct lk_doubt {
		char	 id[LK_KEYID_LEN];
		int	 state;
	}		 v[];
};

struct lk_index {
	_Atomic(struct lk_map *) map;	/* and its older ones                */
	struct lk_maker	 maker;		/* make NULL: none                   */
	_Atomic(struct lk_doubts *) doubts;
	_Atomic unsigned damage;
	_Atomic int	 newer;		/* an event of a key not known       */
	_Atomic int64_t	 time;
	_Atomic uint64_t spoilt;	/* generation, plus 1, of a map in
					 * which a look-up met damage        */

	unsigned	 faults;	/* since it was last settled         */
	unsigned	 sure;		/* of them, before what is published */
	int		 unsure;	/* what is published is of a fault   */
	struct lk_buf	 doubted;	/* struct lk_doubt, to be renewed    */
	struct lk_ix_op	*ops;		/* of the batch that is staged       */
	size_t		 nops, cap;
	struct lk_buf	 text;
	size_t		 nkeys;		/* ops that make one                 */
	int		 staged_newer;
	const struct lk_ix_op *last;	/* whose account was looked up; or
					 * NULL                              */
	uint32_t	 last_account;
	struct lk_net	 nets[LK_ADDRESSES_MAX];	/* of the last  */
	size_t		 nnets;
};

/* lk_index_map, without a call: for who looks a key up. */
static inline struct lk_map *
lk_index_now(const struct lk_index *ix)
{
	return atomic_load_explicit(&ix->map, memory_order_acquire);
}

/* Its map is this one from now on; the new one comes first, and who is in the
 * old one looks again. */
void	lk_index_swap(struct lk_index *ix, struct lk_map *new);
/* No address line follows for the last key that was staged. */
void	lk_index_end_nets(struct lk_index *ix);
/* A key of slot *at, whose words are w, gets the end that op says, and another
 * slot.  0; LK_EDAMAGE. */
int	lk_index_move(struct lk_index *ix, const struct lk_ix_op *op,
	    const uint64_t w[LK_SLOT_WORDS], uint32_t *at);
/* A line is lost that may have kept that key to some networks: it is unsure,
 * and of what follows only a delete counts. */
void	lk_index_doubt_last(struct lk_index *ix);

#endif
