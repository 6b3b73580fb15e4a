/*
 * csv.h: the cells of a record of CSV.
 *
 * Source: RFC 4180.  A cell may stand in quotes, a quote in it is doubled; one
 * without quotes holds none.  Blanks belong to the cell.
 */
#ifndef LK_BASE_CSV_H
#define LK_BASE_CSV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/feed.h"

#define LK_CELLS_MAX	64		/* of a record                       */

struct lk_cell {
	const char	*p;		/* of lk_csv.text; a NUL behind it   */
	size_t		 n;
	size_t		 at;		/* octets of the record before it    */
};

struct lk_csv {
	struct lk_cell	 v[LK_CELLS_MAX];
	size_t		 n;
	const char	*why;		/* static: what is wrong             */
	size_t		 at;		/* where: octets before it           */
	char		 text[LK_RECORD_MAX + LK_CELLS_MAX];
};

/*
 * lk_csv_split: n octets, at most LK_RECORD_MAX.
 *
 * 0            the cells, one at least
 * LK_ESYNTAX   its quotes are not those of RFC 4180: where a record ends cannot
 *              be told any more
 * LK_EDATA     there are more than LK_CELLS_MAX
 */
int	lk_csv_split(const char *p, size_t n, struct lk_csv *out);
/* Append a cell, in quotes where it needs them. */
void	lk_csv_put(struct lk_buf *b, const char *text);

#endif
