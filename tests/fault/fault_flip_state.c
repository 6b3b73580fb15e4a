/*
 * Every bit of `state` and of `usage`; state, index and usage cut to every
 * length; and files that are of another store, another time or another version.
 * The right answer or none, and nobody reads outside of a map (caged.h).
 */
#include "caged.h"
#include "flip_look.h"

#include "store/inner.h"
#include "store/usage_inner.h"

#define KEYS		60
#define FEW		4096		/* flips of make check; those in use */
#define FEW_USAGE	20000
#define FEW_CUTS	500
#define USED		512		/* octets of state that are in use   */

struct trial {
	struct flip_home f;
	struct tally	 n;
	char		 path[256];	/* of the file                       */
	char		*text;		/* what it should be                 */
	size_t		 size;
};

static void
start(struct trial *t, const char *file)
{
	struct lk_store	*s;

	flip_fill(&t->f, 1 << 20, KEYS);
	s = home_open(&t->f.h, 0, 1);
	snprintf(t->path, sizeof t->path, "%s/%s", t->f.h.store, file);
	if (strcmp(file, "index") == 0)
		snprintf(t->path, sizeof t->path, "%s/index.%llu",
		    t->f.h.store, (unsigned long long)lk_state_generation(
		    &lk_store_image(s)->state));
	lk_store_close(&s);
	t->text = slurp(t->path, &t->size);
}

static void
finish(struct trial *t, const char *what)
{
	free(t->text);
	home_remove(&t->f.h);
	fault_note("%s: %lu: %lu right, %lu error, %lu wrong", what,
	    t->n.flips, t->n.right, t->n.error, t->n.wrong);
	assert_true(t->n.flips > 0 && t->n.right > 0);
	assert_int_equal(t->n.wrong, 0);
}

static size_t
step_for(size_t n, unsigned long few)
{
	unsigned long	 want = fault_states(few, n);

	return want >= n ? 1 : (n / want) | 1;
}

/* Who comes now. */
static void
look_anew(struct trial *t)
{
	struct lk_store	*s = flip_open(&t->f, caged_io());

	if (s == NULL) {
		t->n.error++;
		return;
	}
	flip_look_all(&t->f, s, (unsigned)t->n.flips, 3, lk_store_by_digest,
	    &t->n);
	lk_store_close(&s);
}

/* ------------------------------------------------------------------- state */

static void
flip_opened(struct trial *t, size_t end, size_t step)
{
	size_t	 bit;

	for (bit = 0; bit < end; bit += step) {
		t->text[bit / 8] ^= (char)(1 << bit % 8);
		spill(t->path, t->text, t->size);
		look_anew(t);
		t->text[bit / 8] ^= (char)(1 << bit % 8);
		t->n.flips++;
	}
	spill(t->path, t->text, t->size);
}

static void
state_opened(const void *arg)
{
	static struct trial	 t;

	start(&t, "state");
	if (arg != NULL)		/* and there is no index             */
		home_forget(&t.f.h);
	flip_opened(&t, USED * 8, step_for(USED * 8, FEW));
	if (fault_full())
		flip_opened(&t, t.size * 8, 1);
	finish(&t, arg != NULL ? "bits of state, without an index" :
	    "bits of state");
}

static void
state_mapped(const void *arg)
{
	static struct trial	 t;
	struct lk_store		*s;
	unsigned char		*p;
	size_t			 bit;

	(void)arg;
	start(&t, "state");
	s = flip_open(&t.f, caged_io());
	assert_non_null(s);
	for (bit = 0; bit < (fault_full() ? LK_STATE_SIZE : USED) * 8; bit++) {
		/* A reader may have gone over to another image. */
		p = (unsigned char *)(uintptr_t)lk_store_image(s)->state.words;
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		flip_look_all(&t.f, s, (unsigned)bit, 3, lk_store_by_digest,
		    &t.n);
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		t.n.flips++;
		if (bit % 64 != 63)
			continue;
		lk_store_close(&s);
		s = flip_open(&t.f, caged_io());
		assert_non_null(s);
	}
	lk_store_close(&s);
	finish(&t, "bits of state while a reader has it");
}

/* ------------------------------------------------------------- every length */

static void
cut_to_each(const void *arg)
{
	static struct trial	 t;
	size_t			 n, step;
	const char		*file = arg;

	start(&t, file);
	step = step_for(t.size, FEW_CUTS);
	for (n = 0; n < t.size; n += step) {
		spill(t.path, t.text, n);
		look_anew(&t);
		t.n.flips++;
	}
	spill(t.path, t.text, t.size);
	look_anew(&t);
	finish(&t, "lengths");
}

/* ------------------------------------------------------------------- usage */

static void
judge_usage(struct trial *t, struct lk_usage_file *u, unsigned n)
{
	struct lk_spend	 s = { .id = 0x123456789abcdef * (n + 1) };
	int64_t		 now = (int64_t)FLIP_NOW * LK_SECOND, last;
	uint32_t	 wait = 0;
	int		 r;

	lk_budget_set(&s, 10, 60, 10);
	last = lk_usage_last(u, t->f.key[n].digest, FLIP_NOW);
	r = lk_usage_peek(u, &s, now, &wait);
	if (last < 0 || last > FLIP_NOW || (r != 1 && (r != 0 || wait == 0)))
		t->n.wrong++;
	else if (last / 60 == FLIP_NOW / 60 && r == 1)
		t->n.right++;
	else
		t->n.error++;
	if (lk_usage_take(u, &s, now, &wait) == 1)
		lk_usage_give(u, &s, now);
	lk_usage_touch(u, t->f.key[n].digest, FLIP_NOW);
}

/* The worst is another time of last use, or a limit that is another. */
static void
usage_flips(const void *arg)
{
	static struct trial	 t;
	struct lk_usage_file	*u;
	unsigned char		*p, *before;
	size_t			 bit, step, size;
	unsigned		 n;

	(void)arg;
	start(&t, "usage");
	assert_int_equal(lk_usage_open(caged_io(), t.f.h.store, 1, &u), 0);
	for (n = 1; n <= KEYS; n++)
		lk_usage_touch(u, t.f.key[n].digest, FLIP_NOW);
	p = (unsigned char *)(uintptr_t)lk_usage_now(u)->words;
	size = lk_usage_size(u);
	before = malloc(size);
	assert_non_null(before);
	memcpy(before, p, size);
	step = step_for(size * 8, FEW_USAGE);
	for (bit = 0; bit < size * 8; bit += step) {
		p[bit / 8] ^= (unsigned char)(1 << bit % 8);
		for (n = 1; n <= KEYS; n += fault_full() ? 3 : 11)
			judge_usage(&t, u, n);
		memcpy(p, before, size);
		t.n.flips++;
	}
	free(before);
	lk_usage_close(&u);
	finish(&t, "bits of usage (error: another time or limit)");
}

/* --------------------------------------------------------------- not of it */

enum what { OTHER_STORE, OLDER, OTHER_NUMBER, NEWER_FORM };

static const struct foreign_case {
	const char	*name, *file;
	enum what	 what;
} foreign_cases[] = {
	{ "an index of another store",		"index", OTHER_STORE },
	{ "a state of another store",		"state", OTHER_STORE },
	{ "an index older than the journal",	"index", OLDER },
	{ "a state older than the journal",	"state", OLDER },
	{ "an index of another generation",	"index", OTHER_NUMBER },
	{ "a state that names another one",	"state", OTHER_NUMBER },
	{ "an index of a newer version",	"index", NEWER_FORM },
	{ "a state of a newer version",		"state", NEWER_FORM },
};

/* Another store with the same names of keys, none of which is deleted. */
static void
other_store(struct trial *t)
{
	struct lk_store	*s;
	struct home	 h;
	char		*p;
	size_t		 n;
	char		 path[256];

	home_make(&h);
	h.clock = flip_clock;
	s = home_open(&h, 1, 1);
	must_add(s, 1, KEYS + 1);
	must_add(s, KEYS + 1, KEYS + FLIP_ABSENT);
	lk_store_close(&s);
	snprintf(path, sizeof path, "%s%s", h.store, strrchr(t->path, '/'));
	p = slurp(path, &n);
	spill(t->path, p, n);
	free(p);
	home_remove(&h);
}

/* What was written since is not in it. */
static void
make_older(struct trial *t)
{
	struct lk_store	*s = home_open(&t->f.h, 1, 1);
	unsigned	 n;

	for (n = 1; n <= KEYS; n++)
		if (n % 3 != 0) {
			must_delete(s, n, n + 1);
			t->f.key[n].ended = ++t->f.lines;
		}
	lk_store_close(&s);
	spill(t->path, t->text, t->size);
}

static void
change_word(struct trial *t, unsigned word, uint64_t by)
{
	uint64_t	*w = (uint64_t *)(void *)t->text;

	w[word] += by;
	if (strstr(t->path, "index.") != NULL)
		w[7] = lk_crc32c_words(w, 7);
	spill(t->path, t->text, t->size);
}

static void
foreign(const void *arg)
{
	const struct foreign_case	*c = arg;
	static struct trial		 t;

	start(&t, c->file);
	switch (c->what) {
	case OTHER_STORE:
		other_store(&t);
		break;
	case OLDER:
		make_older(&t);
		break;
	case OTHER_NUMBER:
		change_word(&t, 2, 1);
		break;
	case NEWER_FORM:
		change_word(&t, 1, 1);
		break;
	}
	for (; t.n.flips < 3; t.n.flips++)
		look_anew(&t);
	free(t.text);
	home_remove(&t.f.h);
	fault_note("%lu right, %lu error, %lu wrong", t.n.right, t.n.error,
	    t.n.wrong);
	assert_int_equal(t.n.wrong, 0);
	assert_true(t.n.right + t.n.error > 0);
}

/* Planted: one who takes the first word for what it says. */
static void
planted(const void *arg)
{
	static struct trial	 t;

	(void)arg;
	start(&t, "state");
	t.n.flips = 3;
	t.f.key[1].ended = 1;		/* what nobody wrote is expected     */
	look_anew(&t);
	finish(&t, "planted");
}

int
main(void)
{
	static const char	*cut[] = { "state", "index", "usage" };
	char			 name[64];
	size_t			 i;

	case_caught("an answer that is not the right one", planted, NULL, 60);
	case_point("bits of state", state_opened, NULL, 3600);
	case_point("bits of state, without an index", state_opened, "", 3600);
	case_point("bits of state that is mapped", state_mapped, NULL, 3600);
	case_point("bits of usage", usage_flips, NULL, 3600);
	for (i = 0; i < sizeof cut / sizeof *cut; i++) {
		snprintf(name, sizeof name, "%s of every length", cut[i]);
		case_point(name, cut_to_each, cut[i], 3600);
	}
	for (i = 0; i < sizeof foreign_cases / sizeof *foreign_cases; i++)
		case_point(foreign_cases[i].name, foreign, &foreign_cases[i],
		    60);
	return fault_end();
}
