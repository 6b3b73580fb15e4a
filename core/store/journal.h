/*
 * journal.h: the journal, which is the truth: one file, text, append-only.
 *
 *	latchkey-journal:1:CHECK\n
 *	seq:batch:time:event:actor:from:keyid:name=value:name=value…:mac\n
 *	…
 *
 * First line: version 1 and the check value of the pepper, 16 octets in
 * base64url (22 of them).
 *
 *	seq	decimal from 1, one more each line, no leading zero
 *	batch	seq of the last line of its batch: what was written and synced
 *		at once.  A batch counts when that line is there; a line on its
 *		own has batch equal to seq; at most 1,000,000 lines
 *	time	decimal, seconds UTC since 1970 to the end of year 9999, never
 *		before that of the last line above that has a MAC
 *	event	[a-z_]+, at most 15 octets; the table below
 *	actor	1 to 63 octets: the operator, by name; "-" for none
 *	from	1 to 127 octets: where from ("cli", "cli sudo=ann", "api 1.2…");
 *		"-" for none
 *	keyid	12 base62 digits, or "-" where the event is of no key
 *	name	[a-z_]+, each at most once, at most 32 of them; those of the
 *		table in its order, others anywhere between
 *	value	escaped; it may hold "="; empty only for package and for names
 *		that are not in the table
 *	mac	22 octets of base64url, or "-": only delete and disable may
 *
 * A line has at most 2,048 octets, its newline included.  Actor, from and
 * values are UTF-8 without control characters; every octet but 0x21 to 0x7e
 * without ":" and "%" is written %XX with upper-case digits, and no other is,
 * so that one text has one form.  Numbers are decimal without sign or leading
 * zero and at most 2^63 - 1.  Behind damage a seq is higher than the last sound
 * one by at most the offset of its line.
 *
 *	event		names, [optional]	what it says
 *	generate	type account digest	a new key, active; digest is the
 *			pepper hint [label]	HMAC-SHA-256 of its token (43
 *			[expires]		octets of base64url), of another
 *			[not_before]		system as in pepper.h; pepper
 *			[created]		the version of its key, from 1;
 *			[created_by]		times in seconds; when and by
 *						whom it was made, where that is
 *			[replaces]		not what its line says; the key
 *			[role]			whose place it takes; what an
 *						operator's lets its bearer do
 *	addresses	add			networks, by ",", of the key
 *						made right before it, in the
 *						same batch; as many lines as it
 *						takes, 64 networks a key
 *	delete					ended, for good
 *	disable					refused from now
 *	enable					active again
 *	expire		[expires]		its end is then, or never; with
 *			[successor]		a successor, which takes its
 *						place, it does not count while
 *						that one does (count.c)
 *	account		account package		keyid "-"; its package, empty:
 *						the default
 *	account_delete	account			keyid "-"; forgotten, its
 *						package too: each of its keys is
 *						deleted; a later one begins it
 *						anew
 *	repair		from to file		keyid "-"; a torn tail was cut:
 *						the file's length before and
 *						after, the name of what was
 *						kept, or "-"
 *
 * type, role: 1 to 32 octets of 0x21 to 0x7e, package: the same or none;
 * account: [a-z0-9][a-z0-9._-]{0,63}; hint: 1 to 20 octets; label: 1 to 128;
 * created_by: as actor.
 *
 * A name that is not known is kept and ignored.  An event that is not known
 * makes its key *error* until it is deleted, and nothing but deletes is written
 * any more.  Deleted is for good: later events of the key change nothing.
 *
 * A line without a MAC can be anybody's who may write to the file.  So it takes
 * power from its key and does nothing else: its time is not that of the store,
 * and what comes after it may be older.
 *
 * Writing is one pwrite(2) behind the end and one fdatasync(2); what state.h
 * calls acknowledged follows after that.  Behind damage, lines that delete are
 * written with "-" for a MAC, after a newline where the last one is missing.
 *
 * The MAC is drawn in chain.h, torn and damaged in load.h, `state` in state.h.
 * 64 KiB behind the end are reserved; the last 48 of them are for lines that
 * delete.
 */
#ifndef LK_STORE_JOURNAL_H
#define LK_STORE_JOURNAL_H

#include "base/err.h"
#include "fs.h"
#include "token/digest.h"

#define LK_JOURNAL_NAME		"journal"
#define LK_JOURNAL_FIRST	42	/* octets of the first line          */
#define LK_JOURNAL_RESERVE	65536	/* octets behind the end             */
#define LK_JOURNAL_KEPT		49152	/* of them, for what removes power   */

/* lk_fail_at of a line of the journal of the store dir; 0: of none. */
int	lk_journal_fail(struct lk_error *e, int code, const char *dir,
	    uint64_t line, const char *fmt, ...) LK_PRINTF(5, 6);
/* The first line, without a NUL. */
void	lk_journal_first(const uint8_t check[LK_MAC_SIZE],
	    char out[LK_JOURNAL_FIRST]);
/* The check value in the first line.  0; LK_EDAMAGE; LK_EIO. */
int	lk_journal_value(const struct lk_folder *f, int fd,
	    uint8_t out[LK_MAC_SIZE], struct lk_error *e);
/*
 * Read the first line.  check NULL: any pepper.  0; LK_ECONFIG another pepper;
 * LK_EDAMAGE of no known form, or a version that is not 1; LK_EIO.
 */
int	lk_journal_check(const struct lk_folder *f, int fd,
	    const uint8_t *check, struct lk_error *e);
/*
 * Keep 64 KiB behind end + n.  0; LK_EIO when the disk is full and remove is
 * 0: what is kept is then less than 48 KiB after n more.  The lock is held.
 */
int	lk_journal_reserve(struct lk_folder *f, int fd, uint64_t end,
	    size_t n, int remove, struct lk_error *e);
/*
 * Write n octets at end and sync, with space kept as above.  0; LK_EIO, the
 * file is as long as before (or has a torn tail, if that failed as well);
 * LK_EINDOUBT, the sync failed; LK_EAGAIN, the file does not end there or has
 * lost its name: nothing written.
 */
int	lk_journal_append(struct lk_folder *f, int fd, uint64_t end,
	    const void *p, size_t n, int remove, struct lk_error *e);
/* Write what stands at [from, to) once more and sync: after a sync that failed
 * the kernel may hold it for clean though it never reached the disk. */
int	lk_journal_rewrite(const struct lk_folder *f, int fd, uint64_t from,
	    uint64_t to, struct lk_error *e);

#endif
