/*
 * import_text.h: the columns of an import, each from its text.
 *
 * Each call is given a text that is not empty and has no NUL but the one behind
 * it.  0, or LK_EDATA and e is the cause.
 */
#ifndef LK_IMPORT_TEXT_H
#define LK_IMPORT_TEXT_H

#include "import_row.h"

typedef int	lk_column_fn(struct lk_row *, struct lk_rules *,
		    const struct lk_slice *, struct lk_error *);

lk_column_fn	lk_read_check, lk_read_type, lk_read_account, lk_read_sha256;
lk_column_fn	lk_read_id, lk_read_pepper, lk_read_digest, lk_read_label;
lk_column_fn	lk_read_hint, lk_read_state, lk_read_created;
lk_column_fn	lk_read_created_by, lk_read_expires, lk_read_not_before;
lk_column_fn	lk_read_addresses, lk_read_package;
lk_column_fn	lk_read_replaces, lk_read_replaced_by, lk_read_role;

/* What columns must be to each other.  As lk_row_check. */
int	lk_row_agrees(struct lk_row *row, struct lk_rules *r,
	    struct lk_error *e);

#endif
