/*
 * shown.h: tokens on standard output, by write(2), so that no buffer of stdio
 * keeps a copy.
 */
#ifndef LK_CLI_SHOWN_H
#define LK_CLI_SHOWN_H

#include "cli/cli.h"

/* All of n octets: 0, or -1 with errno. */
int	lk_shown_write(const char *p, size_t n);
/* generate --count: n keys as g.  0, or an exit status. */
int	lk_shown_many(struct lk_cli *c, const struct lk_generate *g,
	    uint64_t n);

#endif
