/*
 * load.h: from the octets of the journal to the index, line by line.
 *
 * Lines are staged until the last one of their batch is there.  Where a line
 * cannot be read on from, this decides between the two that look alike:
 *
 *	torn	what a power cut or a kill left of a batch that nobody was told
 *		of.  It is ignored here and cut by the next writer.
 *	damage	anything else.  All keys known so far may have been ended by
 *		the lost line: they become LK_STATE_UNSURE, unless deleted.
 *
 * Torn is only what lies wholly in the last batch, from the acknowledged length
 * on, and without a vouching `state` only a tail that lacks its last newline
 * or has a whole sector of NULs; or, behind a length that was acknowledged
 * before a crash of the machine, a part of a batch whose lines all verify.
 */
#ifndef LK_STORE_LOAD_H
#define LK_STORE_LOAD_H

#include "chain.h"
#include "index.h"
#include "tail.h"

/* How far the journal was read: after the last batch that counted. */
struct lk_pos {
	uint64_t	 end;		/* offset                            */
	uint64_t	 line;		/* physical lines up to there        */
	uint64_t	 seq;		/* of the last sound line            */
	uint64_t	 lost;		/* damaged lines since that          */
	int64_t		 time;		/* of the last line with a MAC       */
	int		 cut_told;
	struct lk_link	 link;
};

enum lk_load_end {
	LK_LOAD_WHOLE,			/* it ends with a whole batch        */
	LK_LOAD_TORN,
	LK_LOAD_DAMAGED			/* pos.end is before the bad tail    */
};

/* code LK_EDAMAGE or LK_NOTE; line from 1; text is static. */
typedef void (*lk_load_fn)(void *arg, int code, uint64_t line,
	    const char *text);

struct lk_load {
	const struct lk_io *io;		/* all of these: the caller's        */
	int		 fd;
	struct lk_hmac	*key;		/* NULL: grammar only                */
	struct lk_index	*index;
	lk_load_fn	 fn;		/* told of each finding, or NULL     */
	void		*arg;
	lk_progress_fn	 progress;	/* now and then, or NULL             */
	void		*progress_arg;

	uint64_t	 limit;		/* read up to here                   */
	uint64_t	 floor;		/* acknowledged for certain          */
	int		 vouched;	/* by a state of this boot           */
	uint64_t	 cut;		/* where it was found cut off, or 0  */

	struct lk_pos	 pos;		/* where to start, and where it ended */
	enum lk_load_end end;
	struct lk_tail	 tail;		/* unless end is WHOLE               */
	const char	*tail_why;	/* likewise                          */
	uint64_t	 tail_line;
	uint64_t	 newer;		/* line of an unknown event, or 0    */
	uint64_t	 bare;		/* lines without a MAC               */
	unsigned	 faults;
	uint64_t	 fault_line;	/* of the first fault                */
	const char	*fault_why;

	/* its own */
	struct lk_chain	 chain;
	struct lk_pos	 at;
	uint64_t	 batch;		/* of the staged lines, or 0         */
	int		 proved;	/* each of them by a MAC             */
	uint64_t	 untorn;	/* no torn tail begins before it     */
};

/*
 * Read from pos on.  0; LK_EIO, LK_ENOMEM, LK_EUNAVAIL (libgcrypt), and pos is
 * then where it may be tried again from.
 */
int	lk_load_run(struct lk_load *l, struct lk_error *e);
void	lk_load_free(struct lk_load *l);
/* Something of the journal is lost: before what comes next, all that is
 * known is unsure. */
int	lk_load_fault(struct lk_load *l, uint64_t line, const char *why);

#endif
