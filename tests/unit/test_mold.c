/*
 * test_mold: which kept answer is taken for a reply, and what differs in it.
 */
#include "table.h"

#include <stdlib.h>

#include <cmocka.h>

#include "daemon/mold.h"

static const char	 key[] = "Latchkey-Key", store[] = "Cache-Control";

static void
reply_of(struct lk_reply *r, const char *id, const char *second)
{
	r->n = 0;
	r->fields[r->n].name = key;
	r->fields[r->n++].value = id;
	if (second == NULL)
		return;
	r->fields[r->n].name = store;
	r->fields[r->n++].value = second;
}

static struct lk_mold *
used(struct lk_molds *ms, const struct lk_reply *r)
{
	struct lk_mold	*m = lk_mold_take(ms, r);

	assert_non_null(m);
	assert_int_equal(lk_mold_note(m, r), 0);
	return m;
}

static void
empty(struct lk_molds *ms)
{
	struct lk_mold	*m;

	while ((m = ms->free) != NULL) {
		ms->free = m->next;
		free(m);
	}
}

static void
test_same_names(void **state)
{
	struct lk_molds		 ms = { 0 };
	static struct lk_reply	 a, b, c;
	struct lk_mold		*m, *other;

	(void)state;
	reply_of(&a, "one", "no-store");
	reply_of(&b, "two", "no-store");
	reply_of(&c, "two", NULL);
	m = lk_mold_take(&ms, &a);
	assert_non_null(m);
	assert_null(lk_mold_value(m, 0));
	assert_int_equal(lk_mold_note(m, &a), 0);
	assert_string_equal(lk_mold_value(m, 0), "one");
	assert_string_equal(lk_mold_value(m, 1), "no-store");
	assert_null(lk_mold_value(m, 2));
	/* In use: nobody else is given it. */
	other = used(&ms, &a);
	assert_ptr_not_equal(m, other);
	assert_int_equal(lk_mold_give(&ms, m), 0);
	/* Other names: it is not for them. */
	assert_int_equal(lk_mold_give(&ms, used(&ms, &c)), 0);
	assert_ptr_equal(lk_mold_take(&ms, &b), m);
	assert_string_equal(lk_mold_value(m, 0), "one");
	assert_int_equal(lk_mold_note(m, &b), 0);
	assert_string_equal(lk_mold_value(m, 0), "two");
	free(other);
	free(m);
	empty(&ms);
}

static void
test_too_long(void **state)
{
	struct lk_molds		 ms = { 0 };
	static struct lk_reply	 r;
	static char		 text[LK_REPLY_TEXT + 1];
	struct lk_mold		*m;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	reply_of(&r, text, NULL);
	m = lk_mold_take(&ms, &r);
	assert_non_null(m);
	assert_int_equal(lk_mold_note(m, &r), -1);
	text[sizeof(text) - 2] = '\0';
	assert_int_equal(lk_mold_note(m, &r), 0);
	free(m);
}

static void
test_kept(void **state)
{
	struct lk_molds		 ms = { 0 };
	static struct lk_reply	 r;
	struct lk_mold		*m[80];
	size_t			 i, kept = 0;

	(void)state;
	reply_of(&r, "one", "no-store");
	for (i = 0; i < 80; i++)
		m[i] = used(&ms, &r);
	for (i = 0; i < 80; i++)
		if (lk_mold_give(&ms, m[i]) == 0)
			kept++;
		else
			free(m[i]);
	assert_int_equal(kept, 64);
	empty(&ms);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_same_names),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
