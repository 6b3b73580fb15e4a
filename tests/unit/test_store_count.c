/*
 * Which keys count against a limit: what is rotated does not while its
 * successor does, before its batch is written, after, and read anew.
 */
#include "table.h"

#include <string.h>

#include "store_home.h"

#define T		1700000000		/* now                       */
#define END		(T + 1000)

/*
 * Each word of steps is a batch, each part of it between commas a step:
 *	gA	generate A
 *	oA	the same of another account
 *	tA	of another type
 *	rAB	B, the successor of A, which ends at END
 *	iAB	import A, whose successor is B
 *	sBA	import B, which takes the place of A
 *	xA	A ends now
 *	DA	disable A
 *	dA	delete A, alone or with others
 */
static const struct count_case {
	const char	*name, *steps;
	int64_t		 now;
	int		 want;
} cases[] = {
	{ "keys", "g1,g2 g3", T, 3 },
	{ "a deleted one does not", "g1,g2 d1", T, 1 },
	{ "an expired one does not", "g1,g2 x1", T, 1 },
	{ "a disabled one does", "g1,g2 D1", T, 2 },
	{ "a rotated one does not", "g1 r12", T, 1 },
	{ "nor of several", "g1,g2,g3 r14 r25,r36", T, 3 },
	{ "its successor is deleted", "g1 r12 d2", T, 1 },
	{ "and generated is another", "g1 r12 d2 g3", T, 2 },
	{ "both are deleted", "g1 r12 d2 d1", T, 0 },
	{ "its successor is disabled", "g1 r12 D2", T, 1 },
	{ "its successor expires first", "g1 r12 x2", T, 1 },
	{ "it has ended", "g1 r12", END, 1 },
	{ "it has ended, and the successor is gone", "g1 r12 d2", END, 0 },
	{ "it is rotated anew", "g1 r12 d2 r13", T, 1 },
	{ "and that one is gone too", "g1 r12 d2 r13 d3", T, 1 },
	{ "the successor is rotated as well", "g1 r12 r23", T, 2 },
	{ "and once the first one has ended", "g1 r12 r23 x1", T, 1 },
	{ "and the last one is gone", "g1 r12 r23 d3", T, 2 },
	{ "a pair that is imported", "i12,s21", T, 1 },
	{ "a pair, the other way round", "s21,i12", T, 1 },
	{ "a pair in two batches", "i12 s21", T, 1 },
	{ "a pair, the other way round, in two", "s21 i12", T, 1 },
	{ "the successor never came", "i12", T, 1 },
	{ "the successor is of another account", "o2 i12", T, 1 },
	{ "the successor is of another type", "t2 i12", T, 1 },
	{ "several say that they have the same one", "i14,i24,i34,g4", T, 3 },
	{ "each is the other's", "i12,i21", T, 2 },
	{ "it is its own", "i11", T, 1 },
};

static void
id_of(char c, char id[LK_KEYID_LEN + 1])
{
	key_id((unsigned)(c - '0'), id);
}

static int
put(struct lk_batch *b, const char *step, const char *replaces,
    const char *replaced_by, struct lk_error *e)
{
	char			 id[LK_KEYID_LEN + 1];
	struct lk_new_key	 k = {
		.id = id, .type = step[0] == 't' ? "mobile" : "ucd",
		.account = step[0] == 'o' ? "other" : "acme",
		.label = "", .hint = "h", .pepper = 1,
		.replaces = replaces, .replaced_by = replaced_by,
		.expires = replaced_by != NULL ? END : 0,
	};
	char			 at = step[0] == 'r' ? step[2] : step[1];

	id_of(at, id);
	key_digest((unsigned)at, k.digest);
	return lk_batch_generate(b, &k, e);
}

static int
take(struct lk_batch *b, const char *step, struct lk_error *e)
{
	char	 one[LK_KEYID_LEN + 1], two[LK_KEYID_LEN + 1];
	int	 r;

	id_of(step[1], one);
	if (step[2] != '\0')
		id_of(step[2], two);
	switch (step[0]) {
	case 'r':
		r = put(b, step, one, NULL, e);
		return r != 0 ? r : lk_batch_expire(b, one, END, two, e);
	case 'i':
		return put(b, step, NULL, two, e);
	case 's':
		return put(b, step, two, NULL, e);
	case 'x':
		return lk_batch_expire(b, one, T, NULL, e);
	case 'D':
		return lk_batch_disable(b, one, e);
	case 'd':
		return lk_batch_delete(b, one, e);
	default:
		return put(b, step, NULL, NULL, e);
	}
}

/* How many count once its batch is written; what that is before is the same,
 * but where a key ends, which the index alone tells. */
static void
run(struct lk_store *s, char *word, int64_t now)
{
	int		 adds = strpbrk(word, "xdD") == NULL;
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	char		*step, *rest;
	int64_t		 before;

	if (lk_batch_begin(s, word[0] == 'd' ? LK_BATCH_REMOVE : LK_BATCH_ADD,
	    "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	for (step = strtok_r(word, ",", &rest); step != NULL;
	    step = strtok_r(NULL, ",", &rest))
		if (take(b, step, &e) != 0)
			fail_msg("%s: %s", step, e.text);
	before = lk_batch_count(b, "ucd", "acme", now);
	if (lk_batch_commit(&b, &e) != 0)
		fail_msg("%s", e.text);
	if (adds)
		assert_int_equal(before, lk_store_count(s, "ucd", "acme",
		    now));
}

static int64_t
clock_then(void)
{
	return T;
}

static void
test_count(void **state)
{
	const struct count_case	*c = *state;
	struct lk_store		*s;
	struct home		 h;
	char			 steps[128], *word, *rest;
	int			 i;

	home_make(&h);
	h.clock = clock_then;
	s = home_open(&h, 1, 1);
	snprintf(steps, sizeof steps, "%s", c->steps);
	for (word = strtok_r(steps, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		run(s, word, c->now);
	for (i = 0; i < 3; i++) {
		assert_int_equal(lk_store_count(s, "ucd", "acme", c->now),
		    c->want);
		lk_store_close(&s);
		/* The next one has the index, then none, then may not write. */
		if (i == 1)
			home_forget(&h);
		s = home_open(&h, i != 2, 1);
	}
	assert_int_equal(lk_store_count(s, "ucd", "acme", c->now), c->want);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------ one more key */

static const struct more_case {
	const char	*name, *steps, *step;
	int		 want;		/* with the key of step              */
} mores[] = {
	{ "one more", "g1", "g2", 2 },
	{ "it is rotated, its successor there", "g2", "i12", 1 },
	{ "and it is not", "g3", "i12", 2 },
	{ "what a rotated one waits for", "i12", "s21", 1 },
	{ "and what it does not", "i13", "s21", 2 },
	{ "the second one of a successor", "g2 i12", "i32", 2 },
	{ "its predecessor is not rotated", "g1", "s21", 2 },
};

static int
is_more(struct lk_store *s, const char *step, int64_t *with)
{
	char			 one[LK_KEYID_LEN + 1], two[LK_KEYID_LEN + 1];
	struct lk_new_key	 k = { .id = one, .type = "ucd",
				     .account = "acme" };
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;

	id_of(step[1], one);
	if (step[2] != '\0')
		id_of(step[2], two);
	if (step[0] == 'i') {
		k.replaced_by = two;
		k.expires = END;
	} else if (step[0] == 's')
		k.replaces = two;
	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	*with = lk_batch_count_with(b, &k, T);
	lk_batch_abandon(&b);
	return lk_store_counts_new(s, &k, T);
}

static void
test_more(void **state)
{
	const struct more_case	*c = *state;
	struct lk_store		*s;
	struct home		 h;
	char			 steps[128], *word, *rest;
	int64_t			 was, with;

	home_make(&h);
	h.clock = clock_then;
	s = home_open(&h, 1, 1);
	snprintf(steps, sizeof steps, "%s", c->steps);
	for (word = strtok_r(steps, " ", &rest); word != NULL;
	    word = strtok_r(NULL, " ", &rest))
		run(s, word, T);
	was = lk_store_count(s, "ucd", "acme", T);
	/* Several of one successor are only told together. */
	if (is_more(s, c->step, &with) == 0 && was == with)
		assert_int_equal(with, c->want);
	else
		assert_true(with == was + 1 && with == c->want);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_count, cases);
	TABLE_ROWS(&t, test_more, mores);
	return table_run(&t, "store_count");
}
