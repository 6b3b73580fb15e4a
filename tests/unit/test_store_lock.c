/*
 * One writer at a time, whatever is done to the files by hand meanwhile; and
 * for how long another one waits.
 */
#include "table.h"

#include <pthread.h>

#include "store/journal.h"
#include "store/lock.h"
#include "store_home.h"

#define FAILED		9		/* exit status of a child            */

/* ------------------------------------------------- by hand, under a writer */

static void
remove_state(const struct home *h)
{
	assert_int_equal(unlink(h->state), 0);
}

static void
put_back_state(const struct home *h)
{
	char	 next[256];
	size_t	 n;
	char	*p = slurp(h->state, &n);

	snprintf(next, sizeof next, "%s/next", h->dir);
	spill(next, p, n);
	free(p);
	assert_int_equal(rename(next, h->state), 0);
}

static const struct hand_case {
	const char	*name;
	void		(*act)(const struct home *h);
} hand_cases[] = {
	{ "state is removed under a writer",	remove_state },
	{ "state is put back under a writer",	put_back_state },
};

/* In a process of its own: delete key 1.  What it returned. */
static int
delete_elsewhere(const struct home *h)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	pid_t		 pid = fork();
	int		 r;

	if (pid == 0) {
		s = child_open(h, 1);
		r = keys_delete(s, 1, 2, &e);
		if (r != 0 && r != LK_EAGAIN)
			fprintf(stderr, "%s\n", e.text);
		_exit(r == 0 ? 0 : r == LK_EAGAIN ? 1 : FAILED);
	}
	return reap(pid);
}

static void
test_hand(void **state)
{
	const struct hand_case	*c = *state;
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct findings		 x;
	struct home		 h;

	home_make(&h);
	h.wait = 1;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(key_put(b, 10, NULL, 0, &e), 0);
	c->act(&h);
	/* Nobody else is told yes while this one holds the lock. */
	assert_int_equal(delete_elsewhere(&h), 1);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
	assert_int_equal(delete_elsewhere(&h), 0);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	assert_int_equal(home_state(&h, 10), LK_STATE_ACTIVE);
	must_add(s, 11, 12);
	lk_store_close(&s);
	assert_int_equal(home_examine(&h, &x), 0);
	home_remove(&h);
}

/* Who takes no lock at all is at least not written over. */
static void
test_end_moved(void **state)
{
	static const char	 line[] = "2:2:17:what:a:b:-:x=y:-\n";
	struct lk_error		 e = { 0 };
	struct lk_batch		*b;
	struct lk_store		*s;
	struct home		 h;
	size_t			 n;
	char			*p;
	int			 fd;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(key_put(b, 10, NULL, 0, &e), 0);
	fd = open(h.journal, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, line, sizeof line - 1), sizeof line - 1);
	close(fd);
	assert_int_equal(lk_batch_commit(&b, &e), LK_EAGAIN);
	assert_non_null(strstr(e.text, h.journal));
	p = slurp(h.journal, &n);
	assert_int_equal(memcmp(p + n - (sizeof line - 1), line,
	    sizeof line - 1), 0);
	free(p);
	lk_store_close(&s);
	home_remove(&h);
}

/* The journal that is written has no name any more: nothing is promised. */
static void
test_journal_unlinked(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;
	struct home	 h;
	char		 next[256];
	size_t		 n;
	char		*p;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0,
	    &b, &e), 0);
	assert_int_equal(lk_batch_delete(b, "K00000000001", &e), 0);
	p = slurp(h.journal, &n);
	snprintf(next, sizeof next, "%s/next", h.dir);
	spill(next, p, n);
	free(p);
	assert_int_equal(rename(next, h.journal), 0);
	assert_int_equal(lk_batch_commit(&b, &e), LK_EAGAIN);
	must_delete(s, 1, 2);
	assert_int_equal(home_state(&h, 1), LK_STATE_DELETED);
	lk_store_close(&s);
	home_remove(&h);
}

/* A child that was forked while its parent writes waits like any other. */
static void
test_forked(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;
	struct home	 h;
	pid_t		 pid;
	int		 r;

	(void)state;
	home_make(&h);
	h.wait = 1;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	assert_int_equal(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e), 0);
	assert_int_equal(key_put(b, 10, NULL, 0, &e), 0);
	remove_state(&h);
	if ((pid = fork()) == 0) {
		r = keys_delete(s, 1, 2, &e);
		_exit(r == 0 ? 0 : r == LK_EAGAIN ? 1 : FAILED);
	}
	assert_int_equal(reap(pid), 1);
	assert_int_equal(lk_batch_commit(&b, &e), 0);
	must_delete(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 10), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* ----------------------------------------------------------------- waiting */

struct waiter {
	struct lk_store	*s;
	unsigned	 key;
	int		 r;
	double		 seconds;
	struct lk_error	 e;
};

static void *
wait_to_add(void *arg)
{
	struct waiter	*w = arg;
	struct timespec	 a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	w->r = keys_add(w->s, w->key, w->key + 1, &w->e);
	clock_gettime(CLOCK_MONOTONIC, &b);
	w->seconds = (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	return NULL;
}

static pid_t
hold_elsewhere(const struct home *h)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	struct lk_store	*s;
	int		 p[2];
	char		 c;
	pid_t		 pid;

	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0) {
		s = child_open(h, 1);
		if (lk_batch_begin(s, LK_BATCH_ADD, "x", "cli", 0, &b, &e) ==
		    0)
			(void)!write(p[1], "x", 1);
		alarm(30);
		pause();
	}
	close(p[1]);
	assert_int_equal(read(p[0], &c, 1), 1);
	close(p[0]);
	return pid;
}

/* The mutex and the lock are waited for together, not one after the other. */
static void
test_one_deadline(void **state)
{
	struct waiter	 w[3] = { { .key = 1 }, { .key = 2 }, { .key = 3 } };
	pthread_t	 t[3];
	struct home	 h;
	char		 pid_text[32];
	pid_t		 pid;
	size_t		 i;

	(void)state;
	home_make(&h);
	h.wait = 2;
	pid = hold_elsewhere(&h);
	w[0].s = w[1].s = w[2].s = home_open(&h, 1, 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pthread_create(&t[i], NULL, wait_to_add,
		    &w[i]), 0);
		usleep(100000);
	}
	for (i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	snprintf(pid_text, sizeof pid_text, "pid %ld", (long)pid);
	assert_non_null(strstr(w[0].e.text, pid_text));
	for (i = 0; i < 3; i++) {
		assert_int_equal(w[i].r, LK_EAGAIN);
		if (w[i].seconds < 1.5 || w[i].seconds > 3)
			fail_msg("thread %zu: %.1f s", i, w[i].seconds);
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(reap(pid), -1);
	must_add(w[0].s, 1, 2);
	lk_store_close(&w[0].s);
	home_remove(&h);
}

static struct home	 restless;

/* Somebody puts state back as often as it is locked. */
static int
lock_and_replace(void *ctx, int fd, short type)
{
	int	 r = lk_io_system.lock(ctx, fd, type);

	if (r == 0 && type == F_WRLCK)
		put_back_state(&restless);
	return r;
}

static void
test_replaced_for_ever(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct lk_io	 io;

	(void)state;
	home_make(&restless);
	io = *restless.io;
	io.lock = lock_and_replace;
	restless.io = &io;
	s = home_open(&restless, 1, 1);
	assert_int_equal(keys_add(s, 1, 2, &e), LK_EAGAIN);
	assert_non_null(strstr(e.text, "being replaced"));
	lk_store_close(&s);
	home_remove(&restless);
}

/* ---------------------------------------------------------------- readers */

static const struct reader_case {
	const char	*name, *file;
	int		 lock;		/* a folder has the name `lock`      */
	int		 want;		/* of a delete                       */
} reader_cases[] = {
	{ "state locked by a reader",		LK_STATE_NAME,	0, 0 },
	{ "the journal locked by a reader",	LK_JOURNAL_NAME, 0, 0 },
	{ "and there can be no lock",		LK_JOURNAL_NAME, 1,
	    LK_EAGAIN },
};

/* Whoever may read a file may lock it for reading, and never let go. */
static void
test_reader(void **state)
{
	const struct reader_case	*c = *state;
	struct flock	 l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct lk_error	 e = { 0 };
	struct lk_store	*s;
	struct home	 h;
	struct stat	 st;
	char		 path[256], lock[256];
	int		 fd;

	home_make(&h);
	snprintf(lock, sizeof lock, "%s/%s", h.store, LK_LOCK_NAME);
	if (c->lock)
		assert_int_equal(mkdir(lock, 0700), 0);
	h.wait = 1;
	s = home_open(&h, 1, 1);
	must_add(s, 1, 3);
	assert_int_equal(stat(lock, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	snprintf(path, sizeof path, "%s/%s", h.store, c->file);
	assert_true((fd = open(path, O_RDONLY)) != -1);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &l), 0);
	assert_int_equal(keys_delete(s, 1, 2, &e), c->want);
	lk_store_close(&s);
	/* A writer that comes now, too. */
	s = home_open(&h, 1, 1);
	assert_int_equal(keys_delete(s, 2, 3, &e), c->want);
	close(fd);
	lk_store_close(&s);
	home_remove(&h);
}

/* Two writers keep out of each other's way all the same. */
static void
test_reader_and_writer(void **state)
{
	struct flock	 l = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct lk_error	 e = { 0 };
	struct lk_store	*a, *b;
	struct lk_batch	*batch;
	struct home	 h;
	int		 fd[2];

	(void)state;
	home_make(&h);
	h.wait = 1;
	a = home_open(&h, 1, 1);
	b = home_open(&h, 1, 1);
	must_add(a, 1, 3);
	assert_true((fd[0] = open(h.journal, O_RDONLY)) != -1);
	assert_true((fd[1] = open(h.state, O_RDONLY)) != -1);
	assert_int_equal(fcntl(fd[0], F_OFD_SETLK, &l), 0);
	assert_int_equal(fcntl(fd[1], F_OFD_SETLK, &l), 0);
	assert_int_equal(lk_batch_begin(a, LK_BATCH_REMOVE, "ann", "cli", 0,
	    &batch, &e), 0);
	assert_int_equal(keys_delete(b, 1, 2, &e), LK_EAGAIN);
	lk_batch_abandon(&batch);
	assert_int_equal(keys_delete(b, 1, 2, &e), 0);
	close(fd[0]);
	close(fd[1]);
	lk_store_close(&a);
	lk_store_close(&b);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_hand, hand_cases);
	TABLE_TEST(&t, test_end_moved);
	TABLE_TEST(&t, test_journal_unlinked);
	TABLE_TEST(&t, test_forked);
	TABLE_TEST(&t, test_one_deadline);
	TABLE_TEST(&t, test_replaced_for_ever);
	TABLE_ROWS(&t, test_reader, reader_cases);
	TABLE_TEST(&t, test_reader_and_writer);
	return table_run(&t, "store_lock");
}
