/*
 * log.c: rings, and the thread that empties them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/log.h"

#define RING		65536U		/* octets, a power of 2              */
#define PATIENCE	1000		/* milliseconds for a slow reader    */

struct lk_ring {
	_Alignas(64) _Atomic size_t put;	/* octets, ever; the loop's  */
	_Alignas(64) _Atomic size_t taken;	/* likewise; the thread's    */
	struct lk_log	*log;
	size_t		 woken;		/* put when it was woken last        */
	char		 text[RING];
};

struct lk_log {
	int		 fd;
	sem_t		 wake;
	pthread_t	 thread;
	atomic_int	 stopping;
	unsigned	 n;
	struct lk_ring	 rings[];
};

/* -------------------------------------------------------------------- loop */

int
lk_ring_put(struct lk_ring *r, const char *p, size_t n)
{
	size_t	 put = atomic_load_explicit(&r->put, memory_order_relaxed);
	size_t	 at = put & (RING - 1), first;

	if (n > RING - (put - atomic_load_explicit(&r->taken,
	    memory_order_acquire)))
		return -1;
	first = n < RING - at ? n : RING - at;
	memcpy(r->text + at, p, first);
	memcpy(r->text, p + first, n - first);
	atomic_store_explicit(&r->put, put + n, memory_order_release);
	return 0;
}

void
lk_ring_wake(struct lk_ring *r)
{
	size_t	 put = atomic_load_explicit(&r->put, memory_order_relaxed);

	if (put == r->woken)
		return;
	r->woken = put;
	sem_post(&r->log->wake);
}

struct lk_ring *
lk_log_ring(struct lk_log *l, unsigned i)
{
	return &l->rings[i];
}

/* ------------------------------------------------------------------ thread */

/* What was written of it; 0: nothing can be, and it is lost. */
static size_t
write_some(int fd, const struct iovec *v)
{
	struct pollfd	 p = { .fd = fd, .events = POLLOUT };
	ssize_t		 n;

	while ((n = writev(fd, v, 2)) == -1) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)poll(&p, 1, PATIENCE);
		else if (errno != EINTR)
			return 0;
	}
	return (size_t)n;
}

static void
drain(const struct lk_log *l, struct lk_ring *r)
{
	size_t		 taken, left, at, n;
	struct iovec	 v[2];

	taken = atomic_load_explicit(&r->taken, memory_order_relaxed);
	while ((left = atomic_load_explicit(&r->put, memory_order_acquire) -
	    taken) != 0) {
		at = taken & (RING - 1);
		v[0].iov_base = r->text + at;
		v[0].iov_len = left < RING - at ? left : RING - at;
		v[1].iov_base = r->text;
		v[1].iov_len = left - v[0].iov_len;
		n = write_some(l->fd, v);
		taken += n != 0 ? n : left;
		atomic_store_explicit(&r->taken, taken, memory_order_release);
	}
}

static void *
body(void *arg)
{
	struct lk_log	*l = arg;
	unsigned	 i;
	int		 last;

	do {
		while (sem_wait(&l->wake) == -1)
			continue;
		last = atomic_load(&l->stopping);
		for (i = 0; i < l->n; i++)
			drain(l, &l->rings[i]);
	} while (!last);
	return NULL;
}

/* ------------------------------------------------------------------ set-up */

struct lk_log *
lk_log_start(int fd, unsigned n, struct lk_error *e)
{
	struct lk_log	*l;
	unsigned	 i;

	l = aligned_alloc(64, (sizeof(*l) + n * sizeof(l->rings[0]) + 63) &
	    ~(size_t)63);
	if (l == NULL || sem_init(&l->wake, 0, 0) == -1) {
		free(l);
		lk_fail(e, LK_ENOMEM, "no memory for a log");
		return NULL;
	}
	l->fd = fd;
	l->n = n;
	atomic_init(&l->stopping, 0);
	for (i = 0; i < n; i++) {
		atomic_init(&l->rings[i].put, 0);
		atomic_init(&l->rings[i].taken, 0);
		l->rings[i].log = l;
		l->rings[i].woken = 0;
	}
	if (pthread_create(&l->thread, NULL, body, l) == 0)
		return l;
	sem_destroy(&l->wake);
	free(l);
	lk_fail(e, LK_ENOMEM, "cannot start a thread");
	return NULL;
}

void
lk_log_stop(struct lk_log **lp)
{
	struct lk_log	*l = *lp;
	struct timespec	 until;

	if (l == NULL)
		return;
	*lp = NULL;
	atomic_store(&l->stopping, 1);
	sem_post(&l->wake);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE / 1000;
	/* Nobody takes what it writes: the process ends, and it with it. */
	if (pthread_timedjoin_np(l->thread, NULL, &until) != 0)
		return;
	sem_destroy(&l->wake);
	free(l);
}
