/*
 * syntax.h: what libyaml says of a file that is no YAML, in plain words.
 */
#ifndef LK_POLICY_SYNTAX_H
#define LK_POLICY_SYNTAX_H

#include "policy/findings.h"

struct lk_syntax {
	const char	*problem, *context;	/* libyaml's words, or NULL  */
	struct lk_place	 at;			/* of the problem            */
	struct lk_place	 from;			/* where its context began   */
	unsigned	 lines;			/* of the file               */
};

void	lk_syntax_report(struct lk_findings *f, const struct lk_syntax *s);

#endif
