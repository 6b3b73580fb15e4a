/*
 * Every bit of a journal of 1,000 records, without an index.
 *
 * What stands before the batch with the flipped bit is read once; from there on
 * it is read anew for each bit, once with the bit's batch as the last one and
 * once with some lines behind it, since what is farther behind is read as if
 * nothing were.  Now and then all the rest is read, to show that.
 *
 * For each flip, each key that a line from the batch on makes or ends, and one
 * of so many of the others by turns, since nothing of those is read anew: the
 * right answer or none.  Deleted is deleted, also where the last line is hit
 * and nothing vouches for it; only a key that the last batch makes may then
 * read as not there.  And the bit is found, in its line or the one behind it.
 */
#include <malloc.h>

#include "flip_home.h"

#include "store/index_inner.h"
#include "store/journal.h"
#include "store/load.h"
#include "store/map_inner.h"

#define RECORDS		1000
#define BEHIND		12		/* lines behind the batch            */
#define FEW		3000		/* flips of make check               */
#define PARTS_MAX	2		/* processes of make check-fault     */
#define WHOLE_EVERY	97		/* one of so many flips is read whole */
#define OTHERS		31		/* one of so many keys, by turns     */

enum window { LAST, SOME, REST };

/* One way to read the journal. */
static const struct way {
	enum window	 window;
	enum vouch	 vouch;
} ways[] = {
	{ LAST, VOUCHED }, { LAST, OLD_BOOT }, { LAST, NO_STATE },
	{ SOME, VOUCHED }, { SOME, NO_STATE },
};

struct tally {
	unsigned long	 flips, right, error, late, wrong;
};

struct trial {
	struct flip_home f;
	char		*text;
	size_t		 size, shown;	/* octets; of them, those to be read */
	size_t		*line;		/* where each begins; one more       */
	unsigned	*ends;		/* the last line of its batch        */
	struct lk_io	 io;
	struct lk_hmac	*key;
	int		 blind;		/* planted: MACs are not looked at   */

	struct lk_index	*ix;
	struct lk_load	 load;
	struct lk_pos	 pos;		/* before the batch                  */
	char		*map;		/* what was in the map then          */
	unsigned	 first, last;	/* lines of the batch, from 1        */

	unsigned	 part, parts;	/* which flips are ours              */
	struct tally	 n;
};

static ssize_t
memory_pread(void *ctx, int fd, void *p, size_t n, off_t at)
{
	const struct trial	*t = ctx;

	(void)fd;
	if ((size_t)at >= t->shown)
		return 0;
	if (n > t->shown - (size_t)at)
		n = t->shown - (size_t)at;
	memcpy(p, t->text + at, n);
	return (ssize_t)n;
}

/* ------------------------------------------------------------- the journal */

/* The last line of its batch.  Line 1 has no number. */
static unsigned
read_batch(const struct trial *t, unsigned n)
{
	const char	*colon = strchr(t->text + t->line[n], ':');

	return n == 1 ? 1 : (unsigned)strtoul(colon + 1, NULL, 10) + 1;
}

static void
find_lines(struct trial *t)
{
	unsigned	 n;
	size_t		 len = 0;

	t->line = calloc(t->f.lines + 2, sizeof *t->line);
	assert_non_null(t->line);
	for (n = 1; n <= t->f.lines; n++)
		t->line[n] = line_at(t->text, t->size, n, &len);
	t->line[n] = t->size;
	assert_int_equal(t->line[n - 1] + len, t->size);
	t->ends = calloc(n, sizeof *t->ends);
	assert_non_null(t->ends);
	for (n = 1; n <= t->f.lines; n++)
		t->ends[n] = read_batch(t, n);
}

static void
start_index(struct trial *t)
{
	struct lk_shape	 shape;
	struct lk_map	*m;

	lk_shape_fit(&shape, t->f.nkeys + 64, t->f.nkeys, 4 * t->f.nkeys, 65,
	    NULL);
	assert_int_equal(lk_index_new(&t->ix), 0);
	assert_int_equal(lk_map_new(&shape, &m), 0);
	lk_index_attach(t->ix, m, NULL);
	t->map = malloc(m->size);
	assert_non_null(t->map);
}

static void
start(struct trial *t)
{
	struct lk_error	 e = { 0 };

	flip_fill(&t->f, RECORDS + 1, FLIP_KEYS_MAX);
	t->text = slurp(t->f.h.journal, &t->size);
	find_lines(t);
	start_index(t);
	t->io.pread = memory_pread;
	t->io.ctx = t;
	assert_int_equal(lk_hmac_new(HOME_KEY, 32, &t->key, &e), 0);
	t->load.io = &t->io;
	t->load.key = t->key;
	t->load.index = t->ix;
	t->load.pos.end = LK_JOURNAL_FIRST;
	t->load.pos.line = 1;
	lk_link_first(&t->load.pos.link);
	t->pos = t->load.pos;
}

static void
finish(struct trial *t)
{
	lk_load_free(&t->load);
	lk_index_free(&t->ix);
	lk_hmac_free(&t->key);
	free(t->map);
	free(t->line);
	free(t->ends);
	free(t->text);
	home_remove(&t->f.h);
}

/* ------------------------------------------------------------------ one way */

static void
load_to(struct trial *t, uint64_t limit, enum vouch v)
{
	struct lk_load	*l = &t->load;
	struct lk_error	 e = { 0 };

	l->limit = t->shown = limit;
	l->vouched = v == VOUCHED;
	l->floor = v == VOUCHED ? limit : v == OLD_BOOT ? t->pos.end : 0;
	if (lk_load_run(l, &e) != 0)
		fail_msg("%s", e.text);
}

/* The index and the load as they were before the batch. */
static void
rewind_to(struct trial *t)
{
	struct lk_map	*m = lk_index_map(t->ix);

	memcpy(m->base, t->map, m->size);
	atomic_store(&t->ix->damage, 0);
	atomic_store(&t->ix->newer, 0);
	t->load.pos = t->pos;
	t->load.faults = 0;
	t->load.fault_line = t->load.newer = 0;
}

static void
wrong(struct trial *t, const struct way *w, size_t bit, const char *what,
    unsigned n)
{
	if (t->n.wrong++ > 0 || t->blind)
		return;
	fprintf(stderr, "lines %u..%u, octet %zu, bit %zu, window %d, vouch "
	    "%d: %s %u (fault in line %llu, end %d)\n", t->first, t->last,
	    bit / 8, bit % 8, (int)w->window, (int)w->vouch, what, n,
	    (unsigned long long)t->load.fault_line, (int)t->load.end);
}

/* Is it a key that this batch, which nobody vouches for, would have made? */
static int
may_lack(const struct trial *t, const struct way *w, const struct truth *k)
{
	return w->vouch != VOUCHED && k->made >= t->first &&
	    k->made <= t->last;
}

static void
judge_key(struct trial *t, const struct way *w, size_t bit, unsigned end,
    unsigned n)
{
	const struct truth	*k = &t->f.key[n];
	struct lk_found		 found;
	int			 r, got;

	r = lk_index_digest(t->ix, k->digest, &found);
	got = flip_judge(k, flip_state(k, end), r, &found);
	if (got == 1)
		t->n.right++;
	else if (got == 0)
		t->n.error++;
	else if (r == 0 && may_lack(t, w, k))
		t->n.late++;
	else
		wrong(t, w, bit, "key", n);
}

/* Does a line that was read anew make or end it? */
static int
is_near(const struct trial *t, const struct truth *k, unsigned end)
{
	return (k->made >= t->first && k->made <= end) ||
	    (k->ended >= t->first && k->ended <= end);
}

static void
judge_keys(struct trial *t, const struct way *w, size_t bit, unsigned end)
{
	int		 all = w->window == REST;
	unsigned	 n;

	for (n = 1; n <= t->f.nkeys + FLIP_ABSENT; n++)
		if (all || is_near(t, &t->f.key[n], end) ||
		    (n + t->n.flips) % OTHERS == 0)
			judge_key(t, w, bit, end, n);
}

/* The line with the bit is named, or the next one. */
static void
judge_finding(struct trial *t, const struct way *w, size_t bit)
{
	const struct lk_load	*l = &t->load;
	unsigned		 n = t->first;
	uint64_t		 named = l->fault_line;

	while (t->line[n + 1] <= bit / 8)
		n++;
	if (l->faults == 0 && l->end == LK_LOAD_TORN)
		named = l->tail_line;
	if (l->faults == 0 && l->end == LK_LOAD_WHOLE)
		wrong(t, w, bit, "not found: line", n);
	else if (named < t->first || named > n + 1)
		wrong(t, w, bit, "named instead of line", n);
}

static void
one_way(struct trial *t, const struct way *w, size_t bit)
{
	unsigned	 end = t->last;

	if (w->window == SOME)
		end += BEHIND;
	if (w->window == REST || end > t->f.lines)
		end = t->f.lines;
	end = t->ends[end];
	rewind_to(t);
	load_to(t, t->line[end + 1], w->vouch);
	judge_finding(t, w, bit);
	judge_keys(t, w, bit, end);
}

/* --------------------------------------------------------------- all of it */

static void
one_flip(struct trial *t, size_t bit)
{
	static const struct way	 whole = { REST, VOUCHED };
	char			 mask = (char)(1 << bit % 8);
	size_t			 i;

	t->text[bit / 8] ^= mask;
	for (i = 0; i < sizeof ways / sizeof *ways; i++)
		one_way(t, &ways[i], bit);
	if (t->n.flips++ % WHOLE_EVERY == 0)
		one_way(t, &whole, bit);
	t->text[bit / 8] ^= mask;
}

/* Every step-th bit of the batch. */
static void
one_batch(struct trial *t, size_t step)
{
	size_t	 bit = t->line[t->first] * 8;
	size_t	 end = t->line[t->last + 1] * 8;

	for (bit += (step - bit % step) % step; bit < end; bit += step)
		if (bit / step % t->parts == t->part)
			one_flip(t, bit);
}

/* Batch by batch; each is read for good when it was tried. */
static void
all_batches(struct trial *t, size_t step)
{
	struct lk_map	*m = lk_index_map(t->ix);

	for (t->first = 2; t->first <= t->f.lines; t->first = t->last + 1) {
		t->last = t->ends[t->first];
		memcpy(t->map, m->base, m->size);
		one_batch(t, step);
		rewind_to(t);
		load_to(t, t->line[t->last + 1], VOUCHED);
		assert_int_equal(t->load.faults, 0);
		t->pos = t->load.pos;
		assert_true(m == lk_index_map(t->ix));
	}
}

static size_t
step_of(const struct trial *t, unsigned long few)
{
	unsigned long	 want = fault_states(few, t->size * 8);

	return t->size * 8 <= want ? 1 : (t->size * 8 / want) | 1;
}

/* Each core its part; what each saw is in memory of all. */
static void
flip_part(struct trial *t, struct tally *seen)
{
	start(t);
	all_batches(t, step_of(t, FEW));
	finish(t);
	*seen = t->n;
}

static void
flip_all(const void *arg)
{
	static struct trial	 t;
	struct tally		*seen, sum = { 0 };
	pid_t			 pid[PARTS_MAX];
	unsigned		 i;

	(void)arg;
	seen = case_shared(PARTS_MAX * sizeof *seen);
	t.parts = fault_full() ? PARTS_MAX : 1;
	for (i = 0; i < t.parts; i++) {
		t.part = i;
		if ((pid[i] = case_fork()) == 0) {
			flip_part(&t, &seen[i]);
			_exit(0);
		}
	}
	for (i = 0; i < t.parts; i++) {
		assert_int_equal(reap(pid[i]), 0);
		sum.flips += seen[i].flips;
		sum.right += seen[i].right;
		sum.error += seen[i].error;
		sum.late += seen[i].late;
		sum.wrong += seen[i].wrong;
	}
	fault_note("%lu bits flipped: %lu right, %lu error, %lu of a batch "
	    "that nobody was told of, %lu wrong", sum.flips, sum.right,
	    sum.error, sum.late, sum.wrong);
	assert_true(sum.flips > 0);
	assert_int_equal(sum.wrong, 0);
}

/* Planted: whoever reads without a key takes what a line says for true. */
static void
flip_blind(const void *arg)
{
	static struct trial	 t;

	(void)arg;
	t.parts = 1;
	start(&t);
	t.blind = 1;
	t.load.key = NULL;
	all_batches(&t, 1999);
	finish(&t);
	assert_int_equal(t.n.wrong, 0);
}

/* The first line says which pepper it is of: no store opens with another. */
static void
flip_first(const void *arg)
{
	struct lk_store_options	 o;
	struct flip_home	*f = calloc(1, sizeof *f);
	struct lk_store		*s;
	unsigned		 bit;
	struct lk_error		 e = { 0 };
	size_t			 n;
	char			*p;

	(void)arg;
	assert_non_null(f);
	flip_fill(f, 20, 20);
	p = slurp(f->h.journal, &n);
	for (bit = 0; bit < LK_JOURNAL_FIRST * 8; bit++) {
		p[bit / 8] ^= (char)(1 << bit % 8);
		spill(f->h.journal, p, n);
		home_options(&f->h, 0, 1, &o);
		assert_true(lk_store_open(&o, &s, &e) != 0);
		assert_int_equal(e.line, 1);
		p[bit / 8] ^= (char)(1 << bit % 8);
	}
	fault_note("%u bits of the first line: each refused", bit);
	free(p);
	home_remove(&f->h);
	free(f);
}

int
main(void)
{
	/* Windows of 256 KiB come and go with each reading. */
	mallopt(M_MMAP_THRESHOLD, 1 << 26);
	mallopt(M_TRIM_THRESHOLD, 1 << 26);
	case_caught("lines that are taken without their MAC", flip_blind, NULL,
	    600);
	case_point("every bit of the first line", flip_first, NULL, 600);
	case_point("every bit of 1,000 records", flip_all, NULL, 7200);
	return fault_end();
}
