/*
 * calls_remote.h: the listings among lk_calls_remote.
 */
#ifndef LK_CLI_CALLS_REMOTE_H
#define LK_CLI_CALLS_REMOTE_H

#include "cli/link.h"

int	lk_remote_types(struct lk_cli *c, lk_type_fn fn, void *arg,
	    struct lk_error *e);
int	lk_remote_account_list(struct lk_cli *c, lk_account_fn fn, void *arg,
	    struct lk_error *e);
int	lk_remote_list(struct lk_cli *c, const struct lk_filter *f,
	    lk_key_fn fn, void *arg, struct lk_error *e);
int	lk_remote_log(struct lk_cli *c, const char *id, lk_event_fn fn,
	    void *arg, struct lk_error *e);
int	lk_remote_show(struct lk_cli *c, const char *id, struct lk_key *key,
	    struct lk_error *e);

#endif
