/*
 * table.h: a const table as one cmocka test a row.
 *
 *	static const struct parse_case {
 *		const char	*name, *in;
 *		int		 want;
 *	} parse_cases[] = { ... };
 *
 *	static void
 *	test_parse(void **state)
 *	{
 *		const struct parse_case	*c = *state;
 *		...
 *	}
 *
 *	int
 *	main(void)
 *	{
 *		struct table	 t = { 0 };
 *
 *		TABLE_ROWS(&t, test_parse, parse_cases);
 *		TABLE_TEST(&t, test_of_its_own);
 *		return table_run(&t, "parse");
 *	}
 *
 * The first member of a row is its name.  One group a program: a second one
 * would print a second TAP plan.  cmocka's skip() counts as failed in TAP, so
 * it is not to be used; what needs root or a terminal is tested by bats.
 */
#ifndef TABLE_H
#define TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef skip
#undef skip
#endif
#pragma GCC poison skip

struct table {
	struct CMUnitTest	*tests;
	size_t			 n;
};

static inline void
table_add(struct table *t, const char *name, CMUnitTestFunction f,
    const void *row)
{
	struct CMUnitTest	*p;

	p = realloc(t->tests, (t->n + 1) * sizeof *p);
	if (p == NULL) {
		perror("table_add");
		exit(1);
	}
	t->tests = p;
	p[t->n].name = name;
	p[t->n].test_func = f;
	p[t->n].setup_func = NULL;
	p[t->n].teardown_func = NULL;
	p[t->n].initial_state = (void *)(uintptr_t)row;
	t->n++;
}

static inline int
table_run(struct table *t, const char *group)
{
	int	 failed;

	failed = _cmocka_run_group_tests(group, t->tests, t->n, NULL, NULL);
	free(t->tests);
	return failed == 0 ? 0 : 1;
}

#define TABLE_TEST(t, f)	table_add((t), #f, (f), NULL)

#define TABLE_ROWS(t, f, rows)						\
	do {								\
		size_t	 row_;						\
									\
		for (row_ = 0; row_ < sizeof (rows) / sizeof *(rows);	\
		    row_++)						\
			table_add((t), (rows)[row_].name, (f),		\
			    &(rows)[row_]);				\
	} while (0)

#endif
