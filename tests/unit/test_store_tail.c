/*
 * What a power cut leaves of the last batch, at every length; every bit of the
 * last line flipped.
 */
#include "table.h"

#include <glob.h>

#include "store_home.h"

static void
fill(struct home *h, size_t *whole)
{
	struct stat	 st;
	struct lk_store	*s;

	home_make(h);
	s = home_open(h, 1, 1);
	must_add(s, 1, 3);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(stat(h->journal, &st), 0);
	*whole = (size_t)st.st_size;
}

/* Both files as they are after one more batch that nobody acknowledged. */
static char *
unacknowledged(struct home *h, size_t whole, size_t *size)
{
	struct lk_store	*s;
	size_t		 n;
	char		*state, *text;

	state = slurp(h->state, &n);
	s = home_open(h, 1, 1);
	must_add(s, 3, 6);
	lk_store_close(&s);
	text = slurp(h->journal, size);
	spill(h->state, state, n);
	free(state);
	assert_true(*size > whole);
	return text;
}

static void
check_keys(const struct home *h, int last)
{
	struct lk_store	*s = home_open(h, 0, 1);
	unsigned	 n;

	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	for (n = 3; n < 6; n++)
		assert_int_equal(key_state(s, n), last);
	lk_store_close(&s);
}

/* The one file torn.*, which must hold n octets at p. */
static void
check_evidence(const struct home *h, const char *p, size_t n)
{
	struct stat	 st;
	char		 pattern[256];
	glob_t		 g;
	size_t		 got;
	char		*kept;

	snprintf(pattern, sizeof pattern, "%s/torn.*", h->store);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	assert_int_equal(g.gl_pathc, 1);
	kept = slurp(g.gl_pathv[0], &got);
	assert_int_equal(got, n);
	assert_memory_equal(kept, p, n);
	assert_int_equal(stat(g.gl_pathv[0], &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	free(kept);
	assert_int_equal(unlink(g.gl_pathv[0]), 0);
	globfree(&g);
}

/* A writer comes; what it leaves, a second one leaves as it is. */
static char *
recover(const struct home *h, int keyed, size_t *size)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;
	char		*first = NULL, *text;
	size_t		 n = 0;
	int		 i;

	for (i = 0; i < 2; i++) {
		s = home_open(h, 1, keyed);
		if (lk_batch_begin(s, LK_BATCH_REMOVE, "bob", "cli", 0, &b,
		    &e) != 0)
			fail_msg("%s", e.text);
		lk_batch_abandon(&b);
		lk_store_close(&s);
		text = slurp(h->journal, size);
		if (i == 1) {
			assert_int_equal(*size, n);
			assert_memory_equal(text, first, n);
		}
		free(first);
		first = text;
		n = *size;
	}
	return first;
}

static const struct torn_case {
	const char	*name;
	enum vouch	 vouch;
	int		 keyed;
} torn_cases[] = {
	{ "torn at every length, vouched for", VOUCHED, 1 },
	{ "torn at every length after a boot", OLD_BOOT, 1 },
	{ "torn at every length, no state", NO_STATE, 1 },
	{ "torn at every length, no pepper", VOUCHED, 0 },
};

static void
try_length(struct home *h, const struct torn_case *c, const char *text,
    size_t whole, size_t len)
{
	struct findings	 x;
	struct lk_store	*s;
	size_t		 n;
	char		*after;

	spill(h->journal, text, len);
	home_forget(h);
	/* A reader ignores it and cuts nothing. */
	check_keys(h, GONE);
	if (home_examine(h, &x) != 0)
		fail_msg("%zu of a batch: %s", len - whole, x.all);
	free(slurp(h->journal, &n));
	assert_int_equal(n, len);

	after = recover(h, c->keyed, &n);
	assert_memory_equal(after, text, whole);
	if (len == whole)
		assert_int_equal(n, whole);
	else
		check_evidence(h, text + whole, len - whole);
	if (len > whole && c->keyed)
		assert_non_null(memmem(after + whole, n - whole, ":repair:",
		    8));
	free(after);
	check_keys(h, GONE);
	assert_int_equal(home_examine(h, &x), 0);
	s = home_open(h, 1, 1);
	must_add(s, 3, 6);
	lk_store_close(&s);
	check_keys(h, LK_STATE_ACTIVE);
}

static void
test_torn(void **state)
{
	const struct torn_case	*c = *state;
	struct home		 h;
	size_t			 whole, size, len, n;
	char			*text, *st;

	fill(&h, &whole);
	text = unacknowledged(&h, whole, &size);
	home_vouch(&h, c->vouch == NO_STATE ? VOUCHED : c->vouch);
	st = slurp(h.state, &n);
	for (len = whole; len < size; len++) {
		/* Whole lines that nothing dates may have been acknowledged. */
		if (c->vouch == NO_STATE && len > whole &&
		    text[len - 1] == '\n')
			continue;
		spill(h.state, st, n);
		home_vouch(&h, c->vouch == NO_STATE ? NO_STATE : VOUCHED);
		try_length(&h, c, text, whole, len);
	}
	free(st);
	free(text);
	home_remove(&h);
}

/* Complete, synced or not, and its writer killed: it counts. */
static void
test_whole_batch(void **state)
{
	const struct torn_case	*c = *state;
	struct home		 h;
	struct findings		 x;
	size_t			 whole, size, n;
	char			*text, *after;

	fill(&h, &whole);
	text = unacknowledged(&h, whole, &size);
	home_vouch(&h, c->vouch);
	home_forget(&h);
	/* Where state vouches, what is not acknowledged is not served yet. */
	check_keys(&h, c->vouch == VOUCHED ? GONE : LK_STATE_ACTIVE);
	after = recover(&h, c->keyed, &n);
	assert_int_equal(n, size);
	assert_memory_equal(after, text, size);
	check_keys(&h, LK_STATE_ACTIVE);
	assert_int_equal(home_examine(&h, &x), 0);
	free(after);
	free(text);
	home_remove(&h);
}

/* A sector of the batch never reached the disk, and its length did. */
static void
test_zeros(void **state)
{
	const struct torn_case	*c = *state;
	struct home		 h;
	size_t			 whole, size, at, end, n;
	char			*text, *p, *after, *st;

	fill(&h, &whole);
	text = unacknowledged(&h, whole, &size);
	home_vouch(&h, c->vouch);
	st = c->vouch == NO_STATE ? NULL : slurp(h.state, &n);
	for (at = whole; at < size; at = end) {
		end = (at / 512 + 1) * 512;
		if (end > size)
			end = size;
		p = malloc(size);
		assert_non_null(p);
		memcpy(p, text, size);
		memset(p + at, 0, end - at);
		spill(h.journal, p, size);
		if (st != NULL)
			spill(h.state, st, LK_STATE_SIZE);
		else
			(void)!unlink(h.state);
		home_forget(&h);
		check_keys(&h, GONE);
		after = recover(&h, c->keyed, &n);
		assert_memory_equal(after, text, whole);
		check_evidence(&h, p + whole, size - whole);
		check_keys(&h, GONE);
		free(after);
		free(p);
	}
	free(st);
	free(text);
	home_remove(&h);
}

/* ------------------------------------------------------------- bit flips */

static const struct flip_case {
	const char	*name;
	enum vouch	 vouch;
	int		 bare;		/* the delete has no MAC             */
	int		 keyed;		/* so has the writer that comes next */
} flip_cases[] = {
	{ "each bit of a delete, vouched for", VOUCHED, 0, 1 },
	{ "each bit of a delete after a boot", OLD_BOOT, 0, 1 },
	{ "each bit of a delete, no state", NO_STATE, 0, 1 },
	{ "each bit of a bare delete, vouched for", VOUCHED, 1, 1 },
	{ "each bit of a bare delete after a boot", OLD_BOOT, 1, 1 },
	{ "each bit of a bare delete, no state", NO_STATE, 1, 1 },
	{ "each bit, no state, a writer without pepper", NO_STATE, 0, 0 },
	{ "each bit of a bare one, likewise", NO_STATE, 1, 0 },
};

static void
try_flip(struct home *h, const struct flip_case *c, char *text, size_t size,
    size_t bit)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;

	text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	spill(h->journal, text, size);
	text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	if (home_state(h, 1) == LK_STATE_ACTIVE)
		fail_msg("octet %zu, bit %zu revives it", bit / 8, bit % 8);
	s = home_open(h, 1, c->keyed);
	(void)keys_add(s, 8, 9, &e);	/* it may be refused                 */
	must_delete(s, 2, 3);
	lk_store_close(&s);
	if (home_state(h, 1) == LK_STATE_ACTIVE)
		fail_msg("octet %zu, bit %zu revives it after a repair",
		    bit / 8, bit % 8);
	assert_int_equal(home_state(h, 2), LK_STATE_DELETED);
}

static void
test_flip(void **state)
{
	const struct flip_case	*c = *state;
	struct home		 h;
	struct lk_store		*s;
	size_t			 size, before, bit, n;
	char			*text, *st;

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	lk_store_close(&s);
	free(slurp(h.journal, &before));
	s = home_open(&h, 1, !c->bare);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	text = slurp(h.journal, &size);
	home_vouch(&h, c->vouch == OLD_BOOT ? OLD_BOOT : VOUCHED);
	st = slurp(h.state, &n);
	for (bit = before * 8; bit < size * 8; bit++) {
		spill(h.state, st, n);
		if (c->vouch == NO_STATE)
			assert_int_equal(unlink(h.state), 0);
		try_flip(&h, c, text, size, bit);
	}
	free(st);
	free(text);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_torn, torn_cases);
	TABLE_ROWS(&t, test_whole_batch, torn_cases);
	TABLE_ROWS(&t, test_zeros, torn_cases);
	TABLE_ROWS(&t, test_flip, flip_cases);
	return table_run(&t, "store_tail");
}
