/*
 * The file `usage` is another one: removed, cut short or too small; and several
 * who make it at once.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "table.h"

#include "store_home.h"
#include "usage_home.h"

static void
looks(void **state)
{
	struct lk_usage_file	*reader, *owner;
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];

	(void)state;
	folder(&h);
	key_digest(9, d);
	reader = opened(&h, 0);
	owner = opened(&h, 1);
	assert_false(lk_usage_shared(reader));
	lk_usage_look(reader);		/* there is one now */
	assert_true(lk_usage_shared(reader));
	must_count(owner);
	assert_int_equal(lk_usage_last(reader, d, NOW), MINUTE);
	/* Removed by hand: readers keep what they have, the owner makes it. */
	assert_int_equal(unlink(path), 0);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_last(reader, d, NOW), MINUTE);
	lk_usage_look(owner);
	assert_true(there(path));
	assert_int_equal(lk_usage_last(owner, d, NOW), 0);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_last(reader, d, NOW), 0);
	must_count(reader);
	assert_int_equal(lk_usage_last(owner, d, NOW), MINUTE);
	/* Cut short: let go of at once. */
	assert_int_equal(truncate(path, 4096), 0);
	lk_usage_look(reader);
	assert_false(lk_usage_shared(reader));
	must_count(reader);
	lk_usage_look(owner);
	assert_true(lk_usage_shared(owner));
	lk_usage_look(reader);
	assert_true(lk_usage_shared(reader));
	lk_usage_close(&reader);
	lk_usage_close(&owner);
	home_remove(&h);
}

/* A process that runs for ever maps no more than it may. */
static void
many_maps(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	int			 i;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	for (i = 0; i < 3 * LK_USAGE_MAPS; i++) {
		unlink(path);
		lk_usage_look(u);
		must_count(u);
	}
	assert_int_equal(u->maps, LK_USAGE_MAPS);
	lk_usage_close(&u);
	home_remove(&h);
}

#define FEW	1500U
#define LOTS	20000U

/* What was there is there in the bigger one; another learns of it. */
static void
grows(void **state)
{
	struct lk_usage_file	*u, *reader;
	struct lk_spend		 s = { .id = 0 };
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];
	uint32_t		 wait;
	unsigned		 i, lost = 0, spent = 0;
	size_t			 size;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	reader = opened(&h, 0);
	size = lk_usage_size(u);
	for (i = 0; i < FEW; i++) {
		key_digest(i, d);
		lk_usage_touch(u, d, NOW + 60 * (int)i);
	}
	lk_budget_set(&s, 1, 0, 1);
	for (i = 0; i < 500; i++) {
		s.id = lk_budget_hash(3, &i, sizeof(i));
		lk_usage_take(u, &s, (int64_t)time(NULL) * LK_SECOND, &wait);
	}
	lk_usage_fit(u, 2500);
	assert_int_equal(lk_usage_size(u), size);
	lk_usage_fit(reader, LOTS);	/* is not theirs to do */
	assert_int_equal(lk_usage_size(reader), size);
	lk_usage_fit(u, LOTS);
	assert_true(lk_usage_size(u) >= LOTS * 16 &&
	    lk_usage_size(u) <= LOTS * 20 + LK_USAGE_MIN);
	for (i = 0; i < FEW; i++) {
		key_digest(i, d);
		lost += lk_usage_last(u, d, NOW + 60 * FEW) !=
		    MINUTE + 60 * (int)i;
	}
	assert_true(lost < FEW / 50);
	for (i = 0; i < 500; i++) {
		s.id = lk_budget_hash(3, &i, sizeof(i));
		spent += !lk_usage_peek(u, &s, (int64_t)time(NULL) *
		    LK_SECOND, &wait);
	}
	assert_true(spent > 490);
	lk_usage_look(reader);
	assert_int_equal(lk_usage_size(reader), lk_usage_size(u));
	lk_usage_close(&reader);
	lk_usage_close(&u);
	u = opened(&h, 0);
	assert_true(lk_usage_shared(u));
	lk_usage_close(&u);
	home_remove(&h);
}

/* Who finds another at it leaves it to that one, and looks again. */
static void
one_maker(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	int			 fd;

	(void)state;
	folder(&h);
	fd = open(new, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, "half", 4), 4);
	assert_int_equal(lk_io_system.lock(NULL, fd, F_WRLCK), 0);
	u = opened(&h, 1);
	assert_false(lk_usage_shared(u));
	assert_false(there(path));
	assert_true(there(new));
	must_count(u);
	close(fd);			/* killed in the middle of it */
	lk_usage_look(u);
	assert_true(lk_usage_shared(u));
	assert_false(there(new));
	must_count(u);
	lk_usage_close(&u);
	home_remove(&h);
}

/* Made by another while we were about to: theirs it is. */
static void
found(void **state)
{
	struct lk_usage_file	*u;
	struct lk_usage_map	*m = NULL;
	struct home		 h;
	struct stat		 st;
	int			 dir;

	(void)state;
	folder(&h);
	u = opened(&h, 1);
	must_count(u);
	dir = open(h.store, O_RDONLY | O_DIRECTORY);
	assert_int_equal(fstat(dir, &st), 0);
	assert_int_equal(lk_usage_make(u, dir, &st, 0, NULL, &m), 0);
	assert_int_equal(m->ino, lk_usage_now(u)->ino);
	lk_usage_unmap(u, &m);
	assert_false(there(new));
	close(dir);
	lk_usage_close(&u);
	home_remove(&h);
}

/* Several at once: one file, and each of them has it or will at a look. */
static void
at_once(void **state)
{
	struct lk_usage_file	*u;
	struct home		 h;
	uint8_t			 d[LK_DIGEST_SIZE];
	pid_t			 pid[4];
	unsigned		 i, round, n;

	(void)state;
	for (round = 0; round < 20; round++) {
		folder(&h);
		for (i = 0; i < 4; i++)
			if ((pid[i] = fork()) == 0) {
				u = opened(&h, 1);
				for (n = 0; n < 5000 && !lk_usage_shared(u);
				    n++) {
					usleep(1000);
					lk_usage_look(u);
				}
				key_digest(i, d);
				lk_usage_touch(u, d, NOW);
				_exit(!lk_usage_shared(u));
			}
		for (i = 0; i < 4; i++)
			assert_int_equal(reap(pid[i]), 0);
		u = opened(&h, 0);
		for (i = 0; i < 4; i++) {
			key_digest(i, d);
			assert_int_equal(lk_usage_last(u, d, NOW), MINUTE);
		}
		lk_usage_close(&u);
		assert_false(there(new));
		home_remove(&h);
	}
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, looks);
	TABLE_TEST(&t, many_maps);
	TABLE_TEST(&t, grows);
	TABLE_TEST(&t, one_maker);
	TABLE_TEST(&t, found);
	TABLE_TEST(&t, at_once);
	return table_run(&t, "usage_grow");
}
