/*
 * hostile.c: one source, built as each thing that a plugin may not do.
 *
 * Without a deed it is a sound type plugin: the token travels in X-PROBE.  With
 * one it does that where it says, and goes on as if nothing had been.
 *
 *	HOSTILE_NAME	its name
 *	HOSTILE_AT_x	load, end, configure, present, mint, verify or usage;
 *			of present also empty, without a token, and refuse, of
 *			two that differ
 *	HOSTILE_x	the deed, one of those below
 */
#include <dirent.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "plugin.h"

#define HEADER		"X-PROBE"
#define UNDEFINED	0x12345678U
#define HUGE		(1UL << 30)	/* octets */
#define PAST		(4UL << 20)	/* octets past an output             */

/* Of the core's form and with its checksum, and nobody's. */
#define MADE_UP		"probe_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"

struct probe {
	const struct lk_host	*host;
	char			*name;	/* allocated, as instances do        */
};

/* -------------------------------------------------------------------- deeds */

#ifdef HOSTILE_CRASH
static void
deed(void)
{
	volatile int *volatile	 nowhere = NULL;

	*nowhere = 1;
}
#elif defined(HOSTILE_ABORT)
static void
deed(void)
{
	abort();
}
#elif defined(HOSTILE_EXIT)
static void
deed(void)
{
	exit(0);
}
#elif defined(HOSTILE_EXIT_NOW)
static void
deed(void)
{
	_exit(0);
}
#elif defined(HOSTILE_EXIT_QUICK)
static void
deed(void)
{
	quick_exit(0);
}
#elif defined(HOSTILE_EXIT_CALL)
static void
deed(void)
{
	syscall(SYS_exit_group, 0);
}
#elif defined(HOSTILE_EXEC)
static void
deed(void)
{
	execl("/bin/true", "true", (char *)NULL);
}
#elif defined(HOSTILE_LOOP)
static void
deed(void)
{
	volatile int	 on = 1;

	while (on)
		continue;
}
#elif defined(HOSTILE_SLEEP)
static void
deed(void)
{
	sleep(3600);
}
#elif defined(HOSTILE_GLUTTON)
static void *volatile	 kept;
static void
deed(void)
{
	kept = malloc(HUGE);
}
#elif defined(HOSTILE_CLOSE)
static void
deed(void)
{
	int	 fd;

	for (fd = 0; fd < 1024; fd++)
		close(fd);
}
#elif defined(HOSTILE_THREAD)
static void *
linger(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void
deed(void)
{
	pthread_t	 t;

	pthread_create(&t, NULL, linger, NULL);
}
#elif defined(HOSTILE_MASK)
static void
deed(void)
{
	sigset_t	 all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
}
#elif defined(HOSTILE_LOCALE)
static void
deed(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	setlocale(LC_CTYPE, "C");
}
#elif defined(HOSTILE_UMASK)
static void
deed(void)
{
	umask(0);
}
#elif defined(HOSTILE_FOLDER)
static void
deed(void)
{
	if (chdir("/proc") != 0)
		abort();
}
#elif defined(HOSTILE_PRINT)
static void
deed(void)
{
	puts("allow acme probe send KEYID");
}
#elif defined(HOSTILE_LEAK)
static void *volatile	 kept;
static void
deed(void)
{
	kept = malloc(48);
}
#elif defined(HOSTILE_MAP)
static void *volatile	 kept;
static void
deed(void)
{
	kept = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
#elif defined(HOSTILE_READ)
static void
deed(void)
{
	close(open("/etc/passwd", O_RDONLY));
}
#elif defined(HOSTILE_ROUND)
static void
deed(void)
{
	volatile unsigned	 control;

#if defined(__x86_64__)
	__asm__ volatile("stmxcsr %0" : "=m"(control));
	control |= 0x6000;		/* towards zero                      */
	__asm__ volatile("ldmxcsr %0" : : "m"(control));
#elif defined(__aarch64__)
	unsigned long	 fpcr;

	__asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
	control = (unsigned)(fpcr |= 0xc00000);
	__asm__ volatile("msr fpcr, %0" : : "r"(fpcr));
#endif
}
#elif defined(HOSTILE_FILE)
static void
deed(void)
{
	const char	*path = getenv("LK_TEST_MARKER");

	if (path != NULL)
		close(open(path, O_WRONLY | O_CREAT, 0600));
	umask(0);
}
#elif defined(HOSTILE_JUMP)
static jmp_buf	 there;
static void
deed(void)
{
	longjmp(there, 1);
}
#endif

#ifdef HOSTILE_AT_LOAD
__attribute__((constructor)) static void
constructor(void)
{
	deed();
}
#endif

#ifdef HOSTILE_AT_END
__attribute__((destructor)) static void
destructor(void)
{
	deed();
}
#endif

/* -------------------------------------------------------------------- calls */

static uint32_t
configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	struct probe	*p = calloc(1, sizeof(*p));

	(void)setup;
	(void)a;
#ifndef HOSTILE_FORGETFUL
	if (p == NULL)
		return lk_plugin_broken(a, "no memory");
#endif
	p->host = host;
	if ((p->name = strdup(HEADER)) == NULL) {
		free(p);
		return lk_plugin_broken(a, "no memory");
	}
#ifdef HOSTILE_AT_CONFIGURE
	deed();
#endif
	*instance = p;
	return LK_PASS;
}

static void
release(void *instance)
{
	struct probe	*p = instance;

	free(p->name);
	free(p);
}

static uint32_t
present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	const struct probe	*p = instance;
	int			 r;

	(void)a;
#ifdef HOSTILE_JUMP
	if (setjmp(there) != 0)
		return LK_PASS;
#endif
#ifdef HOSTILE_AT_PRESENT
	deed();
#endif
#ifdef HOSTILE_NO_RECORD
	(void)c;
	(void)cr;
	(void)r;
	(void)p;
	return LK_PASS;
#else
	r = p->host->header(c, p->name, &cr->token);
	if (r == 1 && cr->token.n != 0) {
#ifdef HOSTILE_WRITE
		memset((char *)(uintptr_t)cr->token.p, 'x', 1);
#endif
		return LK_PASS;
	}
#ifdef HOSTILE_AT_EMPTY
	if (r == 0)
		deed();
#endif
#ifdef HOSTILE_AT_REFUSE
	if (r < 0)
		deed();
#endif
#ifdef HOSTILE_MADE_UP
	cr->token.p = MADE_UP;
	cr->token.n = sizeof(MADE_UP) - 1;
	return LK_PASS;
#else
	cr->token.p = NULL;
	cr->token.n = 0;
	return lk_plugin_refuse(a, r < 0 ? LK_REASON_TWO_CREDENTIALS :
	    LK_REASON_NO_CREDENTIAL, HEADER, "missing, or twice");
#endif
#endif
}

static uint32_t
mint(void *instance, const struct lk_setup *setup, char *out, size_t size,
    struct lk_answer *a)
{
	const struct probe	*p = instance;

#ifdef HOSTILE_OVERFLOW
	memset(out + size, 'x', PAST);
#endif
#ifdef HOSTILE_AT_MINT
	deed();
#endif
	return lk_plugin_mint(p->host, setup, out, size, a);
}

#ifdef HOSTILE_NOT_SAFE
/* One instance in many threads, and it knows one. */
static int
another_thread(void)
{
	static pthread_t	 first;
	static int		 known;

	if (!known)
		first = pthread_self();
	known = 1;
	return !pthread_equal(first, pthread_self());
}
#endif

static uint32_t
verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	(void)instance;
	(void)c;
	(void)cr;
	(void)record;
	(void)a;
#ifdef HOSTILE_AT_VERIFY
	deed();
#endif
#ifdef HOSTILE_NOT_SAFE
	if (another_thread())
		return lk_plugin_broken(a, "another thread");
#endif
#ifdef HOSTILE_UNDEFINED
	return UNDEFINED;
#else
#if defined(HOSTILE_MADE_UP) || defined(HOSTILE_NO_RECORD)
	return LK_PASS;
#else
	return lk_plugin_verify_bearer(instance, c, cr, record, a);
#endif
#endif
}

static uint32_t
usage(void *instance, const struct lk_usage *u, char *out, size_t size)
{
	int	 n;

	(void)instance;
#ifdef HOSTILE_AT_USAGE
	deed();
#endif
	n = snprintf(out, size, "curl -X %.*s https://HOST%.*s -H \"" HEADER
	    ": %.*s\"", (int)u->method.n, u->method.p, (int)u->path.n,
	    u->path.p, (int)u->token.n, u->token.p);
	return n > 0 && (size_t)n < size ? LK_PASS : LK_BROKEN;
}

#ifdef HOSTILE_LIE
#define HOSTILE_SIZE	65536
#else
#define HOSTILE_SIZE	sizeof(struct lk_plugin)
#endif
#ifndef HOSTILE_NAME
#define HOSTILE_NAME	"hostile"
#endif

LK_PLUGIN_EXPORT const struct lk_plugin lk_plugin_v1 = {
	.magic = LK_PLUGIN_MAGIC,
	.major = LK_PLUGIN_MAJOR,
	.minor = LK_PLUGIN_MINOR,
	.size = HOSTILE_SIZE,
	.kind = LK_PLUGIN_TYPE,
	.option_size = sizeof(struct lk_option),
	.flags = LK_PLUGIN_THREAD_SAFE,
	.name = HOSTILE_NAME,
	.version = "1.0",
	.title = "A probe with a deed",
	.configure = configure,
	.release = release,
	.present = present,
	.mint = mint,
	.verify = verify,
	.usage = usage,
};
