/*
 * node.h: YAML as a small checked tree; yaml.c is the only user of libyaml.
 *
 * What a policy does not need is refused on the way in: anchors, aliases, tags,
 * merge keys, duplicate keys, directives, a second document, text over several
 * lines, octets that are not UTF-8, control characters.  Depth is bounded, so
 * that a tree may be walked by recursion.
 */
#ifndef LK_POLICY_NODE_H
#define LK_POLICY_NODE_H

#include <stddef.h>

#include "policy/findings.h"

enum lk_node_kind {
	LK_NODE_BAD,		/* was reported already: say no more         */
	LK_NODE_TEXT,
	LK_NODE_LIST,
	LK_NODE_MAP
};

struct lk_node {
	enum lk_node_kind kind;
	int		 quoted;	/* of a text                         */
	char		*value;		/* of a text; never NULL there       */
	char		*key;		/* in a mapping, else NULL           */
	struct lk_place	 place;		/* of the value                      */
	struct lk_place	 key_place;	/* line 0: no key                    */
	struct lk_node	*first;		/* of a list or mapping              */
	struct lk_node	*next;		/* the sibling                       */
	size_t		 n;		/* children                          */
};

/*
 * lk_yaml_read: n octets of text as a tree.
 *
 * 0           *root, freed with lk_node_free; there may be findings
 * LK_ECONFIG  no tree could be made; the cause is in f
 * LK_ENOMEM
 */
int	lk_yaml_read(const char *text, size_t n, struct lk_findings *f,
	    struct lk_node **root);
void	lk_node_free(struct lk_node **n);

/* The child of a mapping, or NULL. */
const struct lk_node *lk_node_get(const struct lk_node *n, const char *key);
/* Nothing was written: a text without quotes and without letters. */
int	lk_node_empty(const struct lk_node *n);
/* Where a message about the value points: at its key if there is no value. */
struct lk_place	lk_node_at(const struct lk_node *n);
/* Where a message about the whole points: at its key, if it has one. */
struct lk_place	lk_node_head(const struct lk_node *n);

#endif
