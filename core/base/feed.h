/*
 * feed.h: the records of a file, one after the other, in memory of one size.
 *
 * A record is a line or, of a text with quotes (CSV, RFC 4180), what ends at a
 * newline that is in no quotes.  So nothing that stands in quotes is ever taken
 * for a record of its own, however long it is.
 */
#ifndef LK_BASE_FEED_H
#define LK_BASE_FEED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LK_RECORD_MAX	16384		/* octets of a record                */

struct lk_feed {
	int		 fd;
	off_t		 start, at;	/* of the file: all; behind buf      */
	char		*buf;
	size_t		 n, pos;	/* octets in it; of the next record  */
	uint64_t	 line;		/* of the next record, from 1        */
	int		 quotes;
};

#define LK_FEED_NONE	((struct lk_feed){ .fd = -1 })

/* Borrowed until the next call; a NUL stands behind it. */
struct lk_feed_record {
	const char	*p;
	size_t		 n;		/* without CR LF or LF               */
	uint64_t	 line;		/* where it begins                   */
};

/* From start on; fd is read by pread(2) and stays the caller's.  0, LK_ENOMEM,
 * or LK_EIO with errno. */
int	lk_feed_start(struct lk_feed *f, int fd, off_t start);
void	lk_feed_end(struct lk_feed *f);
/* Go back to the start. */
void	lk_feed_rewind(struct lk_feed *f);
/* The next octet without taking it, behind a byte order mark; -1: none. */
int	lk_feed_peek(struct lk_feed *f);
/*
 * 1            a record
 * 0            there are no more
 * LK_EDATA     this record is over LK_RECORD_MAX; the next call goes on behind
 * LK_ESYNTAX   the file ends in quotes that began at this record
 * LK_EIO       with errno
 */
int	lk_feed_next(struct lk_feed *f, struct lk_feed_record *out);
/* Octets that were passed. */
uint64_t lk_feed_done(const struct lk_feed *f);

#endif
