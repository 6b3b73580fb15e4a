/*
 * Files of a store are cut off, or written over, under eight processes and four
 * threads that verify: none of them dies, none allows what is deleted, and all
 * serve again once the files are put right as latchkey-journal(5) says.
 */
#include <pthread.h>

#include "cases.h"

#include "../unit/store_home.h"
#include "store/inner.h"

#define PROCESSES	8
#define THREADS		4
#define READERS		(PROCESSES + THREADS)
#define KEYS		600
#define DELETED		200		/* of them, the first ones           */
#define PATIENCE	10000		/* milliseconds                      */

/* What one reader saw, in memory of all. */
struct seen {
	_Atomic unsigned long right, error, wrong;
};

struct board {
	struct seen	 of[READERS];
	_Atomic int	 open;		/* readers that have the store       */
	_Atomic int	 stop;
};

struct scene {
	struct home	 h;
	struct board	*board;
	struct lk_store	*s;		/* of the threads                    */
	pid_t		 pid[PROCESSES];
	pthread_t	 thread[THREADS];
	char		*copy;		/* of the file, before              */
	size_t		 size;
	char		 path[256];
};

struct seat {
	struct scene	*x;
	struct lk_store	*s;
	struct seen	*seen;
};

/* ----------------------------------------------------------------- readers */

static void
look_at(struct lk_store *s, struct seen *x, unsigned n)
{
	struct lk_error	 e = { 0 };
	uint8_t		 d[LK_DIGEST_SIZE];
	struct lk_found	 f;
	int		 want, got;

	want = n > KEYS ? GONE : n <= DELETED ? LK_STATE_DELETED :
	    LK_STATE_ACTIVE;
	key_digest(n, d);
	if (lk_store_refresh(s, &e) != 0)
		got = UNKNOWABLE;
	else if ((got = lk_store_by_digest(s, d, &f)) == 1)
		got = f.state;
	lk_usage_touch(lk_store_usage(s), d, 1795478398);
	(void)lk_usage_last(lk_store_usage(s), d, 1795478398);
	if (got == want)
		x->right++;
	else if (got == LK_STATE_ACTIVE || got == LK_STATE_DISABLED)
		x->wrong++;
	else if (got == GONE && want == LK_STATE_ACTIVE)
		x->wrong++;
	else
		x->error++;
}

static void *
reader(void *arg)
{
	struct seat	*seat = arg;
	struct board	*b = seat->x->board;
	unsigned	 n = (unsigned)getpid();

	b->open++;
	while (!b->stop) {
		n = n * 1103515245 + 12345;
		look_at(seat->s, seat->seen, 1 + n / 65536 % (KEYS + 100));
		if (n / 65536 % 16 == 0)
			usleep(200);	/* two cores for all of them         */
	}
	return NULL;
}

static void
process(struct scene *x, int i)
{
	struct seat	 seat = { x, NULL, &x->board->of[i] };

	/* Some of them could write, and so map otherwise. */
	seat.s = child_open(&x->h, i < 2);
	reader(&seat);
	lk_store_close(&seat.s);
	_exit(0);
}

static void
start(struct scene *x)
{
	static struct seat	 seats[THREADS];
	int			 i;

	x->board = case_shared(sizeof *x->board);
	for (i = 0; i < PROCESSES; i++)
		if ((x->pid[i] = case_fork()) == 0)
			process(x, i);
	x->s = home_open(&x->h, 0, 1);
	for (i = 0; i < THREADS; i++) {
		seats[i] = (struct seat){ x, x->s,
		    &x->board->of[PROCESSES + i] };
		assert_int_equal(pthread_create(&x->thread[i], NULL, reader,
		    &seats[i]), 0);
	}
	for (i = 0; x->board->open < READERS && i < PATIENCE; i++)
		usleep(1000);
	assert_int_equal(x->board->open, READERS);
}

static void
end(struct scene *x)
{
	unsigned long	 right = 0, error = 0;
	int		 i;

	x->board->stop = 1;
	for (i = 0; i < PROCESSES; i++)
		assert_int_equal(reap(x->pid[i]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(x->thread[i], NULL);
	lk_store_close(&x->s);
	for (i = 0; i < READERS; i++) {
		assert_int_equal(x->board->of[i].wrong, 0);
		right += x->board->of[i].right;
		error += x->board->of[i].error;
	}
	fault_note("%lu right, %lu error, 0 wrong, 0 dead", right, error);
	munmap(x->board, sizeof *x->board);
	free(x->copy);
	home_remove(&x->h);
}

/* --------------------------------------------------------- what they serve */

/* Everybody looks, and nobody has an error, for a tenth of a second. */
static int
all_serve(struct scene *x)
{
	unsigned long	 right[READERS], error[READERS];
	int		 i;

	for (i = 0; i < READERS; i++) {
		right[i] = x->board->of[i].right;
		error[i] = x->board->of[i].error;
	}
	usleep(100000);
	for (i = 0; i < READERS; i++)
		if (x->board->of[i].right < right[i] + 3 ||
		    x->board->of[i].error != error[i])
			return 0;
	return 1;
}

static void
await_service(struct scene *x)
{
	int	 i;

	for (i = 0; i < PATIENCE / 100; i++)
		if (all_serve(x))
			return;
	fail_msg("a reader did not serve again within %d ms", PATIENCE);
}

/* ------------------------------------------------------------------- cases */

enum manner { CUT, CUT_PART, COPY_OLDER, COPY_SAME, GARBAGE };

static void
overwrite(const char *path, const char *p, size_t n)
{
	int	 fd = open(path, O_WRONLY | O_TRUNC);	/* as cp(1) does */

	assert_true(fd != -1);
	usleep(2000);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static void
harm(struct scene *x, enum manner m)
{
	if (m == CUT)
		assert_int_equal(truncate(x->path, 0), 0);
	else if (m == CUT_PART)
		assert_int_equal(truncate(x->path, (off_t)x->size / 2), 0);
	else {
		if (m == GARBAGE)
			memset(x->copy, 0x5a, x->size);
		overwrite(x->path, x->copy, x->size);
	}
}

/* As latchkey-journal(5) says: put the journal back under its name, move the
 * rest away; the next writer makes it. */
static void
mend(struct scene *x, const char *file)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	char		 next[300];

	if (strcmp(file, "journal") == 0) {
		snprintf(next, sizeof next, "%s.next", x->path);
		spill(next, x->copy, x->size);
		assert_int_equal(rename(next, x->path), 0);
	} else
		assert_int_equal(unlink(x->path), 0);
	s = home_open(&x->h, 1, 1);
	if (keys_delete(s, DELETED, DELETED + 1, &e) != 0)
		fail_msg("after the mend: %s", e.text);
	lk_store_close(&s);
}

static const struct cut_case {
	const char	*name, *file;
	enum manner	 manner;
	int		 itself;	/* they serve before it is mended    */
} cut_cases[] = {
	{ "index cut to nothing",	"index",   CUT,		1 },
	{ "index cut in the middle",	"index",   CUT_PART,	1 },
	{ "an older index copied over",	"index",   COPY_OLDER,	1 },
	{ "garbage over the index",	"index",   GARBAGE,	1 },
	{ "state cut to nothing",	"state",   CUT,		0 },
	{ "state copied over itself",	"state",   COPY_SAME,	1 },
	{ "garbage over state",		"state",   GARBAGE,	0 },
	{ "usage cut to nothing",	"usage",   CUT,		1 },
	{ "usage cut in the middle",	"usage",   CUT_PART,	1 },
	{ "garbage over usage",		"usage",   GARBAGE,	1 },
	{ "journal cut to nothing",	"journal", CUT,		1 },
	{ "journal cut in the middle",	"journal", CUT_PART,	1 },
};

/* A store, and a copy of the file from before its last delete or after. */
static void
prepare(struct scene *x, const struct cut_case *c)
{
	struct lk_store	*s;
	int		 older = c->manner == COPY_OLDER;

	home_make(&x->h);
	s = home_open(&x->h, 1, 1);
	must_add(s, 1, KEYS + 1);
	must_delete(s, 1, 2);
	snprintf(x->path, sizeof x->path, "%s/%s", x->h.store, c->file);
	if (strcmp(c->file, "index") == 0)
		snprintf(x->path, sizeof x->path, "%s/index.%llu",
		    x->h.store, (unsigned long long)lk_state_generation(
		    &lk_store_image(s)->state));
	if (older)
		x->copy = slurp(x->path, &x->size);
	must_delete(s, 2, DELETED + 1);
	lk_store_close(&s);
	if (!older)
		x->copy = slurp(x->path, &x->size);
}

/* An older index is an allow until it is looked for. */
static void
forgive(struct scene *x)
{
	int	 i;

	usleep(1500000);
	for (i = 0; i < READERS; i++)
		x->board->of[i].wrong = 0;
}

static void
one_case(const void *arg)
{
	const struct cut_case	*c = arg;
	struct scene		 x;

	memset(&x, 0, sizeof x);
	prepare(&x, c);
	signal(SIGBUS, SIG_DFL);
	assert_int_equal(lk_guard(), 0);
	start(&x);
	await_service(&x);
	harm(&x, c->manner);
	if (c->manner == COPY_OLDER)
		forgive(&x);
	else
		usleep(100000);
	if (c->itself)
		await_service(&x);
	mend(&x, c->file);
	await_service(&x);
	end(&x);
}

/* Planted: without the guard a reader is ended. */
static void
unguarded(const void *arg)
{
	struct home	 h;
	struct lk_store	*s;

	(void)arg;
	signal(SIGBUS, SIG_DFL);
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(truncate(h.state, 0), 0);
	home_remove(&h);
	(void)key_state(s, 1);
	(void)lk_store_now(s);
}

int
main(void)
{
	size_t	 i;
	int	 status = case_run(unguarded, NULL, 60);

	fault_point(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS,
	    "caught: a reader that is not guarded");
	for (i = 0; i < sizeof cut_cases / sizeof *cut_cases; i++)
		case_point(cut_cases[i].name, one_case, &cut_cases[i], 120);
	return fault_end();
}
