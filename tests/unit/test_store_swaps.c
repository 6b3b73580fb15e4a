/*
 * Many swaps under processes that run: their descriptors and images stay as few
 * as they were, and no delete is lost.
 */
#include "table.h"

#include <dirent.h>
#include <signal.h>

#include "store_home.h"
#include "swap_home.h"

#define SWAPS		1000	/* under processes that run          */
#define RACES		60
#define KILLS		60

static unsigned
descriptors(void)
{
	DIR		*d = opendir("/proc/self/fd");
	unsigned	 n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

/* A process that follows as often as it is told to.  'r': look; 'w': look and
 * write; and at the end it says how many descriptors it gained. */
static void
follower(const struct home *h, int in, int out)
{
	struct lk_store	*s = child_open(h, 1), *r = child_open(h, 0);
	struct lk_error	 e = { 0 };
	unsigned	 n = 1000, before;
	char		 c, told;

	/* Its locks are opened at the first write. */
	if (keys_add(s, n, n + 1, &e) != 0 || keys_delete(s, n, n + 1, &e) != 0)
		_exit(3);
	before = descriptors();
	n++;
	while (read(in, &c, 1) == 1) {
		told = lk_store_refresh(r, &e) == 0 &&
		    key_state(r, 1) == LK_STATE_ACTIVE &&
		    key_state(r, 3) == GONE;
		if (told && c == 'w')
			told = keys_add(s, n, n + 1, &e) == 0 &&
			    keys_delete(s, n, n + 1, &e) == 0 &&
			    lk_store_refresh(r, &e) == 0 &&
			    key_state(r, n) == LK_STATE_DELETED;
		n++;
		if (!told)
			fprintf(stderr, "follower: %s\n", e.text);
		if (write(out, &told, 1) != 1 || !told)
			_exit(1);
	}
	_exit(descriptors() == before ? 0 : 2);
}

static void
test_thousand(void **state)
{
	struct lk_store	*s, *reader;
	struct home	 h;
	unsigned	 i, before;
	char		 told;
	pid_t		 pid;
	int		 to[2], from[2];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	swap_fill(s);
	must_compact(s);
	assert_int_equal(pipe(to) | pipe(from), 0);
	if ((pid = fork()) == 0) {
		close(to[1]);
		follower(&h, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	reader = home_open(&h, 0, 1);
	before = descriptors();
	for (i = 0; i < SWAPS; i++) {
		must_compact(s);
		if (i % 8 == 0) {
			assert_int_equal(lk_store_discard(s, &(unsigned){ 0 },
			    NULL), 0);
			swap_check(reader, "a reader that runs");
		}
		told = i % 10 == 0 ? 'w' : 'r';
		if (write(to[1], &told, 1) != 1 ||
		    read(from[0], &told, 1) != 1 || !told)
			fail_msg("swap %u", i);
	}
	assert_int_equal(descriptors(), before);
	close(to[1]);
	assert_int_equal(reap(pid), 0);
	close(from[0]);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

/* ---------------------------------------------- deletes while it is swapped */

/* Adds and deletes; each id is told once the delete has returned. */
static void
deleter(const struct home *h, unsigned from, int out)
{
	struct lk_store	*s = child_open(h, 1);
	struct lk_error	 e = { 0 };

	for (; ; from++) {
		if (keys_add(s, from, from + 1, &e) != 0 ||
		    keys_delete(s, from, from + 1, &e) != 0) {
			fprintf(stderr, "deleter: %s\n", e.text);
			_exit(1);
		}
		if (write(out, &from, sizeof from) != sizeof from)
			_exit(0);
	}
}

static void
must_be_over(struct lk_store *s, unsigned n)
{
	struct lk_error	 e = { 0 };
	int		 is;

	if (lk_store_refresh(s, &e) != 0)
		fail_msg("%s", e.text);
	is = key_state(s, n);
	if (is != LK_STATE_DELETED && is != GONE)
		fail_msg("key %u was deleted and is %d", n, is);
}

static void
test_deletes(void **state)
{
	struct lk_store	*s, *reader;
	struct findings	 x;
	struct home	 h;
	pid_t		 pid[2];
	unsigned	 i, k, n, first[2] = { 1000, 500000 }, last[2];
	int		 p[2][2];

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	swap_fill(s);
	for (k = 0; k < 2; k++) {
		last[k] = first[k];
		assert_int_equal(pipe(p[k]), 0);
		assert_int_equal(fcntl(p[k][0], F_SETFL, O_NONBLOCK), 0);
		if ((pid[k] = fork()) == 0)
			deleter(&h, first[k], p[k][1]);
		close(p[k][1]);
	}
	reader = home_open(&h, 0, 1);
	for (i = 0; i < RACES; i++) {
		must_compact(s);
		for (k = 0; k < 2; k++)
			while (read(p[k][0], &n, sizeof n) == sizeof n) {
				must_be_over(reader, n);
				must_be_over(s, n);
				last[k] = n + 1;
			}
	}
	for (k = 0; k < 2; k++) {
		kill(pid[k], SIGKILL);
		assert_int_equal(reap(pid[k]), -1);
		close(p[k][0]);
		assert_true(last[k] > first[k] + RACES / 4);
		for (n = first[k]; n < last[k]; n++)
			must_be_over(reader, n);
	}
	swap_check(reader, "after all");
	home_forget(&h);
	lk_store_close(&reader);
	reader = home_open(&h, 0, 1);
	for (k = 0; k < 2; k++)
		for (n = first[k]; n < last[k]; n++)
			must_be_over(reader, n);
	if (home_examine(&h, &x) != 0)
		fail_msg("%s", x.all);
	lk_store_close(&reader);
	lk_store_close(&s);
	home_remove(&h);
}

/* --------------------------------------------------- killed at any moment */

static void
test_killed(void **state)
{
	struct lk_store	*s, *reader;
	struct findings	 x;
	struct lk_error	 e = { 0 };
	struct home	 h;
	unsigned	 i;
	pid_t		 pid;

	(void)state;
	home_make(&h);
	s = home_open(&h, 1, 1);
	swap_fill(s);
	lk_store_close(&s);
	reader = home_open(&h, 0, 1);
	for (i = 0; i < KILLS; i++) {
		if ((pid = fork()) == 0) {
			s = child_open(&h, 1);
			for (;;)
				must_compact(s);
		}
		usleep(2000 + i % 41 * 230);
		kill(pid, SIGKILL);
		assert_int_equal(reap(pid), -1);
		swap_check(reader, "killed");
		s = home_open(&h, 0, 1);
		swap_check(s, "killed, and opened");
		lk_store_close(&s);
		if (home_examine(&h, &x) != 0)
			fail_msg("kill %u: %s", i, x.all);
		if (i % 3 != 0)
			continue;
		s = home_open(&h, 1, 1);
		must_add(s, 1000 + i, 1001 + i);
		must_delete(s, 1000 + i, 1001 + i);
		assert_int_equal(lk_store_discard(s, &(unsigned){ 0 }, &e), 0);
		lk_store_close(&s);
		must_be_over(reader, 1000 + i);
		swap_tidy(&h, "killed, and written to");
	}
	lk_store_close(&reader);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_thousand);
	TABLE_TEST(&t, test_deletes);
	TABLE_TEST(&t, test_killed);
	return table_run(&t, "store_swaps");
}
