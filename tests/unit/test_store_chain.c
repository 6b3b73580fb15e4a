/*
 * Each line of a journal is edited, removed, put in twice and moved; it is
 * found, and the line is named.
 */
#include "table.h"

#include "store_home.h"

#define LINES		9		/* with the first one                */
#define BARE		5		/* has no MAC                        */

static void
fill(struct home *h)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;

	home_make(h);
	s = home_open(h, 1, 1);
	must_add(s, 1, 2);		/* line 2                            */
	must_add(s, 2, 3);		/* 3                                 */
	must_delete(s, 1, 2);		/* 4                                 */
	lk_store_close(&s);
	s = home_open(h, 1, 0);		/* no pepper                         */
	must_delete(s, 2, 3);		/* 5                                 */
	lk_store_close(&s);
	s = home_open(h, 1, 1);
	must_add(s, 3, 5);		/* 6, 7                              */
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(lk_batch_account(b, "acme", "growth", &e), 0);
	assert_int_equal(lk_batch_commit(&b, &e), 0);	/* 8                 */
	must_delete(s, 3, 4);		/* 9                                 */
	lk_store_close(&s);
}

static int
fill_once(struct home *h)
{
	struct findings	 x;

	fill(h);
	assert_int_equal(home_examine(h, &x), 0);
	assert_int_equal(x.notes, 1);	/* the line without a MAC            */
	return 0;
}

enum how { EDIT, REMOVE, TWICE, SWAP, MAC };

static const struct change_case {
	const char	*name;
	enum how	 how;
	enum vouch	 vouch;
} change_cases[] = {
	{ "an edited line, vouched for", EDIT, VOUCHED },
	{ "an edited line after a boot", EDIT, OLD_BOOT },
	{ "an edited line, no state", EDIT, NO_STATE },
	{ "a line removed, vouched for", REMOVE, VOUCHED },
	{ "a line removed after a boot", REMOVE, OLD_BOOT },
	{ "a line removed, no state", REMOVE, NO_STATE },
	{ "a line there twice, vouched for", TWICE, VOUCHED },
	{ "a line there twice after a boot", TWICE, OLD_BOOT },
	{ "a line there twice, no state", TWICE, NO_STATE },
	{ "two lines swapped, vouched for", SWAP, VOUCHED },
	{ "two lines swapped after a boot", SWAP, OLD_BOOT },
	{ "two lines swapped, no state", SWAP, NO_STATE },
	{ "a MAC changed, vouched for", MAC, VOUCHED },
	{ "a MAC changed after a boot", MAC, OLD_BOOT },
	{ "a MAC changed, no state", MAC, NO_STATE },
};

/* Change line i of text; the new text, its length in *n. */
static char *
change(const char *text, size_t size, unsigned i, enum how how, size_t *n)
{
	size_t	 at, len, next = 0;
	char	*p = malloc(2 * size);

	assert_non_null(p);
	at = line_at(text, size, i, &len);
	memcpy(p, text, size);
	*n = size;
	switch (how) {
	case EDIT:			/* the actor, ann                    */
		memcpy(memmem(p + at, len, ":ann:", 5), ":eve:", 5);
		break;
	case MAC:
		p[at + len - 5] = p[at + len - 5] == 'A' ? 'B' : 'A';
		break;
	case REMOVE:
		memmove(p + at, p + at + len, size - at - len);
		*n = size - len;
		break;
	case TWICE:
		memcpy(p + at + len, text + at, size - at);
		*n = size + len;
		break;
	case SWAP:
		line_at(text, size, i + 1, &next);
		memcpy(p + at, text + at + len, next);
		memcpy(p + at + next, text + at, len);
		break;
	}
	return p;
}

/* The line that is named when line i was changed. */
static unsigned
named(unsigned i, enum how how)
{
	if (how == TWICE)
		return i + 1;
	if (how == EDIT && i == BARE)
		return i + 1;		/* the next MAC covers it            */
	return i;
}

static void
try_line(const struct home *h, const char *text, size_t size, unsigned i,
    enum how how)
{
	struct findings	 x;
	size_t		 n;
	char		*p;

	p = change(text, size, i, how, &n);
	spill(h->journal, p, n);
	free(p);
	if (home_examine(h, &x) != LK_EDAMAGE || x.faults == 0)
		fail_msg("line %u: not found", i);
	if (x.line != named(i, how))
		fail_msg("line %u: named %u:\n%s", i, x.line, x.all);
	/* Nobody is let in that was not before. */
	assert_int_not_equal(home_state(h, 1), LK_STATE_ACTIVE);
	assert_int_not_equal(home_state(h, 2), LK_STATE_ACTIVE);
	assert_int_not_equal(home_state(h, 3), LK_STATE_ACTIVE);
}

static void
test_change(void **state)
{
	const struct change_case	*c = *state;
	struct home			 h;
	size_t				 size;
	char				*text;
	unsigned			 i, last = LINES;

	fill_once(&h);
	home_vouch(&h, c->vouch);
	text = slurp(h.journal, &size);
	/* A last line that is gone leaves no trace but in state. */
	if (c->how == SWAP || c->how == REMOVE)
		last--;
	/* Behind what is acknowledged it is no more than a torn tail. */
	if (c->how == TWICE && c->vouch == VOUCHED)
		last--;
	for (i = 2; i <= last; i++) {
		if (c->how == MAC && i == BARE)
			continue;
		try_line(&h, text, size, i, c->how);
	}
	free(text);
	home_remove(&h);
}

/* The last line is gone as a whole: state knows. */
static void
test_cut_off(void **state)
{
	struct findings	 x;
	struct home	 h;
	struct lk_store	*s;
	struct lk_error	 e = { 0 };
	size_t		 size, at;
	char		*text;

	(void)state;
	fill(&h);
	text = slurp(h.journal, &size);
	at = line_at(text, size, LINES, NULL);
	assert_int_equal(truncate(h.journal, (off_t)at), 0);
	/* With the index that was made of it verify goes on. */
	assert_int_equal(home_state(&h, 3), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 99), GONE);
	home_forget(&h);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_non_null(strstr(x.text, "cut off"));
	assert_int_equal(home_state(&h, 3), LK_STATE_UNSURE);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 99), UNKNOWABLE);

	/* Nothing is added; a delete is, and the damage is remembered. */
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_add(s, 50, 51, &e), LK_EDAMAGE);
	must_delete(s, 4, 5);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 4), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 3), LK_STATE_UNSURE);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	home_vouch(&h, OLD_BOOT);
	assert_int_equal(home_state(&h, 3), LK_STATE_UNSURE);
	free(text);
	home_remove(&h);
}

/* A sound journal of this pepper, put in place of the one that was
 * acknowledged: shorter, and longer. */
static void
test_other_journal(void **state)
{
	struct findings	 x;
	struct home	 h, other;
	struct lk_store	*s;
	size_t		 size;
	unsigned	 n;
	char		*text;

	(void)state;
	home_make(&other);
	s = home_open(&other, 1, 1);
	for (n = 0; n < 2; n++) {
		fill(&h);
		must_add(s, 20 + 10 * n, 30 + 10 * n);
		text = slurp(other.journal, &size);
		spill(h.journal, text, n == 0 ? size / 2 : size);
		home_forget(&h);
		assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
		assert_int_not_equal(home_state(&h, 20), LK_STATE_ACTIVE);
		assert_int_not_equal(home_state(&h, 30), LK_STATE_ACTIVE);
		assert_int_equal(home_state(&h, 99), UNKNOWABLE);
		free(text);
		home_remove(&h);
	}
	lk_store_close(&s);
	home_remove(&other);
}

/* A line of another store with the same number and place. */
static void
test_splice(void **state)
{
	struct findings	 x;
	struct home	 h, other;
	struct lk_store	*s;
	size_t		 size, osize, at, len, oat, olen;
	char		*text, *otext, *p;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	must_add(s, 2, 3);
	must_add(s, 3, 4);
	lk_store_close(&s);
	home_make(&other);
	s = home_open(&other, 1, 1);
	must_add(s, 7, 8);
	must_add(s, 8, 9);
	must_add(s, 9, 10);
	lk_store_close(&s);
	text = slurp(h.journal, &size);
	otext = slurp(other.journal, &osize);
	at = line_at(text, size, 3, &len);
	oat = line_at(otext, osize, 3, &olen);
	p = malloc(size + olen);
	assert_non_null(p);
	memcpy(p, text, at);
	memcpy(p + at, otext + oat, olen);
	memcpy(p + at + olen, text + at + len, size - at - len);
	spill(h.journal, p, size - len + olen);
	assert_int_equal(home_examine(&h, &x), LK_EDAMAGE);
	assert_int_equal(x.line, 3);
	assert_int_not_equal(home_state(&h, 8), LK_STATE_ACTIVE);
	free(p);
	free(text);
	free(otext);
	home_remove(&h);
	home_remove(&other);
}

/*
 * Who can write to the file but has no key puts a line of his own after one
 * that he damages.  The line behind it follows from its MAC, but nothing
 * vouches for what it says.
 */
static void
test_forged_after_damage(void **state)
{
	struct home	 h;
	struct lk_store	*s;
	size_t		 size, at, len;
	char		*text, *field;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	must_add(s, 2, 3);
	must_add(s, 3, 4);
	must_add(s, 4, 5);
	lk_store_close(&s);
	text = slurp(h.journal, &size);
	at = line_at(text, size, 3, &len);
	text[at + 30] ^= 1;
	at = line_at(text, size, 4, &len);
	field = memmem(text + at, len, "type=ucd", 8);
	memcpy(field, "type=ucx", 8);	/* key 3, as another would like it   */
	spill(h.journal, text, size);
	home_forget(&h);
	assert_int_equal(home_state(&h, 1), LK_STATE_UNSURE);
	assert_int_equal(home_state(&h, 3), UNKNOWABLE);
	assert_int_equal(home_state(&h, 4), LK_STATE_ACTIVE);
	free(text);
	home_remove(&h);
}

/* With another pepper's MAC key and the right check value: all is damage. */
static void
test_other_key(void **state)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;

	(void)state;
	fill(&h);
	home_forget(&h);
	home_options(&h, 0, 0, &o);
	assert_int_equal(lk_hmac_new("x", 1, &o.mac, &e), 0);
	assert_int_equal(lk_store_open(&o, &s, &e), 0);
	assert_int_not_equal(key_state(s, 4), LK_STATE_ACTIVE);
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_change, change_cases);
	TABLE_TEST(&t, test_cut_off);
	TABLE_TEST(&t, test_other_journal);
	TABLE_TEST(&t, test_splice);
	TABLE_TEST(&t, test_forged_after_damage);
	TABLE_TEST(&t, test_other_key);
	return table_run(&t, "store_chain");
}
