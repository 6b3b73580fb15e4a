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

struct trial {
	struct flip_home f;
	char		*text;
	size_t		 size;
	int		 fd;		/* of the journal                    */
	struct tally	 n;
	unsigned long	 checked, missed;
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
one_flip(struct trial *t, struct lk_store *open, size_t bit, int examine)
{
	struct lk_store	*s;

	flip(t, bit);
	flip_look_all(&t->f, open, (unsigned)t->n.flips, STEP,
	    lk_store_by_digest, &t->n);
	s = flip_open(&t->f, caged_io());
	if (s == NULL && bit / 8 >= LK_JOURNAL_FIRST)
		t->n.wrong++;		/* it does not need the journal      */
	if (s != NULL)
		flip_look_all(&t->f, s, (unsigned)t->n.flips, STEP,
		    lk_store_by_digest, &t->n);
	lk_store_close(&s);
	if (examine)
		check(t, bit);
	unflip(t, bit);
	t->n.flips++;
}

static void
verifies(const void *arg)
{
	static struct trial	 t;
	struct lk_store		*open;
	size_t			 bit, step;
	unsigned long		 want, i = 0;

	(void)arg;
	start(&t);
	want = fault_states(FEW, t.size * 8);
	step = want >= t.size * 8 ? 1 : (t.size * 8 / want) | 1;
	open = flip_open(&t.f, caged_io());
	assert_non_null(open);
	for (bit = 0; bit < t.size * 8; bit += step)
		one_flip(&t, open, bit, i++ % CHECK_EVERY == 0);
	lk_store_close(&open);
	finish(&t);
	fault_note("%lu bits flipped: %lu right, %lu error, %lu wrong; %lu "
	    "checked, %lu not named", t.n.flips, t.n.right, t.n.error,
	    t.n.wrong, t.checked, t.missed);
	assert_int_equal(t.n.wrong + t.n.error + t.missed, 0);
	assert_true(t.checked > 0);
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
