/*
 * index.h: what the journal says, as it can be looked up: digest -> key, key id
 * -> key, account -> its keys.  How it lies in memory is drawn in map.h.
 *
 * Readers take no lock: they copy a slot and judge the copy.
 *
 * A key is unsure when the journal was found damaged after the last line of its
 * own.  One thread at a time stages the lines of a batch, which changes nothing
 * that a reader sees, and publishes them all or throws them away; when all
 * lines were read that there are, it settles what became unsure meanwhile.
 */
#ifndef LK_STORE_INDEX_H
#define LK_STORE_INDEX_H

#include <stdint.h>

#include "line.h"
#include "map.h"
#include "store.h"

struct lk_index;

/*
 * Where bigger maps come from, and where they go: a map that has all that the
 * old one has takes its place for everybody once over returned 0.  A code that
 * either returns is handed on by who wanted room.
 */
struct lk_maker {
	int	(*make)(void *arg, const struct lk_shape *shape,
		    struct lk_map **out);
	int	(*over)(void *arg, struct lk_map *new, struct lk_map *old);
	void	*arg;
	int	 strict;		/* others use it: no fault is taken  */
};

/* In the memory of this process.  0 or LK_ENOMEM. */
int	lk_index_new(struct lk_index **out);
/* From now on its map is this one, which it frees; more of them come from
 * maker, or NULL: they are in the memory of this process. */
void	lk_index_attach(struct lk_index *ix, struct lk_map *m,
	    const struct lk_maker *maker);
struct lk_map *lk_index_map(const struct lk_index *ix);
void	lk_index_free(struct lk_index **ix);

/* ---- readers, any thread: 1 found, 0 not there, -1 cannot be known */
int	lk_index_digest(struct lk_index *ix,
	    const uint8_t digest[LK_DIGEST_SIZE], struct lk_found *out);
int	lk_index_id(struct lk_index *ix, const char *id, size_t n,
	    struct lk_found *out);
/* The package of the account of a key that was found: 1; or -1. */
int	lk_index_package(struct lk_index *ix, const struct lk_found *key,
	    char out[LK_NAME_MAX + 1]);
/* An account by its name, and its package; 0 also of one that was deleted. */
int	lk_index_account(struct lk_index *ix, const char *name,
	    char package[LK_NAME_MAX + 1]);
/* Each key of an account, or of all (NULL), in no order.  An answer of fn other
 * than 0 ends it and is handed back; -1. */
typedef int (*lk_index_fn)(void *arg, const struct lk_found *key);
int	lk_index_walk(struct lk_index *ix, const char *account, lk_index_fn fn,
	    void *arg);
/* Each account, oldest first, deleted ones too; likewise.  LK_ENOMEM. */
typedef int (*lk_index_account_fn)(void *arg, const char *name);
int	lk_index_walk_accounts(struct lk_index *ix, lk_index_account_fn fn,
	    void *arg);
/* How often the journal was found damaged, in this process. */
unsigned lk_index_damage(struct lk_index *ix);
/* 1 when a look-up by a digest has met damage in the map that is in use. */
int	lk_index_spoilt(struct lk_index *ix);
/* Not 0: a key that is not there may have been made all the same, by a line
 * that is lost or an event that is not known. */
int	lk_index_lacks(struct lk_index *ix);
/* The time of the last line that has a MAC. */
int64_t	lk_index_time(struct lk_index *ix);

/* ---- one thread at a time */
/*
 * Take a parsed line of a batch, which begins at offset.  0; LK_EDAMAGE with
 * *why when it cannot be (a key made twice, an address list without its key);
 * LK_ENOMEM; LK_EUNAVAIL, the index itself is damaged.
 */
int	lk_index_stage(struct lk_index *ix, const struct lk_line *l,
	    uint64_t offset, const char **why);
/* Let readers see what was staged; time: of the last line with a MAC.  0;
 * LK_EDAMAGE when two lines of the batch make the same key (both are then
 * unsure); LK_ENOMEM or LK_EUNAVAIL, and nothing is seen. */
int	lk_index_publish(struct lk_index *ix, int64_t time);
void	lk_index_discard(struct lk_index *ix);
/* Room for all that is staged, so that publishing cannot fail for want of it.
 * 0; LK_ENOMEM, LK_EUNAVAIL; or what the maker says. */
int	lk_index_reserve(struct lk_index *ix);
/*
 * A line was lost: each key that is not deleted may have been.  What was staged
 * is published, none of it for certain.  0; LK_ENOMEM or LK_EUNAVAIL, and
 * nothing is changed.  Its cost does not depend on how many keys there are.
 * LK_EDAMAGE, and nothing is changed, of an index that others use as well.
 */
int	lk_index_fault(struct lk_index *ix, int64_t time);
/* No more lines for now: what faults left unsure reads so from here on. */
void	lk_index_settle(struct lk_index *ix);
/*
 * A line that nobody acknowledged says that the key is deleted or disabled: it
 * is so from the next renewal to the one after that.  0 or LK_ENOMEM.
 */
int	lk_index_doubt(struct lk_index *ix, const char *id, int state);
int	lk_index_doubts_renew(struct lk_index *ix);
/* The key is ended, at once. */
void	lk_index_end(struct lk_index *ix, const struct lk_end *end);

#endif
