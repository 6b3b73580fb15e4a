/*
 * snapshot.h: a policy with its plugins, immutable; and the handle that has one
 * of them, a pepper and a store.
 *
 * A reload builds a new snapshot beside the old and swaps one pointer, so
 * nothing in here is ever changed once others use it; see hold.h for its end.
 */
#ifndef LK_SNAPSHOT_H
#define LK_SNAPSHOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "loader/loader.h"
#include "policy/policy.h"
#include "store/store.h"
#include "token/pepper.h"
#include "token/token.h"

/* One line of checks, configured. */
struct lk_live_check {
	const struct lk_policy_check	*line;
	struct lk_instance		*plugin;
	int				 observe;
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
	struct lk_prefix_block		 prefix;
	size_t				 name_len;
	int64_t				 closes;	/* 0: never          */
	char	name[LK_NAME_MAX + 1];	/* NULs behind it                    */
	int	sound;		/* not 0: no plugin of it is at fault        */
	char	fault_plugin[LK_NAME_MAX + 1];	/* "" : sound                */
	char	fault[768];		/* why, as in struct lk_error        */
};

struct lk_snapshot {
	struct lk_policy	*policy;
	struct lk_live_type	*types;		/* policy->ntypes            */
};

/* The handle of latchkey.h. */
struct lk {
	_Atomic(struct lk_snapshot *) snapshot;	/* NULL: a store alone       */
	_Atomic(struct lk_pepper *) pepper;	/* that the journal is under */
	struct lk_store		*store;
	int			 keyed;		/* the pepper is the store's  */
	_Atomic uint64_t	 epoch;		/* one more with each that is
						 * taken out of place        */
	pthread_key_t		 seats;		/* a thread's; see hold.h    */
	int			 fenced;
	int			 seated;	/* there is such a key       */
	unsigned		 flags;
	char			*path;		/* of the policy, absolute   */
	struct lk_retired	*retired;
	struct lk_health	 health;	/* see reload.c              */
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

/* The setup of a type, to mint or configure with; pepper and key_id may be
 * NULL. */
void	lk_snapshot_env(const struct lk_policy_type *t,
	    const struct lk_pepper *pepper, const char *key_id,
	    struct lk_setup_env *env);

#endif
