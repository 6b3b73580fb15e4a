/*
 * lines.h: the sound lines of a journal, one after the other, from its first;
 * for whoever writes them anew.
 *
 * What is read is checked: form, sequence, time, MAC.  A line that is not sound
 * ends it, unless it is one of those that the caller accepts as lost.
 */
#ifndef LK_STORE_LINES_H
#define LK_STORE_LINES_H

#include "chain.h"
#include "fs.h"
#include "scan.h"

struct lk_lines {
	const struct lk_folder *folder;	/* borrowed                          */
	const char	*name;		/* of the file in it, likewise       */
	int		 fd;		/* borrowed                          */
	struct lk_scan	 scan;
	struct lk_chain	 chain;
	struct lk_raw	 raw;		/* of the line that was read         */
	struct lk_line	 line;
	uint64_t	 at;		/* its number in the file, from 1    */
	uint64_t	 seq, batch;
	int64_t		 time;		/* of the last one with a MAC        */
	uint64_t	 head;		/* its sequence number; 0: none      */
	uint8_t		 head_mac[LK_MAC_SIZE];
	uint64_t	 lost;		/* accepted lines right before it    */
	/* Asked of one that is not sound: 1 it is lost, 0. */
	int		(*accept)(void *arg, const struct lk_lines *x,
			    const char *why);
	void		*arg;
};

#define LK_LINES_NONE	((struct lk_lines){ .fd = -1, \
			    .scan = { .fd = -1 }, .chain = LK_CHAIN_NONE })

/*
 * From the first line of the journal fd on, up to limit; key: of its MACs,
 * borrowed.  0; LK_EIO, LK_ENOMEM.
 */
int	lk_lines_start(struct lk_lines *x, const struct lk_folder *f,
	    const char *name, int fd, uint64_t limit, struct lk_hmac *key,
	    struct lk_error *e);
void	lk_lines_end(struct lk_lines *x);
/* There is more: up to limit. */
void	lk_lines_more(struct lk_lines *x, uint64_t limit);
/*
 * The next line into x->raw and x->line.  1; 0 there is none; 2 it is lost, and
 * was accepted as such; LK_EDAMAGE, e names it; LK_EIO, LK_ENOMEM, LK_EUNAVAIL.
 */
int	lk_lines_next(struct lk_lines *x, struct lk_error *e);
/* What the line says of itself, without number, batch, time and MAC. */
const char *lk_lines_body(const struct lk_lines *x, size_t *n);

#endif
