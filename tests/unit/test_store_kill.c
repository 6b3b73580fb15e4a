/*
 * A writer is killed at any moment; what it acknowledged is there.
 */
#include "table.h"

#include "store_home.h"

#define ROUNDS		200

/* Adds and deletes until it is killed; tells what was acknowledged. */
static void
victim(const struct home *h, unsigned from, int out)
{
	struct lk_store	*s = child_open(h, 1);
	struct lk_error	 e = { 0 };
	int		 said;

	for (;; from++) {
		if (keys_add(s, from, from + 1, &e) != 0)
			_exit(1);
		said = (int)from;
		if (write(out, &said, sizeof said) != sizeof said)
			_exit(1);
		if (from % 3 != 0)
			continue;
		if (keys_delete(s, from, from + 1, &e) != 0)
			_exit(1);
		said = -(int)from;
		if (write(out, &said, sizeof said) != sizeof said)
			_exit(1);
	}
}

struct told {
	char		 acked[1 << 16];	/* 1 as added, 2 as deleted  */
	unsigned	 next, n;
};

/* What the victim said: one thing, or all there is. */
static int
take_said(int in, struct told *t)
{
	int	 said;

	if (read(in, &said, sizeof said) != sizeof said)
		return 0;
	assert_true(abs(said) < (int)sizeof t->acked);
	t->acked[abs(said)] = said > 0 ? 1 : 2;
	if (said > 0)
		t->next = (unsigned)said + 1;
	t->n++;
	return 1;
}

static void
check_acked(struct lk_store *s, const struct told *t)
{
	const char	*acked = t->acked;
	unsigned	 n;
	int		 st;

	for (n = 1; n < t->next; n++) {
		st = key_state(s, n);
		if (acked[n] == 2 && st != LK_STATE_DELETED)
			fail_msg("key %u was deleted and is %d", n, st);
		if (acked[n] == 1 && st != LK_STATE_ACTIVE &&
		    (n % 3 != 0 || st != LK_STATE_DELETED))
			fail_msg("key %u was told of and is %d", n, st);
	}
}

/* Killed at once or some time after its first word, by turns. */
static void
one_kill(const struct home *h, unsigned round, struct told *t)
{
	pid_t	 pid;
	int	 p[2];

	assert_int_equal(pipe(p), 0);
	if ((pid = fork()) == 0)
		victim(h, t->next, p[1]);
	close(p[1]);
	if (round % 2 == 0)
		assert_true(take_said(p[0], t));
	usleep(round % 37 * 150);
	kill(pid, SIGKILL);
	while (take_said(p[0], t))
		;
	close(p[0]);
	assert_int_equal(reap(pid), -1);
	t->next++;			/* one may be there, not told of     */
}

static void
test_killed(void **state)
{
	static struct told t = { .next = 1 };
	struct findings	 x;
	struct lk_error	 e = { 0 };
	struct lk_store	*reader;
	struct home	 h;
	unsigned	 round;

	(void)state;
	home_make(&h);
	reader = home_open(&h, 0, 1);
	for (round = 0; round < ROUNDS; round++) {
		one_kill(&h, round, &t);
		assert_int_equal(lk_store_refresh(reader, &e), 0);
		check_acked(reader, &t);
		if (round % 10 == 0 && home_examine(&h, &x) != 0)
			fail_msg("round %u: %s", round, x.all);
	}
	assert_true(t.n > ROUNDS / 2);
	lk_store_close(&reader);
	reader = home_open(&h, 0, 1);
	check_acked(reader, &t);
	lk_store_close(&reader);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_killed);
	return table_run(&t, "store_kill");
}
