/*
 * test_import_seen.c: what tells records of an import apart, while it grows.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include "import_seen.h"

#define MANY	300000
#define NAMES	100000

/* Octets that look random, and are those of i alone. */
static void
octets_of(uint64_t i, uint8_t out[LK_SEEN_OCTETS])
{
	uint64_t	 a = i * UINT64_C(0x9e3779b97f4a7c15);

	memcpy(out, &a, sizeof a);
	out[8] = (uint8_t)i;
	out[9] = (uint8_t)(i >> 8);
	out[10] = (uint8_t)(i >> 16);
}

static void
test_seen(void **state)
{
	struct lk_seen	 s = { 0 };
	uint8_t		 o[LK_SEEN_OCTETS];
	uint64_t	 i;
	unsigned	 k;

	(void)state;
	for (i = 1; i <= MANY; i++) {
		octets_of(i, o);
		assert_int_equal(lk_seen_add(&s, o, i), 0);
	}
	assert_int_equal(s.n, MANY);
	for (i = 1; i <= MANY; i += 7) {
		octets_of(i, o);
		assert_int_equal(lk_seen_add(&s, o, MANY + i), i);
	}
	/* Each octet counts. */
	for (k = 0; k < LK_SEEN_OCTETS; k++) {
		octets_of(5, o);
		o[k] ^= 0x40;
		assert_int_equal(lk_seen_add(&s, o, 2 * MANY), 0);
	}
	lk_seen_clear(&s);
	octets_of(5, o);
	assert_int_equal(lk_seen_add(&s, o, 9), 0);
	lk_seen_free(&s);
}

/* Lines of 40 bits; and none of them is taken for the octets. */
static void
test_lines(void **state)
{
	struct lk_seen	 s = { 0 };
	uint8_t		 o[LK_SEEN_OCTETS] = { 0 };
	const uint64_t	 last = (UINT64_C(1) << 40) - 1;

	(void)state;
	assert_int_equal(lk_seen_add(&s, o, last), 0);
	assert_int_equal(lk_seen_add(&s, o, 1), last);
	o[8] = 1;
	assert_int_equal(lk_seen_add(&s, o, 1), 0);
	assert_int_equal(lk_seen_add(&s, o, 2), 1);
	lk_seen_free(&s);
}

static void
test_ids(void **state)
{
	static const char *const ids[] = { "000000000000", "000000000001",
		"100000000000", "zzzzzzzzzzzz", "zzzzzzzzzzzy", "abcDEF012345",
		"abcDEF012354" };
	struct lk_seen	 s = { 0 };
	uint8_t		 o[LK_SEEN_OCTETS];
	size_t		 i, j;

	(void)state;
	for (j = 0; j < 2; j++)
		for (i = 0; i < sizeof ids / sizeof *ids; i++) {
			lk_seen_id(ids[i], o);
			assert_int_equal(lk_seen_add(&s, o, i + 1),
			    j == 0 ? 0 : i + 1);
		}
	lk_seen_free(&s);
}

static void
test_tally(void **state)
{
	struct lk_tally		 t = LK_TALLY_NONE;
	struct lk_tally_one	*one;
	char			 name[32];
	unsigned		 i, round;
	int			 new;

	(void)state;
	for (round = 0; round < 3; round++)
		for (i = 0; i < NAMES; i++) {
			snprintf(name, sizeof name, "a%u", i);
			one = lk_tally_get(&t, name, i % 3, &new);
			assert_non_null(one);
			assert_int_equal(new, round == 0);
			assert_int_equal(one->added++, round);
			/* The one that was asked for last. */
			assert_ptr_equal(lk_tally_get(&t, name, i % 3, &new),
			    one);
			assert_int_equal(new, 0);
		}
	assert_int_equal(t.n, NAMES);
	/* Another type is another entry. */
	assert_int_equal(lk_tally_get(&t, "a1", 2, &new)->added, 0);
	assert_int_equal(new, 1);
	lk_tally_free(&t);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_seen);
	TABLE_TEST(&t, test_lines);
	TABLE_TEST(&t, test_ids);
	TABLE_TEST(&t, test_tally);
	return table_run(&t, "import, seen");
}
