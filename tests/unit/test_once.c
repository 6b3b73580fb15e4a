/*
 * test_once: a request that is repeated, for a day and for so many others.
 */
#include "table.h"

#include <cmocka.h>

#include "daemon/conn.h"
#include "daemon/once.h"

static int64_t	 the_time;

int64_t
lk_now_ms(void)
{
	return the_time;
}

static struct lk_once_ask
ask_of(const char *who, const char *target, const char *key, const char *body)
{
	struct lk_once_ask	 a;

	a.who = who;
	a.target = target;
	a.key = key;
	a.key_len = strlen(key);
	a.body = body;
	a.body_len = strlen(body);
	return a;
}

static enum lk_once_state
begin(struct lk_once *o, struct lk_once_ask a, size_t *ticket)
{
	char	 id[LK_KEYID_LEN + 1];

	return lk_once_begin(o, &a, ticket, id);
}

#define FIRST	ask_of("1 ann ", "/v1/keys", "k", "{}")

static void
test_states(void **state)
{
	struct lk_once		*o = lk_once_new();
	struct lk_once_ask	 a = FIRST;
	char			 id[LK_KEYID_LEN + 1] = "";
	size_t			 t, other;

	(void)state;
	the_time = 0;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	assert_int_equal(begin(o, FIRST, &other), LK_ONCE_RUNNING);
	assert_int_equal(begin(o, ask_of("1 ann ", "/v1/keys", "k", "{ }"),
	    &other), LK_ONCE_OTHER);
	lk_once_end(o, t, "4fJx0aPq9ZrT");
	assert_int_equal(lk_once_begin(o, &a, &other, id), LK_ONCE_DONE);
	assert_string_equal(id, "4fJx0aPq9ZrT");
	lk_once_free(&o);
	assert_null(o);
}

/* What differs in one of them is another request. */
static void
test_others(void **state)
{
	struct lk_once	*o = lk_once_new();
	size_t		 t;

	(void)state;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	assert_int_equal(begin(o, ask_of("2 ann ", "/v1/keys", "k", "{}"),
	    &t), LK_ONCE_NEW);
	assert_int_equal(begin(o, ask_of("1 ann ", "/v1/key", "sk", "{}"),
	    &t), LK_ONCE_NEW);
	assert_int_equal(begin(o, ask_of("1 ann ", "/v1/keys", "kk", "{}"),
	    &t), LK_ONCE_NEW);
	lk_once_free(&o);
}

static void
test_failed(void **state)
{
	struct lk_once	*o = lk_once_new();
	size_t		 t;

	(void)state;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	lk_once_end(o, t, "");
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	lk_once_free(&o);
}

static void
test_day(void **state)
{
	struct lk_once	*o = lk_once_new();
	size_t		 t;

	(void)state;
	the_time = 1000;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	lk_once_end(o, t, "4fJx0aPq9ZrT");
	the_time += LK_ONCE_TIME * 1000LL;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_DONE);
	the_time++;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_NEW);
	/* One that runs is never given up. */
	the_time += LK_ONCE_TIME * 2000LL;
	assert_int_equal(begin(o, FIRST, &t), LK_ONCE_RUNNING);
	lk_once_free(&o);
}

static void
test_many(void **state)
{
	struct lk_once	*o = lk_once_new();
	char		 key[16];
	size_t		 t, running, i;

	(void)state;
	the_time = 5;
	assert_int_equal(begin(o, ask_of("r", "", "running", ""), &running),
	    LK_ONCE_NEW);
	for (i = 0; i < LK_ONCE_MAX; i++) {
		the_time++;
		snprintf(key, sizeof(key), "%zu", i);
		assert_int_equal(begin(o, ask_of("r", "", key, ""), &t),
		    LK_ONCE_NEW);
		lk_once_end(o, t, "4fJx0aPq9ZrT");
	}
	/* The oldest that is over made room; the rest is known. */
	assert_int_equal(begin(o, ask_of("r", "", "1", ""), &t),
	    LK_ONCE_DONE);
	assert_int_equal(begin(o, ask_of("r", "", "running", ""), &t),
	    LK_ONCE_RUNNING);
	assert_int_equal(begin(o, ask_of("r", "", "0", ""), &t), LK_ONCE_NEW);
	lk_once_free(&o);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_states);
	TABLE_TEST(&t, test_others);
	TABLE_TEST(&t, test_failed);
	TABLE_TEST(&t, test_day);
	TABLE_TEST(&t, test_many);
	return table_run(&t, "once");
}
