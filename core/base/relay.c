#include <string.h>

#include "relay.h"
#include "thread.h"

/* A slot to fill, once there is one.  0: it is over. */
static int
await_room(struct lk_relay *r, unsigned *slot)
{
	int	 go;

	pthread_mutex_lock(&r->mutex);
	while (r->filled - r->emptied == r->slots && !r->stop)
		pthread_cond_wait(&r->change, &r->mutex);
	*slot = r->filled % r->slots;
	go = !r->stop;
	pthread_mutex_unlock(&r->mutex);
	return go;
}

static void *
work(void *arg)
{
	struct lk_relay	*r = arg;
	unsigned	 slot;
	int		 more = 1;

	while (more == 1 && await_room(r, &slot)) {
		more = r->fill(r->arg, slot);
		pthread_mutex_lock(&r->mutex);
		r->filled++;
		pthread_cond_signal(&r->change);
		pthread_mutex_unlock(&r->mutex);
	}
	return NULL;
}

void
lk_relay_start(struct lk_relay *r, unsigned slots, lk_fill_fn fill, void *arg)
{
	memset(r, 0, sizeof *r);
	r->fill = fill;
	r->arg = arg;
	r->slots = slots;
	if (slots == 1)
		return;
	pthread_mutex_init(&r->mutex, NULL);
	pthread_cond_init(&r->change, NULL);
	r->threaded = lk_thread_start(&r->thread, work, r) == 0;
}

unsigned
lk_relay_next(struct lk_relay *r)
{
	unsigned	 slot;

	if (!r->threaded) {
		(void)r->fill(r->arg, 0);
		return 0;
	}
	pthread_mutex_lock(&r->mutex);
	if (r->taken) {
		r->emptied++;
		pthread_cond_signal(&r->change);
	}
	r->taken = 1;
	while (r->filled == r->emptied)
		pthread_cond_wait(&r->change, &r->mutex);
	slot = r->emptied % r->slots;
	pthread_mutex_unlock(&r->mutex);
	return slot;
}

void
lk_relay_end(struct lk_relay *r)
{
	if (r->slots < 2)
		return;
	if (r->threaded) {
		pthread_mutex_lock(&r->mutex);
		r->stop = 1;
		pthread_cond_signal(&r->change);
		pthread_mutex_unlock(&r->mutex);
		pthread_join(r->thread, NULL);
	}
	pthread_cond_destroy(&r->change);
	pthread_mutex_destroy(&r->mutex);
}
