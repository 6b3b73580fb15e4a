/*
 * findings.h: what is wrong with a policy, collected while it is read and then
 * reported in the order of the file.
 */
#ifndef LK_POLICY_FINDINGS_H
#define LK_POLICY_FINDINGS_H

#include <stddef.h>

#include "base/err.h"
#include "policy/policy.h"

struct lk_finding {
	struct lk_place	 place;
	int		 code;		/* LK_ECONFIG or LK_NOTE             */
	size_t		 order;		/* as found                          */
	char		*text;		/* owned                             */
};

struct lk_findings {
	struct lk_finding *v;
	size_t		 n, cap;
	unsigned	 errors;	/* kept or not                       */
	unsigned	 dropped;	/* errors that are not in v          */
	int		 nomem;		/* give up soon, LK_ENOMEM           */
};

#define LK_FINDINGS_NONE	((struct lk_findings){ NULL, 0, 0, 0, 0, 0 })

/* An error, and a note. */
void	lk_found(struct lk_findings *f, struct lk_place at, const char *fmt,
	    ...) LK_PRINTF(3, 4);
void	lk_noted(struct lk_findings *f, struct lk_place at, const char *fmt,
	    ...) LK_PRINTF(3, 4);
/* Report all in the order of the file; the first error goes into *e too. */
void	lk_findings_report(struct lk_findings *f, const struct lk_policy *p,
	    struct lk_report *rep, struct lk_error *e);
void	lk_findings_free(struct lk_findings *f);

/* Text of the file as it is shown in a message: cut after SHOWN_MAX octets. */
#define LK_SHOWN_MAX	40
struct lk_shown {
	char	 s[LK_SHOWN_MAX + 4];
};
struct lk_shown lk_shown(const char *text);
#define LK_SHOWN(text)	(lk_shown(text).s)

/* `; did you mean "limit"?`, or the text of otherwise. */
struct lk_hint {
	char	 s[512];
};
struct lk_hint lk_hint(const struct lk_findings *f, const char *word,
	    const char *const *words, size_t n, const char *otherwise);

#endif
