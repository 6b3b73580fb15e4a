/*
 * A writer is killed within the move of a key to another slot, before and after
 * each of its stores.
 *
 * Who has the store open and who opens it finds the key, with its old end or
 * its new one; when the next writer came it has the new one, is counted and
 * listed once, and a delete ends it in every process, which it would not where
 * the old slot were left.  So it is in an index made anew.
 */
#include "cases.h"

#include "../unit/store_home.h"

#include "store/map.h"

#define KEYS		12
#define KEY		5		/* it moves                          */
#define SUCCESSOR	6
#define EARLIER		7		/* successor, which is gone          */
#define STEPS		6		/* at least, of a move               */
#define NOW		1795478398
#define END		(NOW + 5000)

static const struct move_case {
	const char	*name;
	size_t		 nets;
	int		 retired;
	int64_t		 was;		/* its end before, 0: never          */
	unsigned	 by;		/* and its successor, or 0           */
} cases[] = {
	{ "a key that never ended", 0, 0, 0, 0 },
	{ "with addresses", 3, 0, 0, 0 },
	{ "a successor takes its place", 0, 1, 0, 0 },
	{ "the same, with addresses", 3, 1, 0, 0 },
	{ "a key that moved before", 0, 0, END + 1000, 0 },
	{ "the same, a successor, addresses", 3, 1, END + 1000, 0 },
	{ "another successor, the same end", 0, 1, END, EARLIER },
	{ "the same, with addresses and an end", 3, 1, END + 1000, EARLIER },
};

/* ---------------------------------------------------------------- the kill */

int	__real_lk_map_fill(struct lk_map *m, struct lk_slot *s, uint32_t at);
int	__wrap_lk_map_fill(struct lk_map *m, struct lk_slot *s, uint32_t at);
void	__real_lk_map_set_newest(struct lk_map *m, uint32_t account,
	    uint32_t value);
void	__wrap_lk_map_set_newest(struct lk_map *m, uint32_t account,
	    uint32_t value);
int	__real_lk_map_set_state(struct lk_map *m, uint32_t at, int state);
int	__wrap_lk_map_set_state(struct lk_map *m, uint32_t at, int state);

static unsigned	 kill_at;		/* that step; 0: none                */
static unsigned	 steps;
static int	 planted;		/* the old slot is left              */

static void
step(void)
{
	if (++steps == kill_at)
		kill(getpid(), SIGKILL);
}

int
__wrap_lk_map_fill(struct lk_map *m, struct lk_slot *s, uint32_t at)
{
	int	 r;

	step();
	r = __real_lk_map_fill(m, s, at);
	step();
	return r;
}

void
__wrap_lk_map_set_newest(struct lk_map *m, uint32_t account, uint32_t value)
{
	step();
	__real_lk_map_set_newest(m, account, value);
	step();
}

int
__wrap_lk_map_set_state(struct lk_map *m, uint32_t at, int state)
{
	int	 r = 0;

	step();
	if (!planted || state != LK_SLOT_MOVED)
		r = __real_lk_map_set_state(m, at, state);
	step();
	return r;
}

/* ----------------------------------------------------------------- writers */

static int64_t
now(void)
{
	return NOW;
}

static void
commit(struct lk_batch **b)
{
	struct lk_error	 e = { 0 };

	if (lk_batch_commit(b, &e) != 0)
		fail_msg("%s", e.text);
}

static struct lk_batch *
begin(struct lk_store *s)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;

	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	return b;
}

static void
move(struct lk_store *s, int64_t end, unsigned by)
{
	char		 id[LK_KEYID_LEN + 1], other[LK_KEYID_LEN + 1];
	struct lk_batch	*b = begin(s);
	struct lk_error	 e = { 0 };

	key_id(KEY, id);
	key_id(by, other);
	assert_int_equal(lk_batch_expire(b, id, end, by != 0 ? other : NULL,
	    &e), 0);
	commit(&b);
}

static void
fill(const struct home *h, const struct move_case *c)
{
	static const struct lk_net nets[3] = {
		{ .family = 4, .bits = 32, .addr = { 10, 0, 0, 1 } },
		{ .family = 4, .bits = 8, .addr = { 11 } },
		{ .family = 4, .bits = 16, .addr = { 12, 1 } },
	};
	struct lk_store	*s = home_open(h, 1, 1);
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	unsigned	 n;

	for (n = 1; n <= KEYS; n++) {
		b = begin(s);
		assert_int_equal(key_put(b, n, nets, n == KEY ? c->nets : 0,
		    &e), 0);
		commit(&b);
	}
	if (c->was != 0)
		move(s, c->was, c->by);
	lk_store_close(&s);
}

/* 1 when it was killed there; 0: there is no such step. */
static int
move_killed(const struct home *h, const struct move_case *c, unsigned at)
{
	struct lk_store	*s;
	int		 status;
	pid_t		 pid = case_fork();

	if (pid == 0) {
		s = child_open(h, 1);
		steps = 0;
		kill_at = at;
		move(s, END, c->retired ? SUCCESSOR : 0);
		kill_at = 0;
		lk_store_close(&s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return 1;
	assert_int_equal(status, 0);
	return 0;
}

/* ----------------------------------------------------------------- readers */

static void
find(struct lk_store *s, int by_id, struct lk_found *f)
{
	char		 id[LK_KEYID_LEN + 1];
	uint8_t		 d[LK_DIGEST_SIZE];
	struct lk_error	 e = { 0 };

	if (lk_store_refresh(s, &e) != 0)
		fail_msg("%s", e.text);
	key_id(KEY, id);
	key_digest(KEY, d);
	assert_int_equal(by_id ? lk_store_by_id(s, id, LK_KEYID_LEN, f) :
	    lk_store_by_digest(s, d, f), 1);
	assert_int_equal(strcmp(f->key_id, id), 0);
	assert_int_equal(strcmp(f->account, "acme"), 0);
}

/* mended: it has its new end, and no other. */
static void
look(struct lk_store *s, const struct move_case *c, int mended)
{
	char		 other[LK_KEYID_LEN + 1];
	struct lk_found	 f;
	int		 by_id;

	key_id(SUCCESSOR, other);
	for (by_id = 0; by_id <= 1; by_id++) {
		find(s, by_id, &f);
		assert_int_equal(f.state, LK_STATE_ACTIVE);
		assert_int_equal(f.naddresses, c->nets);
		if (f.expires == c->was && !mended)
			continue;
		assert_int_equal(f.expires, END);
		assert_int_equal(f.retired, c->retired);
		if (c->retired)
			assert_int_equal(strcmp(f.successor, other), 0);
	}
}

static int
count_one(void *arg, const struct lk_key *k)
{
	char	 id[LK_KEYID_LEN + 1];

	key_id(KEY, id);
	*(unsigned *)arg += strcmp(k->id, id) == 0;
	return 0;
}

static void
look_mended(struct lk_store *s, const struct move_case *c)
{
	unsigned	 listed = 0;

	look(s, c, 1);
	assert_int_equal(lk_store_count(s, "ucd", "acme", NOW),
	    KEYS - c->retired);
	assert_int_equal(lk_store_keys(s, "ucd", "acme", 0, count_one,
	    &listed), 0);
	assert_int_equal(listed, 1);
}

static void
look_deleted(struct lk_store *s)
{
	struct lk_found	 f;
	int		 by_id;

	for (by_id = 0; by_id <= 1; by_id++) {
		find(s, by_id, &f);
		assert_int_equal(f.state, LK_STATE_DELETED);
	}
}

static void
examine(const struct home *h)
{
	struct findings	 x;

	if (home_examine(h, &x) != 0 || x.faults != 0)
		fail_msg("%s", x.all);
}

/* As one who comes now. */
static void
look_anew(const struct home *h, const struct move_case *c, int mended)
{
	struct lk_store	*s = home_open(h, 0, 1);

	if (mended)
		look_mended(s, c);
	else
		look(s, c, 0);
	lk_store_close(&s);
}

/* --------------------------------------------------------------- the cases */

static int
one_kill(const struct move_case *c, unsigned at)
{
	struct lk_store	*reader, *writer;
	struct lk_batch	*b;
	struct home	 h;
	int		 killed;

	home_make(&h);
	h.clock = now;
	fill(&h, c);
	reader = home_open(&h, 0, 1);
	look(reader, c, 0);
	killed = move_killed(&h, c, at);
	look(reader, c, 0);
	look_anew(&h, c, 0);
	writer = home_open(&h, 1, 1);
	b = begin(writer);
	lk_batch_abandon(&b);
	look_mended(writer, c);
	look_mended(reader, c);
	look_anew(&h, c, 1);
	examine(&h);
	must_delete(writer, KEY, KEY + 1);
	look_deleted(writer);
	look_deleted(reader);
	lk_store_close(&writer);
	lk_store_close(&reader);
	assert_int_equal(home_state(&h, KEY), LK_STATE_DELETED);
	examine(&h);
	home_forget(&h);
	assert_int_equal(home_state(&h, KEY), LK_STATE_DELETED);
	home_remove(&h);
	return killed;
}

static void
all_kills(const void *arg)
{
	unsigned	 at = 1;

	while (one_kill(arg, at))
		at++;
	assert_true(at > STEPS);
	fault_note("killed before and after %u stores", (at - 1) / 2);
}

/* Planted: a move that leaves the old slot as it was. */
static void
left(const void *arg)
{
	planted = 1;
	one_kill(arg, 1000);
}

int
main(void)
{
	size_t	 i;

	case_caught("a slot that is left behind", left, &cases[0], 60);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		case_point(cases[i].name, all_kills, &cases[i], 600);
	return fault_end();
}
