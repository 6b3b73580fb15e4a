/*
 * A verify writes no cache line that another thread writes, but the usage and
 * the rate of the same key.
 *
 * Two threads have verified, and all memory that may be written is protected,
 * but stacks.  One of them verifies again: each store raises SIGSEGV, which
 * notes the line, lets the page be written, and has the processor step over
 * that one instruction, after which the page is protected again.  So the other
 * one; and no line may be in both lists.  Stores that change nothing are seen
 * too, and so are locks.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "latchkey.h"
#include "table.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PLAIN	0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PLAIN	0
#endif
#endif
#if !defined(PLAIN) && defined(__x86_64__) && defined(__linux__)
#define PLAIN	1
#endif

#if PLAIN
#include <sys/mman.h>

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <ucontext.h>
#include <unistd.h>

#define LINE		64U		/* octets                            */
#define REGIONS_MAX	512
#define STORES_MAX	65536
#define OPEN_MAX_PAGES	8		/* that one instruction may store to */
#define TRAP_FLAG	0x100		/* of the processor's flags          */
#define TRIES		8		/* until two share nothing by chance */

struct region {
	char	*from, *to;
};

/* What a signal handler needs; in pages of its own, which stay open. */
struct watch {
	uintptr_t	 page;		/* octets                            */
	struct region	 all[REGIONS_MAX];
	size_t		 nall;
	uintptr_t	 open[OPEN_MAX_PAGES];
	size_t		 nopen;
	uintptr_t	*lines;		/* where they are noted              */
	size_t		 nlines;
	uintptr_t	 of[2][STORES_MAX];
	size_t		 n[2];
};

static struct watch	*w;

static char		 home[] = "/tmp/latchkey-lines.XXXXXX";
static struct lk	*lk;
static struct lk_operator op;
static struct region	 usage;		/* the map of that file              */
static _Atomic unsigned	 planted;	/* a counter of verifies             */

/* ----------------------------------------------------------------- watching */

static int
watched(uintptr_t at)
{
	size_t	 i;

	for (i = 0; i < w->nall; i++)
		if (at >= (uintptr_t)w->all[i].from &&
		    at < (uintptr_t)w->all[i].to)
			return 1;
	return 0;
}

static void
on_store(int sig, siginfo_t *si, void *context)
{
	ucontext_t	*uc = context;
	uintptr_t	 at = (uintptr_t)si->si_addr;

	(void)sig;
	if (!watched(at) || w->nlines == STORES_MAX ||
	    w->nopen == OPEN_MAX_PAGES)
		_exit(99);		/* a fault of another kind           */
	w->lines[w->nlines++] = at / LINE;
	w->open[w->nopen] = at & ~(w->page - 1);
	mprotect((void *)w->open[w->nopen++], w->page,
	    PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
}

static void
on_step(int sig, siginfo_t *si, void *context)
{
	ucontext_t	*uc = context;

	(void)sig;
	(void)si;
	while (w->nopen > 0)
		mprotect((void *)w->open[--w->nopen], w->page, PROT_READ);
	uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
}

static void
protect(int prot)
{
	size_t	 i;

	for (i = 0; i < w->nall; i++)
		if (mprotect(w->all[i].from, (size_t)(w->all[i].to -
		    w->all[i].from), prot) == -1)
			_exit(98);
}

/* What may be written, but regions with one of these addresses in them. */
static void
find_regions(const uintptr_t *but, size_t n)
{
	char		 line[512];
	uintptr_t	 from, to;
	char		 prot[5];
	FILE		*f = fopen("/proc/self/maps", "r");
	size_t		 i;

	assert_non_null(f);
	w->nall = 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to,
		    prot) != 3 || prot[0] != 'r' || prot[1] != 'w')
			continue;
		for (i = 0; i < n && (but[i] < from || but[i] >= to); i++)
			continue;
		if (i < n || strstr(line, "[stack") != NULL)
			continue;
		assert_true(w->nall < REGIONS_MAX);
		w->all[w->nall++] = (struct region){ (char *)from,
		    (char *)to };
		if (strstr(line, "/store/usage") != NULL)
			usage = w->all[w->nall - 1];
	}
	fclose(f);
}

/* ----------------------------------------------------------------- threads */

typedef void (*work_fn)(const char *token, const char *account);

struct lane {
	pthread_t	 thread;
	int		 i;
	work_fn		 work;
	const char	*token, *account;
	uintptr_t	 stack;		/* an address in it                  */
};

/* Warm, warm: lane 0 is watched: lane 1 is watched: end. */
static pthread_barrier_t	*turn;

static void *
lane_main(void *arg)
{
	struct lane	*l = arg;
	int		 i;

	l->stack = (uintptr_t)&i;
	l->work(l->token, l->account);
	l->work(l->token, l->account);
	pthread_barrier_wait(turn);	/* main looks for regions            */
	for (i = 0; i < 2; i++) {
		pthread_barrier_wait(turn);
		if (i != l->i)
			continue;
		w->lines = w->of[i];
		w->nlines = 0;
		protect(PROT_READ);
		l->work(l->token, l->account);
		protect(PROT_READ | PROT_WRITE);
		w->n[i] = w->nlines;
	}
	pthread_barrier_wait(turn);
	return NULL;
}

static void
watch_two(work_fn work, const char *const tokens[2],
    const char *const accounts[2])
{
	struct sigaction old, sa = { .sa_flags = SA_SIGINFO };
	struct lane	 l[2];
	uintptr_t	 but[5];
	int		 i;

	sa.sa_sigaction = on_step;
	sigaction(SIGTRAP, &sa, NULL);
	sa.sa_sigaction = on_store;
	sigaction(SIGSEGV, &sa, &old);	/* cmocka has one of its own */
	pthread_barrier_init(turn, NULL, 3);
	for (i = 0; i < 2; i++) {
		l[i] = (struct lane){ .i = i, .work = work,
		    .token = tokens[i], .account = accounts[i] };
		assert_int_equal(pthread_create(&l[i].thread, NULL, lane_main,
		    &l[i]), 0);
	}
	pthread_barrier_wait(turn);
	but[0] = l[0].stack;
	but[1] = l[1].stack;
	but[2] = (uintptr_t)w;
	but[3] = (uintptr_t)turn;
	but[4] = (uintptr_t)pthread_self();	/* the kernel writes there */
	find_regions(but, 5);
	for (i = 0; i < 3; i++)
		pthread_barrier_wait(turn);
	for (i = 0; i < 2; i++)
		pthread_join(l[i].thread, NULL);
	pthread_barrier_destroy(turn);
	sigaction(SIGSEGV, &old, NULL);
}

/* Lines that both stored to, in the usage file or not. */
static size_t
shared(int in_usage)
{
	size_t		 i, j, n = 0;
	uintptr_t	 at;

	for (i = 0; i < w->n[0]; i++)
		for (j = 0; j < w->n[1]; j++) {
			at = w->of[0][i] * LINE;
			if (w->of[0][i] == w->of[1][j])
				n += (at >= (uintptr_t)usage.from &&
				    at < (uintptr_t)usage.to) == in_usage;
		}
	return n;
}

/* ------------------------------------------------------------------- works */

static void
request(const char *token, const char *account, uint32_t want)
{
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, account, strlen(account) },
		{ "X-REQUEST-TOKEN", 15, token, strlen(token) },
	};
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = "/api/user/v1/upsert",
				     .headers = h, .nheaders = 2 };
	struct lk_request	 two[2];
	struct lk_decision	 d[2];

	if (lk_verify(lk, &rq, &d[0]) != 0 || d[0].outcome != want)
		_exit(97);
	two[0] = two[1] = rq;
	if (lk_verify_many(lk, two, 2, d) != 0 || d[1].outcome != want)
		_exit(97);
}

static void
work(const char *token, const char *account)
{
	struct lk_decision	 d;

	request(token, account, LK_ALLOW);
	request("ucd_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", account, LK_DENY);
	if (lk_verify_token(lk, "ucd", token, strlen(token), NULL, "profile",
	    &d) != 0 || d.outcome != LK_ALLOW)
		_exit(97);
}

static void
counting_work(const char *token, const char *account)
{
	work(token, account);
	atomic_fetch_add_explicit(&planted, 1, memory_order_relaxed);
}

static void
new_key(const char *account, char token[LK_TOKEN_MAX + 1])
{
	struct lk_generate	 g = { .size = sizeof(g), .type = "ucd",
				     .account = account };
	struct lk_error		 e = { 0 };

	if (lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e) != 0) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
}

/* ------------------------------------------------------------------- tests */

/*
 * Two keys may have a line of usage in common by chance, and both threads may
 * have been the first in their second, who looks at the store's names and says
 * so: neither is so each time.
 */
static void
test_two_keys(void **state)
{
	char		 token[2][LK_TOKEN_MAX + 1], account[2][16];
	const char	*tokens[2] = { token[0], token[1] };
	const char	*accounts[2] = { account[0], account[1] };
	int		 i, k;

	(void)state;
	for (i = 0; i < TRIES; i++) {
		for (k = 0; k < 2; k++) {
			snprintf(account[k], sizeof(account[k]), "a%d%d", i,
			    k);
			new_key(account[k], token[k]);
		}
		watch_two(work, tokens, accounts);
		assert_true(w->n[0] > 0 && w->n[1] > 0);
		if (shared(0) + shared(1) == 0)
			return;
	}
	assert_int_equal(shared(0), 0);
	assert_int_equal(shared(1), 0);
}

static void
test_one_key(void **state)
{
	char		 token[LK_TOKEN_MAX + 1];
	const char	*tokens[2] = { token, token };
	const char	*accounts[2] = { "one", "one" };
	int		 i;

	(void)state;
	new_key("one", token);
	for (i = 0; i < TRIES && (i == 0 || shared(0) != 0); i++)
		watch_two(work, tokens, accounts);
	assert_int_equal(shared(0), 0);
	assert_true(shared(1) > 0);	/* its rate */
}

/* It would be seen. */
static void
test_planted(void **state)
{
	char		 token[2][LK_TOKEN_MAX + 1];
	const char	*tokens[2] = { token[0], token[1] };
	const char	*accounts[2] = { "two", "three" };

	(void)state;
	new_key("two", token[0]);
	new_key("three", token[1]);
	watch_two(counting_work, tokens, accounts);
	assert_true(shared(0) > 0);
}

/* -------------------------------------------------------------------- main */

/* Pages of their own, which are never protected. */
static void *
pages(size_t n)
{
	size_t	 page = (size_t)sysconf(_SC_PAGESIZE);
	char	*p;

	/* Between two that nobody may use, no other region is joined to it. */
	n = (n + page - 1) / page * page;
	p = mmap(NULL, n + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	if (p == MAP_FAILED || mprotect(p + page, n,
	    PROT_READ | PROT_WRITE) == -1)
		exit(1);
	return p + page;
}

static void
watch_make(void)
{
	w = pages(sizeof(*w));
	turn = pages(sizeof(*turn));
	w->page = (uintptr_t)sysconf(_SC_PAGESIZE);
}

static void
make_home(void)
{
	struct lk_error	 e = { 0 };
	char		 path[512], dir[256];

	if (mkdtemp(home) == NULL)
		exit(1);
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_operator_self(&op, &e) != 0 ||
	    lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof(path), &e) != 0)
		goto fail;
	snprintf(path, sizeof(path), "%s/policy.yaml", dir);
	if (lk_open(path, 0, &lk, &e) == 0)
		return;
fail:
	fprintf(stderr, "%s\n", e.text);
	exit(1);
}

int
main(void)
{
	struct table	 t = { 0 };
	char		 command[300];
	int		 r;

	watch_make();
	make_home();
	TABLE_TEST(&t, test_two_keys);
	TABLE_TEST(&t, test_one_key);
	TABLE_TEST(&t, test_planted);
	r = table_run(&t, "lines that a verify writes");
	lk_close(&lk);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	if (system(command) != 0)
		r = 1;
	return r;
}
#else
static void
test_nothing(void **state)
{
	(void)state;
}

int
main(void)
{
	struct table	 t = { 0 };

	TABLE_TEST(&t, test_nothing);
	return table_run(&t, "lines that a verify writes: not watched here");
}
#endif
