/*
 * lint.h: does a policy still fit the store that it is to be used with?
 */
#ifndef LK_LINT_H
#define LK_LINT_H

#include "snapshot.h"

/*
 * Report keys whose type is gone or whose type's prefix changed, and accounts
 * whose package is gone; note those that have none, not even by default.  dir
 * NULL: the policy's own store.  Reads only and needs no pepper.  0; what
 * lk_store_open says.
 */
int	lk_lint_store(const struct lk_policy *p, const char *dir,
	    struct lk_report *rep, struct lk_error *e);
/*
 * The same of a store that is open.  was: the policy that serves now, or NULL;
 * where it had a default package, that this one has none is a fault as long as
 * accounts need it, and else a note.  0, LK_ENOMEM, LK_EUNAVAIL.
 */
int	lk_lint_keys(const struct lk_policy *p, const struct lk_policy *was,
	    struct lk_store *s, struct lk_report *rep, struct lk_error *e);

/*
 * Note the rights that who runs this does not have by the policy and others do,
 * where he could have written it (root, or the owner of its file): it may be
 * that he locks himself out.  0 or LK_EUNAVAIL.
 */
int	lk_lint_self(const struct lk_policy *p, struct lk_report *rep,
	    struct lk_error *e);

/*
 * Of a policy with faults (lk_policy_load_faulty): report those of what its
 * plugins were given as well, so that one look shows all.  plugins NULL: the
 * policy's own folder.
 */
void	lk_lint_settings(const struct lk_policy *p, const char *plugins,
	    struct lk_report *rep);

#endif
