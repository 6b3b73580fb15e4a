/*
 * pepper_home.h: a home whose peppers are rotated; included once, after
 * table.h.
 */
#ifndef PEPPER_HOME_H
#define PEPPER_HOME_H

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "latchkey.h"

static char	 home[64];
static char	 policy[LK_PATH_MAX];

static struct lk_operator
operator_self(void)
{
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };

	if (lk_operator_self(&op, &e) != 0)
		fail_msg("%s", e.text);
	return op;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

/* One of that name below /tmp, which teardown removes.  0, or -1. */
static int
make_home(const char *name)
{
	struct lk_error	 e = { 0 };
	char		 out[LK_PATH_MAX], dir[96];

	snprintf(home, sizeof(home), "/tmp/latchkey-%s.XXXXXX", name);
	if (mkdtemp(home) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/home", home);
	if (lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), out,
	    sizeof(out), &e) != 0)
		fail_msg("%s", e.text);
	snprintf(policy, sizeof(policy), "%s/policy.yaml", dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static struct lk *
open_home(unsigned flags)
{
	struct lk	*lk;
	struct lk_error	 e = { 0 };

	if (lk_open(policy, flags, &lk, &e) != 0)
		fail_msg("%s", e.text);
	return lk;
}

static void
make_key(struct lk *lk, char token[LK_TOKEN_MAX + 1], struct lk_key *key)
{
	const struct lk_operator	 op = operator_self();
	const struct lk_generate	 g = { .size = sizeof(g),
					     .type = "web_push",
					     .account = "acme" };
	struct lk_error			 e = { 0 };

	if (lk_generate(lk, &op, &g, token, key, NULL, 0, &e) != 0)
		fail_msg("generate: %s", e.text);
}

static uint32_t
verify(struct lk *lk, const char *token)
{
	struct lk_decision	 d;

	(void)lk_verify_token(lk, "web_push", token, strlen(token), "acme",
	    NULL, &d);
	return d.reason;
}

static int
retire(struct lk *lk, unsigned flags, struct lk_error *e)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };

	return lk_pepper_retire(lk, &op, flags, &w, e);
}

#endif
