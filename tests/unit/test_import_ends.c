/*
 * test_import_ends.c: imports that do not end: killed, or with a full disk.
 * The same import goes on from there, and no key is lost or there twice.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <signal.h>
#include <time.h>

#include "table.h"

#include "faulty_io.h"
#include "import_home.h"

#define KEYS		4000
#define KILLS		10
#define FAULTS		8

static struct import_home	 home;
static char			*text;

static void
put_key(FILE *f, unsigned run, unsigned i)
{
	fprintf(f, "open,a%u-%u,%056x%08x,label%u,%u\n", run, i / 5, run + 1,
	    i, i, 1600000000 + i);
}

/* KEYS records that no other run has. */
static void
make_text(unsigned run)
{
	size_t	 n;
	FILE	*f;
	unsigned i;

	free(text);
	text = NULL;
	f = open_memstream(&text, &n);
	assert_non_null(f);
	fprintf(f, "type,account,sha256,label,created\n");
	for (i = 0; i < KEYS; i++)
		put_key(f, run, i);
	assert_int_equal(fclose(f), 0);
}

static size_t
keys(void)
{
	struct lk_error	 e;
	int64_t		 n;

	assert_int_equal(lk_store_refresh(home.lk->store, &e), 0);
	n = lk_store_count(home.lk->store, NULL, NULL, 1);
	assert_true(n >= 0);
	return (size_t)n;
}

/* The handle's store, by operations of which some fail. */
static void
with_io(const struct lk_io *io)
{
	struct lk_store_options	 o = { .write = 1, .io = io };
	uint8_t			 check[LK_MAC_SIZE];
	struct lk_error		 e = { 0 };

	lk_store_close(&home.lk->store);
	assert_int_equal(lk_pepper_journal(atomic_load(&home.lk->pepper),
	    &o.mac, check, &e), 0);
	o.dir = home.lk->snapshot->policy->store;
	o.check = check;
	if (lk_store_open(&o, &home.lk->store, &e) != 0)
		fail_msg("%s", e.text);
}

/* The import ends it: all that were missing, and no more. */
static void
end_import(size_t before)
{
	struct lk_error	 e = { 0 };
	size_t		 there = keys() - before;
	char		 path[160];

	if (import_text(&home, text, 0) != 0)
		fail_msg("%s", home.e.text);
	/* Lines that nobody acknowledged are found when the lock is had. */
	assert_true(home.n.there >= there);
	assert_int_equal(home.n.added + home.n.there, KEYS);
	assert_int_equal(keys(), before + KEYS);
	snprintf(path, sizeof path, "%s/policy.yaml", home.dir);
	if (lk_store_check(path, NULL, NULL, NULL, &e) != 0)
		fail_msg("%s", e.text);
}

/* ------------------------------------------------------------------- killed */

static pid_t
start_child(void)
{
	pid_t	 pid = fork();

	assert_true(pid != -1);
	if (pid == 0)
		_exit(import_text(&home, text, 0) == 0 ? 0 : 1);
	return pid;
}

static void
wait_ms(long ms)
{
	struct timespec	 t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static long
now_ms(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* When to kill the next: any time of what the last whole one took. */
static void
test_killed(void **state)
{
	size_t	 before, partly = 0, i, n;
	long	 took;
	int	 status;
	pid_t	 pid;

	(void)state;
	with_io(&faulty_io);		/* no power is lost: it syncs nothing */
	make_text(KILLS);
	took = -now_ms();
	end_import(keys());
	took += now_ms();
	for (i = 0; i < KILLS; i++) {
		make_text((unsigned)i);
		before = keys();
		pid = start_child();
		wait_ms(random() % (took + 1));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		n = keys() - before;
		assert_true(n <= KEYS);
		partly += n > 0 && n < KEYS;
		end_import(before);
	}
	printf("# %zu of %d were killed in the middle\n", partly, KILLS);
}

/* ------------------------------------------------------------ with no room */

static void
test_full(void **state)
{
	size_t	 before, added = 0, failures = 0;
	unsigned i;
	int	 r;

	(void)state;
	for (i = 1; i <= FAULTS; i++) {
		make_text(1000 + i);
		before = keys();
		memset(&faulty, 0, sizeof faulty);
		with_io(&faulty_io);
		faulty.at = (i + 1) / 2;
		faulty.only = i % 2 == 1 ? "pwrite" : "fdatasync";
		faulty.error = ENOSPC;
		faulty.half = faulty.forever = 1;
		faulty.count = 0;
		r = import_text(&home, text, 0);
		assert_true(r == 0 || r == LK_EIO || r == LK_EINDOUBT ||
		    r == LK_EUNAVAIL);
		failures += r != 0;
		added += home.n.added;
		faulty.at = 0;
		faulty.kind = NULL;
		with_io(NULL);
		/* What it says that it added is there. */
		assert_true(keys() - before >= home.n.added);
		end_import(before);
	}
	printf("# %zu failed, %zu keys in before\n", failures, added);
	assert_true(failures > 0);
}

int
main(void)
{
	struct table	 t = { 0 };
	int		 r;

	import_home_make(&home, NULL);
	srandom((unsigned)time(NULL));
	TABLE_TEST(&t, test_killed);
	TABLE_TEST(&t, test_full);
	r = table_run(&t, "imports that do not end");
	free(text);
	import_home_remove(&home);
	return r;
}
