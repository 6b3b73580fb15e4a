/*
 * wipe.c: secret octets: pages of their own, one way to compare, one to free.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"
#include "latchkey.h"

void
lk_wipe(void *p, size_t n)
{
	if (n != 0)
		explicit_bzero(p, n);
}

int
lk_equal(const void *a, const void *b, size_t n)
{
	/* volatile: no compiler may leave the loop at the first difference. */
	const volatile unsigned char	*x = a, *y = b;
	unsigned			 differ = 0;
	size_t				 i;

	for (i = 0; i < n; i++)
		differ |= (unsigned)(x[i] ^ y[i]);
	return (int)(1 & ((differ - 1) >> 8));
}

int
lk_secret_alloc(size_t n, struct lk_secret *out)
{
	size_t	 page = (size_t)sysconf(_SC_PAGESIZE), mapped;
	void	*p;

	*out = LK_SECRET_NONE;
	if (n > SIZE_MAX - page)
		return LK_ENOMEM;
	mapped = n == 0 ? page : (n + page - 1) / page * page;
	p = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return LK_ENOMEM;
	/* Both are best effort: a small RLIMIT_MEMLOCK must not end service. */
	(void)madvise(p, mapped, MADV_DONTDUMP);
	(void)mlock(p, mapped);
	out->p = p;
	out->n = n;
	out->mapped = mapped;
	return 0;
}

void
lk_secret_free(struct lk_secret *s)
{
	if (s->p != NULL) {
		lk_wipe(s->p, s->mapped);
		(void)munmap(s->p, s->mapped);
	}
	*s = LK_SECRET_NONE;
}
