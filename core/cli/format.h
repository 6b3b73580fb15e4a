/*
 * format.h: which format a file of keys has.
 */
#ifndef LK_CLI_FORMAT_H
#define LK_CLI_FORMAT_H

#include "cli/cli.h"

/* By --format, else by the end of a file's name (or NULL), else LK_FORMAT_AUTO.
 * 0, or an exit status when it was said what is wrong. */
int	lk_format_find(struct lk_cli *c, const char *file, int *format);

#endif
