/*
 * test_store_events: what happened, page by page, from wherever it is asked
 * for, and how much of the journal is read for that.
 */
#include "table.h"

#include "store_home.h"

#define KEYS		6000
#define GONE_FROM	100		/* keys that are deleted             */
#define GONE_TO		400
#define LINES		(KEYS + GONE_TO - GONE_FROM)
#define NEAR		(2 * 262144)	/* octets: a window, and to find it  */

static uint64_t	 octets;		/* read of the journal               */

static ssize_t
count_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	ssize_t	 got = lk_io_system.pread(ctx, fd, p, n, at);

	octets += got > 0 ? (uint64_t)got : 0;
	return got;
}

struct seen {
	uint64_t	 n, most;	/* events; it takes no more          */
	uint64_t	 seqs[LINES + 8];
	uint64_t	 lines[LINES + 8];
};

static int
see(void *arg, const struct lk_event *v)
{
	struct seen	*x = arg;

	if (x->n == x->most)
		return 1;
	x->seqs[x->n] = v->seq;
	x->lines[x->n++] = v->line;
	return 0;
}

/* All of it, as it came before there were pages. */
static struct seen	 whole;

static struct lk_store *
fill(struct home *h)
{
	static struct lk_io	 io;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };

	home_make(h);
	io = *h->io;
	io.pread = count_pread;
	h->io = &io;
	s = home_open(h, 1, 1);
	must_add(s, 1, KEYS + 1);
	must_delete(s, GONE_FROM, GONE_TO);
	whole.n = 0;
	whole.most = LINES;
	assert_int_equal(lk_store_events(s, NULL, see, &whole, &e), 0);
	assert_int_equal(whole.n, LINES);
	return s;
}

static void
ask(struct lk_store *s, const struct lk_events_wanted *w, uint64_t most,
    struct seen *x, struct lk_mark *next)
{
	struct lk_error	 e = { 0 };
	int		 r;

	x->n = 0;
	x->most = most;
	octets = 0;
	r = lk_store_events_wanted(s, w, see, x, next, &e);
	if (r != 0 && r != 1)
		fail_msg("%d: %s", r, e.text);
	assert_int_equal(r == 1, x->n == most && next->off != 0);
}

static const struct page_case {
	const char	*name;
	uint64_t	 page, octets;
} page_cases[] = {
	{ "pages of 1000",			1000,	0 },
	{ "pages of 999",			999,	0 },
	{ "all but one",			LINES - 1, 0 },
	{ "all",				LINES,	0 },
	{ "no page is full, for octets end it",	LINES,	40000 },
	{ "octets of half a line",		LINES,	100 },
};

/* Page by page it is what it is at once, line by line. */
static void
test_pages(void **state)
{
	const struct page_case	*c = *state;
	struct lk_events_wanted	 w = { .octets = c->octets };
	struct lk_store		*s;
	struct lk_mark		 next;
	struct seen		 x;
	struct home		 h;
	uint64_t		 i, n = 0;

	s = fill(&h);
	do {
		ask(s, &w, c->page, &x, &next);
		for (i = 0; i < x.n; i++, n++) {
			assert_int_equal(x.seqs[i], whole.seqs[n]);
			assert_int_equal(x.lines[i], whole.lines[n]);
		}
		assert_in_range(octets, 0, NEAR + c->page * 300);
		w.from = next;
	} while (next.off != 0);
	assert_int_equal(n, LINES);
	lk_store_close(&s);
	home_remove(&h);
}

/* Behind a number; the journal is damaged or not: the events are the same. */
static void
check_after(struct lk_store *s, uint64_t after, int damaged)
{
	struct lk_events_wanted	 w = { .after = after };
	struct lk_mark		 next;
	struct seen		 x;
	uint64_t		 i = 0;

	while (i < whole.n && whole.seqs[i] <= after)
		i++;
	ask(s, &w, 3, &x, &next);
	assert_int_equal(x.n, whole.n - i < 3 ? whole.n - i : 3);
	assert_memory_equal(x.seqs, whole.seqs + i, x.n * sizeof(x.seqs[0]));
	assert_memory_equal(x.lines, whole.lines + i, x.n * sizeof(i));
	if (!damaged)
		assert_in_range(octets, 0, NEAR);
}

static const uint64_t afters[] = {
	0, 1, 2, 63, 64, 65, LINES / 2, LINES - 70, LINES - 3, LINES - 2,
	LINES - 1, LINES, LINES + 1, INT64_MAX,
};

static void
test_after(void **state)
{
	struct lk_store	*s;
	struct home	 h;
	size_t		 i;

	(void)state;
	s = fill(&h);
	for (i = 0; i < sizeof(afters) / sizeof(afters[0]); i++)
		check_after(s, afters[i], 0);
	for (i = 0; i < LINES; i += 97)
		check_after(s, i, 0);
	lk_store_close(&s);
	home_remove(&h);
}

/* A number that was changed at rest, right where the middle is, would lead
 * astray whoever trusts it; so would a newline that is gone. */
static void
test_damaged(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	size_t		 i, n, at;
	char		*p;

	(void)state;
	s = fill(&h);
	lk_store_close(&s);
	p = slurp(h.journal, &n);
	at = line_at(p, n, LINES / 2, NULL);
	assert_true(p[at] < '9');	/* of four digits, as it stays */
	p[at] = '9';
	p[line_at(p, n, 50, NULL) - 1] = ' ';
	spill(h.journal, p, n);
	free(p);
	home_forget(&h);
	s = home_open(&h, 0, 1);
	assert_int_equal(lk_store_damaged(s, &e), 1);
	whole.n = 0;
	assert_int_equal(lk_store_events(s, NULL, see, &whole, &e), 0);
	/* One that lies may be met before those that it seems to be behind. */
	for (i = 0; i < 40; i++)
		check_after(s, i, 1);
	for (i = LINES / 2 + 10; i < LINES; i += 97) {
		struct lk_events_wanted	 w = { .after = i };
		struct lk_mark		 next;
		struct seen		 x;

		ask(s, &w, LINES, &x, &next);
		assert_in_range(x.n, LINES - i, LINES - i + 1);
		assert_int_equal(x.seqs[x.n - 1], LINES);
		assert_int_equal(x.lines[x.n - 1], LINES);
	}
	lk_store_close(&s);
	home_remove(&h);
}

/* A key's line made it: what is before that is not read. */
static void
test_key(void **state)
{
	struct lk_events_wanted	 w = { .key_id = "K00000005990" };
	struct lk_store		*s;
	struct lk_mark		 next;
	struct seen		 x;
	struct home		 h;

	(void)state;
	s = fill(&h);
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.seqs[0], 5990);
	assert_int_equal(x.lines[0], 5991);
	assert_in_range(octets, 0, NEAR);
	w.key_id = "K00000000101";
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 2);
	assert_int_equal(x.seqs[1], KEYS + 2);
	assert_int_equal(x.lines[1], KEYS + 3);
	w.after = 101;
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 1);
	/* Octets end it, with nothing. */
	w.after = 0;
	w.octets = 1000;
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 1);
	assert_true(next.off != 0);
	assert_int_equal(next.line, next.seq + 1);
	w.key_id = "K00000099999";
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 0);
	assert_true(next.off != 0);
	lk_store_close(&s);
	home_remove(&h);
}

/* Of an account: what names it, and what names its keys, of which there may be
 * none any more. */
static void
test_account(void **state)
{
	struct lk_events_wanted	 w = { .account = "acme" };
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct lk_mark		 next;
	struct seen		 x;
	struct home		 h;

	(void)state;
	s = fill(&h);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(lk_batch_account(b, "beta", "p", &e), 0);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
	ask(s, &w, LINES + 1, &x, &next);
	assert_int_equal(x.n, LINES);
	w.account = "beta";
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 1);
	assert_int_equal(x.seqs[0], LINES + 1);
	w.account = "none";
	ask(s, &w, 8, &x, &next);
	assert_int_equal(x.n, 0);
	assert_int_equal(next.off, 0);
	lk_store_close(&s);
	home_remove(&h);
}

/* What somebody made up, or what was true before the journal was written anew,
 * is no place to go on from. */
static void
test_made_up(void **state)
{
	struct lk_events_wanted	 w = { .after = 0 };
	struct lk_swapped	 swapped;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct lk_mark		 next, good;
	struct seen		 x;
	struct home		 h;
	uint64_t		 i;

	(void)state;
	s = fill(&h);
	ask(s, &w, 1000, &x, &good);
	x.n = x.most = 0;
	for (i = 1; i < 150; i++) {	/* a line is longer */
		w.from = good;
		w.from.off += i % 2 != 0 ? i : 0 - i;
		w.from.seq += i % 3;
		if (lk_store_events_wanted(s, &w, see, &x, &next, &e) !=
		    LK_EDATA)
			fail_msg("%llu is let through",
			    (unsigned long long)i);
		assert_int_equal(next.off, 0);
	}
	w.from = good;
	w.from.off = UINT64_MAX / 2;
	assert_int_equal(lk_store_events_wanted(s, &w, see, &x, &next, &e),
	    LK_EDATA);
	w.from.off = 1;
	assert_int_equal(lk_store_events_wanted(s, &w, see, &x, &next, &e),
	    LK_EDATA);
	w.from = good;
	w.from.seq++;
	assert_int_equal(lk_store_events_wanted(s, &w, see, &x, &next, &e),
	    LK_EDATA);
	w.from = good;
	assert_int_equal(lk_store_events_wanted(s, &w, see, &x, &next, &e),
	    1);
	if (lk_store_shrink(s, "ann", "cli", NULL, NULL, &swapped, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(lk_store_events_wanted(s, &w, see, &x, &next, &e),
	    LK_EDATA);
	assert_non_null(strstr(e.text, "begin anew"));
	lk_store_close(&s);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_pages, page_cases);
	TABLE_TEST(&t, test_after);
	TABLE_TEST(&t, test_damaged);
	TABLE_TEST(&t, test_key);
	TABLE_TEST(&t, test_account);
	TABLE_TEST(&t, test_made_up);
	return table_run(&t, "store_events");
}
