/*
 * calls.h: what a verb asks of a store, done by the library here or by a
 * latchkeyd elsewhere.  The verb prints what comes of it, and cannot tell.
 *
 * Each is the call of latchkey.h of that name, with its codes.  where.c says
 * which verbs may be done in either place, enter.c which one it is this time.
 */
#ifndef LK_CLI_CALLS_H
#define LK_CLI_CALLS_H

#include "latchkey.h"

struct lk_cli;

typedef int (*lk_change_fn)(struct lk_cli *c, const char *const *ids,
	    size_t n, struct lk_error *e);

struct lk_calls {
	int	(*types)(struct lk_cli *c, lk_type_fn fn, void *arg,
		    struct lk_error *e);
	int	(*account_list)(struct lk_cli *c, lk_account_fn fn, void *arg,
		    struct lk_error *e);
	int	(*account_set)(struct lk_cli *c, const char *account,
		    const char *package, struct lk_error *e);
	int	(*account_delete)(struct lk_cli *c, const char *account,
		    unsigned flags, uint64_t *ended, struct lk_error *e);
	int	(*list)(struct lk_cli *c, const struct lk_filter *f,
		    lk_key_fn fn, void *arg, struct lk_error *e);
	int	(*show)(struct lk_cli *c, const char *id, struct lk_key *key,
		    struct lk_error *e);
	int	(*log)(struct lk_cli *c, const char *id, lk_event_fn fn,
		    void *arg, struct lk_error *e);
	lk_change_fn	keys_delete, keys_disable, keys_enable;
	int	(*generate)(struct lk_cli *c, const struct lk_generate *g,
		    char *token, struct lk_key *key, char *usage,
		    size_t usage_len, struct lk_error *e);
	/* By a latchkeyd one after the other, so that there may be some where
	 * there is no room for all of them. */
	int	(*generate_many)(struct lk_cli *c, const struct lk_generate *g,
		    uint64_t n, lk_made_fn fn, void *arg, uint64_t *shown,
		    struct lk_error *e);
	/* End a key whose token nobody has seen. */
	int	(*take_back)(struct lk_cli *c, const char *id,
		    struct lk_error *e);
	int	(*rotate)(struct lk_cli *c, const struct lk_rotate *o,
		    lk_made_fn fn, void *arg, struct lk_error *e);
};

extern const struct lk_calls lk_calls_here;	/* calls_here.c              */
extern const struct lk_calls lk_calls_remote;	/* calls_remote.c            */

#endif
