/*
 * Every message of a wrong policy: tests/data/policies/wrong.txt, a test a
 * record, all findings of it exact and in the order of the file.  And
 * right.txt, which has none.
 */
#include "policy_file.h"

#define RECORDS_MAX	400

static void
test_wrong(void **state)
{
	const struct record	*c = *state;
	struct lk_buf		 said = LK_BUF_NONE;
	struct lk_report	 rep = { said_add, &said, 0 };
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	char			 first[64];

	lk_buf_str(&said, "");
	assert_int_equal(lk_policy_read("policy.yaml", c->text,
	    strlen(c->text), &rep, &p, &e), LK_ECONFIG);
	assert_null(p);
	assert_string_equal(said.p, c->said);
	assert_true(rep.errors > 0);
	assert_int_equal(e.code, LK_ECONFIG);
	assert_string_equal(e.file, "policy.yaml");
	if (rep.errors > 1) {
		snprintf(first, sizeof first, " (and %u more error%s)",
		    rep.errors - 1, rep.errors > 2 ? "s" : "");
		assert_non_null(strstr(e.text, first));
	}
	lk_buf_free(&said);
}

static void
test_right(void **state)
{
	const struct record	*c = *state;
	struct lk_policy	*p = NULL;
	struct lk_error		 e = { 0 };
	int			 r;

	r = lk_policy_read("/etc/latchkey/policy.yaml", c->text,
	    strlen(c->text), NULL, &p, &e);
	assert_string_equal(e.text, "");
	assert_int_equal(r, 0);
	assert_non_null(p);
	lk_policy_free(&p);
	assert_null(p);
}

/* A harness that cannot fail is none: a wrong sentence must be seen. */
static void
test_planted(void **state)
{
	char		 file[] = "x\n=== a\n--- 1:1 b\n--- 2:2 c\ntext\n";
	struct record	 v[2];

	(void)state;
	assert_int_equal(records_cut(file, v, 2), 1);
	assert_string_equal(v[0].name, "a");
	assert_string_equal(v[0].said, "1:1 b\n2:2 c\n");
	assert_string_equal(v[0].text, "text\n");
}

int
main(void)
{
	static struct record	 v[RECORDS_MAX];
	struct table		 t = { 0 };
	size_t			 i, n, m, size;
	char			*wrong, *right;
	int			 r;

	wrong = source_file("tests/data/policies/wrong.txt", &size);
	n = records_cut(wrong, v, RECORDS_MAX);
	for (i = 0; i < n; i++)
		table_add(&t, v[i].name, test_wrong, &v[i]);
	right = source_file("tests/data/policies/right.txt", &size);
	m = records_cut(right, v + n, RECORDS_MAX - n);
	for (; i < n + m; i++)
		table_add(&t, v[i].name, test_right, &v[i]);
	TABLE_TEST(&t, test_planted);
	r = n < 75 || m < 10 ? 1 : table_run(&t, "policy_wrong");
	free(wrong);
	free(right);
	return r;
}
