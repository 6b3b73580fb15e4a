/*
 * reload.h: how a handle is, and what is asked of a policy before it serves.
 */
#ifndef LK_RELOAD_H
#define LK_RELOAD_H

#include "hold.h"

/* A handle begins with a snapshot; a plugin at fault makes it degraded. */
void	lk_health_begin(struct lk *lk, const struct lk_snapshot *s);

/*
 * Try each type of a snapshot that others do not use yet: a key of it is made,
 * judged and thrown away, and each of its checks asked.  What is wrong goes to
 * rep, at the plugin's place.  Nothing of the store is changed.
 */
void	lk_self_test(struct lk *lk, struct lk_snapshot *s,
	    struct lk_report *rep);

#endif
