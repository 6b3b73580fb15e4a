/*
 * delete: end keys.  It must succeed with the fewest dependencies: no pepper,
 * and with --store no policy.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <stdint.h>
#include <string.h>

#include "cli/json_out.h"
#include "cli/text_out.h"
#include "cli/verbs.h"

#define ROOT_HOME	"/etc/latchkey"		/* whose store init puts     */
#define ROOT_STORE	"/var/lib/latchkey"	/* elsewhere                 */

static const struct lk_opt opts[] = {
	{ "store", "DIR", "a store by itself: works when the policy does "
	    "not" },
	{ NULL }
};

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

/* With a policy that is broken: say the way that is left. */
static int
broken_policy(struct lk_cli *c, const struct lk_error *e)
{
	size_t	 i;
	int	 r = lk_say_error(c, e);

	fputs("latchkey: delete works without a policy, by the owner of the "
	    "store: latchkey delete --store ", stderr);
	if (c->store[0] != '\0')
		lk_text_quoted(stderr, c->store);
	else
		fputs("DIR", stderr);
	for (i = 0; i < c->nwords; i++) {
		fputc(' ', stderr);
		lk_text_quoted(stderr, c->words[i]);
	}
	fputc('\n', stderr);
	return r;
}

static int
open_by_policy(struct lk_cli *c)
{
	struct lk_error	 e = { 0 }, ignored = { 0 };
	int		 r;

	if ((r = lk_enter_home(c)) != 0)
		return r;
	if (lk_home_store(c->policy, c->store, sizeof(c->store), &e) != 0) {
		guess_store(c);
		return broken_policy(c, &e);
	}
	if ((r = lk_enter(c, 0)) != 0)
		return r;
	if (lk_open(c->policy, LK_REMOVE_ONLY, &c->lk, &e) == 0)
		return 0;
	/* Where the store is at fault, to name it alone is of no help. */
	if (lk_open_store(c->store, &c->lk, &ignored) != 0)
		return lk_say_error(c, &e);
	return broken_policy(c, &e);
}

static int
open_store(struct lk_cli *c, const char *dir)
{
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = lk_enter_store(c, dir)) != 0)
		return r;
	if (lk_open_store(c->store, &c->lk, &e) != 0)
		return lk_say_error(c, &e);
	return 0;
}

static int
tell(struct lk_cli *c)
{
	struct lk_out	 j = LK_OUT_NONE;
	size_t		 i;

	if (!c->json) {
		for (i = 0; i < c->nwords; i++)
			printf("deleted %s\n", c->words[i]);
		return 0;
	}
	lk_out_open(&j, NULL, '{');
	lk_out_open(&j, "deleted", '[');
	for (i = 0; i < c->nwords; i++)
		lk_out_str(&j, NULL, c->words[i]);
	lk_out_close(&j, ']');
	lk_out_close(&j, '}');
	return lk_out_print(&j);
}

static int
run(struct lk_cli *c)
{
	const char	*dir = lk_args_value(c, "store");
	struct lk_error	 e = { 0 };
	int		 r;

	if ((r = dir != NULL ? open_store(c, dir) : open_by_policy(c)) != 0)
		return r;
	if (lk_delete(c->lk, &c->op, (const char *const *)c->words, c->nwords,
	    &e) != 0)
		return lk_say_error(c, &e);
	if (e.code == LK_NOTE)
		lk_say_note("%s", e.text);
	return tell(c);
}

const struct lk_verb lk_verb_delete = {
	.name = "delete",
	.synopsis = "KEYID... [--store DIR]",
	.summary = "end keys, at once and for ever; all of them or none",
	.example = "latchkey delete 4fJx0aPq9ZrT",
	.opts = opts,
	.min = 1,
	.max = SIZE_MAX,
	.run = run,
};
