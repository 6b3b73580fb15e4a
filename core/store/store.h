/*
 * store.h: the flat-file store of keys, accounts and what happened to them.
 *
 * One folder of one owner.  `journal` is the truth: text, append-only, an event
 * a line, chained by MACs.  `state` tells what was acknowledged.  The index is
 * derived from the journal, today in memory at opening; a mapped one takes its
 * place behind this header without a change above it.
 *
 * Caveats
 *  - Readers take no lock: a look-up copies what it judges.
 *  - A verify that starts after lk_store_commit of a delete returned finds the
 *    key deleted, in any process.
 *  - After fork the child may look up and write; locks are opened anew.
 */
#ifndef LK_STORE_STORE_H
#define LK_STORE_STORE_H

#include "base/io.h"
#include "latchkey.h"
#include "store/slot.h"
#include "token/digest.h"

struct lk_store;			/* opaque, any thread                */

struct lk_store_options {
	const char	*dir;
	int		 write;		/* not 0: may be written             */
	int		 remove;	/* not 0: but only to remove power,  */
					/* which a bad state does not stop   */
	struct lk_hmac	*mac;		/* of the journal's lines, handed    */
					/* over; NULL: no pepper at hand     */
	const uint8_t	*check;		/* LK_MAC_SIZE octets, or NULL       */
	const struct lk_io *io;		/* NULL: lk_io_system                */
	int		 wait;		/* seconds for the lock; 0: 30       */
	int64_t		(*clock)(void);	/* NULL: lk_clock_now                */
	/* The key of the MACs of a journal with that check value: it was
	 * written anew under another pepper.  0 and *mac is handed over; or an
	 * error.  NULL: there is but the one. */
	int		(*pepper)(void *arg, const uint8_t check[LK_MAC_SIZE],
			    struct lk_hmac **mac, struct lk_error *e);
	void		*pepper_arg;
};

/* The check value of the journal of a store that is there.  0, or as
 * lk_store_open. */
int	lk_store_value(const char *dir, uint8_t check[LK_MAC_SIZE],
	    struct lk_error *e);

/*
 * Make a store: the folder (mode, gid; it may exist if empty), journal with its
 * first line, state, all durable.  LK_ECONFIG where one exists.
 */
int	lk_store_make(const struct lk_store_options *o, mode_t dir_mode,
	    mode_t file_mode, gid_t gid, struct lk_error *e);

/*
 * 0             *out is open
 * LK_ENOTFOUND  no store there
 * LK_EPERM      not the owner, and writing was asked for; or not readable
 * LK_ECONFIG    the pepper is another one than this store's
 * LK_EUNAVAIL   file system refused by name
 * LK_EDAMAGE    first line or (unless remove) state of no known form
 * LK_EIO, LK_ENOMEM
 */
int	lk_store_open(const struct lk_store_options *o, struct lk_store **out,
	    struct lk_error *e);
void	lk_store_close(struct lk_store **s);

/* ----------------------------------------------------------------- reading */

/* What a verify needs of a key: values, nothing borrowed. */
struct lk_found {
	_Alignas(64) char key_id[LK_SLOT_TEXT];	/* ended by NUL              */
	uint8_t		 digest[LK_SLOT_DIGEST];	/* its beginning     */
	char		 type[LK_NAME_MAX + 1];	/* NULs up to its end        */
	_Alignas(16) char account[LK_ACCOUNT_MAX + 1];
	size_t		 type_len, account_len;
	int		 state;			/* LK_STATE_*, never EXPIRED */
	int64_t		 created, not_before, expires;
	uint64_t	 offset;		/* of its line               */
	int		 odd;			/* its pepper's version is   */
	int		 retired;		/* another takes its place   */
	uint32_t	 place;			/* the store's own           */
	const void	*map;			/* likewise                  */
	size_t		 naddresses;
	struct lk_net	 addresses[LK_ADDRESSES_MAX];
	char		 successor[LK_KEYID_LEN + 1];	/* of a retired one  */
};

/*
 * Bring the index up to what other processes appended: one fstat where nothing
 * was.  0, or LK_EUNAVAIL (cannot be known: no memory, file gone): the caller's
 * decision is then *error*.
 */
int	lk_store_refresh(struct lk_store *s, struct lk_error *e);
/* The same, and *now is what lk_store_now is then, unless now is NULL: both
 * look at one clock. */
int	lk_store_refresh_now(struct lk_store *s, int64_t *now,
	    struct lk_error *e);
/* What a look-up by this digest reads is asked for, and not waited for. */
void	lk_store_expect(struct lk_store *s,
	    const uint8_t digest[LK_DIGEST_SIZE]);
void	lk_store_expect_package(struct lk_store *s,
	    const struct lk_found *key);
/* The same of an account that is not known yet but by its name, in two parts,
 * since it takes two reads: some time later, what the first one read leads to.
 * hash is what the first one returned; 0: nothing. */
uint64_t lk_store_expect_name(struct lk_store *s, const char *account,
	    size_t n);
void	lk_store_expect_led(struct lk_store *s, uint64_t hash);
/* 1 found, 0 not there, -1 cannot be known.  No lock, no allocation. */
int	lk_store_by_digest(struct lk_store *s,
	    const uint8_t digest[LK_DIGEST_SIZE], struct lk_found *out);
int	lk_store_by_id(struct lk_store *s, const char *id, size_t n,
	    struct lk_found *out);
/* The package of the account of a key that was found, "": the default.  1, or
 * -1 as above. */
int	lk_store_package(struct lk_store *s, const struct lk_found *key,
	    char out[LK_NAME_MAX + 1]);
/* The later of the clock and the last line's time. */
int64_t	lk_store_now(struct lk_store *s);

/* When keys are used and what is spent of rates; see usage.h.  As long as the
 * store is open. */
struct lk_usage_file *lk_store_usage(struct lk_store *s);

/* All of a key, for lists (struct lk_key is public). 1, 0, -1. */
int	lk_store_key(struct lk_store *s, const char *id, struct lk_key *out);
/* When the key was to end, as the line that made it says.  1, 0, -1. */
int	lk_store_first_end(struct lk_store *s, const char *id,
	    int64_t *expires);
/* What there is of it, into what is the store's of *out, at once.  0;
 * LK_EUNAVAIL. */
int	lk_store_measure(struct lk_store *s, struct lk_measures *out,
	    struct lk_error *e);
/* 1 when the journal is damaged, and e is a note (LK_NOTE) of the first fault;
 * 0; LK_EUNAVAIL. */
int	lk_store_damaged(struct lk_store *s, struct lk_error *e);
struct lk_keys_wanted {
	const char	*type, *account;	/* NULL: all                 */
	const char	*after;			/* those behind it, or NULL  */
	int		 deleted;		/* not 0: those too          */
	size_t		 page;			/* likely wanted; 0: all     */
};

/* Keys, oldest first.  The function's answer other than 0 ends it and is handed
 * back; LK_EDATA, there is no key after of that account; LK_ENOMEM,
 * LK_EUNAVAIL. */
int	lk_store_keys_wanted(struct lk_store *s,
	    const struct lk_keys_wanted *w, lk_key_fn fn, void *arg);
/* The same of all of them. */
int	lk_store_keys(struct lk_store *s, const char *type,
	    const char *account, int deleted, lk_key_fn fn, void *arg);
int	lk_store_accounts(struct lk_store *s, lk_account_fn fn, void *arg);
/* The account's package into out ("" default).  1; 0: no such account; -1. */
int	lk_store_account(struct lk_store *s, const char *account,
	    char out[LK_NAME_MAX + 1]);
/* Keys that count at now, by the rule of count.c, of account and type; NULL: of
 * all.  -1: cannot be known. */
int64_t	lk_store_count(struct lk_store *s, const char *type,
	    const char *account, int64_t now);
/* A key as its line and the index have it; borrowed. */
struct lk_dumped {
	const struct lk_found *found;
	const char	*label, *hint, *created_by;
	const char	*digest;	/* base64url                         */
	const char	*replaces;	/* a key id, or ""                   */
	const char	*role;		/* of an operator's, or ""           */
	unsigned	 pepper;	/* its version                       */
};

struct lk_dump {
	const char	*type, *account;	/* NULL: all                 */
	int		(*fn)(void *arg, const struct lk_dumped *);
	void		*arg;
	lk_progress_fn	 progress;	/* of octets; or NULL                */
	void		*progress_arg;
};

/*
 * Each key that is not deleted, oldest first, in memory of one size.  0; what
 * fn answered, if not 0; LK_EDAMAGE, of a key it is not known whether it was
 * ended; LK_EUNAVAIL, LK_EIO, LK_ENOMEM.
 */
int	lk_store_dump(struct lk_store *s, const struct lk_dump *d,
	    struct lk_error *e);
/* The events, oldest first; key_id NULL: all. */
int	lk_store_events(struct lk_store *s, const char *key_id,
	    lk_event_fn fn, void *arg, struct lk_error *e);

/* Where a line of the journal begins, and which it is: lines of keys are often
 * of one length, so that another journal may have one there of that number. */
struct lk_mark {
	uint64_t	 off;		/* 0: nowhere                        */
	uint64_t	 line, seq;
	uint32_t	 sum;		/* of its octets                     */
};

struct lk_events_wanted {
	const char	*key_id;	/* NULL: of all                      */
	const char	*account;	/* NULL: of all; or it and its keys  */
	uint64_t	 after;		/* those with a higher number        */
	struct lk_mark	 from;		/* nowhere: the first line           */
	uint64_t	 octets;	/* looked through, about; 0: all     */
};

/*
 * The same of some of them.  *next is where it goes on: with the event that fn
 * did not answer 0 of, or where so many octets were looked through.  It costs
 * what it looks through, unless the journal is damaged, wherever that begins.
 * LK_EDATA, there is no such line at from.
 */
int	lk_store_events_wanted(struct lk_store *s,
	    const struct lk_events_wanted *w, lk_event_fn fn, void *arg,
	    struct lk_mark *next, struct lk_error *e);

/* ----------------------------------------------------------------- writing */

/* A new key, for lk_batch_generate. */
struct lk_new_key {
	const char	*id, *type, *account, *label, *hint;
	uint8_t		 digest[LK_DIGEST_SIZE];
	unsigned	 pepper;		/* version of the digest     */
	int64_t		 expires, not_before;	/* 0: none                   */
	int64_t		 created;	/* 0: now                            */
	const char	*created_by;	/* NULL: the actor of the batch      */
	const char	*replaces;	/* NULL, or whose place it takes     */
	const char	*replaced_by;	/* NULL, or who takes its place      */
	const char	*role;		/* of an operator's; "", NULL: none  */
	int		 disabled;	/* not 0: from the start             */
	const struct lk_net *addresses;
	size_t		 naddresses;
};

/* 1 when with this key, and no other new one, one more would count; 0. */
int	lk_store_counts_new(struct lk_store *s, const struct lk_new_key *k,
	    int64_t now);
/* What adding it will look up is asked for, and not waited for. */
void	lk_store_expect_new(struct lk_store *s, const struct lk_new_key *k);

/* What kind of batch: what removes power may use the reserve, needs no MAC and
 * goes on where the journal is damaged. */
#define LK_BATCH_ADD	1
#define LK_BATCH_REMOVE	2

struct lk_batch;

/*
 * lk_batch_begin: take the mutex and the lock, bring the index up to date, mend
 * a torn tail.  Nobody else begins until commit or abandon.
 *
 * 0            *out; end it with lk_batch_commit or lk_batch_abandon
 * LK_EAGAIN    the lock was not had in time; e names the holder's pid
 * LK_EDAMAGE   (ADD) the journal is damaged, e names line and cause; or it has
 *              an event that this version does not know
 * LK_EPERM     opened to read
 * LK_EINDOUBT  what was behind the journal's end could not be synced.  Where it
 *              was cut, a batch that removes begins all the same: its keys are
 *              denied from the commit on, which is LK_EINDOUBT then
 * LK_ECONFIG   (ADD) no pepper
 * LK_EDATA     (ADD) the clock is more than a day before the last line, or more
 *              than a year after it, and accept_clock is 0
 */
int	lk_batch_begin(struct lk_store *s, int kind, const char *actor,
	    const char *from, int accept_clock, struct lk_batch **out,
	    struct lk_error *e);
/* As lk_batch_begin, and no batch of this process is on its way: what its
 * threads wrote is in the index.  LK_EINDOUBT, to remove too: a sync failed. */
int	lk_batch_begin_alone(struct lk_store *s, int kind, const char *actor,
	    const char *from, struct lk_batch **out, struct lk_error *e);
/* Each adds lines to the batch; nothing is written yet.  0, LK_EDATA (a line
 * would be over 2,048 octets), LK_ENOMEM. */
int	lk_batch_generate(struct lk_batch *b, const struct lk_new_key *k,
	    struct lk_error *e);
/* The same of a key whose lines were made before, with the actor and from of
 * the batch: n octets of a struct lk_draft. */
int	lk_batch_take(struct lk_batch *b, const struct lk_new_key *k,
	    const char *p, size_t n, size_t lines, struct lk_error *e);
/* As lk_store_count, with what this batch and those of other threads add. */
int64_t	lk_batch_count(struct lk_batch *b, const char *type,
	    const char *account, int64_t now);
/* The same of the account and type of k, as if k were there too. */
int64_t	lk_batch_count_with(struct lk_batch *b, const struct lk_new_key *k,
	    int64_t now);
int	lk_batch_delete(struct lk_batch *b, const char *id,
	    struct lk_error *e);
int	lk_batch_disable(struct lk_batch *b, const char *id,
	    struct lk_error *e);
int	lk_batch_enable(struct lk_batch *b, const char *id,
	    struct lk_error *e);
/* The key ends then, or never (0); with a successor, which takes its place, it
 * does not count while that one does.  successor: in this batch or there; or
 * NULL. */
int	lk_batch_expire(struct lk_batch *b, const char *id, int64_t expires,
	    const char *successor, struct lk_error *e);
/* 1 when a successor of that key is on its way. */
int	lk_batch_replaces(struct lk_batch *b, const char *account,
	    const char *id);
int	lk_batch_account(struct lk_batch *b, const char *account,
	    const char *package, struct lk_error *e);
/* Each of its keys is deleted, or is in this batch, which began alone. */
int	lk_batch_account_delete(struct lk_batch *b, const char *account,
	    struct lk_error *e);
/*
 * Write, fdatasync, update the index, acknowledge in state, let go; what
 * several threads commit at once is written and synced at once.  Frees the
 * batch, whatever it returns.  0; LK_EIO (nothing was written, or it was cut
 * off again; a full disk says so); LK_EINDOUBT (the sync failed); LK_EAGAIN
 * (somebody changed the journal without the lock; nothing was written).
 */
int	lk_batch_commit(struct lk_batch **b, struct lk_error *e);
void	lk_batch_abandon(struct lk_batch **b);
/*
 * lk_store_make_room: so many more keys and accounts are about to be added, an
 * estimate; the index is made big enough for them at once.  0; LK_EAGAIN,
 * another one is being made, or the journal replaced: it grows by and by;
 * LK_EIO, as on a full disk; or as lk_batch_begin.
 */
int	lk_store_make_room(struct lk_store *s, uint64_t keys,
	    uint64_t accounts, struct lk_error *e);

/*
 * lk_store_heal: where the shared index cannot be read, which takes a look at
 * all of it, it is made anew.  1 it was; 0 it can be read, or there is none; or
 * as lk_batch_begin to remove.
 */
int	lk_store_heal(struct lk_store *s, const char *actor,
	    const char *from, struct lk_error *e);

/*
 * lk_store_remake: make the index anew from the whole journal.  progress may be
 * NULL.  0; 1, and e is a note (LK_NOTE) of the first fault of the journal; or
 * as lk_batch_begin to remove.
 */
int	lk_store_remake(struct lk_store *s, const char *actor,
	    const char *from, lk_progress_fn progress, void *arg,
	    struct lk_error *e);

/* What took the place of the journal: lines before and after, and the name that
 * the old one was kept under. */
struct lk_swapped {
	uint64_t	 before, after;
	char		 file[48];
};

/*
 * lk_store_shrink: a journal of what is alive in place of this one; see swap.h
 * for the errors, and LK_ECONFIG, no pepper.
 */
int	lk_store_shrink(struct lk_store *s, const char *actor,
	    const char *from, lk_progress_fn progress, void *arg,
	    struct lk_swapped *out, struct lk_error *e);
/*
 * lk_store_rekey: all of the journal under another pepper, of that version,
 * with this key of its MACs and check value, both borrowed.  Likewise.
 */
int	lk_store_rekey(struct lk_store *s, const char *actor,
	    const char *from, struct lk_hmac *key,
	    const uint8_t check[LK_MAC_SIZE], unsigned version,
	    lk_progress_fn progress, void *arg, struct lk_swapped *out,
	    struct lk_error *e);
/*
 * lk_store_accept: the n damaged lines, by their numbers in rising order, are
 * lost: a journal without them and no others.  LK_ENOTFOUND such a line is not
 * damaged, or none is; LK_EDAMAGE there are more of them, the first in e.
 */
int	lk_store_accept(struct lk_store *s, const char *actor,
	    const char *from, const uint64_t *lines, size_t n,
	    lk_progress_fn progress, void *arg, struct lk_swapped *out,
	    struct lk_error *e);
/* A copy of the journal: its path, a descriptor of it, the key of its MACs. */
struct lk_copy {
	const char	*dir, *name;	/* of its path                       */
	int		 fd;
	struct lk_hmac	*key;
};

/* The check value of a copy.  0; LK_EDATA, it is no journal. */
int	lk_copy_value(int fd, uint8_t check[LK_MAC_SIZE]);
/*
 * lk_store_put_back: what the copy says, with the ends of keys that the journal
 * has since, in place of the journal, which may be damaged.  LK_EDAMAGE the
 * copy is damaged, or, unless loss is not 0, the journal is so behind what the
 * copy has, so that an end may be lost.
 */
struct lk_put_back {
	struct lk_swapped swapped;
	uint64_t	 ended;		/* keys of the copy that were ended  */
	uint64_t	 lacking;	/* keys that the copy lacks          */
};
int	lk_store_put_back(struct lk_store *s, const char *actor,
	    const char *from, const struct lk_copy *copy, int loss,
	    lk_progress_fn progress, void *arg, struct lk_put_back *out,
	    struct lk_error *e);
/* Is it known which pepper the journal is under?  Who removes goes on without:
 * 0. */
int	lk_store_keyed(const struct lk_store *s);
/* Keys that are not deleted, under peppers of even and odd version; the id of
 * each of those that odd says goes to fn, or NULL.  0 or LK_EUNAVAIL. */
int	lk_store_peppers(struct lk_store *s, uint64_t keys[2], int odd,
	    int (*fn)(void *arg, const char *id), void *arg);
/* Are there any under odd, or even, ones?  Any thread, as the index is now: no
 * more than *n.  1; 0, none, for certain; -1 it cannot be told. */
int	lk_store_under(struct lk_store *s, int odd, uint64_t *n);
/* Likewise, and 1 is as certain: then it may take a look at each key. */
int	lk_store_under_sure(struct lk_store *s, int odd, uint64_t *n);
/* The check value of the pepper before the current one.  1; 0, not known. */
int	lk_store_was(struct lk_store *s, uint8_t check[LK_MAC_SIZE]);
/* Within a batch of its own, when lk_store_peppers found none. */
void	lk_store_none_under(struct lk_store *s, int odd);
/* Remove the journals that were kept; *n of them.  0, LK_EIO, LK_EPERM. */
int	lk_store_discard(struct lk_store *s, unsigned *n, struct lk_error *e);

/* ---------------------------------------------------------------- checking */

/* Each finding with file, line and cause.  0 sound, LK_EDAMAGE with the count.
 * The store need not open. */
int	lk_store_examine(const struct lk_store_options *o, lk_finding_fn fn,
	    void *arg, struct lk_error *e);

/* A line of the journal that has a MAC, as it may be noted elsewhere. */
struct lk_anchor {
	uint64_t	 seq;		/* 0: there is none yet              */
	uint8_t		 mac[LK_MAC_SIZE];
};

/*
 * The last such line into *present; is the one that want says (or NULL) there,
 * or in a journal that was kept before it?  0; LK_EDAMAGE it is not, or it
 * cannot be told any more; as lk_store_open.
 */
int	lk_store_anchored(const char *dir, const struct lk_anchor *want,
	    struct lk_anchor *present, struct lk_error *e);

/*
 * options.mac is taken over by lk_store_make, lk_store_open and
 * lk_store_examine whatever they return: the caller neither frees it nor hands
 * it over twice.  dir and check are copied.
 */

#endif
