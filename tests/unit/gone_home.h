/*
 * gone_home.h: a home with a key under each of two peppers, of which the first
 * can be taken away; included once, after table.h.
 */
#ifndef GONE_HOME_H
#define GONE_HOME_H

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "latchkey.h"
#include "token/pepper.h"

static char	 home[64];
static char	 policy[LK_PATH_MAX], pepper[LK_PATH_MAX], away[LK_PATH_MAX];

/* The key that was made under the first pepper, and one under the second. */
static char	 first[LK_TOKEN_MAX + 1], second[LK_TOKEN_MAX + 1];
static struct lk_key	 key, newer;

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
make_key(struct lk *lk, char token[LK_TOKEN_MAX + 1], struct lk_key *k)
{
	const struct lk_operator	 op = operator_self();
	const struct lk_generate	 g = { .size = sizeof(g),
					     .type = "web_push",
					     .account = "acme" };
	struct lk_error			 e = { 0 };

	if (lk_generate(lk, &op, &g, token, k, NULL, 0, &e) != 0)
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

static void
rotate(struct lk *lk)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };
	struct lk_error			 e = { 0 };

	if (lk_pepper_rotate(lk, &op, NULL, NULL, &w, &e) != 0)
		fail_msg("rotate: %s", e.text);
}

static int
retire(struct lk *lk, unsigned flags, struct lk_error *e)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };

	return lk_pepper_retire(lk, &op, flags, &w, e);
}

/* As who has neither pepper nor plugins at hand. */
static void
delete(const char *id)
{
	const struct lk_operator	 op = operator_self();
	struct lk			*lk = open_home(LK_REMOVE_ONLY);
	struct lk_error			 e = { 0 };

	if (lk_delete(lk, &op, &id, 1, &e) != 0)
		fail_msg("delete: %s", e.text);
	lk_close(&lk);
}

static void
take_away(void)
{
	assert_int_equal(rename(pepper, away), 0);
}

/* As take_away, and another one has its name. */
static void
exchange(void)
{
	char		 dir[LK_PATH_MAX];
	struct lk_error	 e = { 0 };

	take_away();
	snprintf(dir, sizeof(dir), "%s/home/pepper", home);
	if (lk_pepper_make(dir, (unsigned)(pepper[strlen(pepper) - 1] - '0'),
	    0600, (gid_t)-1, &e) != 0)
		fail_msg("%s", e.text);
}

static void
put_back(void)
{
	assert_int_equal(rename(away, pepper), 0);
}

static int
setup(void **state)
{
	struct lk_error	 e = { 0 };
	char		 dir[96];
	struct lk	*lk;

	(void)state;
	strcpy(home, "/tmp/latchkey-gone.XXXXXX");
	if (mkdtemp(home) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/home", home);
	if (lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), policy,
	    sizeof(policy), &e) != 0)
		fail_msg("%s", e.text);
	snprintf(policy, sizeof(policy), "%s/policy.yaml", dir);
	snprintf(pepper, sizeof(pepper), "%s/pepper/1", dir);
	snprintf(away, sizeof(away), "%s/away", home);
	lk = open_home(0);
	make_key(lk, first, &key);
	rotate(lk);
	make_key(lk, second, &newer);
	lk_close(&lk);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
all(void **state, void (*test)(void **))
{
	setup(state);
	test(state);
	teardown(state);
}

/* gone_count.c: the word that counts the keys under the first one is damaged;
 * or is one more, as when somebody is killed at it. */
struct lk_store;
void	gone_count_lose(struct lk_store *s);
void	gone_count_more(struct lk_store *s);
/* What it says; -1 it is damaged. */
int64_t	gone_count(struct lk_store *s);

#endif
