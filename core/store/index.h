/*
 * index.h: what the journal says, in memory: digest -> key, key id -> key,
 * account -> its keys.
 *
 *	table of atomic slots      key (never moved, never freed before close)
 *	+---+---+---+---+          +--------------------------------------+
 *	|   | o |   | o |--------->| digest id type account label times    |
 *	+---+-|-+---+---+          | state (atomic)   addresses           |
 *	      |                    | next of all   next of its account    |
 *	      v                    +--------------------------------------+
 *
 * Readers take no lock: they load a slot, then fields that no longer change and
 * the state.  A fuller table is built beside the old one and then published;
 * old ones live until the index is freed.
 *
 * A key is unsure when the journal was found damaged after the last line of its
 * own: the index counts the faults, and the key keeps the count of its line.
 *
 * One thread at a time stages the lines of a batch, which changes nothing that
 * a reader sees, and publishes them all or throws them away.
 */
#ifndef LK_STORE_INDEX_H
#define LK_STORE_INDEX_H

#include <stdatomic.h>
#include <stdint.h>

#include "line.h"

struct lk_ix_key;

struct lk_ix_account {
	char		 name[LK_ACCOUNT_MAX + 1];
	size_t		 name_len;
	_Atomic(const char *) package;		/* never NULL                */
	_Atomic(struct lk_ix_key *) first;
	struct lk_ix_key *last;			/* the writer's              */
	_Atomic(struct lk_ix_account *) next;
	int		 listed;		/* the writer's              */
};

struct lk_ix_key {
	uint8_t		 digest[LK_DIGEST_SIZE];
	char		 id[LK_KEYID_LEN + 1];
	int		 unknown_event;		/* the writer's: stays unsure */
	const char	*type, *label, *hint, *created_by;
	struct lk_ix_account *account;
	int64_t		 created, expires, not_before;
	const struct lk_net *nets;
	size_t		 nnets;
	_Atomic int	 state;			/* as its own lines have it  */
	_Atomic unsigned sure;			/* faults there were by then */
	_Atomic uint64_t doubt;			/* see lk_index_doubt        */
	_Atomic int64_t	 deleted;
	_Atomic(struct lk_ix_key *) next;	/* of all, oldest first      */
	_Atomic(struct lk_ix_key *) next_owned;	/* of its account            */
};

struct lk_index;

/* 0 or LK_ENOMEM. */
int	lk_index_new(struct lk_index **out);
void	lk_index_free(struct lk_index **ix);

/* ---- readers, any thread: NULL when it is not there */
struct lk_ix_key *lk_index_digest(struct lk_index *ix,
	    const uint8_t digest[LK_DIGEST_SIZE]);
struct lk_ix_key *lk_index_id(struct lk_index *ix, const char *id, size_t n);
struct lk_ix_account *lk_index_account(struct lk_index *ix, const char *name);
struct lk_ix_key *lk_index_first(struct lk_index *ix);
struct lk_ix_account *lk_index_first_account(struct lk_index *ix);
/* LK_STATE_* of a key of it, never EXPIRED. */
int	lk_index_state(struct lk_index *ix, struct lk_ix_key *k);
/* How often the journal was found damaged. */
unsigned lk_index_damage(struct lk_index *ix);
/* Not 0: a key that is not there may have been made all the same, by a line
 * that is lost or an event that is not known. */
int	lk_index_lacks(struct lk_index *ix);
/* The time of the last line that has a MAC. */
int64_t	lk_index_time(struct lk_index *ix);

/* ---- one thread at a time */
/*
 * Take a parsed line of a batch.  0; LK_EDAMAGE with *why when it cannot be
 * (a key made twice, an address list without its key); LK_ENOMEM.
 */
int	lk_index_stage(struct lk_index *ix, const struct lk_line *l,
	    const char **why);
/* Let readers see what was staged; time: of the last line with a MAC.  0;
 * LK_EDAMAGE when two lines of the batch make the same key (both are then
 * unsure); LK_ENOMEM, and nothing is seen. */
int	lk_index_publish(struct lk_index *ix, int64_t time);
void	lk_index_discard(struct lk_index *ix);
/*
 * A line was lost: each key that is not deleted may have been.  What was staged
 * is published, none of it for certain.  0; LK_ENOMEM, and nothing is changed.
 * Its cost does not depend on how many keys there are.
 */
int	lk_index_fault(struct lk_index *ix, int64_t time);
/*
 * A line that nobody acknowledged says that the key is deleted or disabled: it
 * is so until the doubts are renewed for the second time from now.
 */
void	lk_index_doubt(struct lk_index *ix, const char *id, int state);
void	lk_index_doubts_renew(struct lk_index *ix);
/* The key is deleted, at once. */
void	lk_index_delete(struct lk_index *ix, const char *id, int64_t when);

#endif
