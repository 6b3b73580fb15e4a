/*
 * Damaged journals that are mended: lines accepted as lost, copies put back.
 */
#include "table.h"

#include "store_home.h"
#include "swap_home.h"

/* Change one octet of line n of the journal, as a bad disk does it: the file's
 * times do not tell. */
static void
damage_line(const struct home *h, unsigned line)
{
	struct timespec	 times[2];
	struct stat	 st;
	size_t		 n, at;
	char		*p = slurp(h->journal, &n);

	assert_int_equal(stat(h->journal, &st), 0);
	at = line_at(p, n, line, NULL);
	p[at + 22] ^= 1;
	spill(h->journal, p, n);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(utimensat(AT_FDCWD, h->journal, times, 0), 0);
	free(p);
}

static int
repair(struct lk_store *s, const uint64_t *lines, size_t n,
    struct lk_error *e)
{
	struct lk_swapped	 out;

	return lk_store_accept(s, "ann", "cli", lines, n, NULL, NULL, &out, e);
}

static void
must_be_clean(const struct home *h)
{
	struct findings	 x;

	if (home_examine(h, &x) != 0)
		fail_msg("%s", x.all);
}

static int
last_accept(void *arg, const struct lk_event *v)
{
	if (strcmp(v->event, "accept") == 0)
		*(struct lk_event *)arg = *v;
	return 0;
}

static const char *
detail(const struct lk_event *v, const char *name)
{
	struct lk_detail	 d;
	size_t			 at = 0;

	while (lk_event_detail(v, &at, &d) == 1)
		if (strcmp(d.name, name) == 0)
			return d.value;
	return "";
}

/*
 * Lines 2..6 make keys 1..5, 7 deletes key 1, 8 makes key 6.
 */
static void
five(struct home *h)
{
	struct lk_store	*s;
	unsigned	 i;

	home_make(h);
	s = home_open(h, 1, 1);
	for (i = 1; i <= 5; i++)
		must_add(s, i, i + 1);
	must_delete(s, 1, 2);
	must_add(s, 6, 7);
	lk_store_close(&s);
}

static const struct lost_case {
	const char	*name;
	unsigned	 line;
	int		 want[7];	/* of keys 1..6                      */
} lost_cases[] = {
	{ "the line of a key", 4, { 0, LK_STATE_DELETED, LK_STATE_ACTIVE, GONE,
	    LK_STATE_ACTIVE, LK_STATE_ACTIVE, LK_STATE_ACTIVE } },
	{ "a key that is deleted later", 2, { 0, GONE, LK_STATE_ACTIVE,
	    LK_STATE_ACTIVE, LK_STATE_ACTIVE, LK_STATE_ACTIVE,
	    LK_STATE_ACTIVE } },
	{ "the delete", 7, { 0, LK_STATE_ACTIVE, LK_STATE_ACTIVE,
	    LK_STATE_ACTIVE, LK_STATE_ACTIVE, LK_STATE_ACTIVE,
	    LK_STATE_ACTIVE } },
	{ "the last line", 8, { 0, LK_STATE_DELETED, LK_STATE_ACTIVE,
	    LK_STATE_ACTIVE, LK_STATE_ACTIVE, LK_STATE_ACTIVE, GONE } },
};

/* sound: an index from before is beside it, in which the line's key is. */
static void
lose(const struct lost_case *c, int sound)
{
	struct lk_event		 v = { .seq = 0 };
	struct lk_error		 e = { 0 };
	struct lk_store		*s, *reader;
	struct home		 h;
	uint64_t		 line = c->line;
	char			 text[32];
	unsigned		 i;

	five(&h);
	damage_line(&h, c->line);
	if (!sound)
		home_forget(&h);
	reader = home_open(&h, 0, 1);
	s = home_open(&h, 1, 1);
	if (!sound)
		assert_int_equal(keys_add(s, 50, 51, &e), LK_EDAMAGE);
	if (repair(s, &line, 1, &e) != 0)
		fail_msg("%s", e.text);
	must_be_clean(&h);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	for (i = 1; i <= 6; i++) {
		if (key_state(s, i) != c->want[i])
			fail_msg("key %u is %d", i, key_state(s, i));
		assert_int_equal(key_state(reader, i), c->want[i]);
		assert_int_equal(home_state(&h, i), c->want[i]);
	}
	must_add(s, 50, 51);
	assert_int_equal(lk_store_events(s, NULL, last_accept, &v, &e), 0);
	snprintf(text, sizeof text, "%u", c->line);
	assert_string_equal(detail(&v, "line"), text);
	assert_int_equal(strncmp(detail(&v, "file"), "journal.", 8), 0);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

static void
test_lost(void **state)
{
	lose(*state, 0);
	lose(*state, 1);
}

/* Not less than what is damaged, and not more. */
static void
test_match(void **state)
{
	const uint64_t	 one[] = { 3 }, both[] = { 3, 5 }, more[] = { 3, 4, 5 };
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;

	(void)state;
	five(&h);
	s = home_open(&h, 1, 1);
	assert_int_equal(repair(s, one, 1, &e), LK_ENOTFOUND);
	damage_line(&h, 3);
	damage_line(&h, 5);
	assert_int_equal(repair(s, one, 1, &e), LK_EDAMAGE);
	assert_int_equal(e.line, 5);
	assert_int_equal(repair(s, more, 3, &e), LK_ENOTFOUND);
	assert_int_equal(e.line, 4);
	swap_tidy(&h, "refused");
	/* What removes power is written meanwhile, and stays. */
	must_delete(s, 6, 7);
	if (repair(s, both, 2, &e) != 0)
		fail_msg("%s", e.text);
	must_be_clean(&h);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 2), GONE);
	assert_int_equal(key_state(s, 3), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 6), LK_STATE_DELETED);
	must_add(s, 50, 51);
	lk_store_close(&s);
	home_remove(&h);
}

/* The lines that examine names, all of them. */
static size_t
named(const struct findings *x, uint64_t lines[8])
{
	const char	*t = x->all;
	size_t		 n = 0;

	while (n < 8 && (t = strstr(t, "journal:")) != NULL) {
		t += strlen("journal:");
		lines[n++] = (uint64_t)strtoul(t, NULL, 10);
	}
	return n;
}

/* A line that is missing: what comes behind the gap is named. */
static void
test_missing(void **state)
{
	struct lk_error	 e = { 0 };
	struct findings	 x;
	struct lk_store	*s;
	struct home	 h;
	uint64_t	 lines[8];
	size_t		 n, at, len;
	char		*p;

	(void)state;
	five(&h);
	p = slurp(h.journal, &n);
	at = line_at(p, n, 4, &len);
	memmove(p + at, p + at + len, n - at - len);
	spill(h.journal, p, n - len);
	free(p);
	home_forget(&h);
	s = home_open(&h, 1, 1);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	n = named(&x, lines);
	assert_true(n > 1);		/* and that it is shorter            */
	if (repair(s, lines, n, &e) != 0)
		fail_msg("%s: %s", x.all, e.text);
	must_be_clean(&h);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 3), GONE);
	must_add(s, 50, 51);
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------------ copies */

static void
copy_journal(const struct home *h, char path[256])
{
	size_t	 n;
	char	*p = slurp(h->journal, &n);

	snprintf(path, 256, "%s/copy", h->dir);
	unlink(path);
	spill(path, p, n);
	free(p);
}

static int
put_back(struct lk_store *s, const struct home *h, const char *path, int loss,
    struct lk_put_back *out, struct lk_error *e)
{
	struct lk_copy	 c = { h->dir, "copy", -1, NULL };
	int		 r;

	assert_int_equal(lk_hmac_new(HOME_KEY, 32, &c.key, NULL), 0);
	c.fd = open(path, O_RDONLY);
	assert_true(c.fd != -1);
	r = lk_store_put_back(s, "ann", "cli", &c, loss, NULL, NULL, out, e);
	close(c.fd);
	lk_hmac_free(&c.key);
	return r;
}

/* What is there when the copy comes back. */
enum since { LONGER, COMPACTED, DAMAGED, DAMAGED_BEFORE, OLDER };

static const struct back_case {
	const char	*name;
	enum since	 since;
	int		 refused;	/* without loss                      */
	int		 lacking, sixth;
} back_cases[] = {
	{ "a longer one",		LONGER,		0, 1, GONE },
	{ "one that was compacted",	COMPACTED,	0, 1, GONE },
	{ "damaged behind the copy",	DAMAGED,	1, 1, GONE },
	{ "damaged before its end",	DAMAGED_BEFORE,	0, 1, GONE },
	{ "an older one",		OLDER,		0, 0, GONE },
};

static void
make_since(const struct home *h, struct lk_store **s, enum since since)
{
	size_t	 n, at;
	char	*p;

	if (since == COMPACTED)
		must_compact(*s);
	lk_store_close(s);
	if (since == DAMAGED)
		damage_line(h, 9);
	if (since == DAMAGED_BEFORE)
		damage_line(h, 3);
	if (since == OLDER) {
		p = slurp(h->journal, &n);
		at = line_at(p, n, 5, NULL);
		spill(h->journal, p, at);
		free(p);
	}
	if (since != LONGER && since != COMPACTED)
		home_forget(h);
	*s = home_open(h, 1, 1);
}

/* Lines 2..6 make keys 1..5; then the copy; then 1 and 2 are deleted, 6 is
 * made.  Of an older one the copy is the last that there is. */
static void
test_back(void **state)
{
	const struct back_case	*c = *state;
	struct lk_put_back	 out;
	struct lk_error		 e = { 0 };
	struct lk_store		*s, *reader;
	struct home		 h;
	char			 path[256];

	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 6);
	if (c->since != OLDER)
		copy_journal(&h, path);
	must_delete(s, 1, 2);
	must_add(s, 6, 7);
	must_delete(s, 2, 3);
	if (c->since == OLDER)
		copy_journal(&h, path);
	reader = home_open(&h, 0, 1);
	make_since(&h, &s, c->since);
	if (c->refused) {
		assert_int_equal(put_back(s, &h, path, 0, &out, &e),
		    LK_EDAMAGE);
		assert_non_null(strstr(e.text, "--accept-loss"));
	}
	if (put_back(s, &h, path, c->refused, &out, &e) != 0)
		fail_msg("%s", e.text);
	must_be_clean(&h);
	assert_int_equal(key_state(s, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(s, 3), LK_STATE_ACTIVE);
	assert_int_equal(home_state(&h, 5), LK_STATE_ACTIVE);
	if (c->since != DAMAGED)
		assert_int_equal(key_state(s, 2), LK_STATE_DELETED);
	assert_int_equal(out.lacking, c->lacking);
	assert_int_equal(key_state(s, 6), c->since == OLDER ?
	    LK_STATE_ACTIVE : c->sixth);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 1), LK_STATE_DELETED);
	assert_int_equal(key_state(reader, 3), LK_STATE_ACTIVE);
	must_add(s, 50, 51);
	must_delete(s, 3, 4);
	assert_int_equal(lk_store_refresh(reader, &e), 0);
	assert_int_equal(key_state(reader, 50), LK_STATE_ACTIVE);
	assert_int_equal(key_state(reader, 3), LK_STATE_DELETED);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

/* A copy that is damaged is refused, one with a torn end is cut. */
static void
test_copies(void **state)
{
	struct lk_put_back	 out;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct home		 h;
	char			 path[256], *p;
	size_t			 n;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	must_add(s, 3, 4);
	copy_journal(&h, path);
	p = slurp(path, &n);
	/* Within the last line; then an octet of the first. */
	spill(path, p, n - 30);
	if (put_back(s, &h, path, 0, &out, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(key_state(s, 2), LK_STATE_ACTIVE);
	assert_int_equal(key_state(s, 3), GONE);
	p[60] ^= 1;
	spill(path, p, n);
	free(p);
	assert_int_equal(put_back(s, &h, path, 0, &out, &e), LK_EDAMAGE);
	assert_non_null(strstr(e.file, "/copy"));
	assert_int_equal(e.line, 2);
	must_be_clean(&h);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_lost, lost_cases);
	TABLE_TEST(&t, test_match);
	TABLE_TEST(&t, test_missing);
	TABLE_ROWS(&t, test_back, back_cases);
	TABLE_TEST(&t, test_copies);
	return table_run(&t, "store_mend");
}
