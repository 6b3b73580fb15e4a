#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

static void
nothing(struct play *p)
{
	(void)p;
}

static void
run_init(struct play *p)
{
	struct lk_store	*s;
	struct lk_error	 e = { 0 };

	play_need(recover_make(&e) == 0, "make", &e);
	play_mark(p, MARK_MADE, 0);
	s = play_open(1, 1);
	play_add(p, s, 0, 1, 0);
	lk_store_close(&s);
}

static void
run_generate(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);
	int		 i;

	for (i = 0; i < 3; i++)
		play_add(p, s, i, i + 1, 0);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 3, 4, 0);
	lk_store_close(&s);
}

static void
three_keys(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 0, 3, 0);
	lk_store_close(&s);
}

static void
run_delete(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_delete(p, s, 0, 1, 0);
	play_delete(p, s, 1, 3, 0);
	lk_store_close(&s);
}

/* Without a pepper, then with it again. */
static void
run_bare(struct play *p)
{
	struct lk_store	*s = play_open(1, 0);

	play_delete(p, s, 0, 1, 0);
	play_delete(p, s, 1, 2, 0);
	lk_store_close(&s);
	s = play_open(1, 1);
	play_add(p, s, 3, 4, 0);
	lk_store_close(&s);
}

static void
run_package(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_package(p, s, 'a');
	play_add(p, s, 3, 4, 0);
	play_package(p, s, 'b');
	lk_store_close(&s);
}

static void
run_turns(struct play *p)
{
	struct lk_store	*a = play_open(1, 1), *b = play_open(1, 1);

	play_add(p, a, 3, 4, 0);
	play_delete(p, b, 3, 4, 0);
	play_add(p, b, 4, 6, 0);
	play_delete(p, a, 4, 5, 0);
	lk_store_close(&a);
	lk_store_close(&b);
}

/* Pages of lines in one write. */
static void
run_long(struct play *p)
{
	struct lk_store	*s = play_open(1, 1);

	play_add(p, s, 3, 60, 0);
	play_delete(p, s, 10, 50, 0);
	lk_store_close(&s);
}

const struct scenario	 scenarios[] = {
	{ "first init",		NULL,		run_init },
	{ "generate",		nothing,	run_generate },
	{ "delete",		three_keys,	run_delete },
	{ "delete without a pepper", three_keys, run_bare },
	{ "account set",	three_keys,	run_package },
	{ "two writers in turn", three_keys,	run_turns },
	{ "a long batch",	three_keys,	run_long },
};
const size_t		 nscenarios = sizeof scenarios / sizeof *scenarios;
