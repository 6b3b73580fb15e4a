/*
 * routes.h: the tree of paths behind lk_route.
 *
 * A node a segment.  Below a node: literal children, sorted, and at most one
 * for {x}.  The last segment of /a/ is empty and literal, so that /a/ is
 * another path than /a and no {x} takes an empty one.
 *
 *	/ ─ v1 ─ single ─┬─ ends: POST
 *	                 └─ {x} ─ ends: POST, DELETE
 */
#ifndef LK_POLICY_ROUTES_H
#define LK_POLICY_ROUTES_H

#include "policy/policy.h"

#define LK_SEGMENTS_MAX	32		/* of a pattern                      */

struct lk_routes_end {
	const char	*method;	/* borrowed from the policy          */
	const struct lk_policy_type *type;
	int		 api;
};

struct lk_routes_edge {
	const char	*text;		/* borrowed; len octets              */
	size_t		 len;
	uint64_t	 tell;		/* most differ in it; see routes.c   */
	struct lk_routes *to;
};

struct lk_routes {
	struct lk_routes_edge *edges;	/* by tell, then by octets           */
	size_t		 nedges;
	struct lk_routes *any;		/* {x}                               */
	struct lk_routes_end *ends;
	size_t		 nends;
};

/* 0, or LK_EDATA: *bad is the octet at fault, e says why. */
int	lk_pattern_check(const char *pattern, size_t *bad,
	    struct lk_error *e);
/*
 * Add an API's pattern (checked before) for one of its methods.
 * 0; LK_ECONFIG: shape and method are those of *other and *other_api already;
 * LK_ENOMEM.
 */
int	lk_routes_add(struct lk_policy *p, const struct lk_policy_type *t,
	    int api, const char *method, const struct lk_policy_type **other,
	    int *other_api);
void	lk_routes_free(struct lk_routes **r);
/* A path without {x}, text, which the policy keeps, and its node.  0 or
 * LK_ENOMEM. */
int	lk_wholes_add(struct lk_wholes **w, const char *text,
	    const struct lk_routes *to);
/* The node of n octets of text, or NULL. */
const struct lk_routes *lk_wholes_find(const struct lk_wholes *w,
	    const char *text, size_t n);
void	lk_wholes_free(struct lk_wholes **w);
/* Where text stands among the edges, or would: 1 found, 0 not. */
int	lk_routes_find(const struct lk_routes *r, const char *text, size_t len,
	    size_t *at);

#endif
