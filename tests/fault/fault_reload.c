/*
 * Eight threads verify while policies are reloaded: good ones by turns with
 * broken ones, and two builds of one plugin.  No answer is wrong, none comes
 * from a policy whose time was over before it was asked, none from what was
 * freed; memory and descriptors stay what they were.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/wait.h>

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "../unit/reload_home.h"
#include "fault.h"
#include "snapshot.h"

#define THREADS		8
#define WARM		12		/* reloads before it is measured     */
#define SLACK		(64 * 1024)	/* octets                            */
#define MADE_UP		"ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"

#define POLICY(name, pause, more)					\
	"packages:\n  all: [ \"*\" ]\ndefault_package: all\n"		\
	"types:\n  ucd:\n    plugin: ucd\n    prefix: ucd\n"		\
	"    apis: { upsert: POST /upsert, only: POST /" name " }\n"	\
	"    checks: [ entitlement, mortal: { pause: " pause " } ]\n" more

/* The policies of the rounds: two that hold, and broken ones in between. */
static const char *const good[2] = {
	POLICY("a", "0", ""), POLICY("b", "0", "")
};
static const char *const slow[2] = {
	POLICY("a", "500", ""), POLICY("b", "500", "")
};
static const char *const broken[] = {
	POLICY("c", "0", "nonsense"),
	POLICY("c", "0", "  two: { plugin: missing, prefix: two }\n"),
	POLICY("c", "x", ""),
	"types:\n  ucd: { plugin: ucd, prefix: other }\n",
	"types:\n  other: { plugin: ucd, prefix: ucd }\n",
};
#define BROKEN	(sizeof(broken) / sizeof(broken[0]))

static struct lk	*lk;
static char		 token[LK_TOKEN_MAX + 1];
/* Of policy n & 1 are those asked while it is 2n; odd: it changes just now. */
static atomic_uint	 turn;
static atomic_int	 over;
static atomic_ulong	 asked, wrong, late, known;

/* ---------------------------------------------------------------- threads */

static uint32_t
reason_of(const char *path, const char *text)
{
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, "acme", 4 },
		{ "X-REQUEST-TOKEN", 15, text, strlen(text) },
	};
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = path, .headers = h,
				     .nheaders = 2 };
	struct lk_decision	 d;

	if (lk_verify(lk, &rq, &d) != 0 ||
	    (d.outcome == LK_ALLOW) != (d.reason == LK_REASON_ALLOWED))
		return LK_REASON_NONE;
	return d.reason;
}

/* What only one of the two policies has. */
static void
judge_only(const char *path, unsigned of)
{
	unsigned	 before = atomic_load(&turn);
	uint32_t	 r = reason_of(path, token);
	unsigned	 after = atomic_load(&turn);

	if (r != LK_REASON_ALLOWED && r != LK_REASON_NO_ROUTE)
		atomic_fetch_add(&wrong, 1);
	if (before != after || before % 2 != 0)
		return;
	atomic_fetch_add(&known, 1);
	if ((r == LK_REASON_ALLOWED) != (before / 2 % 2 == of))
		atomic_fetch_add(&late, 1);
}

static void *
ask_on(void *arg)
{
	unsigned long	 n = 0;

	(void)arg;
	for (; !atomic_load(&over); n += 5) {
		if (reason_of("/upsert", token) != LK_REASON_ALLOWED ||
		    reason_of("/upsert", MADE_UP) != LK_REASON_UNKNOWN ||
		    reason_of("/c", token) != LK_REASON_NO_ROUTE)
			atomic_fetch_add(&wrong, 1);
		judge_only("/a", 0);
		judge_only("/b", 1);
	}
	atomic_fetch_add(&asked, n);
	return NULL;
}

/* ----------------------------------------------------------------- rounds */

/* The next policy that holds; and a build of the plugin for each of them. */
static int
reload_good(unsigned long i, const char *const *policies)
{
	struct lk_error	 e = { 0 };
	unsigned	 next = (unsigned)(i & 1);

	plugin_install("ucd", next ? "another build" : "");
	policy_put(policies[next]);
	atomic_fetch_add(&turn, 1);
	if (lk_reload(lk, &e) != 0) {
		fault_note("a good policy is refused: %s", e.text);
		return -1;
	}
	atomic_fetch_add(&turn, 1);
	return 0;
}

static int
reload_broken(unsigned long i)
{
	struct lk_error	 e = { 0 };

	policy_put(broken[i % BROKEN]);
	if (lk_reload(lk, &e) == LK_ECONFIG)
		return 0;
	fault_note("a broken policy (%lu) is taken", i % BROKEN);
	return -1;
}

/* n of each kind, from the first on. */
static int
rounds(unsigned long from, unsigned long n, const char *const *policies)
{
	pthread_t	 t[THREADS];
	unsigned long	 i;
	int		 r = 0, k;

	atomic_store(&over, 0);
	for (k = 0; k < THREADS; k++)
		assert_int_equal(pthread_create(&t[k], NULL, ask_on, NULL), 0);
	for (i = from; i < from + n && r == 0; i++)
		if ((r = reload_good(i + 1, policies)) == 0)
			r = reload_broken(i);
	atomic_store(&over, 1);
	for (k = 0; k < THREADS; k++)
		pthread_join(t[k], NULL);
	return r;
}

static int
descriptors(void)
{
	struct dirent	*f;
	DIR		*d = opendir("/proc/self/fd");
	int		 n = 0;

	while (d != NULL && (f = readdir(d)) != NULL)
		n++;
	if (d != NULL)
		closedir(d);
	return n;
}

static size_t
memory(void)
{
#if FAULT_SLOW == 1
	struct mallinfo2	 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;		/* a sanitizer has a malloc of its own */
#endif
}

/* A call whose thread is not seen is in what is freed: that must show. */
static void
plant(void)
{
	pthread_t	 t[THREADS];
	unsigned long	 i;
	int		 k;

	(void)reload_good(1, slow);
	for (k = 0; k < THREADS; k++)
		assert_int_equal(pthread_create(&t[k], NULL, ask_on, NULL), 0);
	for (i = 0; i < 40; i++) {
		atomic_store(&lk->epoch, 0);
		usleep(2000);
		(void)reload_good(i, slow);
	}
	atomic_store(&over, 1);
	for (k = 0; k < THREADS; k++)
		pthread_join(t[k], NULL);
	_exit(atomic_load(&wrong) != 0 ? 3 : 0);
}

static void
planted(void)
{
	int	 status = 0;
	pid_t	 pid;

	if ((pid = fork()) == 0) {
		atomic_store(&over, 0);
		atomic_store(&wrong, 0);
		plant();
	}
	waitpid(pid, &status, 0);
	fault_point(WIFSIGNALED(status) || (WIFEXITED(status) &&
	    WEXITSTATUS(status) == 3), "caught: the old policy freed under a "
	    "call");
}

int
main(void)
{
	struct lk_health	 h;
	/* All of them under sanitizers too, which are for this. */
	unsigned long		 n = fault_states(40, 1000 * FAULT_SLOW) / 2;
	size_t			 had, has;
	int			 fds, r;

	if (home_make(NULL) != 0)
		return 1;
	plugin_install("mortal", "");
	policy_put(good[0]);
	lk = home_open(0);
	key_make(lk, "ucd", token);
	r = rounds(0, WARM, good);
	had = memory();
	fds = descriptors();
	if (r == 0)
		r = rounds(WARM, n, good);
	has = memory();
	fault_note("%lu reloads, %lu requests, %lu of them by a policy that "
	    "was known", 2 * n, atomic_load(&asked), atomic_load(&known));
	fault_point(r == 0, "good policies are taken, broken ones are not");
	fault_point(atomic_load(&wrong) == 0, "no answer is wrong (%lu)",
	    atomic_load(&wrong));
	fault_point(atomic_load(&late) == 0 && atomic_load(&known) > 0,
	    "none comes from a policy that was over (%lu)",
	    atomic_load(&late));
	fault_point(descriptors() == fds, "descriptors: %d, as before (%d)",
	    descriptors(), fds);
	fault_point(has <= had + SLACK, "memory: %zu octets, before %zu", has,
	    had);
	fault_point(lk_health(lk, &h) == 0 && h.generation == WARM + n + 1 &&
	    h.refused == WARM + n && h.degraded != 0, "health has counted "
	    "them");
	if (FAULT_SLOW == 1)
		planted();
	lk_close(&lk);
	(void)home_remove(NULL);
	return fault_end();
}
