/*
 * bell.h: threads of a process that wait for a word to change.
 *
 * As a condition without a mutex: who was woken takes none, so that many who
 * wait for the same thing do not queue for it once more.
 */
#ifndef LK_BASE_BELL_H
#define LK_BASE_BELL_H

#include <stdatomic.h>
#include <stdint.h>

#define LK_BELL_ALL	0

/* All zero: a word of 0. */
struct lk_bell {
	_Atomic uint32_t word;
};

uint32_t lk_bell_word(const struct lk_bell *b);
/* Sleep unless the word is another one than seen; it may still be seen when
 * this returns. */
void	lk_bell_wait(struct lk_bell *b, uint32_t seen);
/* It is that from now; whoever sees it sees what was stored before.  Wake n of
 * those who wait, LK_BELL_ALL: all of them. */
void	lk_bell_ring(struct lk_bell *b, uint32_t word, unsigned n);

#endif
