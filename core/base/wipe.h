/*
 * wipe.h: the one type for secret octets, the one way to free it (it wipes) and
 * the one way to compare it.
 */
#ifndef LK_BASE_WIPE_H
#define LK_BASE_WIPE_H

#include <stddef.h>

/*
 * Octets in pages of their own that are kept out of core dumps and, where the
 * limits allow it, out of swap.  Owned; freed with lk_secret_free.
 */
struct lk_secret {
	unsigned char	*p;
	size_t		 n;		/* octets in use                     */
	size_t		 mapped;	/* octets of the pages; private      */
};

#define LK_SECRET_NONE	((struct lk_secret){ NULL, 0, 0 })

/* n octets, all zero.  0, or LK_ENOMEM. */
int	lk_secret_alloc(size_t n, struct lk_secret *out);
/* Wipes, unmaps, and sets *s to LK_SECRET_NONE; that is fine to free too. */
void	lk_secret_free(struct lk_secret *s);
/* 1 equal, 0 not; the time depends on n alone. */
int	lk_equal(const void *a, const void *b, size_t n);
/* lk_wipe itself is public: latchkey.h.  This is the same without a call, for
 * few octets on the way of a verify. */
static inline void
lk_wipe_here(void *p, size_t n)
{
	__builtin_memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

#endif
