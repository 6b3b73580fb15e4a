/*
 * yaml.c: libyaml's events to a tree; the only user of yaml.h.
 *
 * The event interface, since libyaml's document interface overflows the stack
 * on 30 KB of brackets and its scanner takes time by the square of the depth:
 * at LK_POLICY_DEPTH we stop asking for events.
 *
 *	build_tree ── build_node ─┬─ build_text
 *	                 ▲        ├─ build_list ──┐
 *	                 │        └─ build_map ───┤
 *	                 └────────────────────────┘
 *
 * A node hangs in the tree before it is filled, so that whoever gives up has
 * nothing to free.
 */
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/text.h"
#include "policy/node.h"
#include "policy/octets.h"
#include "policy/syntax.h"

struct build {
	yaml_parser_t	 y;
	struct lk_findings *f;
	unsigned	 depth;
	unsigned	 lines;		/* of the text                       */
};

static int	build_node(struct build *, yaml_event_t *, struct lk_node *);

static struct lk_place
place_of(yaml_mark_t m)
{
	struct lk_place	 at = { (unsigned)m.line + 1, (unsigned)m.column + 1 };

	return at;
}

/* The next event; a syntax error is reported here. */
static int
build_next(struct build *b, yaml_event_t *ev)
{
	struct lk_syntax	 s;

	if (b->f->nomem)
		return LK_ENOMEM;
	if (yaml_parser_parse(&b->y, ev))
		return 0;
	memset(ev, 0, sizeof *ev);
	if (b->y.error == YAML_MEMORY_ERROR)
		return LK_ENOMEM;
	s.problem = b->y.problem;
	s.context = b->y.context;
	s.at = place_of(b->y.problem_mark);
	s.from = place_of(b->y.context_mark);
	s.lines = b->lines;
	lk_syntax_report(b->f, &s);
	return LK_ECONFIG;
}

static struct lk_node *
build_new(struct build *b, struct lk_node *parent, struct lk_node ***tail)
{
	struct lk_node	*n;

	if ((n = calloc(1, sizeof *n)) == NULL) {
		b->f->nomem = 1;
		return NULL;
	}
	**tail = n;
	*tail = &n->next;
	parent->n++;
	return n;
}

/* What a node of any kind may have and ours may not. */
static void
build_marks(struct build *b, struct lk_place at, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	if (anchor != NULL)
		lk_found(b->f, at, "an anchor (&%s) is not allowed in a "
		    "policy: write the value out where it is used",
		    LK_SHOWN((const char *)anchor));
	if (tag != NULL)
		lk_found(b->f, at, "a tag (%s) is not allowed in a policy: "
		    "remove it", LK_SHOWN((const char *)tag));
}

/* No text of a policy is that long: mostly it is a slip that swallowed more. */
static void
build_long(struct build *b, const yaml_event_t *ev, const struct lk_node *n)
{
	yaml_scalar_style_t	 style = ev->data.scalar.style;

	if (style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
	    style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
		lk_found(b->f, n->place, "this quote is closed on line %zu "
		    "only: close it on its own line", ev->end_mark.line + 1);
	else
		lk_found(b->f, n->place, "text over several lines: write it "
		    "on one line (is a dash, a colon or an indent wrong "
		    "below?)");
}

static int
build_text(struct build *b, yaml_event_t *ev, struct lk_node *n)
{
	const char	*v = (const char *)ev->data.scalar.value;
	size_t		 len = ev->data.scalar.length;

	n->kind = LK_NODE_TEXT;
	n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	build_marks(b, n->place, ev->data.scalar.anchor, ev->data.scalar.tag);
	if (ev->end_mark.line != ev->start_mark.line && len > 0) {
		build_long(b, ev, n);
		n->kind = LK_NODE_BAD;
		v = "";
		len = 0;
	} else if (!lk_utf8_plain(v, len)) {
		lk_found(b->f, n->place, "text with a control character: "
		    "remove it");
		n->kind = LK_NODE_BAD;
		len = 0;
	}
	n->value = strndup(v, len);
	return n->value == NULL ? LK_ENOMEM : 0;
}

static int
build_list(struct build *b, struct lk_node *n)
{
	yaml_event_t	 ev;
	struct lk_node	**tail = &n->first, *c;
	int		 r;

	n->kind = LK_NODE_LIST;
	while ((r = build_next(b, &ev)) == 0 &&
	    ev.type != YAML_SEQUENCE_END_EVENT) {
		if ((c = build_new(b, n, &tail)) == NULL)
			r = LK_ENOMEM;
		else
			r = build_node(b, &ev, c);
		yaml_event_delete(&ev);
		if (r != 0)
			return r;
	}
	yaml_event_delete(&ev);
	return r;
}

/* The key of a child.  One that is no plain word leaves the child nameless. */
static int
build_key(struct build *b, yaml_event_t *ev, struct lk_node *c)
{
	int	 r;

	if ((r = build_node(b, ev, c)) != 0)
		return r;
	if (c->kind == LK_NODE_LIST || c->kind == LK_NODE_MAP)
		lk_found(b->f, c->place, "a key is one word, found a %s",
		    c->kind == LK_NODE_LIST ? "list" : "mapping");
	else if (c->kind == LK_NODE_TEXT && !c->quoted &&
	    strcmp(c->value, "<<") == 0)
		lk_found(b->f, c->place, "a merge key (<<) is not allowed in a "
		    "policy: write the keys out");
	else if (c->kind == LK_NODE_TEXT && c->value[0] == '\0')
		lk_found(b->f, c->place, "a key is missing before the colon");
	else if (c->kind == LK_NODE_TEXT) {
		c->key = c->value;
		c->key_place = c->place;
		c->value = NULL;
	}
	lk_node_free(&c->first);
	free(c->value);
	c->value = NULL;
	c->n = 0;
	return 0;
}

static int
key_cmp(const void *a, const void *b)
{
	const struct lk_node	*x = *(struct lk_node *const *)a;
	const struct lk_node	*y = *(struct lk_node *const *)b;
	int			 d = strcmp(x->key, y->key);

	if (d != 0)
		return d;
	if (x->key_place.line != y->key_place.line)
		return x->key_place.line < y->key_place.line ? -1 : 1;
	return x->key_place.column < y->key_place.column ? -1 : 1;
}

/* Take out the children whose key is gone. */
static void
map_sweep(struct lk_node *n)
{
	struct lk_node	**at = &n->first, *c;

	while ((c = *at) != NULL) {
		if (c->key != NULL) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		c->next = NULL;
		lk_node_free(&c);
		n->n--;
	}
}

/* Sorted, not each with each: a file has room for 60,000 keys. */
static int
map_unique(struct build *b, struct lk_node *n)
{
	struct lk_node	**v, *c, *kept;
	size_t		 i = 0;

	map_sweep(n);
	if (n->n < 2)
		return 0;
	if ((v = calloc(n->n, sizeof *v)) == NULL)
		return LK_ENOMEM;
	for (c = n->first; c != NULL; c = c->next)
		v[i++] = c;
	qsort(v, n->n, sizeof *v, key_cmp);
	for (kept = v[0], i = 1; i < n->n; i++) {
		if (strcmp(kept->key, v[i]->key) != 0) {
			kept = v[i];
			continue;
		}
		lk_found(b->f, v[i]->key_place, "\"%s\" stands here a second "
		    "time, first on line %u, column %u: keep one of them",
		    LK_SHOWN(kept->key), kept->key_place.line,
		    kept->key_place.column);
		free(v[i]->key);
		v[i]->key = NULL;
	}
	free(v);
	map_sweep(n);
	return 0;
}

static int
build_map(struct build *b, struct lk_node *n)
{
	yaml_event_t	 ev;
	struct lk_node	**tail = &n->first, *c;
	int		 r;

	n->kind = LK_NODE_MAP;
	while ((r = build_next(b, &ev)) == 0 &&
	    ev.type != YAML_MAPPING_END_EVENT) {
		if ((c = build_new(b, n, &tail)) == NULL)
			r = LK_ENOMEM;
		else
			r = build_key(b, &ev, c);
		yaml_event_delete(&ev);
		if (r != 0 || (r = build_next(b, &ev)) != 0)
			return r;
		r = build_node(b, &ev, c);
		yaml_event_delete(&ev);
		if (r != 0)
			return r;
	}
	yaml_event_delete(&ev);
	return r != 0 ? r : map_unique(b, n);
}

static int
build_deeper(struct build *b, yaml_event_t *ev, struct lk_node *n)
{
	int	 r;

	if (b->depth == LK_POLICY_DEPTH) {
		lk_found(b->f, n->place, "nested deeper than %d levels: "
		    "no policy needs that", LK_POLICY_DEPTH);
		return LK_ECONFIG;
	}
	b->depth++;
	if (ev->type == YAML_SEQUENCE_START_EVENT) {
		build_marks(b, n->place, ev->data.sequence_start.anchor,
		    ev->data.sequence_start.tag);
		r = build_list(b, n);
	} else {
		build_marks(b, n->place, ev->data.mapping_start.anchor,
		    ev->data.mapping_start.tag);
		r = build_map(b, n);
	}
	b->depth--;
	return r;
}

static int
build_node(struct build *b, yaml_event_t *ev, struct lk_node *n)
{
	n->place = place_of(ev->start_mark);
	n->kind = LK_NODE_BAD;
	switch (ev->type) {
	case YAML_SCALAR_EVENT:
		return build_text(b, ev, n);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return build_deeper(b, ev, n);
	default:
		lk_found(b->f, n->place, "an alias (*%s) is not allowed in a "
		    "policy: write the value out, or in quotes where it is "
		    "text", LK_SHOWN((const char *)ev->data.alias.anchor));
		return 0;
	}
}

/* From the first event to the last: one document, and no more. */
static int
build_tree(struct build *b, struct lk_node *root)
{
	struct lk_place	 one = { 1, 1 };
	yaml_event_t	 ev;
	int		 r, documents = 0;

	while ((r = build_next(b, &ev)) == 0 &&
	    ev.type != YAML_STREAM_END_EVENT) {
		if (ev.type == YAML_DOCUMENT_START_EVENT && ++documents == 2) {
			lk_found(b->f, place_of(ev.start_mark), "a second "
			    "document starts here: a policy is one; remove "
			    "the line and what follows");
			break;
		}
		if (ev.type == YAML_DOCUMENT_START_EVENT &&
		    (ev.data.document_start.version_directive != NULL ||
		    ev.data.document_start.tag_directives.start != NULL))
			lk_found(b->f, place_of(ev.start_mark), "a directive "
			    "(%%) is not allowed in a policy: remove it");
		if (ev.type == YAML_SCALAR_EVENT ||
		    ev.type == YAML_ALIAS_EVENT ||
		    ev.type == YAML_SEQUENCE_START_EVENT ||
		    ev.type == YAML_MAPPING_START_EVENT)
			r = build_node(b, &ev, root);
		yaml_event_delete(&ev);
		if (r != 0)
			return r;
	}
	yaml_event_delete(&ev);
	if (r == 0 && documents == 0) {
		lk_found(b->f, one, "the policy is empty: "
		    "latchkey init writes one to start from");
		r = LK_ECONFIG;
	}
	return r;
}

int
lk_yaml_read(const char *text, size_t n, struct lk_findings *f,
    struct lk_node **root)
{
	struct build	 b = { .f = f };
	size_t		 i;
	int		 r;

	*root = NULL;
	if ((r = lk_octets_check(text, n, f)) != 0)
		return f->nomem ? LK_ENOMEM : r;
	if ((*root = calloc(1, sizeof **root)) == NULL)
		return LK_ENOMEM;
	if (!yaml_parser_initialize(&b.y)) {
		lk_node_free(root);
		return LK_ENOMEM;
	}
	for (i = 0; i < n; i++)
		b.lines += text[i] == '\n';
	b.lines += n > 0 && text[n - 1] != '\n';
	yaml_parser_set_encoding(&b.y, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&b.y, (const unsigned char *)text, n);
	r = build_tree(&b, *root);
	if (f->nomem)
		r = LK_ENOMEM;
	yaml_parser_delete(&b.y);
	if (r != 0)
		lk_node_free(root);
	return r;
}
