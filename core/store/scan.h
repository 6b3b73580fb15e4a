/*
 * scan.h: the lines of a file, one after the other, by pread.
 */
#ifndef LK_STORE_SCAN_H
#define LK_STORE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/io.h"
#include "latchkey.h"

struct lk_scan {
	const struct lk_io *io;
	int		 fd;
	uint64_t	 off;		/* of buf[at]                        */
	uint64_t	 limit;		/* nothing from here on is read      */
	char		*buf;
	size_t		 at, n;
	size_t		 ahead;		/* hint.c's: of buf, looked at       */
};

#define LK_SCAN_NONE	((struct lk_scan){ NULL, -1, 0, 0, NULL, 0, 0, 0 })

/* A line of the file, without its newline, borrowed until the next call. */
struct lk_raw {
	const char	*p;
	size_t		 n;		/* a far too long one: its end only  */
	uint64_t	 off;		/* of its first octet                */
	uint64_t	 next;		/* of the octet after its newline    */
};

/* From off up to limit.  0 or LK_ENOMEM. */
int	lk_scan_start(struct lk_scan *s, const struct lk_io *io, int fd,
	    uint64_t off, uint64_t limit);
/* 1 a line; 0 none left, *out is what stands behind the last newline (n may
 * be 0); LK_EIO. */
int	lk_scan_next(struct lk_scan *s, struct lk_raw *out);
void	lk_scan_end(struct lk_scan *s);

#endif
