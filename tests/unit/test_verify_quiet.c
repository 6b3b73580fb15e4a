/*
 * What latchkey.h promises of a verify after a thread's first: no allocation
 * of ours and no system call (so no contended lock) but the look at the
 * journal.  A child under a system call filter runs them; anything else kills
 * it.  And that a body which no memory was left for is no denial.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "latchkey.h"
#include "table.h"

#define ROUNDS	1000
#define FOREIGN	"a-token-of-another-system"

#define ALLOW(nr)							\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1),		\
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static char	 home[] = "/tmp/latchkey-quiet.XXXXXX";
static char	 token[LK_TOKEN_MAX + 1];
static struct lk *lk;

/* Sanitizers have a malloc and locks of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PLAIN	0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PLAIN	0
#endif
#endif
#ifndef PLAIN
#ifdef __GLIBC__
#define PLAIN	1
#else
#define PLAIN	0
#endif
#endif

static long	 allocations;
static long	 starve;	/* it and all later ones fail; 0: none       */

static inline int
starved(void)
{
	return ++allocations >= starve && starve != 0;
}

#if PLAIN
#pragma GCC visibility push(default)
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);

void *
malloc(size_t n)
{
	return starved() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return starved() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return starved() ? NULL : __libc_realloc(p, n);
}
#pragma GCC visibility pop
#endif

static void
verify_token(const char *path, const char *text, uint32_t want)
{
	struct lk_header	 h[2] = {
		{ "X-PARTNER-NAME", 14, "acme", 4 },
		{ "X-REQUEST-TOKEN", 15, text, strlen(text) },
	};
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = path, .headers = h,
				     .nheaders = 2 };
	struct lk_decision	 d;

	if (lk_verify(lk, &rq, &d) != 0 || d.outcome != want)
		_exit(2);
}

static void
verify_one(const char *path, uint32_t want)
{
	verify_token(path, token, want);
}

static void
verify_some(void)
{
	int	 i;

	for (i = 0; i < ROUNDS; i++) {
		verify_one("/api/user/v1/upsert", LK_ALLOW);
		verify_one("/api/user/v1/none", LK_DENY);
		verify_token("/api/user/v1/upsert", FOREIGN, LK_ALLOW);
	}
}

static void
no_allocation(void **state)
{
	long	 before;

	(void)state;
	verify_some();
	before = allocations;
	verify_some();
	/* libgcrypt makes one of its own for each HMAC; none is ours. */
	assert_true(allocations - before <= 2 * ROUNDS);
	assert_true(!PLAIN || allocations > 0);	/* it does count */
}

/* A verify of a body, its allocations failing from the nth on (0: none).  How
 * many there were. */
static long
verify_starved(long n, struct lk_decision *d)
{
	static char		 body[LK_TOKEN_MAX + 64];
	struct lk_request	 rq = { .size = sizeof(rq), .method = "POST",
				     .path = "/v1/single", .body = body };
	long			 before = allocations;

	rq.body_len = (size_t)snprintf(body, sizeof(body),
	    "{\"partner_id\": \"acme\", \"x\": [ 1, \"y\" ]}");
	rq.headers = &(struct lk_header){ "Authorization", 13, "Bearer x", 8 };
	rq.nheaders = 1;
	starve = n == 0 ? 0 : before + n;
	if (lk_verify(lk, &rq, d) != 0)
		_exit(2);
	starve = 0;
	return allocations - before;
}

/* Without memory it cannot be known what the body says: no denial. */
static void
no_memory(void **state)
{
	struct lk_decision	 d;
	long			 i, n;

	(void)state;
	n = verify_starved(0, &d);
	assert_string_equal(d.reason_name, "malformed");
	assert_true(n > 3);
	for (i = 1; i <= n; i++) {
		verify_starved(i, &d);
		assert_string_equal(d.reason_name, "unavailable");
	}
}

/* Only these calls from here on; the rest kills with SIGSYS. */
static int
filter(void)
{
	struct sock_filter	 code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
#ifdef SYS_newfstatat
		ALLOW(SYS_newfstatat),
#endif
#ifdef SYS_fstat
		ALLOW(SYS_fstat),
#endif
		ALLOW(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog	 prog = { sizeof(code) / sizeof(code[0]),
				     code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

/* How a child ends that does work under the filter. */
static int
filtered(void (*work)(void))
{
	int	 status = 0;
	pid_t	 pid;

	verify_one("/api/user/v1/upsert", LK_ALLOW);
	if ((pid = fork()) == 0) {
		verify_one("/api/user/v1/upsert", LK_ALLOW);
		if (filter() == -1)
			_exit(3);
		work();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
one_getppid(void)
{
	(void)syscall(SYS_getppid);
}

static void
no_system_call(void **state)
{
	int	 status;

	(void)state;
	status = filtered(one_getppid);		/* planted */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	status = filtered(verify_some);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* The SHA-256 of FOREIGN. */
static const char	 keys[] = "type,account,sha256\nucd,acme,"
			    "e93a26dd781b47daf714be02d40bf85e"
			    "7d700ee82b6c010ab92780a7b1fec7d1\n";

static int
import(struct lk_operator *op, struct lk_error *e)
{
	struct lk_import	 o = { .size = sizeof(o), .name = "keys" };
	struct lk_imported	 n;
	int			 r;

	o.fd = memfd_create("keys", 0);
	if (o.fd == -1 || write(o.fd, keys, sizeof(keys) - 1) == -1 ||
	    lseek(o.fd, 0, SEEK_SET) == -1)
		return -1;
	r = lk_import(lk, op, &o, &n, e);
	close(o.fd);
	return r;
}

static void
take_imported(const char *path)
{
	char	 command[700];

	snprintf(command, sizeof(command), "sed -i 's/^    prefix: ucd$/&\\\n"
	    "    imported: true/' '%s'", path);
	if (system(command) != 0)
		exit(1);
}

static void
make_home(void)
{
	static struct lk_operator	 op;
	struct lk_generate		 g = { .size = sizeof(g) };
	struct lk_error			 e = { 0 };
	char				 path[512], dir[256];

	g.type = "ucd";
	g.account = "acme";
	if (mkdtemp(home) == NULL)
		exit(1);
	snprintf(dir, sizeof(dir), "%s/h", home);
	if (lk_operator_self(&op, &e) != 0 ||
	    lk_home_init(dir, NULL, getenv("LATCHKEY_PLUGINS"), path,
	    sizeof(path), &e) != 0)
		goto fail;
	snprintf(path, sizeof(path), "%s/policy.yaml", dir);
	take_imported(path);
	if (lk_open(path, 0, &lk, &e) != 0 || import(&op, &e) != 0 ||
	    lk_generate(lk, &op, &g, token, NULL, NULL, 0, &e) != 0)
		goto fail;
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

	make_home();
	TABLE_TEST(&t, no_allocation);
	if (PLAIN) {
		TABLE_TEST(&t, no_system_call);
		TABLE_TEST(&t, no_memory);
	}
	r = table_run(&t, "verify, quietly");
	lk_close(&lk);
	snprintf(command, sizeof(command), "rm -r '%s'", home);
	if (system(command) != 0)
		r = 1;
	return r;
}
