/*
 * succeed.c: the successor in `state`, by which one journal takes the place of
 * another; see state.h.
 */
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "state.h"

#define W_NEXT		48		/* word of state                     */
#define C_SEQ		0		/* words of a copy                   */
#define C_GENERATION	6
#define C_CRC		15

int
lk_state_successor(const struct lk_state *s, struct lk_ack *out,
    uint64_t *generation)
{
	uint64_t	 w[LK_ACK_WORDS];
	int		 i;

	if (s->words == NULL)
		return 0;
	for (i = 0; i < LK_ACK_WORDS; i++)
		w[i] = atomic_load_explicit(&s->words[W_NEXT + i],
		    memory_order_acquire);
	*generation = w[C_GENERATION];
	return *generation != 0 && lk_ack_unpack(w, out);
}

void
lk_state_forget(struct lk_state *s)
{
	int	 i;

	/* From the front: without its number it is none at once. */
	for (i = 0; i < LK_ACK_WORDS; i++)
		atomic_store_explicit(&s->words[W_NEXT + i], 0,
		    memory_order_release);
}

int
lk_state_succeed(struct lk_state *s, struct lk_ack *a, uint64_t generation,
    struct lk_error *e)
{
	struct lk_ack	 last;
	uint64_t	 w[LK_ACK_WORDS];
	int		 i;

	(void)lk_state_read(s, &last);
	a->seq = last.seq + 1;
	memcpy(a->boot, s->boot, sizeof a->boot);
	lk_ack_pack(a, w);
	w[C_GENERATION] = generation;
	w[C_CRC] = lk_crc32c(w, C_CRC * sizeof *w);
	for (i = LK_ACK_WORDS - 1; i >= C_SEQ; i--)
		atomic_store_explicit(&s->words[W_NEXT + i], w[i],
		    memory_order_release);
	if (s->io->fsync(s->io->ctx, s->fd) == 0)
		return 0;
	lk_fail_errno(e, LK_EIO, "%s cannot be synced", LK_STATE_NAME);
	lk_state_forget(s);
	return LK_EIO;
}

void
lk_state_step(struct lk_state *s, struct lk_ack *a, uint64_t generation)
{
	/* Who has no file of his own reads anew by the generation alone. */
	atomic_store(&s->next, 0);
	lk_state_set_generation(s, generation);
	/* Of an earlier boot it vouches for no more than it did. */
	lk_state_copy(s, a);
	/* A page may be taken to the disk while it is stored to, front first:
	 * what is behind must not be gone when what is before is not there.
	 * As long as there is a successor, it is what counts. */
	if (s->io->fsync(s->io->ctx, s->fd) == 0)
		lk_state_forget(s);
}
