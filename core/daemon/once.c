/*
 * once.c: a table of requests, the oldest of which is given up for a new one.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/text.h"
#include "daemon/conn.h"
#include "daemon/once.h"

struct digest {
	uint64_t	 a, b;
};

struct entry {
	struct digest	 ask, body;
	int64_t		 since;		/* milliseconds; 0: free             */
	int		 running;
	char		 id[LK_KEYID_LEN + 1];	/* of what it made           */
};

struct lk_once {
	struct digest	 seed;
	pthread_mutex_t	 lock;		/* of v                              */
	struct entry	 v[LK_ONCE_MAX];
};

struct lk_once *
lk_once_new(void)
{
	struct lk_once	*o = calloc(1, sizeof(*o));

	if (o == NULL || pthread_mutex_init(&o->lock, NULL) != 0) {
		free(o);
		return NULL;
	}
	if (lk_random(&o->seed, sizeof(o->seed), NULL) != 0)
		o->seed.a = o->seed.b = (uint64_t)lk_clock_ns();
	return o;
}

void
lk_once_free(struct lk_once **op)
{
	struct lk_once	*o = *op;

	if (o == NULL)
		return;
	pthread_mutex_destroy(&o->lock);
	free(o);
	*op = NULL;
}

/* Two sums of 64 bits from a secret start; the length parts what follows. */
static void
add(struct digest *d, const void *p, size_t n)
{
	const unsigned char	*u = p;
	size_t			 i;

	d->a = (d->a ^ n) * 0x9e3779b97f4a7c15;
	d->b = (d->b ^ n) * 0xff51afd7ed558ccd;
	for (i = 0; i < n; i++) {
		d->a = (d->a ^ u[i]) * 0x00000100000001b3;
		d->a ^= d->a >> 29;
		d->b = (d->b ^ u[i]) * 0xc4ceb9fe1a85ec53;
		d->b ^= d->b >> 31;
	}
}

static int
same(const struct digest *x, const struct digest *y)
{
	return x->a == y->a && x->b == y->b;
}

/* The entry of a request, or one that may be had for it. */
static struct entry *
find(struct lk_once *o, const struct digest *ask, int64_t now, int *known)
{
	struct entry	*e, *oldest = NULL;

	*known = 0;
	for (e = o->v; e < o->v + LK_ONCE_MAX; e++) {
		if (!e->running && now - e->since > LK_ONCE_TIME * 1000LL)
			e->since = 0;
		if (e->since != 0 && same(&e->ask, ask)) {
			*known = 1;
			return e;
		}
		/* Those that run are as few as the threads of the pool. */
		if (!e->running &&
		    (oldest == NULL || e->since < oldest->since))
			oldest = e;
	}
	return oldest;
}

enum lk_once_state
lk_once_begin(struct lk_once *o, const struct lk_once_ask *ask, size_t *ticket,
    char id[LK_KEYID_LEN + 1])
{
	struct digest		 first = o->seed, body = o->seed;
	struct entry		*e;
	int64_t			 now = lk_now_ms() + 1;
	int			 known;
	enum lk_once_state	 state = LK_ONCE_NEW;

	add(&first, ask->who, strlen(ask->who));
	add(&first, ask->target, strlen(ask->target));
	add(&first, ask->key, ask->key_len);
	add(&body, ask->body, ask->body_len);
	pthread_mutex_lock(&o->lock);
	e = find(o, &first, now, &known);
	if (!known) {
		e->ask = first;
		e->body = body;
		e->since = now;
		e->running = 1;
		*ticket = (size_t)(e - o->v);
	} else if (!same(&e->body, &body))
		state = LK_ONCE_OTHER;
	else if (e->running)
		state = LK_ONCE_RUNNING;
	else {
		state = LK_ONCE_DONE;
		memcpy(id, e->id, sizeof(e->id));
	}
	pthread_mutex_unlock(&o->lock);
	return state;
}

void
lk_once_end(struct lk_once *o, size_t ticket, const char *id)
{
	struct entry	*e = &o->v[ticket];

	pthread_mutex_lock(&o->lock);
	e->running = 0;
	lk_text_copy(e->id, sizeof(e->id), id);
	if (*id == '\0')
		e->since = 0;
	pthread_mutex_unlock(&o->lock);
}
