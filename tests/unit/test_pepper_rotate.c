/*
 * Peppers that are rotated under verifiers and makers of keys that run.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>
#include <sys/wait.h>

#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "snapshot.h"
#include "table.h"

#include "pepper_home.h"

#define ROUNDS	8

static int
setup(void **state)
{
	(void)state;
	return make_home("rotate");
}

static int
rotate(struct lk *lk, struct lk_error *e)
{
	const struct lk_operator	 op = operator_self();
	struct lk_rewritten		 w = { .size = sizeof(w) };

	return lk_pepper_rotate(lk, &op, NULL, NULL, &w, e);
}

/* Asked for a token at a time, it answers with the reason. */
static void
verifier(int in, int out)
{
	struct lk	*lk = open_home(LK_VERIFY_ONLY);
	char		 token[LK_TOKEN_MAX + 1];
	uint32_t	 reason;

	while (read(in, token, sizeof(token)) == sizeof(token)) {
		reason = verify(lk, token);
		if (write(out, &reason, sizeof(reason)) != sizeof(reason))
			_exit(1);
	}
	lk_close(&lk);
	_exit(0);
}

static uint32_t
ask(const int to[2], const int from[2], const char token[LK_TOKEN_MAX + 1])
{
	uint32_t	 reason = 0;

	assert_int_equal(write(to[1], token, LK_TOKEN_MAX + 1),
	    LK_TOKEN_MAX + 1);
	assert_int_equal(read(from[0], &reason, sizeof(reason)),
	    sizeof(reason));
	return reason;
}

/* A key of each round: that before goes on, that after is good at once, and the
 * one whose pepper was retired is gone. */
static void
test_running(void **state)
{
	struct lk	*lk, *other;
	struct lk_error	 e = { 0 };
	char		 token[ROUNDS][LK_TOKEN_MAX + 1];
	struct lk_key	 key;
	int		 to[2], from[2], status, i;
	pid_t		 pid;

	(void)state;
	assert_int_equal(pipe(to) | pipe(from), 0);
	if ((pid = fork()) == 0) {
		close(to[1]);
		verifier(to[0], from[1]);
	}
	lk = open_home(0);
	other = open_home(0);
	make_key(lk, token[0], &key);
	for (i = 1; i < ROUNDS; i++) {
		assert_int_equal(ask(to, from, token[i - 1]),
		    LK_REASON_ALLOWED);
		if (rotate(lk, &e) != 0)
			fail_msg("round %d: %s", i, e.text);
		assert_int_equal(ask(to, from, token[i - 1]),
		    LK_REASON_ALLOWED);
		/* Made by who was there before, and by who rotated. */
		make_key(i % 2 ? other : lk, token[i], &key);
		assert_int_equal(ask(to, from, token[i]), LK_REASON_ALLOWED);
		assert_int_equal(verify(lk, token[i]), LK_REASON_ALLOWED);
		assert_int_equal(verify(other, token[i - 1]),
		    LK_REASON_ALLOWED);
		assert_int_equal(rotate(other, &e), LK_ECONFIG);
		assert_non_null(strstr(e.text, "pepper retire"));
		assert_int_equal(retire(other, 0, &e), LK_ELIMIT);
		assert_non_null(strstr(e.text, "1 key is under pepper"));
		if (retire(other, LK_DELETE_KEYS, &e) != 0)
			fail_msg("%s", e.text);
		assert_int_equal(ask(to, from, token[i - 1]),
		    LK_REASON_UNKNOWN);
		assert_int_equal(ask(to, from, token[i]), LK_REASON_ALLOWED);
	}
	close(to[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	lk_close(&other);
	lk_close(&lk);
	other = open_home(LK_VERIFY_ONLY);
	assert_int_equal(verify(other, token[ROUNDS - 1]), LK_REASON_ALLOWED);
	assert_int_equal(verify(other, token[ROUNDS - 2]), LK_REASON_UNKNOWN);
	lk_close(&other);
}

/* A pepper that a killed rotation left stops nobody and is used by the next. */
static void
test_left(void **state)
{
	struct lk		*lk;
	struct lk_key		 key;
	struct lk_error		 e = { 0 };
	char			 token[LK_TOKEN_MAX + 1], dir[LK_PATH_MAX + 8];
	char			 more[LK_TOKEN_MAX + 1];

	(void)state;
	lk = open_home(0);
	make_key(lk, token, &key);
	lk_close(&lk);
	snprintf(dir, sizeof(dir), "%.80s/home/pepper", home);
	assert_int_equal(lk_pepper_make(dir, 2, 0600, (gid_t)-1, &e), 0);
	lk = open_home(0);
	assert_int_equal(lk_pepper_current(atomic_load(&lk->pepper)), 1);
	assert_int_equal(verify(lk, token), LK_REASON_ALLOWED);
	make_key(lk, more, &key);
	assert_int_equal(lk_store_check(policy, NULL, NULL, NULL, &e), 0);
	if (rotate(lk, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(lk_pepper_current(atomic_load(&lk->pepper)), 2);
	assert_int_equal(verify(lk, token), LK_REASON_ALLOWED);
	assert_int_equal(verify(lk, more), LK_REASON_ALLOWED);
	lk_close(&lk);
}

/* Who cannot read the new pepper cannot know, and denies nobody. */
static void
test_unreadable(void **state)
{
	struct lk		*lk, *reader;
	struct lk_key		 key;
	struct lk_error		 e = { 0 };
	char			 token[LK_TOKEN_MAX + 1];
	char			 path[128], away[128];

	(void)state;
	lk = open_home(0);
	reader = open_home(LK_VERIFY_ONLY);
	make_key(lk, token, &key);
	assert_int_equal(verify(reader, token), LK_REASON_ALLOWED);
	if (rotate(lk, &e) != 0)
		fail_msg("%s", e.text);
	snprintf(path, sizeof(path), "%s/home/pepper/2", home);
	snprintf(away, sizeof(away), "%s/away", home);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(verify(reader, token), LK_REASON_UNAVAILABLE);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(verify(reader, token), LK_REASON_ALLOWED);
	lk_close(&reader);
	lk_close(&lk);
}

/* What is derived for a key stays so. */
static void
test_derived(void **state)
{
	struct lk_pepper	*p;
	struct lk_error		 e = { 0 };
	char			 dir[128];
	uint8_t			 before[LK_DIGEST_SIZE], d[LK_DIGEST_SIZE];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/home/pepper", home);
	assert_int_equal(lk_pepper_load(dir, &p, &e), 0);
	assert_int_equal(lk_pepper_of(p, 1), 1);
	assert_int_equal(lk_pepper_of(p, 0), 0);
	assert_int_equal(lk_pepper_derive(p, 1, "t", "k", 1, before), 0);
	lk_pepper_free(&p);
	assert_int_equal(lk_pepper_make(dir, 2, 0600, (gid_t)-1, &e), 0);
	assert_int_equal(lk_pepper_load(dir, &p, &e), 0);
	assert_int_equal(lk_pepper_older(p), 1);
	assert_int_equal(lk_pepper_derive(p, lk_pepper_of(p, 1), "t", "k", 1,
	    d), 0);
	assert_memory_equal(d, before, sizeof(d));
	assert_int_equal(lk_pepper_derive(p, lk_pepper_of(p, 0), "t", "k", 1,
	    d), 0);
	assert_memory_not_equal(d, before, sizeof(d));
	assert_int_equal(lk_pepper_derive(p, 3, "t", "k", 1, d),
	    LK_ENOTFOUND);
	lk_pepper_free(&p);
}

static void
all(void **state, void (*test)(void **))
{
	setup(state);
	test(state);
	teardown(state);
}

/* Who makes an index finds, by the time it is its turn, a journal under another
 * pepper. */
static int	 turns;

static int
open_late(void *ctx, int dir, const char *name, int flags, mode_t mode)
{
	struct lk_error	 e = { 0 };
	struct lk	*other;

	if (strcmp(name, "journal.new") == 0 && turns-- > 0) {
		other = open_home(0);
		if (rotate(other, &e) != 0)
			fail_msg("rotate: %s", e.text);
		lk_close(&other);
	}
	return lk_io_system.open(ctx, dir, name, flags, mode);
}

/* Of the pepper with a check value, or the one that is current. */
static int
key_of(void *arg, const uint8_t check[LK_MAC_SIZE], struct lk_hmac **mac,
    struct lk_error *e)
{
	uint8_t			 own[LK_MAC_SIZE];
	struct lk_pepper	*p;
	char			 dir[96];
	int			 r;

	(void)arg;
	snprintf(dir, sizeof(dir), "%s/home/pepper", home);
	if ((r = lk_pepper_load(dir, &p, e)) != 0)
		return r;
	if (lk_pepper_choose(p, check) == 1)
		r = lk_pepper_journal(p, mac, own, e);
	else
		r = LK_ECONFIG;
	lk_pepper_free(&p);
	return r;
}

static void
test_rotated_before_claim(void **state)
{
	struct lk_io		 io = lk_io_system;
	uint8_t			 check[LK_MAC_SIZE];
	char			 dir[96];
	struct lk_store_options	 o = { .dir = dir, .write = 1, .io = &io,
				     .check = check, .pepper = key_of };
	struct lk_error		 e = { 0 };
	struct lk_store		*s;
	struct lk		*lk = open_home(0);
	int			 anew;

	(void)state;
	io.open = open_late;
	snprintf(dir, sizeof(dir), "%s/home/store", home);
	for (anew = 0; anew < 2; anew++) {
		assert_int_equal(lk_store_value(dir, check, &e), 0);
		assert_int_equal(key_of(NULL, check, &o.mac, &e), 0);
		assert_int_equal(lk_store_open(&o, &s, &e), 0);
		turns = 1;
		if (anew)
			assert_int_equal(lk_store_remake(s, "ann", "cli", NULL,
			    NULL, &e), 0);
		else
			assert_int_equal(lk_store_make_room(s, 100000, 1000,
			    &e), LK_EAGAIN);
		assert_int_equal(turns, 0);
		lk_store_close(&s);
		assert_int_equal(retire(lk, 0, &e), 0);
	}
	lk_close(&lk);
}

/* An import of a key under the old pepper, which another retires after it was
 * checked and before it is taken: as the bad record is told of. */
static void
retire_now(void *arg, const struct lk_error *found, const char *source)
{
	struct lk_error	 e = { 0 };
	struct lk	*other = open_home(0);
	int		*r = arg;

	(void)found;
	(void)source;
	*r = retire(other, 0, &e);
	lk_close(&other);
}

static const char	 exported[] = "id,type,account,label,hint,state,"
    "created,created_by,expires,not_before,addresses,package,digest,pepper,"
    "check\nabcDEF012345,web_push,acme,,h,active,,,,,,,"
    "ASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrzQA,1,%s\nbad\n";

static int
import_old(struct lk *lk, int *retired, struct lk_error *e)
{
	const struct lk_operator	 op = operator_self();
	struct lk_imported		 n = { 0 };
	struct lk_import		 o = { .size = sizeof(o), .name = "f",
					     .flags = LK_IMPORT_SKIP_BAD,
					     .finding = retire_now,
					     .finding_arg = retired };
	struct lk_hmac			*mac;
	uint8_t				 octets[LK_MAC_SIZE];
	char				 check[32];
	FILE				*f = tmpfile();
	int				 r;

	assert_non_null(f);
	assert_int_equal(lk_pepper_journal(atomic_load(&lk->pepper), &mac,
	    octets, NULL), 0);
	lk_hmac_free(&mac);
	check[lk_base64url(octets, sizeof(octets), check)] = '\0';
	fprintf(f, exported, check);
	assert_int_equal(fflush(f), 0);
	rewind(f);
	o.fd = fileno(f);
	r = lk_import(lk, &op, &o, &n, e);
	fclose(f);
	return r;
}

static void
test_import_retired(void **state)
{
	struct lk	*lk = open_home(0);
	struct lk_error	 e = { 0 };
	struct lk_key	 key;
	int		 retired = -1;

	(void)state;
	assert_int_equal(rotate(lk, &e), 0);
	lk_close(&lk);
	lk = open_home(0);
	assert_int_equal(import_old(lk, &retired, &e), LK_EAGAIN);
	assert_non_null(strstr(e.text, "pepper 1 was retired meanwhile"));
	assert_int_equal(retired, 0);
	assert_int_equal(lk_store_key(lk->store, "abcDEF012345", &key), 0);
	lk_close(&lk);
}

#define IN_HOME(name)							\
	static void							\
	name##_in_home(void **state)					\
	{								\
		all(state, name);					\
	}

IN_HOME(test_running)
IN_HOME(test_left)
IN_HOME(test_unreadable)
IN_HOME(test_derived)
IN_HOME(test_import_retired)
IN_HOME(test_rotated_before_claim)

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_running_in_home);
	TABLE_TEST(&t, test_left_in_home);
	TABLE_TEST(&t, test_unreadable_in_home);
	TABLE_TEST(&t, test_derived_in_home);
	TABLE_TEST(&t, test_import_retired_in_home);
	TABLE_TEST(&t, test_rotated_before_claim_in_home);
	return table_run(&t, "pepper_rotate");
}
