/*
 * grid.h: rows in aligned columns, fitted to a terminal; elsewhere whole.
 */
#ifndef LK_CLI_GRID_H
#define LK_CLI_GRID_H

#include <stddef.h>

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

#endif
