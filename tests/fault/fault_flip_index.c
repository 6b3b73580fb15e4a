/*
 * Every bit of an index of 64 KiB: each key is looked up by digest and by id,
 * keys that never were too, and keys of an account are counted.  The right
 * answer or none; and nobody reads outside of the map (caged.h).
 */
#include "caged.h"
#include "flip_look.h"

#include "store/inner.h"
#include "store/map_inner.h"

#define KEYS		355
#define SIZE		65536		/* octets of the index               */
#define FEW		24000		/* flips of make check               */
#define FEW_OPENS	4000
#define SOME_KEYS	8		/* one of so many is asked for then  */

struct trial {
	struct flip_home f;
	struct lk_store	*s;
	unsigned char	*base;		/* of the index, in its cage         */
	size_t		 size;
	size_t		 head;		/* octets that are read at opening   */
	struct tally	 n;
};

static void
attach(struct trial *t)
{
	struct lk_image	*im;
	struct lk_map	*m;

	t->s = flip_open(&t->f, caged_io());
	assert_non_null(t->s);
	im = lk_store_image(t->s);
	assert_true(atomic_load(&im->shared));
	m = lk_index_map(im->index);
	t->base = m->base;
	t->size = m->size;
	t->head = LK_MAP_HEADER + 64;	/* and the types there are           */
}

/* One that was made at one stroke, so that it is as big as it is said to be. */
static void
start(struct trial *t)
{
	struct lk_store	*s;

	flip_fill(&t->f, 1 << 20, KEYS);
	home_forget(&t->f.h);
	s = home_open(&t->f.h, 1, 1);
	flip_delete(&t->f, s, 3, 4);
	lk_store_close(&s);
	attach(t);
}

static void
finish(struct trial *t)
{
	lk_store_close(&t->s);
	home_remove(&t->f.h);
}

static size_t
step_for(size_t bits, unsigned long few)
{
	unsigned long	 want = fault_states(few, bits);

	return want >= bits ? 1 : (bits / want) | 1;
}

static void
note(const struct trial *t, const char *what)
{
	fault_note("%s: %lu bits flipped: %lu right, %lu error, %lu wrong",
	    what, t->n.flips, t->n.right, t->n.error, t->n.wrong);
	assert_true(t->n.flips > 0 && t->n.right > 0 && t->n.error > 0);
	assert_int_equal(t->n.wrong, 0);
}

/* ------------------------------------------------- while a reader has it */

static void
flip_mapped(struct trial *t, size_t step, unsigned keys, flip_look_fn look)
{
	size_t		 bit;
	unsigned char	 mask;

	for (bit = 0; bit < t->size * 8; bit += step) {
		mask = (unsigned char)(1 << bit % 8);
		t->base[bit / 8] ^= mask;
		flip_look_all(&t->f, t->s, (unsigned)t->n.flips, keys, look,
		    &t->n);
		t->base[bit / 8] ^= mask;
		t->n.flips++;
	}
}

static void
mapped(const void *arg)
{
	static struct trial	 t;
	struct tally		 calm = { 0 };

	(void)arg;
	start(&t);
	assert_int_equal(t.size, SIZE);
	flip_look_all(&t.f, t.s, 0, 1, lk_store_by_digest, &calm);
	assert_int_equal(calm.error + calm.wrong, 0);
	flip_mapped(&t, step_for(t.size * 8, FEW), fault_full() ? 1 :
	    SOME_KEYS, lk_store_by_digest);
	finish(&t);
	note(&t, "a reader has it mapped");
}

/* ---------------------------------------------------- before it is opened */

static void
flip_file(const struct trial *t, size_t bit)
{
	struct lk_image	*im = lk_store_image(t->s);
	char		 path[256];
	unsigned char	 c;
	int		 fd;

	snprintf(path, sizeof path, "%s/index.%llu", t->f.h.store,
	    (unsigned long long)lk_state_generation(&im->state));
	fd = open(path, O_RDWR);
	assert_true(fd != -1);
	assert_int_equal(pread(fd, &c, 1, (off_t)(bit / 8)), 1);
	c ^= (unsigned char)(1 << bit % 8);
	assert_int_equal(pwrite(fd, &c, 1, (off_t)(bit / 8)), 1);
	close(fd);
}

static void
open_flipped(struct trial *t, size_t bit)
{
	struct lk_store	*s;

	flip_file(t, bit);
	/* What is in the header is a matter of the journal then. */
	if ((s = flip_open(&t->f, caged_io())) != NULL) {
		flip_look_all(&t->f, s, (unsigned)t->n.flips, 16,
		    lk_store_by_digest, &t->n);
		lk_store_close(&s);
	} else
		t->n.error++;
	flip_file(t, bit);
	t->n.flips++;
}

static void
opened(const void *arg)
{
	static struct trial	 t;
	size_t			 bit, step;

	(void)arg;
	start(&t);
	step = step_for(t.head * 8, FEW_OPENS);
	for (bit = 0; bit < 64 * 8; bit++)
		open_flipped(&t, bit);
	for (; bit < t.head * 8; bit += step)
		open_flipped(&t, bit);
	/* And of all the rest some. */
	for (; bit < t.size * 8; bit += 997)
		open_flipped(&t, bit);
	finish(&t);
	note(&t, "before it is opened");
}

/* ----------------------------------------------------------------- planted */

/* Compares in place, and takes the state as it stands. */
static int
in_place(struct lk_store *s, const uint8_t *digest, struct lk_found *out)
{
	const struct lk_map	*m = lk_index_map(lk_store_image(s)->index);
	uint64_t		 d[2], i, w[LK_SLOT_WORDS];
	int			 k, r;

	r = lk_store_by_digest(s, digest, out);
	if (r != -1)
		return r;
	memcpy(d, digest, sizeof d);
	i = lk_home(d[0], m->shape.slots);
	for (k = 0; k < LK_SLOT_WORDS; k++)
		w[k] = lk_load(&m->slots[i * LK_SLOT_WORDS + (unsigned)k]);
	if (w[0] != d[0] || w[1] != d[1])
		return 0;
	out->state = lk_slot_state(w) == LK_SLOT_DELETED ? LK_STATE_DELETED :
	    LK_STATE_ACTIVE;
	return 1;
}

static void
planted(const void *arg)
{
	static struct trial	 t;

	(void)arg;
	start(&t);
	flip_mapped(&t, 997, 1, in_place);
	finish(&t);
	assert_int_equal(t.n.wrong, 0);
}

/* And one who reads outside of the map. */
static void
outside(const void *arg)
{
	static struct trial	 t;
	volatile unsigned char	*p;

	(void)arg;
	signal(SIGSEGV, SIG_DFL);
	start(&t);
	p = t.base + t.size;
	home_remove(&t.f.h);
	(void)*p;
}

int
main(void)
{
	int	 status = case_run(outside, NULL, 60);

	fault_point(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
	    "caught: an octet is read behind the map");
	case_caught("a slot that is judged in its place", planted, NULL, 600);
	case_point("every bit of an index that is mapped", mapped, NULL,
	    7200);
	case_point("bits of an index before it is opened", opened, NULL,
	    7200);
	return fault_end();
}
