/*
 * Two writers, a rebuild and four readers, of which one is killed at a random
 * moment, round after round.  What each writer was told is in a file that the
 * supervisor keeps: before and after each operation the writer marks it there.
 *
 *	what is marked as done is there; of what was under way when its writer
 *	was killed all is there or nothing, and it stays so; nobody ever
 *	allows what was marked as deleted before he looked
 */
#include "cases.h"

#include "../unit/store_home.h"

#define WRITERS		2
#define READERS		4
#define PEOPLE		(WRITERS + READERS + 1)
#define MAKER		(WRITERS + READERS)
#define FEW		500		/* rounds                            */
#define FULL		3000
#define KEYS		300000		/* a writer                          */
#define BATCH		3		/* keys that come and go together    */
#define LAST_MICROS	4000		/* of a round                        */
#define WHOLE_EVERY	50		/* rounds: all keys and the journal  */

/* Of a batch of keys, in the file. */
enum mark { NEVER, ADDING, ADDED, DELETING, ENDED };

struct told {
	_Atomic int	 planted;
	_Atomic int	 stop;
	_Atomic unsigned at[WRITERS];	/* the batch that is under way       */
	_Atomic unsigned most;		/* batches by now: they must last    */
	_Atomic unsigned long looked, error, wrong, done, made, shrunk;
	_Atomic unsigned char mark[WRITERS][KEYS / BATCH];
};

struct scene {
	struct home	 h;
	struct told	*told;
	pid_t		 pid[PEOPLE];
	unsigned long	 there, not_there;	/* of what was under way     */
};

static unsigned
first_key(unsigned w, unsigned batch)
{
	return 1 + w * KEYS + batch * BATCH;
}

/* ------------------------------------------------------------------ people */

static void
must(int r, const struct lk_error *e)
{
	if (r != 0) {
		fprintf(stderr, "%s\n", e->text);
		_exit(3);
	}
}

/* Every second batch is deleted again, some later. */
static void
write_on(struct scene *c, unsigned w)
{
	struct lk_store	*s = child_open(&c->h, 1);
	struct told	*t = c->told;
	struct lk_error	 e = { 0 };
	unsigned	 n, old;

	while (!t->stop && (n = t->at[w]) < KEYS / BATCH) {
		if (n >= t->most) {
			usleep(100);
			continue;
		}
		t->mark[w][n] = t->planted ? ADDED : ADDING;
		must(keys_add(s, first_key(w, n), first_key(w, n + 1), &e),
		    &e);
		t->mark[w][n] = ADDED;
		t->done++;
		old = n > 4 ? n - 4 : 0;
		if (n % 2 == 0 && t->mark[w][old] == ADDED) {
			t->mark[w][old] = DELETING;
			must(keys_delete(s, first_key(w, old),
			    first_key(w, old + 1), &e), &e);
			t->mark[w][old] = ENDED;
			t->done++;
		}
		t->at[w] = n + 1;
	}
	lk_store_close(&s);
	_exit(0);
}

static void
look_at(struct told *t, struct lk_store *s, unsigned w, unsigned batch,
    unsigned key)
{
	unsigned char	 before = t->mark[w][batch], after;
	struct lk_error	 e = { 0 };
	int		 is = UNKNOWABLE;

	if (lk_store_refresh(s, &e) == 0)
		is = key_state(s, first_key(w, batch) + key);
	after = t->mark[w][batch];
	t->looked++;
	if (is == UNKNOWABLE || is == LK_STATE_UNSURE) {
		if (t->error++ == 0)
			fprintf(stderr, "error: %s\n", e.text);
	} else if ((before == ENDED && is == LK_STATE_ACTIVE) ||
	    (before == ADDED && is == GONE) ||
	    (before == ADDED && after == ADDED && is != LK_STATE_ACTIVE) ||
	    (after < ADDING && is != GONE)) {
		if (t->wrong++ == 0)
			fprintf(stderr, "writer %u, batch %u: %d is %d\n", w,
			    batch, before, is);
	}
}

static void
read_on(struct scene *c, unsigned i)
{
	struct lk_store	*s = child_open(&c->h, 0);
	struct told	*t = c->told;
	uint64_t	 seed = (uint64_t)getpid() * 7919 + i, r;
	unsigned	 w, near, n, looks = 0;

	while (!t->stop) {
		/* Few cores for all of them. */
		if (++looks % 64 == 0)
			usleep(3000);
		r = case_random(&seed);
		w = (unsigned)(r >> 60) % WRITERS;
		near = t->at[w];
		n = r % 3 == 0 ? (unsigned)(r >> 8) % (near + 1) :
		    near > 6 ? near - (unsigned)(r >> 8) % 6 : near;
		if (n < KEYS / BATCH)
			look_at(t, s, w, n, (unsigned)(r >> 40) % BATCH);
	}
	lk_store_close(&s);
	_exit(0);
}

/* An index anew and a smaller journal, by turns; another one may be at it, or
 * a writer was not done in time. */
static void
make_on(struct scene *c)
{
	struct lk_store		*s = child_open(&c->h, 1);
	struct lk_swapped	 out;
	struct lk_error		 e = { 0 };
	unsigned		 n;
	int			 r;

	for (n = 0; !c->told->stop; n++) {
		usleep(20000);
		r = n % 2 == 0 ? lk_store_remake(s, "ann", "cli", NULL, NULL,
		    &e) : lk_store_shrink(s, "ann", "cli", NULL, NULL, &out,
		    &e);
		if (r == LK_EAGAIN)
			continue;
		must(r, &e);
		c->told->made++;
		c->told->shrunk += n % 2;
	}
	lk_store_close(&s);
	_exit(0);
}

static void
begin(struct scene *c, unsigned who)
{
	if ((c->pid[who] = case_fork()) != 0)
		return;
	if (who < WRITERS)
		write_on(c, who);
	else if (who < MAKER)
		read_on(c, who - WRITERS);
	else
		make_on(c);
}

/* -------------------------------------------------------------- supervisor */

/* All of a batch is so or none of it. */
static int
batch_state(struct lk_store *s, unsigned w, unsigned batch)
{
	unsigned	 i, n = first_key(w, batch);
	int		 is = key_state(s, n);

	for (i = 1; i < BATCH; i++)
		if (key_state(s, n + i) != is)
			fail_msg("writer %u, batch %u: one key is %d and "
			    "another %d", w, batch, is, key_state(s, n + i));
	return is;
}

/* What was under way is what it is found to be, from now on. */
static void
resolve(struct scene *c, struct lk_store *s, unsigned w, unsigned batch)
{
	_Atomic unsigned char	*m = &c->told->mark[w][batch];
	int			 is = batch_state(s, w, batch);
	int			 early = *m == ADDING ? GONE :
				     LK_STATE_ACTIVE;
	int			 late = *m == ADDING ? LK_STATE_ACTIVE :
				     LK_STATE_DELETED;

	/* A journal that was compacted has nothing of it. */
	if (*m == DELETING && is == GONE)
		is = LK_STATE_DELETED;
	if (is != early && is != late)
		fail_msg("writer %u, batch %u: %d is %d", w, batch, *m, is);
	c->there += is == late;
	c->not_there += is == early;
	if (is == GONE)
		*m = NEVER;
	else
		*m = is == LK_STATE_ACTIVE ? ADDED : ENDED;
}

static void
check_batch(struct scene *c, struct lk_store *s, unsigned w, unsigned batch)
{
	static const int	 want[] = { GONE, 0, LK_STATE_ACTIVE, 0,
				    LK_STATE_DELETED };
	int			 m = c->told->mark[w][batch], is;

	if (m == ADDING || m == DELETING)
		resolve(c, s, w, batch);
	else if ((is = batch_state(s, w, batch)) != want[m] &&
	    (m != ENDED || is != GONE))
		fail_msg("writer %u, batch %u: told %d, and is %d", w, batch,
		    m, is);
}

/* Mend what the killed one left, and see what is there. */
static void
judge(struct scene *c, unsigned w, int whole)
{
	struct lk_store	*s = home_open(&c->h, 1, 1);
	unsigned	 at = c->told->at[w], n = 0;
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;

	if (lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	lk_batch_abandon(&b);
	if (!whole && at > 20)
		n = at - 20;
	for (; n <= at; n++)
		check_batch(c, s, w, n);
	lk_store_close(&s);
	/* What was under way may be there: the next one comes after it. */
	if (c->told->mark[w][at] != NEVER)
		c->told->at[w] = at + 1;
}

/* Nobody else writes meanwhile. */
static void
judge_journal(struct scene *c)
{
	struct findings	 x;
	unsigned	 w;

	for (w = 0; w < WRITERS; w++)
		judge(c, w, 1);
	if (home_examine(&c->h, &x) != 0)
		fail_msg("%s", x.all);
}

static void
end_one(struct scene *c, unsigned who)
{
	int	 status;

	kill(c->pid[who], SIGKILL);
	assert_int_equal(waitpid(c->pid[who], &status, 0), c->pid[who]);
	if (!WIFSIGNALED(status))
		fail_msg("number %u ended by itself: 0x%x", who,
		    (unsigned)status);
}

static void
one_round(struct scene *c, unsigned round, uint64_t *seed)
{
	unsigned	 who, w;

	usleep((useconds_t)(case_random(seed) % LAST_MICROS));
	/* Writers mostly. */
	who = (unsigned)(case_random(seed) >> 32) % (2 * PEOPLE);
	if (who >= PEOPLE)
		who %= WRITERS;
	end_one(c, who);
	if (round % WHOLE_EVERY == WHOLE_EVERY - 1) {
		for (w = 0; w < WRITERS; w++)
			if (w != who)
				end_one(c, w);
		judge_journal(c);
		for (w = 0; w < WRITERS; w++)
			if (w != who)
				begin(c, w);
	} else if (who < WRITERS)
		judge(c, who, 0);
	begin(c, who);
	if (c->told->wrong != 0)
		fail_msg("%lu wrong in round %u",
		    (unsigned long)c->told->wrong, round);
}

/* The file is one, and not memory: it is there after all of them. */
static struct told *
expected_file(const struct home *h)
{
	char	 path[256];
	void	*p;
	int	 fd;

	snprintf(path, sizeof path, "%s/expected", h->dir);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd != -1);
	assert_int_equal(ftruncate(fd, sizeof(struct told)), 0);
	p = mmap(NULL, sizeof(struct told), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	assert_true(p != MAP_FAILED);
	close(fd);
	return p;
}

static void
kills(const void *arg)
{
	static struct scene	 c;
	uint64_t		 seed = 20261125;
	unsigned		 i, rounds;

	home_make(&c.h);
	c.told = expected_file(&c.h);
	c.told->planted = arg != NULL;
	rounds = (unsigned)fault_states(FEW, FULL);
	c.told->most = KEYS / BATCH / rounds;
	for (i = 0; i < PEOPLE; i++)
		begin(&c, i);
	for (i = 0; i < rounds; i++) {
		c.told->most = (i + 1) * (KEYS / BATCH / rounds);
		one_round(&c, i, &seed);
	}
	for (i = 0; i < PEOPLE; i++)
		end_one(&c, i);
	judge_journal(&c);
	fault_note("%u kills: %lu operations told of, all there; of those "
	    "under way %lu there, %lu not; index made anew and journal "
	    "shrunk %lu times (%lu); %lu "
	    "look-ups, %lu error, %lu wrong", rounds,
	    (unsigned long)c.told->done, c.there, c.not_there,
	    (unsigned long)c.told->made, (unsigned long)c.told->shrunk,
	    (unsigned long)c.told->looked,
	    (unsigned long)c.told->error, (unsigned long)c.told->wrong);
	assert_int_equal(c.told->wrong, 0);
	assert_true(c.told->error * 100 < c.told->looked);
	home_remove(&c.h);
}

int
main(void)
{
	case_caught("an operation that is told of before it is done", kills,
	    "", 600);
	case_point("a process is killed, round after round", kills, NULL,
	    3600);
	return fault_end();
}
