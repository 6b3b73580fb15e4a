/*
 * enter.c: which home, whose store, and who asks.
 *
 * The store has one owner and only that user writes to it.  Root becomes the
 * owner before anything of the store or the policy is opened in earnest, so
 * that no file of root's appears in it; who asked is taken down before.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/link.h"

#define TYPES_SHOWN	64	/* types that a suggestion is chosen from */

static int
become(struct lk_cli *c, const struct stat *st)
{
	const struct passwd	*pw = getpwuid(st->st_uid);
	gid_t			 gid = pw != NULL ? pw->pw_gid : st->st_gid;
	int			 r;

	r = pw != NULL ? initgroups(pw->pw_name, gid) : setgroups(1, &gid);
	if (r == -1 || setgid(gid) == -1 || setuid(st->st_uid) == -1)
		return lk_say(c, LK_EPERM, "cannot become uid %ld, the owner "
		    "of the store %s: %s", (long)st->st_uid, c->store,
		    strerror(errno));
	/* An owner's id that could be given back would be none. */
	if (setuid(0) == 0)
		return lk_say(c, LK_EPERM, "cannot give up root's rights");
	/* With the uid the kernel lets a core file be written again. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	c->became = 1;
	return 0;
}

/* Why it is not done here: by a latchkeyd then, where it does such a thing. */
static int	not_here(struct lk_cli *c, uid_t owner,
		    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int
not_here(struct lk_cli *c, uid_t owner, const char *fmt, ...)
{
	char	 why[LK_SENTENCE_MAX];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (lk_where(c->verb) == LK_WHERE_EITHER && !lk_args_has(c, "store"))
		return lk_link_policy(c, why, owner);
	return lk_say(c, LK_EPERM, "%s", why);
}

static int
refuse_other(struct lk_cli *c, const struct stat *st)
{
	const struct passwd	*pw = getpwuid(st->st_uid);

	if (pw == NULL)
		return not_here(c, st->st_uid, "the store %s belongs to uid "
		    "%ld: run it as that user (sudo -u \\#%ld latchkey %s ...)",
		    c->store, (long)st->st_uid, (long)st->st_uid,
		    c->verb->name);
	return not_here(c, st->st_uid, "the store %s belongs to %s: run it as "
	    "%s (sudo -u %s latchkey %s ...)", c->store, pw->pw_name,
	    pw->pw_name, pw->pw_name, c->verb->name);
}

/* c->store is known: be the one who may open it. */
static int
take_rights(struct lk_cli *c, unsigned how)
{
	struct lk_error	 e = { 0 };
	struct stat	 st;

	if (lk_operator_self(&c->op, &e) != 0)
		return lk_say_error(c, &e);
	if (stat(c->store, &st) == -1) {
		/* A verifier may be let in where it may not look around. */
		if (errno != EACCES || (how & LK_ENTER_ANYONE) != 0)
			return 0;	/* lk_open knows the sentence for it */
		return not_here(c, (uid_t)-1, "the store %s is not yours to "
		    "read: run it as its owner", c->store);
	}
	if (st.st_uid == geteuid())
		return 0;
	if (geteuid() == 0)
		return become(c, &st);
	return how & LK_ENTER_ANYONE ? 0 : refuse_other(c, &st);
}

int
lk_enter_home(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	int		 n;

	if (lk_home_find(lk_args_value(c, "home"), c->home, sizeof(c->home),
	    &e) != 0)
		return lk_say_error(c, &e);
	n = snprintf(c->policy, sizeof(c->policy), "%s/policy.yaml", c->home);
	if (n < 0 || (size_t)n >= sizeof(c->policy))
		return lk_say(c, LK_EDATA, "the path of the home is too long");
	return 0;
}

/* Who became the owner of the store may not read what root may. */
int
lk_enter_failed(struct lk_cli *c, const struct lk_error *e)
{
	const struct passwd	*pw;
	int			 r = lk_say_error(c, e);

	if (!c->became || e->code != LK_EPERM)
		return r;
	pw = getpwuid(geteuid());
	lk_say_note("root runs this as %s, who owns the store %s: give that "
	    "user the file as well (chown)", pw != NULL ? pw->pw_name :
	    "the uid", c->store);
	return r;
}

int
lk_enter(struct lk_cli *c, unsigned how)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_home(c)) != 0)
		return r;
	if (lk_home_store(c->policy, c->store, sizeof(c->store), &e) != 0)
		return lk_enter_no_policy(c, &e);
	return take_rights(c, how);
}

int
lk_enter_store(struct lk_cli *c, const char *dir)
{
	int	 n;

	n = snprintf(c->store, sizeof(c->store), "%s", dir);
	if (n < 0 || (size_t)n >= sizeof(c->store))
		return lk_say(c, LK_EDATA, "the path of the store is too long");
	return take_rights(c, 0);
}

int
lk_enter_lk(struct lk_cli *c, unsigned flags)
{
	struct lk_error	 e = { 0 };

	if (lk_open(c->policy, flags, &c->lk, &e) != 0)
		return lk_enter_failed(c, &e);
	if (e.code == LK_NOTE)
		lk_say_note("%s", e.text);
	return 0;
}

int
lk_enter_open(struct lk_cli *c, unsigned how, unsigned flags)
{
	int	 r;

	if (lk_args_has(c, "server"))
		return lk_link_server(c);
	if ((r = lk_enter(c, how)) != 0 || lk_link_is(c))
		return r;
	return lk_enter_lk(c, flags);
}

struct names {
	const char	*want;
	size_t		 n;
	int		 found;
	char		 text[TYPES_SHOWN][LK_NAME_MAX + 1];
};

static int
take_name(void *arg, const struct lk_type *t)
{
	struct names	*names = arg;

	if (strcmp(t->name, names->want) == 0)
		names->found = 1;
	if (names->n < TYPES_SHOWN)
		strcpy(names->text[names->n++], t->name);
	return names->found;
}

int
lk_enter_type(struct lk_cli *c, const char *type, const char **mean)
{
	static struct names	 names;
	const char		*list[TYPES_SHOWN];
	struct lk_error		 e = { 0 };
	size_t			 i;

	memset(&names, 0, sizeof(names));
	names.want = type;
	*mean = "";
	if (c->calls->types(c, take_name, &names, &e) != 0)
		return 1;
	for (i = 0; i < names.n; i++)
		list[i] = names.text[i];
	if (!names.found)
		*mean = lk_say_nearest(type, list, names.n, "");
	return names.found;
}
