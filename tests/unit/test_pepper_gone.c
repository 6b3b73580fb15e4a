/*
 * The pepper before the current one is taken away by hand.  While a key lives
 * under it no verify begins without it, and none calls a token unknown; when
 * none does, nobody asks for it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <glob.h>

#include "snapshot.h"
#include "table.h"

#include "gone_home.h"

#define SOME	700			/* keys: the index grows             */

/* ------------------------------------------------- what befalls the store */

static void
nothing(void)
{
}

static void
rebuild(void)
{
	const struct lk_operator	 op = operator_self();
	struct lk			*lk = open_home(0);
	struct lk_error			 e = { 0 };

	if (lk_store_rebuild(lk, &op, NULL, NULL, &e) != 0)
		fail_msg("rebuild: %s", e.text);
	lk_close(&lk);
}

static void
compact(void)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };
	struct lk			*lk = open_home(0);
	struct lk_error			 e = { 0 };

	if (lk_store_compact(lk, &op, LK_COMPACT, NULL, NULL, &w, &e) != 0)
		fail_msg("compact: %s", e.text);
	lk_close(&lk);
}

static void
restore(void)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };
	struct lk			*lk = open_home(0);
	struct lk_error			 e = { 0 };
	char				 cmd[256], copy[96];

	snprintf(copy, sizeof(copy), "%s/copy", home);
	snprintf(cmd, sizeof(cmd), "cp %s/home/store/journal %s", home, copy);
	assert_int_equal(system(cmd), 0);
	if (lk_store_restore(lk, &op, copy, 0, NULL, NULL, &w, &e) != 0)
		fail_msg("restore: %s", e.text);
	lk_close(&lk);
}

static void
grow(void)
{
	struct lk	*lk = open_home(0);
	char		 token[LK_TOKEN_MAX + 1];
	struct lk_key	 k;
	int		 i;

	for (i = 0; i < SOME; i++)
		make_key(lk, token, &k);
	lk_close(&lk);
}

static void
disable(void)
{
	const struct lk_operator	 op = operator_self();
	struct lk			*lk = open_home(LK_REMOVE_ONLY);
	const char			*id = key.id;
	struct lk_error			 e = { 0 };

	(void)lk_disable(lk, &op, &id, 1, &e);
	lk_close(&lk);
}

static int
made(void *arg, const char *token, const struct lk_key *k)
{
	(void)arg;
	(void)token;
	(void)k;
	return 0;
}

/* It takes another slot then. */
static void
change_end(void)
{
	const struct lk_operator	 op = operator_self();
	const struct lk_rotate		 o = { .size = sizeof(o),
					     .id = key.id,
					     .grace = 86400 };
	struct lk			*lk = open_home(0);
	struct lk_error			 e = { 0 };

	if (lk_rotate(lk, &op, &o, made, NULL, &e) != 0 &&
	    e.code != LK_ENOTFOUND)
		fail_msg("%s", e.text);
	lk_close(&lk);
}

static void
remove_files(const char *of)
{
	char	 pattern[128];
	glob_t	 g;
	size_t	 i;

	snprintf(pattern, sizeof(pattern), "%s/home/store/%s", home, of);
	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++)
		assert_int_equal(unlink(g.gl_pathv[i]), 0);
	globfree(&g);
}

static void
lose_index(void)
{
	remove_files("index.*");
}

static void
lose_state(void)
{
	remove_files("state");
}

/* As if another machine had been started since: nothing vouches. */
static void
crash(void)
{
	char	 path[128];
	char	 zero[4096] = { 0 };
	int	 fd;

	snprintf(path, sizeof(path), "%s/home/store/state", home);
	assert_int_not_equal(fd = open(path, O_WRONLY), -1);
	assert_int_equal(pwrite(fd, zero, 512, 64), 512);
	close(fd);
	lose_index();
}

static void
lose_count(void)
{
	struct lk	*lk = open_home(0);

	gone_count_lose(lk->store);
	lk_close(&lk);
}

static void
count_more(void)
{
	struct lk	*lk = open_home(0);

	gone_count_more(lk->store);
	lk_close(&lk);
}

static const struct gone_case {
	const char	*name;
	void		(*befalls)(void);
} gone_cases[] = {
	{ "nothing",			nothing },
	{ "disable",			disable },
	{ "another end",		change_end },
	{ "store rebuild",		rebuild },
	{ "store compact",		compact },
	{ "store restore",		restore },
	{ "growth",			grow },
	{ "no index",			lose_index },
	{ "no state",			lose_state },
	{ "a crash of the machine",	crash },
	{ "a damaged count",		lose_count },
	{ "a kill while it counts",	count_more },
};
#define NCASES	(sizeof(gone_cases) / sizeof(gone_cases[0]))

/* --------------------------------------------------------- a key lives on */

/* What becomes of the file, and what is said of it. */
static const struct way {
	void		(*take)(void);
	const char	*is, *mend;
	uint64_t	 missing;	/* keys, as the status says          */
} ways[] = {
	{ take_away, "/pepper/1 is missing, and ", "under it: put it back; or, "
	    "if it is lost, end what is under it (latchkey pepper retire "
	    "--delete-keys)", 1 },
	{ exchange, "/pepper/1 is not the pepper that ", "under: put that one "
	    "back; or, if it is lost, move this file elsewhere and end what "
	    "is under the other (latchkey pepper retire --delete-keys)", 0 },
};
#define NWAYS	(sizeof(ways) / sizeof(ways[0]))

static void
refused(unsigned flags, const struct way *way, const char *when)
{
	struct lk	*lk = NULL;
	struct lk_error	 e = { 0 };

	if (lk_open(policy, flags, &lk, &e) != LK_ECONFIG)
		fail_msg("%s, flags %u: opened: %s", when, flags, e.text);
	assert_null(lk);
	if (strstr(e.text, way->is) == NULL ||
	    strstr(e.text, way->mend) == NULL)
		fail_msg("%s: %s", when, e.text);
}

/* Who runs keeps its copy, and is told. */
static void
keeps(struct lk *lk, const struct way *way, const char *when)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };
	struct lk_error			 e = { 0 };

	assert_int_equal(lk_reload(lk, &e), LK_ECONFIG);
	if (strstr(e.text, way->is) == NULL)
		fail_msg("%s: %s", when, e.text);
	assert_int_equal(lk_pepper_rotate(lk, &op, NULL, NULL, &w, &e),
	    LK_ECONFIG);
	assert_int_equal(retire(lk, LK_DELETE_KEYS, &e), LK_ECONFIG);
}

static int
note(void *arg, const struct lk_pepper_info *p)
{
	if (p->version == 1 && p->state == LK_PEPPER_MISSING)
		*(uint64_t *)arg = p->keys;
	return 0;
}

static void
find(void *arg, const struct lk_error *found, const char *source)
{
	(void)source;
	if (found->code == LK_ECONFIG &&
	    strstr(found->file, "/pepper/1") != NULL)
		++*(int *)arg;
}

/* To list and to remove takes no pepper, and says what is missing. */
static void
told(const struct way *way, const char *when)
{
	const struct lk_operator	 op = operator_self();
	uint64_t			 keys = 0;
	struct lk			*lk;
	struct lk_error			 e = { 0 };
	int				 found = 0;

	if (lk_open(policy, LK_LIST_ONLY, &lk, &e) != 0)
		fail_msg("%s: %s", when, e.text);
	assert_int_equal(e.code, LK_NOTE);
	assert_non_null(strstr(e.text, way->is));
	assert_int_equal(lk_pepper_status(lk, &op, note, &keys, &e), 0);
	assert_int_equal(keys, way->missing);
	lk_close(&lk);
	if (lk_store_check(policy, NULL, find, &found, &e) != LK_EDAMAGE)
		fail_msg("%s: the check finds nothing", when);
	assert_int_equal(found, 1);
}

static void
lives(const struct gone_case *c, const struct way *way)
{
	struct lk	*reader, *writer;
	uint32_t	 is = c->befalls == disable ? LK_REASON_DISABLED :
			     LK_REASON_ALLOWED;

	c->befalls();
	reader = open_home(LK_VERIFY_ONLY);
	writer = open_home(0);
	way->take();
	refused(LK_VERIFY_ONLY, way, c->name);
	refused(0, way, c->name);
	keeps(writer, way, c->name);
	told(way, c->name);
	assert_int_equal(verify(reader, first), is);
	assert_int_equal(verify(writer, second), LK_REASON_ALLOWED);
	lk_close(&reader);
	lk_close(&writer);
	end_one(newer.id);
	refused(LK_VERIFY_ONLY, way, c->name);
	put_back();
	writer = open_home(0);
	assert_int_equal(verify(writer, second), LK_REASON_UNKNOWN);
	assert_int_equal(verify(writer, first), is);
	lk_close(&writer);
}

static void
test_lives(void **state)
{
	size_t	 i;

	for (i = 0; i < NWAYS * NCASES; i++) {
		setup(state);
		lives(&gone_cases[i / NWAYS], &ways[i % NWAYS]);
		teardown(state);
	}
}

/* --------------------------------------------------------- none lives on */

/* Deleted, with the pepper or without; nobody asks for it any more. */
static void
test_dead(void **state)
{
	const struct gone_case	*c;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	size_t			 i, late;

	for (i = 0; i < 2 * NWAYS * NCASES; i++) {
		c = &gone_cases[i / (2 * NWAYS)];
		late = i % 2;
		setup(state);
		if (!late)
			end_one(key.id);
		c->befalls();
		ways[i / 2 % NWAYS].take();
		if (late)
			end_one(key.id);
		if (lk_open(policy, LK_VERIFY_ONLY, &lk, &e) != 0)
			fail_msg("%s: %s", c->name, e.text);
		assert_int_equal(verify(lk, second), LK_REASON_ALLOWED);
		if (c->befalls != lose_count && c->befalls != count_more)
			assert_int_equal(gone_count(lk->store), 0);
		lk_close(&lk);
		lk = open_home(0);
		assert_int_equal(lk_reload(lk, &e), 0);
		assert_int_equal(lk_store_check(policy, NULL, NULL, NULL, &e),
		    c->befalls == lose_count ? LK_EDAMAGE : 0);
		if (ways[i / 2 % NWAYS].missing)
			rotate(lk);
		assert_int_equal(verify(lk, second), LK_REASON_ALLOWED);
		assert_int_equal(verify(lk, first), LK_REASON_UNKNOWN);
		lk_close(&lk);
		teardown(state);
	}
}

/* Retired as it should be, also where a killed writer had counted one more. */
static void
test_retired(void **state)
{
	const struct gone_case	*c;
	struct lk_error		 e = { 0 };
	struct lk		*lk;
	size_t			 i;

	for (i = 0; i < NCASES; i++) {
		c = &gone_cases[i];
		setup(state);
		c->befalls();
		lk = open_home(0);
		if (retire(lk, LK_DELETE_KEYS, &e) != 0)
			fail_msg("%s: %s", c->name, e.text);
		assert_int_equal(verify(lk, first), LK_REASON_UNKNOWN);
		lk_close(&lk);
		lk = open_home(LK_VERIFY_ONLY);
		assert_int_equal(verify(lk, first), LK_REASON_UNKNOWN);
		assert_int_equal(verify(lk, second), LK_REASON_ALLOWED);
		lk_close(&lk);
		teardown(state);
	}
}

/* It is lost for good: what is under it is ended, and all goes on. */
static void
test_lost(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*lk;

	(void)state;
	take_away();
	lk = open_home(LK_REMOVE_ONLY);
	assert_int_equal(retire(lk, 0, &e), LK_ELIMIT);
	assert_non_null(strstr(e.text, key.id));
	if (retire(lk, LK_DELETE_KEYS, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(retire(lk, LK_DELETE_KEYS, &e), LK_ENOTFOUND);
	lk_close(&lk);
	lk = open_home(0);
	assert_int_equal(verify(lk, first), LK_REASON_UNKNOWN);
	assert_int_equal(verify(lk, second), LK_REASON_ALLOWED);
	lk_close(&lk);
}

/* A file that is not the old pepper is not removed in its place. */
static void
test_exchanged(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*lk;
	struct stat	 st;

	(void)state;
	exchange();
	lk = open_home(LK_REMOVE_ONLY);
	assert_int_equal(retire(lk, LK_DELETE_KEYS, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "move this file elsewhere"));
	assert_int_equal(stat(pepper, &st), 0);
	assert_int_equal(unlink(pepper), 0);
	assert_int_equal(retire(lk, LK_DELETE_KEYS, &e), 0);
	lk_close(&lk);
	lk = open_home(0);
	assert_int_equal(verify(lk, second), LK_REASON_ALLOWED);
	lk_close(&lk);
}

/* Without the current one nobody knows which is the old one. */
static void
test_unkeyed(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*lk;
	struct stat	 st;

	(void)state;
	end_one(key.id);
	pepper[strlen(pepper) - 1] = '2';
	take_away();
	lk = open_home(LK_REMOVE_ONLY);
	assert_int_equal(retire(lk, LK_DELETE_KEYS, &e), LK_ECONFIG);
	lk_close(&lk);
	put_back();
	pepper[strlen(pepper) - 1] = '1';
	assert_int_equal(stat(pepper, &st), 0);
}

/* ------------------------------------------------------- who runs already */

/* The pepper is rotated, and the old one gone before he looks: what he does not
 * find may be under it. */
static void
test_running(void **state)
{
	struct lk_error	 e = { 0 };
	struct lk	*lk, *reader;
	char		 token[LK_TOKEN_MAX + 1];
	struct lk_key	 k;

	(void)state;
	end_one(key.id);
	lk = open_home(0);
	assert_int_equal(retire(lk, 0, &e), 0);
	reader = open_home(LK_VERIFY_ONLY);
	assert_int_equal(verify(reader, first), LK_REASON_UNKNOWN);
	rotate(lk);
	make_key(lk, token, &k);
	pepper[strlen(pepper) - 1] = '2';
	take_away();
	assert_int_equal(verify(reader, second), LK_REASON_UNAVAILABLE);
	assert_int_equal(verify(reader, first), LK_REASON_UNAVAILABLE);
	assert_int_equal(verify(reader, token), LK_REASON_ALLOWED);
	assert_int_equal(lk_reload(reader, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "/pepper/2 is missing"));
	put_back();
	assert_int_equal(lk_reload(reader, &e), 0);
	assert_int_equal(verify(reader, second), LK_REASON_ALLOWED);
	assert_int_equal(verify(reader, first), LK_REASON_UNKNOWN);
	lk_close(&reader);
	lk_close(&lk);
}

static int
see(void *arg, const struct lk_leak *l)
{
	(void)arg;
	(void)l;
	return 0;
}

/* A token that leaked is not called unknown either. */
static void
test_scan(void **state)
{
	struct lk_search	 what = { .size = sizeof(what), .fn = see };
	struct lk		*lk;
	struct lk_error		 e = { 0 };
	FILE			*f = tmpfile();

	(void)state;
	assert_non_null(f);
	fprintf(f, "%s\n", first);
	rewind(f);
	what.fd = fileno(f);
	take_away();
	lk = open_home(LK_LIST_ONLY);
	assert_int_equal(lk_scan(lk, &what, &e), LK_ECONFIG);
	assert_non_null(strstr(e.text, "/pepper/1 is missing"));
	lk_close(&lk);
	fclose(f);
}

#define IN_HOME(name)							\
	static void							\
	name##_in_home(void **state)					\
	{								\
		all(state, name);					\
	}

IN_HOME(test_lost)
IN_HOME(test_exchanged)
IN_HOME(test_unkeyed)
IN_HOME(test_running)
IN_HOME(test_scan)

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_lives);
	TABLE_TEST(&t, test_dead);
	TABLE_TEST(&t, test_retired);
	TABLE_TEST(&t, test_lost_in_home);
	TABLE_TEST(&t, test_exchanged_in_home);
	TABLE_TEST(&t, test_unkeyed_in_home);
	TABLE_TEST(&t, test_running_in_home);
	TABLE_TEST(&t, test_scan_in_home);
	return table_run(&t, "pepper_gone");
}
