/*
 * admin_once.c: a request that is repeated.
 *
 * Source: draft-ietf-httpapi-idempotency-key-header-07; but the answer that the
 * first one had is not kept, for there was a token in it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/admin.h"
#include "daemon/octets.h"
#include "daemon/once.h"

#define HEADER	"Idempotency-Key"

/* 1: there is one; 0: none; -1 with c->e. */
static int
read_key(struct lk_admin_call *c, const struct lk_header **h)
{
	int	 n = lk_http_header(c->rq, HEADER, h);

	if (n == 0)
		return 0;
	if (n == 1 && (*h)->value_len >= 1 &&
	    (*h)->value_len <= LK_ONCE_KEY &&
	    lk_octets_plain((*h)->value, (*h)->value_len))
		return 1;
	lk_fail(&c->e, LK_EDATA, HEADER " must be there once, with 1 to %d "
	    "octets", LK_ONCE_KEY);
	return -1;
}

static int
repeated(struct lk_admin_call *c, enum lk_once_state state, const char *id)
{
	switch (state) {
	case LK_ONCE_RUNNING:
		lk_fail(&c->e, LK_EAGAIN, "the first request with this "
		    HEADER " is not over yet");
		return 409;
	case LK_ONCE_OTHER:
		lk_fail(&c->e, LK_EDATA, "another request had this "
		    HEADER ": take a new one");
		return 422;
	default:
		lk_fail(&c->e, LK_EIO, "key %s was made by the first request "
		    "with this " HEADER ", whose answer alone had its token: "
		    "without it, delete the key and make another one "
		    "(latchkey delete %s)", id, id);
		lk_text_copy(c->made, sizeof(c->made), id);
		return 409;
	}
}

int
lk_admin_once(struct lk_admin_call *c)
{
	const struct lk_header	*h;
	struct lk_once_ask	 ask;
	enum lk_once_state	 state;
	char			 who[256], id[LK_KEYID_LEN + 1];
	int			 n;

	c->ticket = SIZE_MAX;
	if (!c->route->once || (n = read_key(c, &h)) == 0)
		return 0;
	if (n == -1)
		return 422;
	snprintf(who, sizeof(who), "%u %s %s", (unsigned)c->op.uid,
	    c->op.name, c->op.role);
	ask.who = who;
	ask.target = c->rq->target;
	ask.key = h->value;
	ask.key_len = h->value_len;
	ask.body = c->rq->body;
	ask.body_len = c->rq->body_len;
	state = lk_once_begin(c->s->once, &ask, &c->ticket, id);
	return state == LK_ONCE_NEW ? 0 : repeated(c, state, id);
}

void
lk_admin_once_end(struct lk_admin_call *c)
{
	if (c->ticket != SIZE_MAX)
		lk_once_end(c->s->once, c->ticket, c->made);
}
