/*
 * heap.c: the allocator of this program, which is the C library's but for what
 * a plugin takes: that is counted, bounded and made to fail.
 *
 * A plugin's allocations are those that begin while a thread is in it, from
 * whatever library; they are known by their addresses until they are freed.
 * Source: glibc's manual, "Replacing malloc".
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "conform/trial.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED	1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED	1
#endif
#endif

/* A sanitizer is the allocator itself. */
#if defined(HAVE___LIBC_MALLOC) && !defined(SANITIZED)

#define BLOCKS_MAX	65536		/* known at once                     */

/* Seen by all libraries, or they would go on with their own. */
#pragma GCC visibility push(default)

void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);
void	*__libc_memalign(size_t, size_t);
void	 __libc_free(void *);

static struct {
	pthread_mutex_t	 lock;
	struct lk_heap	 h;
	size_t		 fail;		/* the number that fails; 0: none    */
	int		 fail_all;	/* and all after it                  */
	size_t		 n;
	struct block {
		const void	*p;
		size_t		 size;
	} v[BLOCKS_MAX];
} heap = { .lock = PTHREAD_MUTEX_INITIALIZER };

static _Thread_local int	inside;

/* One more is wanted: 1, or 0 when it fails. */
static int
grant(size_t size)
{
	int	 ok = 1;

	if (!inside)
		return 1;
	pthread_mutex_lock(&heap.lock);
	heap.h.taken++;
	if (heap.fail != 0 && (heap.h.taken == heap.fail ||
	    (heap.fail_all && heap.h.taken > heap.fail)))
		ok = 0;
	if (size > LK_HEAP_MAX || heap.h.octets > LK_HEAP_MAX - size) {
		if (size > heap.h.biggest)
			heap.h.biggest = size;
		ok = 0;
	}
	pthread_mutex_unlock(&heap.lock);
	if (!ok)
		errno = ENOMEM;
	return ok;
}

static void *
keep(void *p, size_t size)
{
	if (!inside || p == NULL)
		return p;
	pthread_mutex_lock(&heap.lock);
	if (heap.n < BLOCKS_MAX) {
		heap.v[heap.n].p = p;
		heap.v[heap.n++].size = size;
		heap.h.count++;
		heap.h.octets += size;
	}
	pthread_mutex_unlock(&heap.lock);
	return p;
}

/* The size that it was known with, or -1. */
static ssize_t
forget(const void *p)
{
	ssize_t	 size = -1;
	size_t	 i;

	if (p == NULL || heap.n == 0)
		return -1;
	pthread_mutex_lock(&heap.lock);
	for (i = heap.n; i-- > 0;) {
		if (heap.v[i].p != p)
			continue;
		size = (ssize_t)heap.v[i].size;
		heap.h.count--;
		heap.h.octets -= heap.v[i].size;
		heap.v[i] = heap.v[--heap.n];
		break;
	}
	pthread_mutex_unlock(&heap.lock);
	return size;
}

void *
malloc(size_t n)
{
	return grant(n) ? keep(__libc_malloc(n), n) : NULL;
}

void *
calloc(size_t n, size_t size)
{
	size_t	 all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return grant(all) ? keep(__libc_calloc(n, size), all) : NULL;
}

void *
realloc(void *p, size_t n)
{
	ssize_t	 was;
	void	*q;

	if (!grant(n))
		return NULL;
	was = forget(p);
	q = __libc_realloc(p, n);
	if (q != NULL)
		return keep(q, n);
	if (was >= 0 && n != 0)
		keep(p, (size_t)was);
	return NULL;
}

void
free(void *p)
{
	int	 saved = errno;

	forget(p);
	__libc_free(p);
	errno = saved;
}

void *
memalign(size_t to, size_t n)
{
	return grant(n) ? keep(__libc_memalign(to, n), n) : NULL;
}

void *
aligned_alloc(size_t to, size_t n)
{
	return memalign(to, n);
}

int
posix_memalign(void **out, size_t to, size_t n)
{
	void	*p = memalign(to, n);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

int
lk_heap_watched(void)
{
	return 1;
}

void
lk_heap_enter(void)
{
	inside = 1;
}

void
lk_heap_leave(void)
{
	inside = 0;
}

void
lk_heap_read(struct lk_heap *h)
{
	pthread_mutex_lock(&heap.lock);
	*h = heap.h;
	pthread_mutex_unlock(&heap.lock);
}

void
lk_heap_fail(size_t nth, int all)
{
	heap.fail = nth != 0 ? heap.h.taken + nth : 0;
	heap.fail_all = all;
}

#pragma GCC visibility pop

#else

int
lk_heap_watched(void)
{
	return 0;
}

void
lk_heap_enter(void)
{
}

void
lk_heap_leave(void)
{
}

void
lk_heap_read(struct lk_heap *h)
{
	memset(h, 0, sizeof(*h));
}

void
lk_heap_fail(size_t nth, int all)
{
	(void)nth;
	(void)all;
}

#endif
