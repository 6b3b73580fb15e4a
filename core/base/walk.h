/*
 * walk.h: go along a path from / one component at a time, each held by its
 * descriptor, so that what is judged is what is gone through.
 *
 *	lk_walk_start ─▶ lk_walk_next ─▶ (judge) ─▶ lk_walk_enter ─┐
 *	                      ▲                                    │
 *	                      └────────────────────────────────────┘
 */
#ifndef LK_BASE_WALK_H
#define LK_BASE_WALK_H

#include <sys/stat.h>

#include <limits.h>

#include "latchkey.h"

#define LK_WALK_LINKS	40	/* symbolic links that a path may go through */

struct lk_walk {
	const char	*asked;		/* the caller's path, borrowed       */
	int		 dir;		/* O_PATH: the folder we are in      */
	struct stat	 dir_st;
	char		 dir_path[PATH_MAX];	/* resolved, for people      */
	int		 met;		/* O_PATH: the component, or -1      */
	struct stat	 met_st;
	char		 met_path[PATH_MAX];
	char		 name[NAME_MAX + 1];
	int		 last;		/* nothing follows the component     */
	char		 rest[PATH_MAX];
	int		 links;
};

/* In / with all of path to go.  0, LK_ECONFIG (too long), LK_EIO …  Whatever
 * it returns, lk_walk_end follows. */
int	lk_walk_start(struct lk_walk *w, const char *path, struct lk_error *e);
/*
 * Open the next component, links not followed.  1; 0 at the end; or
 * LK_ENOTFOUND, LK_EPERM, LK_ECONFIG, LK_EIO, LK_ENOMEM.
 */
int	lk_walk_next(struct lk_walk *w, struct lk_error *e);
/* Go into the component: a folder, or where a link points.  A file that is the
 * last one stays met. */
int	lk_walk_enter(struct lk_walk *w, struct lk_error *e);
void	lk_walk_end(struct lk_walk *w);

/* The code of a failed call on the path, and its sentence in e. */
int	lk_walk_failed(const struct lk_walk *w, const char *at,
	    struct lk_error *e);

#endif
