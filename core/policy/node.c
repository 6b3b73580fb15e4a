/*
 * node.c: look into a tree that yaml.c made, and free it.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/node.h"

void
lk_node_free(struct lk_node **n)
{
	struct lk_node	*c, *next;

	for (c = *n; c != NULL; c = next) {
		next = c->next;
		lk_node_free(&c->first);
		free(c->value);
		free(c->key);
		free(c);
	}
	*n = NULL;
}

const struct lk_node *
lk_node_get(const struct lk_node *n, const char *key)
{
	const struct lk_node	*c;

	for (c = n->first; c != NULL; c = c->next) {
		if (strcmp(c->key, key) == 0)
			return c;
	}
	return NULL;
}

int
lk_node_empty(const struct lk_node *n)
{
	return n->kind == LK_NODE_TEXT && !n->quoted && n->value[0] == '\0';
}

struct lk_place
lk_node_at(const struct lk_node *n)
{
	return lk_node_empty(n) ? lk_node_head(n) : n->place;
}

struct lk_place
lk_node_head(const struct lk_node *n)
{
	return n->key != NULL ? n->key_place : n->place;
}
