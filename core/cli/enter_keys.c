/*
 * enter_keys.c: to the keys of a store, by a policy or, where that is broken or
 * lost, by the store itself.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/link.h"
#include "cli/text_out.h"

#define ROOT_HOME	"/etc/latchkey"		/* whose store init puts     */
#define ROOT_STORE	"/var/lib/latchkey"	/* elsewhere                 */

/* The store that a policy which cannot be read may have named: init's. */
static void
guess_store(struct lk_cli *c)
{
	struct stat	 st;
	int		 n;

	n = snprintf(c->store, sizeof(c->store), "%s/store", c->home);
	if (strcmp(c->home, ROOT_HOME) == 0)
		n = snprintf(c->store, sizeof(c->store), "%s", ROOT_STORE);
	if (n < 0 || (size_t)n >= sizeof(c->store) ||
	    stat(c->store, &st) == -1 || !S_ISDIR(st.st_mode))
		c->store[0] = '\0';
}

int
lk_enter_no_policy(struct lk_cli *c, const struct lk_error *e)
{
	const char	*home = lk_args_value(c, "home"), *sudo = "";

	guess_store(c);
	if (e->code != LK_ENOTFOUND)
		return lk_say_error(c, e);
	if (c->store[0] == '\0')
		return lk_say(c, e->code, "%s: no home yet? (latchkey init)",
		    e->text);
	/* Without --home only root makes the machine's. */
	if (home == NULL && geteuid() != 0 && strcmp(c->home, ROOT_HOME) == 0)
		sudo = "sudo ";
	return lk_say(c, e->code, "%s, but the store %s is there: put the "
	    "policy back, or have one written anew for that store (%slatchkey "
	    "init%s%s)", e->text, c->store, sudo, home != NULL ? " --home " :
	    "", home != NULL ? home : "");
}

/* With a policy that is broken: say the way that is left. */
static void
tell_way(const struct lk_cli *c)
{
	size_t	 i;

	fprintf(stderr, "latchkey: %s works without a policy, by the owner of "
	    "the store: latchkey %s --store ", c->verb->name, c->verb->name);
	if (c->store[0] != '\0')
		lk_text_quoted(stderr, c->store);
	else
		fputs("DIR", stderr);
	for (i = 0; i < c->nwords; i++) {
		fputc(' ', stderr);
		lk_text_quoted(stderr, c->words[i]);
	}
	fputc('\n', stderr);
}

/* The store that the policy names, or that init would have made. */
static int
find_store(struct lk_cli *c)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_home(c)) != 0)
		return r;
	if ((r = lk_home_store(c->policy, c->store, sizeof(c->store),
	    &e)) == 0)
		return 0;
	r = lk_enter_no_policy(c, &e);
	if (e.code != LK_ENOTFOUND || c->store[0] != '\0')
		tell_way(c);
	return r;
}

static int
by_policy(struct lk_cli *c, unsigned flags)
{
	struct lk_error	 e = { 0 }, ignored = { 0 };
	int		 r;

	if ((r = find_store(c)) != 0 || (r = lk_enter(c, 0)) != 0 ||
	    lk_link_is(c))
		return r;
	if (lk_open(c->policy, flags, &c->lk, &e) == 0) {
		if (e.code == LK_NOTE)
			lk_say_note("%s", e.text);
		return 0;
	}
	r = lk_enter_failed(c, &e);
	/* Where the store is at fault, to name it alone is of no help. */
	if (lk_open_store(c->store, flags, &c->lk, &ignored) == 0)
		tell_way(c);
	return r;
}

int
lk_enter_keys(struct lk_cli *c, unsigned flags)
{
	const char	*dir = lk_args_value(c, "store");
	struct lk_error	 e = { 0 };
	int		 r;

	if (lk_args_has(c, "server"))
		return lk_link_server(c);
	if (dir == NULL)
		return by_policy(c, flags);
	if ((r = lk_enter_store(c, dir)) != 0)
		return r;
	if (lk_open_store(c->store, flags, &c->lk, &e) != 0)
		return lk_say_error(c, &e);
	if (e.code == LK_NOTE)
		lk_say_note("%s", e.text);
	return 0;
}
