#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/syscall.h>

#include <linux/futex.h>

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "base/bell.h"

uint32_t
lk_bell_word(const struct lk_bell *b)
{
	return atomic_load_explicit(&b->word, memory_order_acquire);
}

void
lk_bell_wait(struct lk_bell *b, uint32_t seen)
{
	int	 saved = errno;

	if (lk_bell_word(b) == seen)
		(void)syscall(SYS_futex, &b->word, FUTEX_WAIT_PRIVATE, seen,
		    NULL, NULL, 0);
	errno = saved;
}

void
lk_bell_ring(struct lk_bell *b, uint32_t word, unsigned n)
{
	int	 saved = errno;

	atomic_store_explicit(&b->word, word, memory_order_release);
	(void)syscall(SYS_futex, &b->word, FUTEX_WAKE_PRIVATE,
	    n == LK_BELL_ALL ? INT_MAX : (int)n, NULL, NULL, 0);
	errno = saved;
}
