/*
 * batch_inner.h: what is behind struct lk_batch, for the files that share it.
 *
 * A batch is in its section from begin to commit: it has the mutex of its
 * process, so that what it counted stays so.  At commit it joins a group; the
 * groups of a process are written one after the other, each as one batch of the
 * journal, by whichever of their threads comes first.  So while one group is
 * being synced the next one gathers.
 *
 *	begin -- section -- commit -> group -> written, synced -> published
 *	 mutex ............. mutex                  no mutex      mutex
 *
 * The locks of the files are the process's from the first begin to the end of
 * the last group.
 */
#ifndef LK_STORE_BATCH_INNER_H
#define LK_STORE_BATCH_INNER_H

#include "base/bell.h"
#include "draft.h"
#include "inner.h"
#include "pending.h"

/* Words of a group's bell. */
#define LK_GROUP_WAIT	0
#define LK_GROUP_CALL	1		/* one of its members should write   */
#define LK_GROUP_DONE	2

struct lk_group {
	struct lk_group	*next;
	int		 remove;
	int		 doubt;		/* as in struct lk_batch             */
	int		 closed;	/* it is being written               */
	struct lk_bell	 bell;		/* what its members wait for         */
	_Atomic int	 members;	/* who have not read its result yet  */
	int64_t		 when;
	struct lk_buf	 bodies;	/* each ended by a newline           */
	size_t		 n;
	struct lk_buf	 ended;		/* struct lk_end                     */
	struct lk_pendings keys;
	int		 r;
	struct lk_error	 e;
};

struct lk_batch {
	struct lk_store	*s;
	int		 remove;
	int		 doubt;		/* a sync failed before it; why      */
	struct lk_error	 why;
	int64_t		 when;
	struct lk_draft	 draft;		/* its actor and from are in text    */
	struct lk_buf	 ended;
	struct lk_pendings keys;
	char		 text[];	/* actor NUL from NUL                */
};

void	lk_batch_free(struct lk_batch *b);
/* With the mutex held: nobody else in the process writes, so let go of the
 * locks of the files. */
void	lk_group_rest(struct lk_store *s);
/* 1 when batches of this process are being written, or wait for it. */
int	lk_group_busy(struct lk_store *s);
/* Wait until none is; without the mutex. */
void	lk_group_await(struct lk_store *s);
/* Who wants the store for himself keeps new batches from beginning (shut not
 * 0), until he has the mutex; they wait in lk_group_yield. */
void	lk_group_shut(struct lk_store *s, int shut);
void	lk_group_yield(struct lk_store *s);
/* The index cannot tell what a line needs to know of it: who holds the lock,
 * and alone writes, makes it anew, of the journal.  0; LK_EIO, as on a full
 * disk, which stops no batch that removes; LK_ENOMEM, LK_EUNAVAIL. */
int	lk_store_renew(struct lk_store *s, int remove, struct lk_error *e);
/* Is the journal damaged, or of a newer latchkey?  0 or LK_EDAMAGE. */
int	lk_batch_judge(const struct lk_store *s, const struct lk_load *l,
	    struct lk_error *e);
/* In a forked child the parent's groups are not ours. */
void	lk_group_renew(struct lk_store *s);
/* Of groups that are not published: what takes the place of the key id of that
 * account, or NULL; with their mutex held, and borrowed for as long. */
const struct lk_pending *lk_group_heir(const struct lk_store *s,
	    const char *account, const char *id);
/* 1 when there is one. */
int	lk_group_replaces(struct lk_store *s, const char *account,
	    const char *id);
/* 1 when a key with that id or digest is among them. */
int	lk_group_has(struct lk_store *s, const char *id,
	    const uint8_t *digest);

#endif
