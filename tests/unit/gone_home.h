/*
 * gone_home.h: a home with a key under each of two peppers, of which the first
 * can be taken away; included once, after table.h.
 */
#ifndef GONE_HOME_H
#define GONE_HOME_H

#include "token/pepper.h"

#include "pepper_home.h"

static char	 pepper[LK_PATH_MAX], away[LK_PATH_MAX];

/* The key that was made under the first pepper, and one under the second. */
static char	 first[LK_TOKEN_MAX + 1], second[LK_TOKEN_MAX + 1];
static struct lk_key	 key, newer;

static void
rotate(struct lk *lk)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };
	struct lk_error			 e = { 0 };

	if (lk_pepper_rotate(lk, &op, NULL, NULL, &w, &e) != 0)
		fail_msg("rotate: %s", e.text);
}

/* As who has neither pepper nor plugins at hand. */
static void
end_one(const char *id)
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
	struct lk	*lk;

	(void)state;
	if (make_home("gone") == -1)
		return -1;
	snprintf(pepper, sizeof(pepper), "%s/home/pepper/1", home);
	snprintf(away, sizeof(away), "%s/away", home);
	lk = open_home(0);
	make_key(lk, first, &key);
	rotate(lk);
	make_key(lk, second, &newer);
	lk_close(&lk);
	return 0;
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
