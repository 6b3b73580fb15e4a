#include <string.h>

#include "base/crc32c.h"
#include "chain.h"

void
lk_link_first(struct lk_link *at)
{
	memset(at, 0, sizeof *at);
	at->n = 1;
	at->sure = 1;
	at->bare = LK_BARE;
}

void
lk_link_pass(struct lk_link *at, const char *p, size_t n)
{
	if (at->bare != 0)
		at->bare = LK_BARE | lk_crc32c_more((uint32_t)at->bare, p, n);
}

/* Leave nothing in the span but room for the MAC before it. */
static void
span_reset(struct lk_chain *c)
{
	static const uint8_t	 room[LK_MAC_SIZE];

	lk_buf_reset(&c->span);
	lk_buf_add(&c->span, room, sizeof room);
}

void
lk_chain_start(struct lk_chain *c, struct lk_hmac *key,
    const struct lk_link *at)
{
	c->key = key;
	c->at = *at;
	c->at.bare = LK_BARE;
	span_reset(c);
}

void
lk_chain_free(struct lk_chain *c)
{
	lk_buf_free(&c->span);
}

void
lk_chain_pass(struct lk_chain *c, const char *p, size_t n)
{
	lk_link_pass(&c->at, p, n);
	if (c->key != NULL)
		lk_buf_add(&c->span, p, n);
}

/* The MAC of the span and n octets more, from candidate i; the span stays. */
static int
compute(struct lk_chain *c, int i, const char *p, size_t n,
    uint8_t out[LK_MAC_SIZE])
{
	uint8_t	 full[LK_DIGEST_SIZE];
	size_t	 before = c->span.n;
	int	 r;

	lk_buf_add(&c->span, p, n);
	if (c->span.failed)
		return LK_ENOMEM;
	memcpy(c->span.p, c->at.mac[i], LK_MAC_SIZE);
	if ((r = lk_hmac(c->key, c->span.p, c->span.n, full)) != 0)
		return r;
	memcpy(out, full, LK_MAC_SIZE);
	c->span.n = before;
	return 0;
}

int
lk_chain_check(struct lk_chain *c, const struct lk_line *l, const char *p)
{
	uint8_t	 mac[LK_MAC_SIZE];
	int	 i, r;

	if (c->key == NULL)
		return 1;
	for (i = 0; i < c->at.n; i++) {
		if ((r = compute(c, i, p, l->covered, mac)) != 0)
			return r;
		if (lk_equal(mac, l->mac, sizeof mac))
			return 1;
	}
	return 0;
}

static void
go_on(struct lk_chain *c, const uint8_t mac[LK_MAC_SIZE], uint64_t next)
{
	memcpy(c->at.mac[0], mac, LK_MAC_SIZE);
	c->at.n = 1;
	c->at.sure = 1;
	c->at.span = next;
	c->at.bare = LK_BARE;
	span_reset(c);
}

void
lk_chain_accept(struct lk_chain *c, const struct lk_line *l, uint64_t next)
{
	go_on(c, l->mac, next);
}

/* What stands behind the last ":", if it is a MAC. */
static int
stated(const char *colon, const char *end, uint8_t mac[LK_MAC_SIZE])
{
	return colon != NULL && lk_base64url_decode(colon + 1,
	    (size_t)(end - colon - 1), mac, LK_MAC_SIZE) == 0;
}

int
lk_chain_lose(struct lk_chain *c, const char *p, size_t n, uint64_t next)
{
	const char	*colon = memrchr(p, ':', n);
	uint8_t		 mac[2][LK_MAC_SIZE];
	int		 k = 0, r;

	if (stated(colon, p + n, mac[0]))
		k = 1;
	if (c->key != NULL && c->at.sure && colon != NULL) {
		r = compute(c, 0, p, (size_t)(colon + 1 - p), mac[k]);
		if (r != 0)
			return r;
		k++;
	}
	memcpy(c->at.mac, mac, sizeof mac);
	c->at.n = k;
	c->at.sure = 0;
	c->at.span = next;
	c->at.bare = LK_BARE;
	span_reset(c);
	return 0;
}

int
lk_chain_sign(struct lk_chain *c, const char *p, size_t n,
    uint8_t mac[LK_MAC_SIZE])
{
	int	 r;

	if ((r = compute(c, 0, p, n, mac)) != 0)
		return r;
	go_on(c, mac, 0);
	return 0;
}
