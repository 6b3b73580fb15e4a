/*
 * Another journal in the place of the one that is: what is kept, what everybody
 * else sees of it, and what a kill at each step leaves.
 */
#include "table.h"

#include "store_home.h"
#include "swap_home.h"
#include "faulty_io.h"

/* ------------------------------------------------------------ what is kept */

struct seen {
	unsigned	 n, generate, delete, addresses, account, compact;
	uint64_t	 seq;
	int64_t		 time;
	char		 details[2048];
};

static int
see_event(void *arg, const struct lk_event *v)
{
	struct seen	*x = arg;

	x->n++;
	assert_int_equal(v->seq, x->seq + 1);
	assert_true(v->time >= x->time);
	x->seq = v->seq;
	x->time = v->time;
	x->generate += strcmp(v->event, "generate") == 0;
	x->delete += strcmp(v->event, "delete") == 0;
	x->addresses += strcmp(v->event, "addresses") == 0;
	x->account += strcmp(v->event, "account") == 0;
	if (strcmp(v->event, "compact") == 0) {
		x->compact++;
		memcpy(x->details, v->details, sizeof x->details);
	}
	return 0;
}

static void
test_kept(void **state)
{
	struct lk_swapped	 out;
	struct lk_store		*s, *reader;
	struct lk_error		 e = { 0 };
	struct findings		 x;
	struct lk_key		 k;
	struct seen		 seen = { 0 };
	struct home		 h;
	char			 kept[256];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	swap_fill(s);
	reader = home_open(&h, 0, 1);
	if (swap_compact(s, &out, &e) != 0)
		fail_msg("%s", e.text);
	/* 60 keys, 15 with addresses, 2 packages, 20 deleted. */
	assert_int_equal(out.before, 60 + 15 + 2 + 20);
	assert_int_equal(out.after, 40 + 10 + 1);
	assert_int_equal(lk_store_events(s, NULL, see_event, &seen, &e), 0);
	assert_int_equal(seen.n, 52);
	assert_int_equal(seen.generate, 40);
	assert_int_equal(seen.addresses, 10);
	assert_int_equal(seen.account, 1);
	assert_int_equal(seen.compact, 1);
	assert_string_equal(seen.details, "seq");
	snprintf(kept, sizeof kept, "%s/%s", h.store, out.file);
	assert_int_equal(access(kept, R_OK), 0);
	swap_check(s, "the writer");
	swap_check(reader, "a reader that was there before");
	assert_int_equal(lk_store_key(reader, "K00000000004", &k), 1);
	assert_string_equal(k.label, "L\xc3\xbc");
	assert_int_equal(k.naddresses, 1);
	if (home_examine(&h, &x) != 0)
		fail_msg("%s", x.all);
	/* It goes on from there, for everybody. */
	must_add(s, 100, 101);
	must_delete(s, 1, 2);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 100), LK_STATE_ACTIVE);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	swap_tidy(&h, "after");
	lk_store_close(&reader);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	home_forget(&h);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 2), LK_STATE_ACTIVE);
	if (home_examine(&h, &x) != 0)
		fail_msg("%s", x.all);
	home_remove(&h);
}

/* ---------------------------------------------------- killed at each step */

static void
swap_home(struct home *h)
{
	struct lk_store	*s;

	home_make(h);
	s = home_open(h, 1, 1);
	swap_fill(s);
	lk_store_close(&s);
}

/* A child compacts and ends at operation n of it.  1 when it lived. */
static int
compact_until(const struct home *h, unsigned n, const char *only)
{
	struct lk_swapped	 out;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct home		 own = *h;
	pid_t			 pid;
	int			 r;

	if ((pid = fork()) == 0) {
		own.io = &faulty_io;
		s = child_open(&own, 1);
		memset(&faulty, 0, sizeof faulty);
		faulty.at = n;
		faulty.only = only;
		faulty.die = 1;
		r = swap_compact(s, &out, &e);
		_exit(r == 0 ? 0 : 1);
	}
	r = reap(pid);
	if (r != 0 && r != 77)
		fail_msg("operation %u: the child found %d", n, r);
	return r == 0;
}

static const struct after {
	const char	*name;
	enum vouch	 vouch;
	int		 forget;	/* the index too                     */
} afters[] = {
	{ "same boot",			VOUCHED,	0 },
	{ "another boot",		OLD_BOOT,	0 },
	{ "no index",			VOUCHED,	1 },
	{ "another boot, no index",	OLD_BOOT,	1 },
};

/* First who may only read, one that was there too; then a writer. */
static void
look_after(const struct home *h, struct lk_store *reader, const char *when)
{
	struct findings	 x;
	struct lk_error	 e = { 0 };
	struct lk_store	*s;

	if (reader != NULL)
		swap_check(reader, when);
	s = home_open(h, 0, 1);
	swap_check(s, when);
	lk_store_close(&s);
	if (home_examine(h, &x) != 0)
		fail_msg("%s: %s", when, x.all);
	s = home_open(h, 1, 1);
	swap_check(s, when);
	must_delete(s, 1, 2);
	must_add(s, 200, 201);
	if (reader != NULL) {
		assert_int_equal(lk_store_refresh(reader, &e), 0);
		if (key_state(reader, 1) != LK_STATE_DELETED ||
		    key_state(reader, 200) != LK_STATE_ACTIVE)
			fail_msg("%s: a reader missed what came after", when);
	}
	must_compact(s);
	lk_store_close(&s);
	assert_int_equal(home_state(h, 1), GONE);
	assert_int_equal(home_state(h, 2), LK_STATE_ACTIVE);
	swap_tidy(h, when);
	if (home_examine(h, &x) != 0)
		fail_msg("%s: %s", when, x.all);
}

/* In the state of a boot before, the successor is of that one as well. */
static void
vouch_next(const struct home *h, enum vouch v)
{
	uint64_t	*w;
	size_t		 n;
	char		*p;

	if (v != OLD_BOOT)
		return;
	p = slurp(h->state, &n);
	w = (uint64_t *)(void *)p + 48;
	if (w[0] != 0) {
		w[4] ^= 1;
		w[15] = lk_crc32c(w, 15 * sizeof *w);
		spill(h->state, p, n);
	}
	free(p);
}

static void
test_killed(void **state)
{
	const struct after	*a = *state;
	struct lk_store		*reader;
	struct home		 h;
	char			 when[64];
	unsigned		 n;
	int			 lived = 0;

	for (n = 1; !lived; n++) {
		swap_home(&h);
		/* What is mapped cannot be of another boot. */
		reader = a->vouch == VOUCHED ? home_open(&h, 0, 1) : NULL;
		lived = compact_until(&h, n, NULL);
		snprintf(when, sizeof when, "%s, operation %u", a->name, n);
		home_vouch(&h, a->vouch);
		vouch_next(&h, a->vouch);
		if (a->forget)
			home_forget(&h);
		look_after(&h, reader, when);
		if (reader != NULL)
			lk_store_close(&reader);
		home_remove(&h);
	}
	assert_true(n > 40);
}

/* ----------------------------------------------------- a step that fails */

static const struct failing {
	const char	*name;
	int		 error, forever, half;
} failing[] = {
	{ "input or output error",	EIO,	0,	0 },
	{ "disk full",			ENOSPC,	1,	1 },
	{ "not permitted",		EACCES,	0,	0 },
};

static void
test_fails(void **state)
{
	const struct failing	*f = *state;
	struct lk_swapped	 out;
	struct lk_store		*s, *reader;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			 when[96];
	unsigned		 n, failed = 0;
	int			 r;

	for (n = 1; ; n++) {
		home_make(&h);
		h.io = &faulty_io;
		memset(&faulty, 0, sizeof faulty);
		s = home_open(&h, 1, 1);
		swap_fill(s);
		reader = home_open(&h, 0, 1);
		faulty.at = faulty.count + n;
		faulty.error = f->error;
		faulty.forever = f->forever;
		faulty.half = f->half;
		r = swap_compact(s, &out, &e);
		snprintf(when, sizeof when, "%s, operation %u (%s)", f->name,
		    n, faulty.kind != NULL ? faulty.kind : "none");
		failed += r != 0;
		if (r != 0 && e.text[0] == '\0')
			fail_msg("%s: no word of why", when);
		if (faulty.kind == NULL)
			break;
		memset(&faulty, 0, sizeof faulty);
		swap_check(reader, when);
		/* Who met it goes on, and so does everybody else. */
		must_add(s, 300, 301);
		must_delete(s, 300, 301);
		lk_store_close(&s);
		look_after(&h, reader, when);
		lk_store_close(&reader);
		home_remove(&h);
	}
	assert_true(failed > 20);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------ a wrong successor */

/* A bit of one of its words, in a state that a process left when it ended at
 * its nth sync.  1 when there was a successor. */
static int
flip_next(const struct home *h, unsigned word)
{
	uint64_t	*w;
	size_t		 size;
	char		*p = slurp(h->state, &size);
	int		 found;

	w = (uint64_t *)(void *)p + 48;
	if ((found = w[0] != 0)) {
		w[word] ^= 1;
		spill(h->state, p, size);
	}
	free(p);
	return found;
}

/* What does not hold vouches for nothing: no key that was deleted lives. */
static void
test_tampered(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	unsigned	 word, n, key, found = 0;
	int		 lived;

	(void)state;
	for (word = 0; word < 16; word++) {
		for (lived = 0, n = 1; !lived; n++) {
			swap_home(&h);
			lived = compact_until(&h, n, "fsync");
			found += (unsigned)flip_next(&h, word);
			s = home_open(&h, 0, 1);
			for (key = 3; key <= SWAP_KEYS; key += 3)
				if (key_state(s, key) == LK_STATE_ACTIVE)
					fail_msg("word %u, sync %u: key %u "
					    "lives", word, n, key);
			lk_store_close(&s);
			home_remove(&h);
		}
	}
	/* Before the sync of state, and before that of the folder. */
	assert_int_equal(found, 2 * 16);
}

/* Damage is not written anew. */
static void
test_damaged(void **state)
{
	struct lk_swapped	 out;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	size_t			 n, at;
	char			*p;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	swap_fill(s);
	p = slurp(h.journal, &n);
	at = line_at(p, n, 5, NULL);
	p[at + 20] ^= 1;
	spill(h.journal, p, n);
	free(p);
	assert_int_equal(swap_compact(s, &out, &e), LK_EDAMAGE);
	assert_int_equal(e.line, 5);
	swap_tidy(&h, "refused");
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_kept);
	TABLE_ROWS(&t, test_killed, afters);
	TABLE_ROWS(&t, test_fails, failing);
	TABLE_TEST(&t, test_tampered);
	TABLE_TEST(&t, test_damaged);
	return table_run(&t, "store_swap");
}
