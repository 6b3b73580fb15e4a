/*
 * finding.h: what the check verbs found, as text or in one array of JSON.
 */
#ifndef LK_CLI_FINDING_H
#define LK_CLI_FINDING_H

#include "cli/json_out.h"

struct lk_findings {
	struct lk_out	*json;		/* NULL: text                        */
	FILE		*to;		/* of text                           */
	size_t		 errors, notes;
	int		 with_file;	/* JSON names the file of each       */
	const char	*kinds[2];	/* what an error and a note are      */
};				/* called in text; NULL: nothing     */

/* A lk_finding_fn; arg is a struct lk_findings. */
void	lk_finding(void *arg, const struct lk_error *f, const char *source);

#endif
