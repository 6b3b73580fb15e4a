/*
 * guard.c: SIGBUS in a map of ours becomes a page of zeros.
 *
 * The table only grows, block by block, and an entry is free when its base is
 * 0; so the handler reads it without a lock.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/guard.h"
#include "latchkey.h"

#define BLOCK		32		/* maps                              */
#define TAKEN		1		/* of base: it is being filled       */

struct entry {
	_Atomic uintptr_t base;
	_Atomic uintptr_t end;
	_Atomic int	 prot;
	_Atomic int	 hit;
};

static struct block {
	_Atomic(struct block *) next;
	struct entry	 e[BLOCK];
} first;

static pthread_mutex_t	 once = PTHREAD_MUTEX_INITIALIZER;
static int		 installed;
static struct sigaction	 before;
static uintptr_t	 page;		/* octets of one                     */

/* ------------------------------------------------------------------- table */

/* The one whose map has the address. */
static struct entry *
entry_of(uintptr_t at)
{
	struct block	*b;
	uintptr_t	 base, end;
	int		 i;

	for (b = &first; b != NULL; b = atomic_load(&b->next))
		for (i = 0; i < BLOCK; i++) {
			base = atomic_load(&b->e[i].base);
			end = atomic_load(&b->e[i].end);
			/* Another map may have come meanwhile. */
			if (base > TAKEN && base <= at && at < end &&
			    atomic_load(&b->e[i].base) == base)
				return &b->e[i];
		}
	return NULL;
}

static struct entry *
take(struct block *b)
{
	uintptr_t	 none;
	int		 i;

	for (i = 0; i < BLOCK; i++) {
		none = 0;
		if (atomic_compare_exchange_strong(&b->e[i].base, &none,
		    TAKEN))
			return &b->e[i];
	}
	return NULL;
}

/* One more block, unless another thread was faster.  NULL: no memory. */
static struct block *
after(struct block *b)
{
	struct block	*new, *next = atomic_load(&b->next);

	if (next != NULL || (new = calloc(1, sizeof(*new))) == NULL)
		return next;
	if (atomic_compare_exchange_strong(&b->next, &next, new))
		return new;
	free(new);
	return next;
}

void
lk_guard_add(const void *base, size_t n, int prot)
{
	struct block	*b;
	struct entry	*e;

	for (b = &first; b != NULL; b = after(b)) {
		if ((e = take(b)) == NULL)
			continue;
		atomic_store(&e->prot, prot);
		atomic_store(&e->hit, 0);
		atomic_store(&e->end, (uintptr_t)base + n);
		atomic_store(&e->base, (uintptr_t)base);
		return;
	}
}

static struct entry *
entry_at(const void *base)
{
	struct entry	*e = base != NULL ? entry_of((uintptr_t)base) : NULL;

	return e != NULL && atomic_load(&e->base) == (uintptr_t)base ? e :
	    NULL;
}

void
lk_guard_forget(const void *base)
{
	struct entry	*e = entry_at(base);

	if (e != NULL)
		atomic_store(&e->base, 0);
}

int
lk_guard_hit(const void *base)
{
	const struct entry	*e = entry_at(base);

	return e != NULL && atomic_load(&e->hit);
}

/* ----------------------------------------------------------------- handler */

/* Not ours: as if we were not here. */
static void
pass_on(int sig, siginfo_t *info, void *context)
{
	struct sigaction	 none;

	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(sig, info, context);
		return;
	}
	if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
		before.sa_handler(sig);
		return;
	}
	if (before.sa_handler == SIG_IGN && info->si_code <= 0)
		return;			/* somebody sent it                  */
	memset(&none, 0, sizeof(none));
	none.sa_handler = SIG_DFL;
	sigaction(sig, &none, NULL);
	/* The access is made again when this returns, and is the end. */
	if (info->si_code <= 0)
		raise(sig);
}

/*
 * mmap(2) is no more than a system call, though POSIX does not promise that it
 * may be called here.  Where another thread came to the same page first, what
 * that one stored in the zeros is lost, which is damage as before.
 */
static void
on_bus(int sig, siginfo_t *info, void *context)
{
	uintptr_t	 at = (uintptr_t)info->si_addr;
	struct entry	*e = info->si_code > 0 ? entry_of(at) : NULL;
	int		 saved = errno;
	void		*p;

	if (e != NULL) {
		atomic_store(&e->hit, 1);
		at -= at % page;
		p = mmap((void *)at, page, atomic_load(&e->prot),
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (p == MAP_FAILED)
			e = NULL;
	}
	errno = saved;
	if (e == NULL)
		pass_on(sig, info, context);
}

static int
install(void)
{
	struct sigaction	 sa;

	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_bus;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
	sigemptyset(&sa.sa_mask);
	/* What was there is known before ours can be called. */
	if (sigaction(SIGBUS, NULL, &before) != 0 ||
	    sigaction(SIGBUS, &sa, NULL) != 0)
		return LK_EUNAVAIL;
	installed = 1;
	return 0;
}

int
lk_guard(void)
{
	int	 r = 0;

	pthread_mutex_lock(&once);
	if (!installed)
		r = install();
	pthread_mutex_unlock(&once);
	return r;
}
