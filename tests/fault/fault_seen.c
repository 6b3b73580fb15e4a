/*
 * A look-up that starts after a delete or a disable returned never allows: 8
 * processes read, 2 write, the index grows and is made anew, the journal is
 * compacted and a copy of it put back, readers are stopped in the midst of it
 * and go on, and fork.
 */
#include "cases.h"

#include "../unit/store_home.h"
#include "seen.h"

#define READERS		8
#define FEW		2000000UL	/* look-ups after a delete           */
#define FULL		20000000UL
#define EACH_FEW	20000		/* keys a writer                     */
#define EACH_FULL	200000
#define DELETES_FEW	6000
#define DELETES_FULL	100000
#define MADE_FEW	8		/* times of an index made anew       */
#define MADE_FULL	60
#define CHILD_LOOKS	2000

struct scene {
	struct home	 h;
	struct seen	*x;
	struct seen_reader *r;		/* READERS of them                   */
	pid_t		 reader[READERS], writer[SEEN_WRITERS], maker;
	_Atomic unsigned long *made;	/* times: index, journal             */
};

/* --------------------------------------------------------------- processes */

static void
child_looks(struct scene *c, struct lk_store *s, struct seen_reader *r,
    uint64_t seed)
{
	unsigned	 last[SEEN_WRITERS] = { 0 }, i;

	if (case_fork() != 0)
		return;
	for (i = 0; i < CHILD_LOOKS; i++)
		seen_read(c->x, s, r, case_random(&seed), last);
	_exit(0);
}

static void
read_on(struct scene *c, unsigned i)
{
	struct lk_store	*s = child_open(&c->h, i == 0);
	unsigned	 last[SEEN_WRITERS] = { 0 };
	uint64_t	 seed = 7919 * (i + 1), n;

	signal(SIGCHLD, SIG_IGN);
	for (n = 1; !c->x->stop; n++) {
		seen_read(c->x, s, &c->r[i], case_random(&seed), last);
		/* Few cores for all of them. */
		if (n % 512 == 0)
			usleep(300);
		if (i < 2 && n % 50000 == 0)
			child_looks(c, s, &c->r[i], seed ^ n);
	}
	lk_store_close(&s);
	_exit(0);
}

static void
write_on(struct scene *c, unsigned w)
{
	struct lk_store	*s = child_open(&c->h, 1);

	while (!c->x->stop && seen_write(c->x, s, w))
		;
	lk_store_close(&s);
	_exit(0);
}

/* A copy of the journal, back in its place a moment later: what was ended since
 * stays so; keys that were made since are gone. */
static int
put_back(struct scene *c, struct lk_store *s, struct lk_error *e)
{
	struct lk_copy		 copy = { .dir = c->h.dir, .name = "copy" };
	struct lk_put_back	 out;
	char			 path[256], *p;
	size_t			 n;
	int			 r;

	snprintf(path, sizeof path, "%s/copy", c->h.dir);
	p = slurp(c->h.journal, &n);
	while (n > 0 && p[n - 1] != '\n')
		n--;			/* a line that is being written      */
	spill(path, p, n);
	free(p);
	copy.fd = open(path, O_RDONLY);
	assert_true(copy.fd != -1);
	assert_int_equal(lk_hmac_new(HOME_KEY, 32, &copy.key, e), 0);
	usleep(2000);
	r = lk_store_put_back(s, "ann", "cli", &copy, 0, NULL, NULL, &out, e);
	lk_hmac_free(&copy.key);
	close(copy.fd);
	return r == LK_EDAMAGE ? LK_EAGAIN : r;	/* half a batch was copied */
}

/* An index anew, a smaller journal and a copy of it, by turns. */
static void
make_on(struct scene *c)
{
	struct lk_store		*s = child_open(&c->h, 1);
	struct lk_swapped	 out;
	struct lk_error		 e = { 0 };
	unsigned		 n;
	int			 r;

	for (n = 0; !c->x->stop; n++) {
		usleep(50000);
		if (n % 3 == 0)
			r = lk_store_remake(s, "ann", "cli", NULL, NULL, &e);
		else if (n % 3 == 1)
			r = lk_store_shrink(s, "ann", "cli", NULL, NULL, &out,
			    &e);
		else
			r = put_back(c, s, &e);
		if (r == LK_EAGAIN)
			continue;
		if (r != 0) {
			fprintf(stderr, "%u: %s\n", n, e.text);
			_exit(2);
		}
		c->made[n % 3]++;
	}
	lk_store_close(&s);
	_exit(0);
}

static void
start(struct scene *c, int planted)
{
	unsigned	 each = fault_full() ? EACH_FULL : EACH_FEW, i;

	home_make(&c->h);
	c->x = case_shared(seen_size(each));
	c->r = case_shared(READERS * sizeof *c->r);
	c->made = case_shared(3 * sizeof *c->made);
	seen_init(c->x, each);
	c->x->planted = planted;
	for (i = 0; i < SEEN_WRITERS; i++)
		if ((c->writer[i] = case_fork()) == 0)
			write_on(c, i);
	for (i = 0; i < READERS; i++)
		if ((c->reader[i] = case_fork()) == 0)
			read_on(c, i);
	if ((c->maker = case_fork()) == 0)
		make_on(c);
}

static void
end(struct scene *c)
{
	unsigned	 i;

	c->x->stop = 1;
	for (i = 0; i < READERS; i++)
		assert_int_equal(reap(c->reader[i]), 0);
	for (i = 0; i < SEEN_WRITERS; i++)
		assert_int_equal(reap(c->writer[i]), 0);
	assert_int_equal(reap(c->maker), 0);
	home_remove(&c->h);
}

/* ------------------------------------------------------------------- count */

static void
sum_up(const struct scene *c, struct seen_reader *sum)
{
	unsigned	 i, k;

	memset(sum, 0, sizeof *sum);
	for (i = 0; i < READERS; i++) {
		sum->checked += c->r[i].checked;
		sum->early += c->r[i].early;
		sum->error += c->r[i].error;
		sum->wrong += c->r[i].wrong;
		for (k = 0; k < SEEN_BUCKETS; k++)
			sum->lag[k] += c->r[i].lag[k];
		if (c->r[i].worst > sum->worst)
			sum->worst = c->r[i].worst;
	}
}

static void
tell_lag(const char *who, const struct seen_reader *r)
{
	fault_note("from the call of a delete to the first deny, %s: half "
	    "within %.0f us, 99 %% within %.0f us, all within %.0f us", who,
	    seen_quantile(r, 0.5) / 1e3, seen_quantile(r, 0.99) / 1e3,
	    (double)r->worst / 1e3);
}

static unsigned long
deletes(const struct scene *c)
{
	unsigned long	 n = 0;
	unsigned	 i;

	for (i = 1; i <= SEEN_WRITERS * c->x->each; i++)
		n += (unsigned long)c->x->key[i].returned;
	return n;
}

static void
tell(const struct scene *c, const struct seen_reader *sum)
{
	char		 who[32];
	unsigned	 i;

	fault_note("%lu look-ups after a delete, %lu before, %lu error, %lu "
	    "wrong; %lu deletes, index made anew %lu times, "
	    "journal shrunk %lu times, "
	    "a copy put back %lu times", sum->checked,
	    sum->early, sum->error, sum->wrong, deletes(c),
	    c->made[0], c->made[1], c->made[2]);
	for (i = 0; i < READERS; i++) {
		snprintf(who, sizeof who, "process %u", i + 1);
		tell_lag(who, &c->r[i]);
	}
	tell_lag("all", sum);
}

/* Stop one of them, wherever it is, and let it go on. */
static void
disturb(struct scene *c, uint64_t *seed)
{
	pid_t	 pid = c->reader[case_random(seed) % READERS];

	kill(pid, SIGSTOP);
	usleep((useconds_t)(case_random(seed) % 5000));
	kill(pid, SIGCONT);
	usleep((useconds_t)(case_random(seed) % 20000));
}

/* Is there enough of everything? */
static int
is_enough(const struct scene *c, const struct seen_reader *sum)
{
	return sum->checked >= fault_states(FEW, FULL) &&
	    c->made[0] >= fault_states(MADE_FEW, MADE_FULL) &&
	    c->made[1] >= fault_states(MADE_FEW, MADE_FULL) &&
	    c->made[2] >= fault_states(MADE_FEW, MADE_FULL) / 2 &&
	    deletes(c) >= fault_states(DELETES_FEW, DELETES_FULL);
}

static void
all_seen(const void *arg)
{
	static struct scene	 c;
	struct seen_reader	 sum;
	uint64_t		 seed = 42;

	(void)arg;
	start(&c, 0);
	do {
		disturb(&c, &seed);
		sum_up(&c, &sum);
	} while (!is_enough(&c, &sum) && sum.wrong == 0);
	end(&c);
	sum_up(&c, &sum);
	tell(&c, &sum);
	assert_int_equal(sum.wrong, 0);
	assert_int_equal(c.x->failed, 0);
	/* Rare: while a generation changes, at most. */
	assert_true(sum.error * 1000 < sum.checked);
}

/* Planted: a delete that is told of before it is so. */
static void
told_early(const void *arg)
{
	static struct scene	 c;
	struct seen_reader	 sum;
	uint64_t		 seed = 43;

	(void)arg;
	start(&c, 1);
	do {
		disturb(&c, &seed);
		sum_up(&c, &sum);
	} while (sum.wrong == 0);
	end(&c);
	assert_int_equal(sum.wrong, 0);
}

int
main(void)
{
	case_caught("a delete that is acknowledged before it holds",
	    told_early, NULL, 120);
	case_point("a look-up after a delete returned", all_seen, NULL, 3600);
	return fault_end();
}
