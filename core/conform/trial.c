/*
 * trial.c: load and configure the plugin; every way into it is watched.
 *
 * The build's table is the program's own copy, so its calls are put behind
 * gates here: they tell the board which call is in, and keep what it answered
 * before the loader judges that.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "conform/trial.h"

static struct lk_board			*board;
static struct lk_plugin			 real;	/* the calls themselves */
static _Thread_local uint32_t		 raw;
static _Thread_local const char		*current;

/* -------------------------------------------------------------------- gates */

void
lk_trial_in(const char *call)
{
	current = call;
	if (call == NULL)
		return;
	board->calls++;
	board->call = call;
	lk_heap_enter();
}

const char *
lk_trial_out(void)
{
	const char	*call = current;

	lk_heap_leave();
	current = NULL;
	return call;
}

static uint32_t
out(uint32_t answer)
{
	lk_trial_out();
	board->call = NULL;
	return raw = answer;
}

uint32_t
lk_trial_raw(void)
{
	return raw;
}

static uint32_t
gate_configure(const struct lk_host *host, const struct lk_setup *setup,
    void **instance, struct lk_answer *a)
{
	lk_trial_in("configure");
	return out(real.configure(host, setup, instance, a));
}

static void
gate_release(void *instance)
{
	lk_trial_in("release");
	real.release(instance);
	out(LK_PASS);
}

static uint32_t
gate_present(void *instance, struct lk_call *c, struct lk_credential *cr,
    struct lk_answer *a)
{
	lk_trial_in("present");
	return out(real.present(instance, c, cr, a));
}

static uint32_t
gate_mint(void *instance, const struct lk_setup *setup, char *to, size_t size,
    struct lk_answer *a)
{
	lk_trial_in("mint");
	return out(real.mint(instance, setup, to, size, a));
}

static uint32_t
gate_verify(void *instance, struct lk_call *c, const struct lk_credential *cr,
    const struct lk_record *record, struct lk_answer *a)
{
	lk_trial_in("verify");
	return out(real.verify(instance, c, cr, record, a));
}

static uint32_t
gate_usage(void *instance, const struct lk_usage *u, char *to, size_t size)
{
	lk_trial_in("usage");
	return out(real.usage(instance, u, to, size));
}

static uint32_t
gate_check(void *instance, struct lk_call *c, const struct lk_record *record,
    struct lk_answer *a)
{
	lk_trial_in("check");
	return out(real.check(instance, c, record, a));
}

#define GATE(call)							\
	do {								\
		if (t->call != NULL)					\
			t->call = gate_##call;				\
	} while (0)

static void
gates_put(struct lk_plugin *t)
{
	real = *t;
	GATE(configure);
	GATE(release);
	GATE(present);
	GATE(mint);
	GATE(verify);
	GATE(usage);
	GATE(check);
}

/* --------------------------------------------------------------------- tell */

/* The same fault with another input is no other fault. */
static int
same_fault(const char *a, const char *b)
{
	const char	*end = strstr(a, " (with");

	if (end == NULL)
		return strcmp(a, b) == 0;
	return strncmp(a, b, (size_t)(end - a) + 6) == 0;
}

static void
tell(struct lk_trial *t, enum lk_verdict v, const char *text)
{
	struct lk_board	*b = t->board;
	uint32_t	 i;

	for (i = 0; i < b->ntold; i++)
		if (same_fault(b->told[i].text, text))
			return;
	if (b->ntold == LK_FINDINGS)
		return;
	b->told[b->ntold].verdict = v;
	snprintf(b->told[b->ntold].text, LK_FINDING_TEXT, "%s", text);
	b->ntold++;
}

void
lk_trial_tell(struct lk_trial *t, enum lk_verdict v, const char *fmt, ...)
{
	char	 text[LK_FINDING_TEXT];
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(t, v, text);
}

void
lk_trial_pass(struct lk_trial *t, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(t->board->pass, sizeof(t->board->pass), fmt, ap);
	va_end(ap);
}

void
lk_trial_doing(struct lk_trial *t, const char *fmt, ...)
{
	va_list	 ap;

	va_start(ap, fmt);
	vsnprintf(t->board->doing, sizeof(t->board->doing), fmt, ap);
	va_end(ap);
}

/* ------------------------------------------------------- load and configure */

char *
lk_trial_guarded(size_t size)
{
	size_t	 page = (size_t)sysconf(_SC_PAGESIZE);
	size_t	 all = (size + page - 1) / page * page;
	char	*p;

	p = mmap(NULL, all + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || mprotect(p + all, page, PROT_NONE) != 0)
		_exit(2);
	return p + all - size;
}

int
lk_trial_load(struct lk_trial *t)
{
	struct lk_error	 e = { 0 };

	board = t->board;
	board->calls++;
	board->call = "loading it";
	if (lk_build_load_path(t->run->path, 0, &t->build, &e) != 0) {
		board->call = NULL;
		lk_trial_tell(t, LK_FAULT, "%s", e.text);
		return -1;
	}
	board->call = NULL;
	gates_put(&((struct lk_build *)(uintptr_t)t->build)->table);
	lk_trial_host(t);
	return 0;
}

uint32_t
lk_trial_try(struct lk_trial *t, const struct lk_settings *s,
    struct lk_error *e)
{
	static const struct lk_place	 nowhere;
	struct lk_setup_env		 env;

	raw = LK_PASS;
	lk_trial_env(t, NULL, &env);
	if (lk_instance_new(t->build, s, NULL, nowhere, &t->host, &env, &t->i,
	    e) == 0)
		return LK_PASS;
	return LK_BROKEN;
}

int
lk_trial_configure(struct lk_trial *t)
{
	struct lk_error	 e = { 0 };

	if (lk_trial_try(t, t->run->settings, &e) == LK_PASS)
		return 0;
	lk_trial_tell(t, LK_FAULT, "%s", e.text);
	return -1;
}

void
lk_trial_release(struct lk_trial *t)
{
	lk_instance_free(&t->i);
}

/* ------------------------------------------------------------------ threads */

static struct {
	pthread_barrier_t	 ready, done;
	pthread_t		 v[LK_THREADS];
} workers;

static void *
worker(void *arg)
{
	struct lk_trial	*t = arg;

	pthread_barrier_wait(&workers.ready);
	if (t->work != NULL)
		t->work(t);
	pthread_barrier_wait(&workers.done);
	/* They stay until the process ends: their number is compared. */
	pthread_barrier_wait(&workers.ready);
	return NULL;
}

/* Before there is a filter: it forbids to start any. */
int
lk_trial_threads_start(struct lk_trial *t)
{
	int	 i;

	pthread_barrier_init(&workers.ready, NULL, LK_THREADS + 1);
	pthread_barrier_init(&workers.done, NULL, LK_THREADS + 1);
	for (i = 0; i < LK_THREADS; i++)
		if (pthread_create(&workers.v[i], NULL, worker, t) != 0)
			return -1;
	return 0;
}

void
lk_trial_threads(struct lk_trial *t)
{
	(void)t;
	pthread_barrier_wait(&workers.ready);
	pthread_barrier_wait(&workers.done);
}
