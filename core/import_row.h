/*
 * import_row.h: a record of an import: its columns as text, and the key that
 * they make once each was found to be right.
 *
 * There are two forms.  A foreign record has the SHA-256 of a token of another
 * system; one of ours, as export writes it, has the digest of a token under our
 * pepper and all else that is known of its key.
 */
#ifndef LK_IMPORT_ROW_H
#define LK_IMPORT_ROW_H

#include "hold.h"
#include "token/token.h"

enum lk_column {
	LK_COLUMN_ID,
	LK_COLUMN_TYPE,
	LK_COLUMN_ACCOUNT,
	LK_COLUMN_LABEL,
	LK_COLUMN_HINT,
	LK_COLUMN_STATE,
	LK_COLUMN_CREATED,
	LK_COLUMN_CREATED_BY,
	LK_COLUMN_EXPIRES,
	LK_COLUMN_NOT_BEFORE,
	LK_COLUMN_ADDRESSES,
	LK_COLUMN_PACKAGE,
	LK_COLUMN_REPLACES,
	LK_COLUMN_REPLACED_BY,
	LK_COLUMN_ROLE,
	LK_COLUMN_DIGEST,
	LK_COLUMN_PEPPER,
	LK_COLUMN_CHECK,
	LK_COLUMN_SHA256,
	LK_COLUMNS
};

#define LK_CHECK_TEXT	22		/* octets of a check value as text   */

/* What records are judged by; of a whole import. */
struct lk_rules {
	const struct lk	*lk;
	const struct lk_snapshot *snapshot;	/* for all of it, as live   */
	const struct lk_pepper *live;	/* for all of it */
	int64_t		 now;
	char		 check[LK_CHECK_TEXT + 1];	/* of our pepper     */
	int		 csv;		/* labels are as export guards them  */
	const struct lk_live_type *type;	/* the last one, or NULL     */
	unsigned	 pepper;	/* the last version that was known   */
};

struct lk_row {
	/* As read; a NUL behind each; p NULL: it is not there. */
	struct lk_slice	 text[LK_COLUMNS];
	int		 own;		/* as export writes them             */

	/* When checked.  Strings are those of text, or static. */
	const struct lk_live_type *type;
	const char	*id, *account, *label, *hint, *created_by, *package;
	const char	*role;		/* "": none                          */
	uint8_t		 digest[LK_DIGEST_SIZE];
	uint8_t		 older[LK_DIGEST_SIZE];	/* under the pepper before */
	int		 has_older;
	unsigned	 pepper;
	const char	*replaces, *replaced_by;	/* or NULL           */
	int		 disabled;
	int64_t		 created, expires, not_before;
	struct lk_net	 addresses[LK_ADDRESSES_MAX];
	size_t		 naddresses;
};

const char *lk_column_name(enum lk_column c);
/* LK_COLUMNS: there is none of that name; then e says so, and may know which
 * one was meant. */
enum lk_column lk_column_find(const char *name, struct lk_error *e);
/*
 * Are columns, a bit each, all that a record needs and none that does not go
 * with the others?  0, and whether they are export's own; LK_EDATA.
 */
int	lk_columns_check(unsigned columns, int *own, struct lk_error *e);
/* The rules of a handle that was opened with a pepper.  0, LK_EUNAVAIL. */
int	lk_rules_start(struct lk_rules *r, const struct lk *lk,
	    struct lk_error *e);
/*
 * Check each column of a row whose text is filled.
 *
 * 0
 * LK_EDATA     e is the cause, *at the column that has it, or LK_COLUMNS
 * LK_ECONFIG   it was exported under another pepper, as all of it was
 * LK_EUNAVAIL  libgcrypt gave no digest
 */
int	lk_row_check(struct lk_row *row, struct lk_rules *r,
	    enum lk_column *at, struct lk_error *e);

#endif
