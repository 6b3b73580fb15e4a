/*
 * index_inner.h: what is behind struct lk_index, for index.c and stage.c.
 */
#ifndef LK_STORE_INDEX_INNER_H
#define LK_STORE_INDEX_INNER_H

#include "arena.h"
#include "index.h"
#include "table.h"

/* A staged line: what it does to whom, once its batch is whole. */
struct lk_ix_op {
	enum lk_event_kind	 kind;
	struct lk_ix_key	*key;
	struct lk_ix_account	*account;
	const char		*package;
	int64_t			 when;
};

struct lk_index {
	struct lk_table	 digests, ids, accounts;
	struct lk_arena	 arena;
	_Atomic(struct lk_ix_key *) first;
	struct lk_ix_key *last;
	_Atomic(struct lk_ix_account *) first_account;
	struct lk_ix_account *last_account;
	_Atomic unsigned damage;
	unsigned	 sure;		/* of what is published now          */
	_Atomic int	 newer;		/* an event of a key not known       */
	_Atomic uint64_t doubts;	/* how often they were renewed       */
	_Atomic int64_t	 time;

	struct lk_ix_op	*ops;		/* of the batch that is staged       */
	size_t		 nops, cap;
	size_t		 nkeys;		/* ops that make one                 */
	int		 staged_newer;
	struct lk_net	 nets[LK_ADDRESSES_MAX];	/* of the last  */
	size_t		 nnets;
};

/* No address line follows for the last key that was staged.  0, LK_ENOMEM. */
int	lk_index_end_nets(struct lk_index *ix);

#endif
