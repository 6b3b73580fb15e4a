/*
 * swap.h: another journal in the place of the one that is.
 *
 *	journal ---- copied ----> journal.new ---- read ----> index.new
 *	   |  without the lock, up to where it was acknowledged; again, for what
 *	   |  was written meanwhile; the rest of that with the lock
 *	   v
 *	journal.TIME, kept as evidence
 *
 * then, with the lock held and in this order (see state.h for why)
 *
 *	journal.new complete and synced, index.new is index.GENERATION
 *	state names the successor, synced
 *	journal gets the second name journal.TIME; journal.new is renamed to
 *	    journal; folder synced
 *	state: generation, copy; no successor
 *
 * Killed before the rename, the old journal goes on, and what is left of the
 * new one is removed by the next writer; killed after it, the next writer does
 * the last step.  Either way all that was acknowledged is in the one that has
 * the name, deletes too: nobody can write while the lock is held, and who waits
 * for it finds the new one.
 */
#ifndef LK_STORE_SWAP_H
#define LK_STORE_SWAP_H

#include "batch_inner.h"
#include "lines.h"
#include "rewrite.h"

struct lk_swap;

/* What is to be done: all functions are of the caller, with its arg. */
struct lk_swap_job {
	struct lk_hmac	*key;		/* of the new journal, borrowed; NULL:
					 * that of the old one               */
	const uint8_t	*check;		/* likewise                          */
	/* Another file to read from than the old journal, whole: its name, a
	 * descriptor and the key of its MACs, all borrowed; name NULL: none. */
	struct {
		const char	*name;
		const struct lk_folder *folder;	/* it is in          */
		int		 fd;
		uint64_t	 limit;
		struct lk_hmac	*key;
	}		 source;
	int		 mend;		/* not 0: the old one may be damaged */
	/* Is a line that is not sound lost?  As in lines.h; or NULL. */
	int	(*accept)(void *arg, const struct lk_lines *x, const char *why);
	/* Once all of it is in the new index, without the lock; or NULL. */
	int	(*late)(void *arg, struct lk_swap *w, struct lk_error *e);
	/* Before the first line is copied; or NULL. */
	int	(*start)(void *arg, struct lk_swap *w, struct lk_error *e);
	/* Is the line in w->src to be kept?  1, 0, or an error. */
	int	(*keep)(void *arg, struct lk_swap *w, struct lk_error *e);
	/* The events at its end: bodies by lk_swap_event. */
	int	(*end)(void *arg, struct lk_swap *w, struct lk_error *e);
	void	*arg;
	lk_progress_fn	 progress;	/* or NULL                           */
	void		*progress_arg;
};

struct lk_swap {
	struct lk_store	*s;
	const struct lk_swap_job *job;
	const char	*actor, *from;
	struct lk_hmac	*key;		/* of the new one                    */
	uint8_t		 check[LK_MAC_SIZE];
	struct lk_image	*old;		/* the store's                       */
	int		 fd;		/* of the old journal, our own       */
	ino_t		 ino;
	struct lk_lines	 src;
	struct lk_rewrite out;
	struct lk_image	*new;		/* of journal.new; NULL: not yet     */
	uint64_t	 from_off;	/* where this round began            */
	uint64_t	 limit;		/* and where it ends                 */
	uint64_t	 seen;		/* of the old one, when it began     */
	int		 round;		/* 0: all up to the beginning        */
	uint64_t	 before, kept;	/* lines, the first one not counted  */
	uint64_t	 head;		/* of the old one: its last line     */
	uint8_t		 head_mac[LK_MAC_SIZE];		/* with a MAC */
	char		 file[48];	/* the name that is kept             */
	int64_t		 when;
};

/*
 * 0 and *out tells what was done, nothing in it is open; LK_EAGAIN another one
 * is at it, or a writer held the lock; LK_EDAMAGE the journal is damaged, or of
 * a newer latchkey; LK_EIO nothing was changed, as on a full disk; LK_EINDOUBT
 * the folder could not be synced: the new journal has the name, and a power cut
 * may take it back; what the job's functions say.
 */
int	lk_swap_run(struct lk_swap *out, struct lk_store *s,
	    const char *actor, const char *from,
	    const struct lk_swap_job *job, struct lk_error *e);
/* From late and end: one more line. */
int	lk_swap_event(struct lk_swap *w, const struct lk_buf *body,
	    struct lk_error *e);
/* What is written from here on is of that time, or of the last line's if that
 * is later. */
void	lk_swap_now(struct lk_swap *w, int64_t now);
/* seq and mac of the old journal's head, and the check value of the pepper
 * before the new one's, if it is known, as details of an event. */
void	lk_swap_add_head(const struct lk_swap *w, struct lk_buf *body);
/*
 * With the lock and the refresh mutex held: do what a killed one did not live
 * to do.  remove: to remove power, which an error does not stop.  0 or LK_EIO.
 */
int	lk_swap_settle(struct lk_image *im, int remove, struct lk_error *e);

#endif
