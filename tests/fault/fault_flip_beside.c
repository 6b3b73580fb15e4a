/*
 * Every bit of a journal of 1,000 records, with an index that is sound: who
 * reads goes on from it and has the right answers; store check finds the bit
 * and names its line; a key can be deleted all the same.
 */
#include "caged.h"
#include "flip_look.h"

#include "store/inner.h"

#define RECORDS		1000
#define FEW		2000		/* flips of make check               */
#define CHECK_EVERY	101		/* flips from check to check         */
#define STEP		97		/* one of so many keys is asked for  */
#define DELETES		40		/* flips that a key is deleted after */
#define PARTS_MAX	2		/* processes of make check-fault     */
#define OPEN_EVERY	13		/* there, one of so many flips is met
					 * by one who comes then, too        */
#define NEAR_END	4096		/* octets, and each of these is      */

struct trial {
	struct flip_home f;
	char		*text;
	size_t		 size;
	int		 fd;		/* of the journal                    */
	struct tally	 n;
	unsigned long	 checked, missed;
	unsigned	 part, parts;	/* which flips are ours              */
};

static void
start(struct trial *t)
{
	flip_fill(&t->f, RECORDS + 1, FLIP_KEYS_MAX);
	t->text = slurp(t->f.h.journal, &t->size);
	t->fd = open(t->f.h.journal, O_RDWR);
	assert_true(t->fd != -1);
}

static void
finish(struct trial *t)
{
	close(t->fd);
	free(t->text);
	home_remove(&t->f.h);
}

/* On the disk, so that the file's times do not tell. */
static void
put_octet(const struct trial *t, size_t at, char c)
{
	struct timespec	 times[2];
	struct stat	 st;

	assert_int_equal(fstat(t->fd, &st), 0);
	assert_int_equal(pwrite(t->fd, &c, 1, (off_t)at), 1);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(futimens(t->fd, times), 0);
}

static void
flip(const struct trial *t, size_t bit)
{
	put_octet(t, bit / 8, (char)(t->text[bit / 8] ^ 1 << bit % 8));
}

static void
unflip(const struct trial *t, size_t bit)
{
	put_octet(t, bit / 8, t->text[bit / 8]);
}

static unsigned
line_of(const struct trial *t, size_t at)
{
	const char	*p = t->text, *end = t->text + at;
	unsigned	 n = 1;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL && p++ < end)
		n++;
	return n;
}

static void
check(struct trial *t, size_t bit)
{
	unsigned	 line = line_of(t, bit / 8);
	struct findings	 x;

	t->checked++;
	if (home_examine(&t->f.h, &x) == 0 || x.faults == 0 ||
	    x.line < line || x.line > line + 1) {
		if (t->missed++ == 0)
			fprintf(stderr, "bit %zu of line %u: %s\n", bit, line,
			    x.all);
	}
}

/* ------------------------------------------------------------- who verifies */

static void
look_anew(struct trial *t, size_t bit)
{
	struct lk_store	*s = flip_open(&t->f, caged_io());

	if (s == NULL && bit / 8 >= LK_JOURNAL_FIRST)
		t->n.wrong++;		/* it does not need the journal      */
	if (s != NULL)
		flip_look_all(&t->f, s, (unsigned)t->n.flips, STEP,
		    lk_store_by_digest, &t->n);
	lk_store_close(&s);
}

static void
one_flip(struct trial *t, struct lk_store *open, size_t bit, int examine)
{
	flip(t, bit);
	flip_look_all(&t->f, open, (unsigned)t->n.flips, STEP,
	    lk_store_by_digest, &t->n);
	if (!fault_full() || t->n.flips % OPEN_EVERY == 0 ||
	    bit / 8 < LK_JOURNAL_FIRST || bit / 8 + NEAR_END > t->size)
		look_anew(t, bit);
	if (examine)
		check(t, bit);
	unflip(t, bit);
	t->n.flips++;
}

static void
flip_part(struct trial *t)
{
	struct lk_store		*open;
	size_t			 bit, step;
	unsigned long		 want, i = 0;

	start(t);
	want = fault_states(FEW, t->size * 8);
	step = want >= t->size * 8 ? 1 : (t->size * 8 / want) | 1;
	open = flip_open(&t->f, caged_io());
	assert_non_null(open);
	for (bit = 0; bit < t->size * 8; bit += step)
		if (bit / step % t->parts == t->part)
			one_flip(t, open, bit, i++ % CHECK_EVERY == 0);
	lk_store_close(&open);
	finish(t);
}

/* Each core its part, in a home of its own; what each saw is in memory of
 * all. */
static void
verifies(const void *arg)
{
	struct trial	*t = case_shared(PARTS_MAX * sizeof *t);
	unsigned	 i, parts = fault_full() ? PARTS_MAX : 1;
	pid_t		 pid[PARTS_MAX];

	(void)arg;
	for (i = 0; i < parts; i++) {
		t[i].part = i;
		t[i].parts = parts;
		if ((pid[i] = case_fork()) == 0) {
			flip_part(&t[i]);
			_exit(0);
		}
	}
	for (i = 0; i < parts; i++) {
		assert_int_equal(reap(pid[i]), 0);
		fault_note("%lu bits flipped: %lu right, %lu error, %lu "
		    "wrong; %lu checked, %lu not named", t[i].n.flips,
		    t[i].n.right, t[i].n.error, t[i].n.wrong, t[i].checked,
		    t[i].missed);
		assert_int_equal(t[i].n.wrong + t[i].n.error + t[i].missed,
		    0);
		assert_true(t[i].checked > 0);
	}
}

/* -------------------------------------------------------------- who deletes */

/* Of a journal with a flipped bit: who reads then, and who comes later, knows
 * it, and nobody allows it without the index either. */
static void
deletes(const void *arg)
{
	static struct trial	 t;
	struct lk_error		 e = { 0 };
	struct lk_store		*reader, *s;
	uint64_t		 seed = 5;
	unsigned		 n = 1, i;
	int			 is;

	(void)arg;
	start(&t);
	reader = home_open(&t.f.h, 0, 1);
	for (i = 0; i < DELETES; i++, n++) {
		n += n % 3 == 0;	/* those are deleted already         */
		flip(&t, (LK_JOURNAL_FIRST + case_random(&seed) % (t.size -
		    LK_JOURNAL_FIRST)) * 8 + case_random(&seed) % 8);
		s = home_open(&t.f.h, 1, 1);
		if (keys_delete(s, n, n + 1, &e) != 0)
			fail_msg("delete %u: %s", n, e.text);
		lk_store_close(&s);
		assert_int_equal(lk_store_refresh(reader, &e), 0);
		assert_int_equal(key_state(reader, n), LK_STATE_DELETED);
	}
	assert_int_equal(home_state(&t.f.h, n - 1), LK_STATE_DELETED);
	home_forget(&t.f.h);
	/* Where its own line was hit, there is none. */
	for (i = 1; i < n; i++) {
		is = home_state(&t.f.h, i);
		assert_true(is == LK_STATE_DELETED || is == UNKNOWABLE ||
		    is == LK_STATE_UNSURE);
	}
	lk_store_close(&reader);
	finish(&t);
	fault_note("%d keys deleted in a journal of as many flipped bits",
	    DELETES);
}

/* Planted: a bit that is not flipped cannot be found. */
static void
planted(const void *arg)
{
	static struct trial	 t;

	(void)arg;
	start(&t);
	check(&t, 8 * t.size / 2);
	finish(&t);
	assert_int_equal(t.missed, 0);
}

int
main(void)
{
	case_caught("a bit that store check does not name", planted, NULL,
	    60);
	case_point("every bit, and a sound index", verifies, NULL, 7200);
	case_point("deletes in a journal with flipped bits", deletes, NULL,
	    600);
	return fault_end();
}
