/*
 * model.h: what a store must hold, kept outside of it: the batches that were
 * begun, and what was said about each.
 */
#ifndef FAULT_MODEL_H
#define FAULT_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tape.h"

#define KEYS_MAX	320
#define BATCHES_MAX	128
#define FLIGHT_MAX	4		/* batches that nobody was told of   */
#define WANTS_MAX	(1 << FLIGHT_MAX)

/* Marks on the tape. */
enum mark {
	MARK_MADE,			/* the store                         */
	MARK_BEGUN,
	MARK_ACKED,
	MARK_REFUSED			/* and not a part of it is there     */
};

enum batch_kind {
	BATCH_ADD, BATCH_IMPORT, BATCH_DELETE, BATCH_DISABLE, BATCH_ENABLE,
	BATCH_PACKAGE, BATCH_FORGET
};

/* Of a key that is imported: what it comes with. */
#define IS_DISABLED(n)	((n) % 3 == 0)
#define HAS_NETS(n)	((n) % 4 == 0)

struct batch_plan {
	enum batch_kind	 kind;
	int		 from, to;	/* keys                              */
	char		 package;	/* one letter                        */
	int		 lines;		/* of the journal                    */
};

#define ANY_PACKAGE	'*'		/* not looked at                     */

/* What is seen of a store. */
struct look {
	signed char	 key[KEYS_MAX];	/* LK_STATE_*; 0 no such key; -1     */
	char		 package;	/* '-' the default, 0 no account     */
	int		 lines;		/* but those of repairs; -1 any      */
};

struct model {
	struct batch_plan plan[BATCHES_MAX];
	int		 n;
	int		 nkeys;
	int		 rewritten;	/* lines are not counted             */
	int		 sick;		/* it may stop until the first yes   */
	/* At some place of the tape. */
	int		 made;
	enum mark	 status[BATCHES_MAX];
	int		 begun[BATCHES_MAX];
	/* Before the tape. */
	int		 made_before, begun_before[BATCHES_MAX];
	enum mark	 status_before[BATCHES_MAX];
	int		 acked;		/* on the tape                       */
	uint64_t	 stamp;		/* of all that was said so far       */
	char		*torn;		/* of this journal something was cut */
					/* before the tape; or NULL          */
	size_t		 ntorn;
	struct look	 want[WANTS_MAX];	/* any of these              */
	int		 nwant;
};

/* A mark was passed. */
void	model_pass(struct model *m, const struct op *o);
/* Nothing was passed yet. */
void	model_reset(struct model *m);
/* Of a journal that is written anew, deleted keys may be gone. */
void	model_rewrite(struct look *l);
/* 1 when it is one of what it may be. */
int	model_has(const struct model *m, const struct look *l);
/* What is different from the nearest of them. */
void	model_explain(const struct model *m, const struct look *l, char *out,
	    size_t n);
/* 1 when nothing of it is wrong, for a store that stopped: what is known is
 * right, and nothing that lost its power has it. */
int	model_stands(const struct model *m, const struct look *l);

#endif
