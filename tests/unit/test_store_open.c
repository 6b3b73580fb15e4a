/*
 * Who may open a store, and what its files must be; how it is made.
 */
#include "table.h"

#include "base/user.h"
#include "store_home.h"

enum path { DIR_PATH, JOURNAL_PATH, STATE_PATH };

static const char *
path_of(const struct home *h, enum path p)
{
	return p == DIR_PATH ? h->store : p == JOURNAL_PATH ? h->journal :
	    h->state;
}

static const struct mode_case {
	const char	*name;
	enum path	 path;
	mode_t		 mode;
	const char	*why;		/* NULL: fine                        */
} mode_cases[] = {
	{ "folder 0700",	DIR_PATH,	0700,	NULL },
	{ "folder 0750",	DIR_PATH,	0750,	NULL },
	{ "folder 0755",	DIR_PATH,	0755,	NULL },
	{ "folder 0770",	DIR_PATH,	0770,	"chmod go-w" },
	{ "folder 0702",	DIR_PATH,	0702,	"chmod go-w" },
	{ "folder 01777",	DIR_PATH,	01777,	"chmod go-w" },
	{ "journal 0600",	JOURNAL_PATH,	0600,	NULL },
	{ "journal 0644",	JOURNAL_PATH,	0644,	NULL },
	{ "journal 0660",	JOURNAL_PATH,	0660,	"chmod go-w" },
	{ "journal 0602",	JOURNAL_PATH,	0602,	"chmod go-w" },
	{ "state 0600",		STATE_PATH,	0600,	NULL },
	{ "state 0660",		STATE_PATH,	0660,	"chmod go-w" },
	{ "state 0646",		STATE_PATH,	0646,	"chmod go-w" },
};

static void
test_mode(void **state)
{
	const struct mode_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct findings		 x;
	struct home		 h;
	int			 write;

	home_make(&h);
	assert_int_equal(chmod(path_of(&h, c->path), c->mode), 0);
	for (write = 0; write < 2; write++) {
		home_options(&h, write, 1, &o);
		assert_int_equal(lk_store_open(&o, &s, &e),
		    c->why == NULL ? 0 : LK_ECONFIG);
		if (c->why != NULL) {
			assert_non_null(strstr(e.text, c->why));
			assert_non_null(strstr(e.text, path_of(&h, c->path)));
		}
		lk_store_close(&s);
	}
	assert_int_equal(home_examine(&h, &x) != 0, c->why != NULL);
	home_remove(&h);
}

static const struct owner_case {
	const char	*name;
	enum path	 path;
	int		 read, write;
} owner_cases[] = {
	{ "a folder of another user", DIR_PATH, LK_ECONFIG, LK_EPERM },
	{ "a journal of another user", JOURNAL_PATH, LK_ECONFIG, LK_ECONFIG },
	{ "a state of another user", STATE_PATH, LK_ECONFIG, LK_ECONFIG },
};

static void
test_owner(void **state)
{
	const struct owner_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;

	if (geteuid() != 0)
		return;			/* only root gives files away        */
	home_make(&h);
	assert_int_equal(chown(path_of(&h, c->path), 65534, 65534), 0);
	home_options(&h, 0, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), c->read);
	home_options(&h, 1, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), c->write);
	home_remove(&h);
}

/* All of it another user's: root may read it, and is told who may write. */
static void
test_not_owner(void **state)
{
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			 owner[64], want[512];

	(void)state;
	if (geteuid() != 0)
		return;
	home_make(&h);
	assert_int_equal(chown(h.store, 65534, 65534), 0);
	assert_int_equal(chown(h.journal, 65534, 65534), 0);
	assert_int_equal(chown(h.state, 65534, 65534), 0);
	home_options(&h, 1, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), LK_EPERM);
	lk_user_name(65534, owner, sizeof owner);
	snprintf(want, sizeof want, "belongs to %s, and only that user may "
	    "write to it: run this as %s", owner, owner);
	assert_non_null(strstr(e.text, want));
	assert_int_equal(chown(h.store, 0, 0), 0);
	home_options(&h, 1, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), LK_ECONFIG);
	snprintf(want, sizeof want, "journal belongs to %s, its folder to "
	    "root: as root, chown root %s; then run this as root", owner,
	    h.journal);
	assert_non_null(strstr(e.text, want));
	assert_int_equal(chown(h.store, 65534, 65534), 0);
	s = home_open(&h, 0, 1);
	lk_store_close(&s);
	home_remove(&h);
}

enum thing { NOTHING, LINK, FIFO, FOLDER };

static const struct thing_case {
	const char	*name;
	enum path	 path;
	enum thing	 thing;
	int		 want;
} thing_cases[] = {
	{ "no folder",		DIR_PATH,	NOTHING, LK_ENOTFOUND },
	{ "no journal",		JOURNAL_PATH,	NOTHING, LK_ENOTFOUND },
	{ "no state",		STATE_PATH,	NOTHING, 0 },
	{ "a link for the journal", JOURNAL_PATH, LINK, LK_ECONFIG },
	{ "a link for the state", STATE_PATH,	LINK,	LK_ECONFIG },
	{ "a FIFO for the journal", JOURNAL_PATH, FIFO, LK_ECONFIG },
	{ "a FIFO for the state", STATE_PATH,	FIFO,	LK_ECONFIG },
	{ "a folder for the journal", JOURNAL_PATH, FOLDER, LK_ECONFIG },
	{ "a folder for the state", STATE_PATH,	FOLDER,	LK_ECONFIG },
};

static void
test_thing(void **state)
{
	const struct thing_case	*c = *state;
	struct lk_store_options	 o;
	struct lk_store		*s;
	struct lk_error		 e = { 0 };
	struct home		 h;
	char			 other[256];
	const char		*path;

	home_make(&h);
	path = path_of(&h, c->path);
	snprintf(other, sizeof other, "%s/elsewhere", h.dir);
	assert_int_equal(rename(path, other), 0);
	if (c->thing == LINK)
		assert_int_equal(symlink(other, path), 0);
	else if (c->thing == FIFO)
		assert_int_equal(mkfifo(path, 0600), 0);
	else if (c->thing == FOLDER)
		assert_int_equal(mkdir(path, 0700), 0);
	home_options(&h, 0, 1, &o);
	assert_int_equal(lk_store_open(&o, &s, &e), c->want);
	assert_int_equal(c->want != 0, e.text[0] != '\0');
	lk_store_close(&s);
	home_remove(&h);
}

/* ------------------------------------------------------------------ making */

static int
make(const struct home *h, int keyed, struct lk_error *e)
{
	struct lk_store_options	 o;

	home_options(h, 1, keyed, &o);
	return lk_store_make(&o, 0750, 0640, (gid_t)-1, e);
}

static void
test_make(void **state)
{
	struct lk_error	 e = { 0 };
	struct stat	 st;
	struct home	 h;
	struct lk_store	*s;
	mode_t		 mask = umask(077);

	(void)state;
	home_dir(&h);
	assert_int_equal(make(&h, 0, &e), LK_ECONFIG);	/* no pepper         */
	assert_int_equal(make(&h, 1, &e), 0);
	umask(mask);
	assert_int_equal(stat(h.store, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat(h.journal, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, 42);
	assert_true(st.st_blocks * 512 >= 65536);
	assert_int_equal(stat(h.state, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(st.st_size, 4096);
	assert_int_equal(make(&h, 1, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "already"));
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	home_remove(&h);
}

/* What a crash left is gone over; a journal never is. */
static void
test_make_again(void **state)
{
	struct lk_error	 e = { 0 };
	struct home	 h;
	struct lk_store	*s;
	char		 path[256];

	(void)state;
	home_dir(&h);
	assert_int_equal(mkdir(h.store, 0700), 0);
	spill(h.state, "half of it", 10);
	snprintf(path, sizeof path, "%s/journal.new", h.store);
	spill(path, "half of it", 10);
	snprintf(path, sizeof path, "%s/state.new", h.store);
	spill(path, "half of it", 10);
	assert_int_equal(make(&h, 1, &e), 0);
	s = home_open(&h, 1, 1);
	must_add(s, 1, 2);
	lk_store_close(&s);
	assert_int_equal(home_state(&h, 1), LK_STATE_ACTIVE);
	home_remove(&h);
}

/* A path that is relative stays what it was when the process moves. */
static void
test_relative(void **state)
{
	struct lk_store_options	 o;
	struct lk_error		 e = { 0 };
	struct home		 h;
	struct lk_store		*s;
	char			 cwd[4096];

	(void)state;
	assert_non_null(getcwd(cwd, sizeof cwd));
	home_make(&h);
	assert_int_equal(chdir(h.dir), 0);
	home_options(&h, 1, 1, &o);
	o.dir = "store";
	assert_int_equal(lk_store_open(&o, &s, &e), 0);
	assert_int_equal(chdir("/"), 0);
	must_add(s, 1, 2);
	sleep(1);			/* the look at the names             */
	assert_int_equal(lk_store_refresh(s, &e), 0);
	assert_int_equal(key_state(s, 1), LK_STATE_ACTIVE);
	lk_store_close(&s);
	assert_int_equal(chdir(cwd), 0);
	home_remove(&h);
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_ROWS(&t, test_mode, mode_cases);
	TABLE_ROWS(&t, test_owner, owner_cases);
	TABLE_ROWS(&t, test_thing, thing_cases);
	TABLE_TEST(&t, test_not_owner);
	TABLE_TEST(&t, test_make);
	TABLE_TEST(&t, test_make_again);
	TABLE_TEST(&t, test_relative);
	return table_run(&t, "store_open");
}
