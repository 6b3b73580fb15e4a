/*
 * input.h: files and standard input that hold a request.  They may hold a
 * token: what was read is wiped when it is freed.
 */
#ifndef LK_CLI_INPUT_H
#define LK_CLI_INPUT_H

#include "cli/cli.h"

struct lk_input {
	char	*p;		/* n octets, a NUL behind them           */
	size_t	 n;
	size_t	 cap;
};

#define LK_INPUT_NONE	((struct lk_input){ NULL, 0, 0 })

/*
 * All of a file, "-" is standard input, of at most max octets.  0, or an exit
 * status when it was said why not (too long is EX_DATAERR).
 */
int	lk_input_read(struct lk_cli *c, const char *file, size_t max,
	    struct lk_input *in);
/* The same without a limit that is told: what lies behind max is not read. */
int	lk_input_start(struct lk_cli *c, const char *file, size_t max,
	    struct lk_input *in);
void	lk_input_free(struct lk_input *in);

/* Headers of a request, as -H gives them. */
struct lk_headers {
	struct lk_header v[LK_HEADERS_MAX + 1];	/* one more: it is refused   */
	size_t		 n;
	struct lk_input	 held[LK_HEADERS_MAX + 1];	/* what v points to  */
	size_t		 nheld;
};

/* Every -H of the command; its argv is wiped.  0, or an exit status. */
int	lk_headers_read(struct lk_cli *c, struct lk_headers *h);
void	lk_headers_free(struct lk_headers *h);

#endif
