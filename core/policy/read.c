/*
 * read.c: what all readers share: mappings by table, texts, numbers, names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/read.h"

#define WORDS_MAX	32	/* keys of one table                         */

/* ----------------------------------------------------------------- messages */

static struct lk_hint
found_words(const struct lk_node *n)
{
	struct lk_hint	 out;

	switch (n->kind) {
	case LK_NODE_LIST:
		snprintf(out.s, sizeof out.s, "%s list",
		    n->n == 0 ? "an empty" : "a");
		break;
	case LK_NODE_MAP:
		snprintf(out.s, sizeof out.s, "%s mapping",
		    n->n == 0 ? "an empty" : "a");
		break;
	default:
		if (lk_node_empty(n))
			snprintf(out.s, sizeof out.s, "nothing");
		else
			snprintf(out.s, sizeof out.s, "\"%s\"%s",
			    LK_SHOWN(n->value), n->quoted ? " in quotes" : "");
	}
	return out;
}

void
lk_read_wrong(struct lk_reader *r, const struct lk_node *n,
    const char *expected)
{
	if (n->kind == LK_NODE_BAD)
		return;
	lk_found(r->f, lk_node_at(n), "%s%sexpected %s, found %s",
	    n->key != NULL ? LK_SHOWN(n->key) : "",
	    n->key != NULL ? ": " : "", expected, found_words(n).s);
}

struct lk_place
lk_place_in(const struct lk_node *n, size_t at)
{
	struct lk_place	 out = n->place;

	out.column += (unsigned)(n->quoted != 0) +
	    (unsigned)lk_utf8_count(n->value, at);
	return out;
}

/* ------------------------------------------------------------------- memory */

void *
lk_read_alloc(struct lk_reader *r, size_t n, size_t size)
{
	void	*p = calloc(n > 0 ? n : 1, size);

	if (p == NULL)
		r->f->nomem = 1;
	return p;
}

char *
lk_read_dup(struct lk_reader *r, const char *s, size_t n)
{
	char	*p = strndup(s, n);

	if (p == NULL)
		r->f->nomem = 1;
	return p;
}

/* -------------------------------------------------------------------- kinds */

int
lk_want_text(struct lk_reader *r, const struct lk_node *n,
    const char *expected)
{
	if (n->kind == LK_NODE_TEXT && n->value[0] != '\0')
		return 1;
	lk_read_wrong(r, n, expected);
	return 0;
}

static void *
want(struct lk_reader *r, const struct lk_node *n, enum lk_node_kind kind,
    const char *expected, size_t size)
{
	if (n->kind != kind || n->n == 0) {
		lk_read_wrong(r, n, expected);
		return NULL;
	}
	return lk_read_alloc(r, n->n, size);
}

void *
lk_want_list(struct lk_reader *r, const struct lk_node *n,
    const char *expected, size_t size)
{
	return want(r, n, LK_NODE_LIST, expected, size);
}

void *
lk_want_map(struct lk_reader *r, const struct lk_node *n,
    const char *expected, size_t size)
{
	return want(r, n, LK_NODE_MAP, expected, size);
}

/* ----------------------------------------------------------------- mappings */

static const struct lk_field *
table_get(const struct lk_table *t, const char *name)
{
	size_t	 i;

	for (i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	}
	return NULL;
}

static void
table_unknown(struct lk_reader *r, const struct lk_node *c,
    const struct lk_table *t)
{
	const char	*words[WORDS_MAX];
	char		 all[256] = "; it may have";
	size_t		 i, len = strlen(all);

	for (i = 0; i < t->n && i < WORDS_MAX; i++) {
		words[i] = t->v[i].name;
		len += (size_t)snprintf(all + len, sizeof all - len, "%s %s",
		    i > 0 ? "," : "", words[i]);
		if (len >= sizeof all)
			len = sizeof all - 1;
	}
	lk_found(r->f, c->key_place, "unknown key \"%s\" in %s%s",
	    LK_SHOWN(c->key), t->what,
	    lk_hint(r->f, c->key, words, i, all).s);
}

/* An unknown key was meant to be name, which was said already. */
static int
table_meant(const struct lk_node *n, const struct lk_table *t,
    const char *name)
{
	const struct lk_node	*c;

	for (c = n->first; c != NULL; c = c->next) {
		if (table_get(t, c->key) == NULL &&
		    lk_nearest(c->key, &name, 1) != NULL)
			return 1;
	}
	return 0;
}

int
lk_read_map(struct lk_reader *r, const struct lk_node *n,
    const struct lk_table *t, void *base)
{
	const struct lk_node	*c;
	char			 expected[80];
	size_t			 i;

	if (n->kind != LK_NODE_MAP) {
		snprintf(expected, sizeof expected,
		    "%s: a mapping of keys and values", t->what);
		lk_read_wrong(r, n, expected);
		return -1;
	}
	for (c = n->first; c != NULL; c = c->next) {
		if (table_get(t, c->key) == NULL)
			table_unknown(r, c, t);
	}
	for (i = 0; i < t->n && !r->f->nomem; i++) {
		if ((c = lk_node_get(n, t->v[i].name)) != NULL)
			t->v[i].read(r, c, &t->v[i], base);
		else if (t->v[i].missing != NULL &&
		    !table_meant(n, t, t->v[i].name))
			lk_found(r->f, lk_node_head(n), "\"%s\" is missing in "
			    "%s: add %s", t->v[i].name, t->what,
			    t->v[i].missing);
	}
	return 0;
}

/* ------------------------------------------------------------------ scalars */

void
lk_read_text(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	char	**out = (char **)(void *)((char *)base + f->offset);

	if (!lk_want_text(r, n, "text"))
		return;
	if (strlen(n->value) > f->max)
		lk_found(r->f, n->place, "%s: at most %lu octets, found %zu",
		    f->name, f->max, strlen(n->value));
	*out = lk_read_dup(r, n->value, strlen(n->value));
}

/* Digits alone, as one would count: no sign, no leading zero.  1, or 0. */
static int
number_parse(const char *s, unsigned long *out)
{
	size_t	 n = strspn(s, "0123456789");

	if (n == 0 || n > 12 || s[n] != '\0' || (s[0] == '0' && n > 1))
		return 0;
	*out = strtoul(s, NULL, 10);
	return 1;
}

static int
read_number(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, unsigned long *out)
{
	char	 expected[80];

	if (n->kind == LK_NODE_TEXT && number_parse(n->value, out)) {
		if (n->quoted) {
			lk_found(r->f, n->place, "%s: a number stands without "
			    "quotes: write %lu", f->name, *out);
			return 0;
		}
		if (*out >= f->min && *out <= f->max)
			return 1;
		if (*out == 0 && f->zero != NULL) {
			lk_found(r->f, n->place, "%s: %s", f->name, f->zero);
			return 0;
		}
	}
	snprintf(expected, sizeof expected, "a whole number from %lu to %lu",
	    f->min, f->max);
	lk_read_wrong(r, n, expected);
	return 0;
}

void
lk_read_unsigned(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	unsigned long	 v;

	if (read_number(r, n, f, &v))
		*(unsigned *)(void *)((char *)base + f->offset) = (unsigned)v;
}

void
lk_read_size(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	unsigned long	 v;

	if (read_number(r, n, f, &v))
		*(size_t *)(void *)((char *)base + f->offset) = v;
}

/* -------------------------------------------------------------------- names */

static int
name_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

int
lk_name_valid(const char *s, size_t n)
{
	size_t	 i;

	if (n == 0 || n > LK_NAME_MAX || s[0] < 'a' || s[0] > 'z')
		return 0;
	for (i = 1; i < n; i++) {
		if (!name_octet(s[i]))
			return 0;
	}
	return 1;
}

int
lk_plugin_name_valid(const char *s)
{
	size_t	 i;

	for (i = 0; s[i] != '\0'; i++) {
		if (i == LK_NAME_MAX || !name_octet(s[i]))
			return 0;
	}
	return i > 0;
}

/* The mend of most: lower case of ASCII, and _ for other signs. */
static int
name_mended(const char *s, char out[LK_NAME_MAX + 1])
{
	size_t	 i, n = strlen(s);

	if (n > LK_NAME_MAX)
		return 0;
	for (i = 0; i <= n; i++) {
		out[i] = s[i];
		if (s[i] >= 'A' && s[i] <= 'Z')
			out[i] = (char)(s[i] - 'A' + 'a');
		if (out[i] == '-' || out[i] == '.' || out[i] == ' ')
			out[i] = '_';
	}
	return lk_name_valid(out, n);
}

void
lk_read_name(struct lk_reader *r, const struct lk_node *n, const char *what)
{
	char	 mended[LK_NAME_MAX + 1];

	if (lk_name_valid(n->key, strlen(n->key)))
		return;
	if (name_mended(n->key, mended))
		lk_found(r->f, n->key_place, "the name of %s has only a-z, "
		    "0-9 and _, found \"%s\": write %s", what,
		    LK_SHOWN(n->key), mended);
	else
		lk_found(r->f, n->key_place, "the name of %s starts with a-z "
		    "and goes on with a-z, 0-9 and _, %d at most; found "
		    "\"%s\"", what, LK_NAME_MAX, LK_SHOWN(n->key));
}
