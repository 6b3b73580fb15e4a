/*
 * import_read.h: the records of an import, in either format.
 */
#ifndef LK_IMPORT_READ_H
#define LK_IMPORT_READ_H

#include "base/csv.h"
#include "import_row.h"
#include "json.h"

struct lk_import_reader {
	struct lk_feed	 feed;
	struct lk_feed_record record;
	int		 jsonl;
	int		 own;		/* of CSV, as its first line says    */
	enum lk_column	 columns[LK_CELLS_MAX];	/* likewise          */
	size_t		 ncolumns;
	struct lk_csv	 csv;
	struct lk_json	*json;		/* of the last record                */
	char		 text[LK_RECORD_MAX];	/* what JSON has as no text  */
	size_t		 used;
};

/*
 * Begin at start: format as in struct lk_import.  With CSV the first line is
 * read.  0; LK_EDATA or LK_ESYNTAX, a fault of it, with its column in e;
 * LK_EIO, LK_ENOMEM.  To be ended in any case.
 */
int	lk_import_reader_start(struct lk_import_reader *r, int fd, off_t start,
	    int format, struct lk_error *e);
void	lk_import_reader_end(struct lk_import_reader *r);
/*
 * The texts of the next record.
 *
 * 1            row->text and row->own are filled
 * 0            there are no more
 * LK_EDATA     this record is no good, e says why; the next call goes on
 * LK_ESYNTAX   likewise, and where the next one begins cannot be told
 * LK_EIO, LK_ENOMEM
 */
int	lk_import_read(struct lk_import_reader *r, struct lk_row *row,
	    struct lk_error *e);
/* Fill the column of e, of a record with a fault. */
void	lk_import_place(const struct lk_import_reader *r, enum lk_column at,
	    struct lk_error *e);

#endif
