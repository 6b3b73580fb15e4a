/*
 * grid.h: rows in aligned columns, fitted to a terminal; elsewhere whole.
 */
#ifndef LK_CLI_GRID_H
#define LK_CLI_GRID_H

#include <stddef.h>

#include "cli/cli.h"

#define LK_COLUMNS_MAX	12

struct lk_column {
	const char	*title;
	size_t		 least;		/* columns it may shrink to; 0: never */
	char		 date;		/* a time that may be cut to its day */
	char		 drop;		/* 0: never left out; highest first  */
};

struct lk_grid {
	const struct lk_column *columns;
	size_t		 ncolumns;
	char		**cells;	/* nrows x ncolumns, owned           */
	size_t		 nrows, cap;
	int		 failed;
};

void	lk_grid_init(struct lk_grid *t, const struct lk_column *columns,
	    size_t n);
/* Copies n cells, NULL and "" as "-". */
void	lk_grid_row(struct lk_grid *t, const char *const *cells);
/* Prints it on standard output, without titles when there is no row; frees.
 * 0, or EX_UNAVAILABLE without memory. */
int	lk_grid_print(struct lk_grid *t);
void	lk_grid_free(struct lk_grid *t);

/*
 * A listing: hands each row to `to`, which is a struct lk_grid, or under --json
 * a struct lk_out within an array.  What it answers is told as an error.
 */
typedef int (*lk_rows_fn)(struct lk_cli *c, void *to, struct lk_error *e);
/* All of it under name, as --json or as a table.  An exit status. */
int	lk_grid_list(struct lk_cli *c, const char *name,
	    const struct lk_column *columns, size_t n, lk_rows_fn rows);

#endif
