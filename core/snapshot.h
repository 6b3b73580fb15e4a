/*
 * snapshot.h: a policy with its plugins and its pepper, immutable; and the
 * handle that holds one of them together with the store.
 *
 * Reload will build a new snapshot beside the old and swap one pointer, so
 * nothing in here is ever changed once lk_snapshot_make has returned.
 */
#ifndef LK_SNAPSHOT_H
#define LK_SNAPSHOT_H

#include <stdatomic.h>

#include "loader/loader.h"
#include "policy/policy.h"
#include "store/store.h"
#include "token/pepper.h"

/* One line of checks, configured. */
struct lk_live_check {
	const struct lk_policy_check	*line;
	struct lk_instance		*plugin;
};

/* The checks of one API in the order in which they run: the type's, its own,
 * then those of both that count. */
struct lk_live_api {
	char		 name[LK_NAME_MAX + 1];		/* NULs behind it    */
	const struct lk_live_check	**checks;	/* of the type's     */
	size_t				  nchecks;
};

/* A type of the policy with its plugins. */
struct lk_live_type {
	const struct lk_policy_type	*type;
	struct lk_instance		*plugin;	/* NULL: faulty      */
	struct lk_live_check		*checks;	/* of its APIs too   */
	size_t				 nchecks;
	struct lk_live_api		*apis;		/* napis, and "*"    */
	size_t				 prefix_len;
	size_t				 name_len;
	char	name[LK_NAME_MAX + 1];	/* NULs behind it                    */
	int	sound;		/* not 0: no plugin of it is at fault        */
	char	fault_plugin[LK_NAME_MAX + 1];	/* "" : sound                */
	char	fault[768];		/* why, as in struct lk_error        */
};

struct lk_snapshot {
	struct lk_policy	*policy;
	struct lk_pepper	*pepper;	/* at first; NULL: without   */
	struct lk_live_type	*types;		/* policy->ntypes            */
};

/* The handle of latchkey.h. */
struct lk {
	struct lk_snapshot	*snapshot;	/* NULL: a store alone       */
	_Atomic(struct lk_pepper *) pepper;	/* that the journal is under */
	struct lk_pepper	**peppers;	/* all since the first: some
						 * call may be in one        */
	size_t			 npeppers;
	struct lk_store		*store;
	int			 keyed;		/* the pepper is the store's  */
	unsigned		 flags;
};

/*
 * A snapshot of a policy, without pepper and plugins.  Takes the policy over,
 * whatever it returns.  0 or LK_ENOMEM.
 */
int	lk_snapshot_make(struct lk_policy **policy, struct lk_snapshot **out,
	    struct lk_error *e);
void	lk_snapshot_free(struct lk_snapshot **s);

/*
 * Load and configure every plugin that the policy names, with host as the table
 * of services, and report what is wrong with each at its place.  A type with a
 * fault keeps it and is *error* from then on.  0 or LK_ENOMEM.
 */
int	lk_snapshot_plugins(struct lk_snapshot *s, const struct lk_host *host,
	    struct lk_report *rep, struct lk_error *e);

/* The setup of a type, to mint or configure with; key_id may be NULL. */
void	lk_snapshot_env(const struct lk_snapshot *s,
	    const struct lk_policy_type *t, const char *key_id,
	    struct lk_setup_env *env);

#endif
