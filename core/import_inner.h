/*
 * import_inner.h: an import as it travels: checked, then taken.
 */
#ifndef LK_IMPORT_INNER_H
#define LK_IMPORT_INNER_H

#include "import_read.h"
#include "import_seen.h"

struct lk_importing {
	struct lk		*lk;
	const struct lk_operator *op;
	const struct lk_import	*o;
	struct lk_imported	*n;
	char			 from[128];	/* of the journal's lines    */
	int			 fd;
	off_t			 start;
	uint64_t		 octets;	/* from there to the end     */
	struct lk_import_reader	 reader;
	struct lk_rules		 rules;
	struct lk_row		 row;
	uint64_t		 accounts;	/* that are new              */
	int			 may_accounts;	/* it was asked, and may     */
	struct lk_buf		 bad;	/* lines to skip             */
	size_t			 passed;	/* octets of those           */
};

/* The regular file to read twice: that of fd or, where it is none, a copy
 * without a name (*own is not 0: to be closed).  0, LK_EIO. */
int	lk_import_spool(int fd, int *out, int *own, struct lk_error *e);
/* A bad record is counted, and e, which says where and why, is told. */
void	lk_import_tell(struct lk_importing *m, struct lk_error *e);
/* The same of the record that was read last, at a column or LK_COLUMNS; e is
 * its cause. */
void	lk_import_bad(struct lk_importing *m, enum lk_column at,
	    struct lk_error *e);
/* e, at the record that was read last, is why the import ends. */
int	lk_import_fatal(struct lk_importing *m, enum lk_column at,
	    struct lk_error *e);
/* e is a fault of the record at that line. */
void	lk_import_at(const struct lk_importing *m, uint64_t line,
	    struct lk_error *e);
/* Is the key of the row in the store?  1, 0; LK_EDATA, it is another's;
 * LK_EUNAVAIL. */
int	lk_import_there(struct lk_importing *m, struct lk_error *e);
/* Both passes.  0, or as lk_import. */
int	lk_import_check(struct lk_importing *m, struct lk_error *e);
int	lk_import_take(struct lk_importing *m, struct lk_error *e);

#endif
