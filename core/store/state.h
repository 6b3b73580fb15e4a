/*
 * state.h: the mapped file `state`: how writers tell readers.
 *
 * 4,096 octets, made once, never replaced by the program, mapped shared.  Words
 * of 8 octets in the byte order of the machine; it never leaves it.
 *
 *	octet	word
 *	0	 0	magic "lkstate1"
 *	8	 1	version, 1
 *	16	 2	generation of the index; 0 until there is one
 *	24	 3	time of the last line
 *	32	 4	pid of who holds the lock, 0: nobody
 *	40	 5	stamp: seq of the newest copy, stored after it
 *	48	 6	scratch, to see whether two maps are one
 *	56	 7	not 0: somebody waits for the lock
 *	128	16	copy with odd seq
 *	256	32	copy with even seq
 *	384	48	successor: a copy of what the next journal is, while it
 *			is put in place of this one; its word 6 is the
 *			generation of its index
 *
 *	word of a copy
 *	0	seq, from 1
 *	1	octets of the journal that were acknowledged
 *	2, 3	MAC of the last line with one up to there
 *	4, 5	boot id of the machine when it was written
 *	6	zero
 *	7	time of the last line
 *	8	octets at which the journal was once found cut off or replaced,
 *		0: never; taken over from copy to copy
 *	9	sequence number of the last line
 *	10	lines up to there, the first one included
 *	11	octets up to the end of the last line with a MAC
 *	12	when the journal was last written to, by its inode, nanoseconds
 *	13	CRC-32C of the octets from there on, and bit 32; 0: not known
 *	14	zero
 *	15	CRC-32C of words 0 to 14
 *
 * A kill tears the copy that is being written and never the other; so the
 * newest copy whose CRC holds counts.  It vouches when its boot id is that of
 * the running system: after a crash of the machine the map may be older than
 * the journal, and it is then a lower bound and no more.
 *
 * A journal is replaced (swap.h) in these steps, so that a kill or a power cut
 * between any two leaves one of the two whole, and what vouches for it:
 * successor stored and synced; journal renamed, folder synced; generation and
 * copy, synced; successor cleared.  All of that is in the first 512 octets,
 * which a disk writes at once.  Who opens the journal compares it with the
 * successor first: where it is that one, the successor counts and no copy,
 * until it is cleared.
 *
 * Any thread may read.  Who acknowledges holds the lock of lock.h.
 */
#ifndef LK_STORE_STATE_H
#define LK_STORE_STATE_H

#include <stdatomic.h>
#include <stdint.h>

#include "fs.h"
#include "token/digest.h"

#define LK_STATE_NAME	"state"
#define LK_STATE_LOWER	"lower"		/* mark: it was in a lower layer     */
#define LK_STATE_SIZE	4096		/* octets                            */
#define LK_BOOT_SIZE	16		/* octets of a boot id               */

struct lk_ack {
	uint64_t	 seq;
	uint64_t	 length;
	uint8_t		 mac[LK_MAC_SIZE];
	uint8_t		 boot[LK_BOOT_SIZE];
	int64_t		 time;
	uint64_t	 cut;
	uint64_t	 last;		/* sequence number                   */
	uint64_t	 lines;
	uint64_t	 span;
	uint64_t	 written;	/* nanoseconds; 0: not known         */
	uint64_t	 bare;		/* as in struct lk_link              */
};

#define LK_ACK_WORDS	16

/* Words that are loaded without a call: one load is all there is to them. */
#define LK_STATE_GENERATION	2
#define LK_STATE_TIME		3

struct lk_state {
	const struct lk_io *io;
	_Atomic uint64_t *words;	/* NULL: there is no state           */
	int		 fd;
	dev_t		 dev;
	ino_t		 ino;
	int		 odd;		/* not opened: of no known form      */
	uint8_t		 boot[LK_BOOT_SIZE];	/* of now; zero: not known   */
	_Atomic uint64_t next;		/* not 0: the successor of that
					 * generation is what counts */
};

/*
 * 0             mapped; write not 0: it may be stored to
 * LK_ENOTFOUND  there is none; *out has words NULL and may be asked and closed
 * LK_EDAMAGE    of no known form, and out->odd is not 0; or of a newer version
 * LK_EUNAVAIL   cannot be mapped
 * LK_ECONFIG, LK_EPERM, LK_EIO
 */
int	lk_state_open(const struct lk_folder *f, int write,
	    struct lk_state *out, struct lk_error *e);
/*
 * Before anything of an overlay is opened for writing: may it be?  A map made
 * before a file was copied up into the upper layer never sees what is stored
 * later, so readers of a lower one would go on with a deleted key.  The test
 * copies it up, and so a mark is left, which refuses until somebody removes it.
 *
 * 0; LK_EUNAVAIL, made in a lower layer; LK_EIO
 */
int	lk_state_layer(const struct lk_folder *f, struct lk_error *e);
/* 1 when the file of that name has another stamp than its map: it was copied
 * up since it was mapped. */
int	lk_state_frozen(const struct lk_folder *f, const struct lk_state *s);
void	lk_state_close(struct lk_state *s);
/* Make it under a temporary name; the caller renames.  ack: the first one. */
int	lk_state_make(const struct lk_folder *f, const char *name, mode_t mode,
	    gid_t gid, const struct lk_ack *ack, struct lk_error *e);

/* The newest sound copy: 1 it vouches, 0 it does not (of another boot), -1
 * there is none; *out is then all zero. */
int	lk_state_read(const struct lk_state *s, struct lk_ack *out);
/* Write the next copy; seq and boot are filled here. */
void	lk_state_ack(struct lk_state *s, struct lk_ack *a);
/* Likewise, with the boot id that is in it. */
void	lk_state_copy(struct lk_state *s, struct lk_ack *a);
/* With the lock held: a writer may have been killed, or its copy damaged,
 * between copy and stamp; make them one again. */
void	lk_state_settle(struct lk_state *s);
/* A copy as words with a CRC, and back: 1 when it holds, 0. */
void	lk_ack_pack(const struct lk_ack *a, uint64_t w[LK_ACK_WORDS]);
int	lk_ack_unpack(const uint64_t w[LK_ACK_WORDS], struct lk_ack *a);
/* Words of the successor: 1 and *out; 0 there is none, or it is torn. */
int	lk_state_successor(const struct lk_state *s, struct lk_ack *out,
	    uint64_t *generation);
/* Name it, and have it on the disk.  a->seq and boot are filled here.  0, or
 * LK_EIO and there is none. */
int	lk_state_succeed(struct lk_state *s, struct lk_ack *a,
	    uint64_t generation, struct lk_error *e);
/* It has taken its place: it is what was acknowledged, and no successor. */
void	lk_state_step(struct lk_state *s, struct lk_ack *a,
	    uint64_t generation);
void	lk_state_forget(struct lk_state *s);
/* The generation of the index where a successor may count. */
uint64_t lk_state_succeeding(const struct lk_state *s);
/* The generation of the index; one load.  0: there is none. */
static inline uint64_t
lk_state_generation(const struct lk_state *s)
{
	if (s->words == NULL)
		return 0;
	if (atomic_load_explicit(&s->next, memory_order_acquire) != 0)
		return lk_state_succeeding(s);
	return atomic_load_explicit(&s->words[LK_STATE_GENERATION],
	    memory_order_acquire);
}
void	lk_state_set_generation(struct lk_state *s, uint64_t generation);
/* The index of that generation does not hold: name one that is not there,
 * unless another took its place.  No lock is needed. */
void	lk_state_disown(struct lk_state *s, uint64_t generation);
/* The time of the last line; one load, and nothing checks it. */
static inline int64_t
lk_state_time(const struct lk_state *s)
{
	return s->words == NULL ? 0 : (int64_t)atomic_load_explicit(
	    &s->words[LK_STATE_TIME], memory_order_acquire);
}
/* Changes with each acknowledgement; one load. */
uint64_t lk_state_stamp(const struct lk_state *s);
/* Who holds the lock, or 0. */
void	lk_state_hold(struct lk_state *s, pid_t pid);
pid_t	lk_state_holder(const struct lk_state *s);
/* Somebody waits for the lock, or nobody any more; what was said before. */
int	lk_state_want(const struct lk_state *s, int wanted);
/* The boot id of the running system; zero where it cannot be read. */
void	lk_boot_id(uint8_t out[LK_BOOT_SIZE]);

#endif
