/*
 * read_roles.c: who may generate, delete, list, and set accounts.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/read.h"

#define ENTRY_START	1024		/* octets of a passwd or group entry */
#define ENTRY_MAX	1048576		/* a group may have many members     */

static const struct right {
	const char	*name;
	unsigned	 bit;
	const char	*what;
	int		 needed;	/* somebody must have it             */
} rights[] = {
	{ "generate",	LK_MAY_GENERATE, "generate keys", 1 },
	{ "delete",	LK_MAY_DELETE,	"delete keys", 1 },
	{ "list",	LK_MAY_LIST,	"list keys", 0 },
	{ "accounts",	LK_MAY_ACCOUNTS, "change accounts", 0 },
};
#define NRIGHTS	(sizeof rights / sizeof *rights)

static lk_read_fn	read_may, read_users, read_groups;

static const struct lk_field fields[] = {
	{ .name = "may", .read = read_may,
	    .missing = "\"may: [generate, delete, list, accounts]\" or some "
	    "of it" },
	{ .name = "users", .read = read_users },
	{ .name = "groups", .read = read_groups },
};
static const struct lk_table table = LK_TABLE("a role", fields);

static unsigned
right_bit(struct lk_reader *r, const struct lk_node *n)
{
	const char	*words[NRIGHTS];
	size_t		 i;

	for (i = 0; i < NRIGHTS; i++) {
		if (strcmp(rights[i].name, n->value) == 0)
			return rights[i].bit;
		words[i] = rights[i].name;
	}
	lk_found(r->f, n->place, "a role may generate, delete, list or "
	    "accounts, found \"%s\"%s", LK_SHOWN(n->value),
	    lk_hint(r->f, n->value, words, NRIGHTS, "").s);
	return 0;
}

static void
read_may(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	const char	*expected = "a list such as [generate, delete, list]";
	struct lk_policy_role *role = base;
	const struct lk_node *c;

	(void)f;
	if (n->kind != LK_NODE_LIST || n->n == 0) {
		lk_read_wrong(r, n, expected);
		return;
	}
	for (c = n->first; c != NULL; c = c->next) {
		if (lk_want_text(r, c, "generate, delete, list or accounts"))
			role->may |= right_bit(r, c);
	}
}

/* ------------------------------------------------------------ users, groups */

/* A number stands for itself.  1, or 0. */
static int
id_parse(const char *s, unsigned long *id)
{
	size_t	 n = strspn(s, "0123456789");

	if (n == 0 || n > 10 || s[n] != '\0' || (s[0] == '0' && n > 1))
		return 0;
	*id = strtoul(s, NULL, 10);
	return *id < 0xffffffffUL;	/* (uid_t)-1 is nobody's */
}

/* 0, or ERANGE: buf is too small. */
static int
user_look(const char *name, char *buf, size_t n, unsigned long *id, int *found)
{
	struct passwd	 pw, *p = NULL;
	int		 r = getpwnam_r(name, &pw, buf, n, &p);

	if ((*found = p != NULL))
		*id = pw.pw_uid;
	return r;
}

static int
group_look(const char *name, char *buf, size_t n, unsigned long *id,
    int *found)
{
	struct group	 gr, *p = NULL;
	int		 r = getgrnam_r(name, &gr, buf, n, &p);

	if ((*found = p != NULL))
		*id = gr.gr_gid;
	return r;
}

typedef int	look_fn(const char *, char *, size_t, unsigned long *, int *);

/* 1, or 0: there is none, or the system cannot tell. */
static int
look_up(struct lk_reader *r, look_fn *look, const char *name,
    unsigned long *id)
{
	size_t	 n = ENTRY_START;
	char	*buf;
	int	 found = 0, e;

	if (id_parse(name, id))
		return 1;
	do {
		if ((buf = lk_read_alloc(r, n, 1)) == NULL)
			return 0;
		e = look(name, buf, n, id, &found);
		free(buf);
		n *= 2;
	} while (!found && e == ERANGE && n <= ENTRY_MAX);
	if (!found && e == ENOMEM)
		r->f->nomem = 1;
	return found;
}

struct names {
	const char	*what;		/* "user"                            */
	const char	*expected, *one;
	look_fn		*look;
	char		**v;		/* room for each                     */
	size_t		 n;
	unsigned long	*ids;
	size_t		 nids;
};

/* Texts are kept as written; ids of those that exist. */
static void
read_names(struct lk_reader *r, const struct lk_node *n, struct names *w)
{
	const struct lk_node	*c;

	if ((w->v = lk_want_list(r, n, w->expected, sizeof *w->v)) == NULL)
		return;
	if ((w->ids = lk_read_alloc(r, n->n, sizeof *w->ids)) == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next) {
		if (!lk_want_text(r, c, w->one))
			continue;
		w->v[w->n] = lk_read_dup(r, c->value, strlen(c->value));
		if (w->v[w->n] == NULL)
			return;
		w->n++;
		if (look_up(r, w->look, c->value, &w->ids[w->nids]))
			w->nids++;
		else if (!r->f->nomem)
			lk_noted(r->f, c->place, "there is no %s \"%s\" here: "
			    "nobody has the role by it", w->what,
			    LK_SHOWN(c->value));
	}
}

static void
read_users(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct names	 w = { "user", "a list of users such as [ root ]",
			    "the name or number of a user",
			    user_look, NULL, 0, NULL, 0 };
	struct lk_policy_role *role = base;
	size_t		 i;

	(void)f;
	read_names(r, n, &w);
	role->users = w.v;
	role->nusers = w.n;
	if (w.ids != NULL)
		role->uids = lk_read_alloc(r, w.nids, sizeof *role->uids);
	for (i = 0; role->uids != NULL && i < w.nids; i++)
		role->uids[role->nuids++] = (uid_t)w.ids[i];
	free(w.ids);
}

static void
read_groups(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct names	 w = { "group", "a list of groups such as [ adm ]",
			    "the name or number of a group",
			    group_look, NULL, 0, NULL, 0 };
	struct lk_policy_role *role = base;
	size_t		 i;

	(void)f;
	read_names(r, n, &w);
	role->groups = w.v;
	role->ngroups = w.n;
	if (w.ids != NULL)
		role->gids = lk_read_alloc(r, w.nids, sizeof *role->gids);
	for (i = 0; role->gids != NULL && i < w.nids; i++)
		role->gids[role->ngids++] = (gid_t)w.ids[i];
	free(w.ids);
}

/* ------------------------------------------------------------------ section */

void
lk_read_roles(struct lk_reader *r, const struct lk_node *n,
    const struct lk_field *f, void *base)
{
	struct lk_policy	*p = base;
	struct lk_policy_role	*role;
	const struct lk_node	*c;
	unsigned		 before = r->f->errors;

	(void)f;
	p->roles = lk_want_map(r, n, "a mapping of roles", sizeof *p->roles);
	if (p->roles == NULL)
		return;
	for (c = n->first; c != NULL && !r->f->nomem; c = c->next) {
		role = &p->roles[p->nroles++];
		role->place = c->key_place;
		role->name = lk_read_dup(r, c->key, strlen(c->key));
		lk_read_name(r, c, "a role");
		if (lk_read_map(r, c, &table, role) == 0 &&
		    role->nusers + role->ngroups == 0 &&
		    lk_node_get(c, "users") == NULL &&
		    lk_node_get(c, "groups") == NULL)
			lk_noted(r->f, c->key_place, "nobody has the role "
			    "\"%s\": give it users or groups",
			    LK_SHOWN(c->key));
	}
	if (r->sound && r->f->errors == before)
		lk_roles_lint(r, n);
}

void
lk_roles_lint(struct lk_reader *r, const struct lk_node *roles)
{
	const struct lk_policy	*p = r->p;
	unsigned		 may = 0, here = 0;
	size_t			 i;

	for (i = 0; i < p->nroles; i++) {
		if (p->roles[i].nusers + p->roles[i].ngroups > 0)
			may |= p->roles[i].may;
		if (p->roles[i].nuids + p->roles[i].ngids > 0)
			here |= p->roles[i].may;
	}
	for (i = 0; i < NRIGHTS; i++) {
		if ((may & rights[i].bit) == 0)
			(rights[i].needed ? lk_found : lk_noted)(r->f,
			    roles->key_place, "nobody may %s: add %s to the "
			    "\"may\" of a role that has users or groups",
			    rights[i].what, rights[i].name);
		else if ((here & rights[i].bit) == 0)
			lk_noted(r->f, roles->key_place, "nobody who is known "
			    "on this machine may %s", rights[i].what);
	}
}
