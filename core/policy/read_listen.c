/*
 * read_listen.c: where latchkeyd listens, and who may come from afar.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "policy/read.h"

#define FORMS	"unix:/PATH, 127.0.0.1:PORT or \"[::1]:PORT\""

/* The same place twice could be bound once alone. */
static int
listed(const struct lk_listening *l, const char *text)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->at[i], text) == 0)
			return 1;
	return 0;
}

static void
read_place(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, struct lk_listening *l)
{
	struct lk_endpoint	 at;
	const char		*why = "";

	if (!lk_want_text(r, n, FORMS))
		return;
	if (lk_endpoint_parse(n->value, &at, &why) != 0)
		lk_found(r->f, n->place, "%s: expected %s, found \"%s\": %s",
		    f->name, FORMS, LK_SHOWN(n->value), why);
	else if (listed(l, n->value))
		lk_found(r->f, n->place, "%s: \"%s\" is there already",
		    f->name, LK_SHOWN(n->value));
	else
		snprintf(l->at[l->n++], LK_LISTEN_LEN, "%s", n->value);
}

void
lk_read_listen(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_listening	*l = (void *)((char *)base + f->offset);
	const struct lk_node	*c;

	if (n->kind != LK_NODE_LIST || n->n == 0 || n->n > LK_LISTEN_MAX) {
		lk_read_wrong(r, n, "a list of 1 to 8 such as "
		    "[ unix:/run/latchkey/verify.sock ]");
		return;
	}
	l->n = 0;
	for (c = n->first; c != NULL; c = c->next)
		read_place(r, c, f, l);
}

/* Octal, as chmod(1) takes it; others are let in by name or not at all. */
void
lk_read_mode(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	unsigned	*out = (unsigned *)(void *)((char *)base + f->offset);
	const char	*s;

	s = n->kind == LK_NODE_TEXT && !n->quoted ? n->value : "";
	if (strlen(s) == 4 && s[0] == '0' && strspn(s, "01234567") == 4)
		*out = (unsigned)strtoul(s, NULL, 8);
	else
		lk_read_wrong(r, n, "the mode of a socket such as 0660");
}

void
lk_read_group(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	char	*out = (char *)base + f->offset;

	if (!lk_want_text(r, n, "the name or number of a group"))
		return;
	if (strlen(n->value) >= sizeof ((struct lk_listening *)0)->group)
		lk_read_wrong(r, n, "a group's name of at most 63 octets");
	else
		strcpy(out, n->value);
}

void
lk_read_trusted(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_daemon	*d = base;
	const struct lk_node	*c;

	(void)f;
	if (n->kind != LK_NODE_LIST || n->n > LK_TRUSTED_MAX) {
		lk_read_wrong(r, n, "a list of at most 64 networks such as "
		    "[ 10.0.0.0/8 ]");
		return;
	}
	for (c = n->first; c != NULL; c = c->next) {
		if (c->kind == LK_NODE_TEXT && lk_net_parse(c->value,
		    strlen(c->value), &d->trusted[d->ntrusted]) == 0)
			d->ntrusted++;
		else
			lk_read_wrong(r, c, "a network such as 10.0.0.0/8 or "
			    "\"2001:db8::/32\"");
	}
}

static void
lint_listen(struct lk_reader *r, const struct lk_node *n, const char *name,
    const struct lk_listening *l)
{
	const struct lk_node	*list = lk_node_get(n, name);
	struct lk_endpoint	 at;
	const char		*why;
	size_t			 i;

	for (i = 0; list != NULL && i < l->n; i++)
		if (lk_endpoint_parse(l->at[i], &at, &why) == 0 &&
		    !lk_endpoint_local(&at))
			lk_found(r->f, list->key_place, "%s: \"%s\" can be "
			    "reached from other machines: say with "
			    "\"trusted: [ 10.0.0.0/8 ]\" from which, or "
			    "listen on 127.0.0.1", name, LK_SHOWN(l->at[i]));
}

void
lk_listen_lint(struct lk_reader *r, const struct lk_node *n,
    const struct lk_daemon *d)
{
	size_t	 i;

	if (d->ntrusted == 0) {
		lint_listen(r, n, "verify", &d->verify);
		lint_listen(r, n, "admin", &d->admin);
		lint_listen(r, n, "metrics", &d->metrics);
	}
	for (i = 0; i < d->verify.n; i++)
		if (listed(&d->admin, d->verify.at[i]))
			lk_found(r->f, lk_node_head(n), "verify and admin "
			    "cannot both listen on \"%s\": who may ask may "
			    "not manage", LK_SHOWN(d->verify.at[i]));
	for (i = 0; i < d->metrics.n; i++)
		if (listed(&d->verify, d->metrics.at[i]) ||
		    listed(&d->admin, d->metrics.at[i]))
			lk_found(r->f, lk_node_head(n), "metrics need a place "
			    "of their own, and \"%s\" is another's: who may "
			    "look may not ask", LK_SHOWN(d->metrics.at[i]));
}
