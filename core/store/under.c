/*
 * under.c: what an index knows of peppers: how many keys are under those of odd
 * and even version, of which two are live, and the check value of the old one.
 */
#include <string.h>

#include "base/crc32c.h"
#include "index.h"
#include "inner.h"
#include "map_inner.h"

#define H_WAS		48		/* words of the header: the value    */
#define WAS_WORDS	2		/* and its CRC behind                */

/* ------------------------------------------------------------------- maps */

int
lk_map_under(const struct lk_map *m, int odd, uint32_t *n)
{
	return lk_map_get(m, lk_map_word_of(odd), n);
}

void
lk_map_none_under(struct lk_map *m, int odd)
{
	lk_map_set(m, lk_map_word_of(odd), 0);
}

static uint64_t
was_crc(const uint64_t w[WAS_WORDS])
{
	return lk_word_make(lk_crc32c_words(w, WAS_WORDS),
	    LK_SALT_HEADER ^ (uint32_t)(H_WAS + WAS_WORDS) << 8);
}

int
lk_map_was(const struct lk_map *m, uint8_t check[LK_MAC_SIZE])
{
	uint64_t	 w[WAS_WORDS];

	w[0] = lk_load(&m->head[H_WAS]);
	w[1] = lk_load(&m->head[H_WAS + 1]);
	if (lk_load(&m->head[H_WAS + WAS_WORDS]) != was_crc(w))
		return 0;
	memcpy(check, w, LK_MAC_SIZE);
	return 1;
}

void
lk_map_set_was(struct lk_map *m, const uint8_t check[LK_MAC_SIZE])
{
	uint64_t	 w[WAS_WORDS];

	memcpy(w, check, LK_MAC_SIZE);
	lk_put(&m->head[H_WAS], w[0]);
	lk_put(&m->head[H_WAS + 1], w[1]);
	lk_put(&m->head[H_WAS + WAS_WORDS], was_crc(w));
}

/* ------------------------------------------------------------------ stores */

struct counting {
	uint64_t	*keys;
	int		 odd;
	int		(*fn)(void *arg, const char *id);
	void		*arg;
};

static int
count(void *arg, const struct lk_found *k)
{
	struct counting	*c = arg;

	if (k->state == LK_STATE_DELETED)
		return 0;
	c->keys[k->odd]++;
	return c->fn != NULL && k->odd == c->odd ? c->fn(c->arg, k->key_id) :
	    0;
}

int
lk_store_peppers(struct lk_store *s, uint64_t keys[2], int odd,
    int (*fn)(void *arg, const char *id), void *arg)
{
	struct counting	 c = { keys, odd, fn, arg };
	int		 r;

	keys[0] = keys[1] = 0;
	if (lk_store_refresh(s, NULL) != 0)
		return LK_EUNAVAIL;
	r = lk_index_walk(lk_store_image(s)->index, NULL, count, &c);
	return r == -1 ? LK_EUNAVAIL : r;
}

int
lk_store_under(struct lk_store *s, int odd, uint64_t *n)
{
	const struct lk_index	*ix = lk_store_image(s)->index;
	const struct lk_map	*m;
	uint32_t		 k;
	int			 r;

	/* One that gives way to another says nothing any more. */
	do {
		m = lk_index_map(ix);
		r = lk_map_under(m, odd, &k);
	} while (r != 0 && m != lk_index_map(ix));
	*n = r == 0 ? k : 0;
	return r == 0 ? k != 0 : -1;
}

static int
is_under(void *arg, const struct lk_found *k)
{
	return k->state != LK_STATE_DELETED && k->odd == *(const int *)arg;
}

int
lk_store_under_sure(struct lk_store *s, int odd, uint64_t *n)
{
	int	 r = lk_store_under(s, odd, n), sure;

	if (r == 0)
		return 0;
	/* Somebody may have been killed while he counted. */
	sure = lk_index_walk(lk_store_image(s)->index, NULL, is_under, &odd);
	return sure != -1 ? sure : r;
}

int
lk_store_was(struct lk_store *s, uint8_t check[LK_MAC_SIZE])
{
	const struct lk_index	*ix = lk_store_image(s)->index;
	const struct lk_map	*m;
	int			 r;

	do {
		m = lk_index_map(ix);
		r = lk_map_was(m, check);
	} while (r != 1 && m != lk_index_map(ix));
	return r;
}

void
lk_store_none_under(struct lk_store *s, int odd)
{
	lk_map_none_under(lk_index_map(lk_store_image(s)->index), odd);
}
