/*
 * pool.c: a queue, and the threads that empty it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/thread.h"
#include "daemon/pool.h"

struct lk_pool {
	pthread_mutex_t	 lock;		/* of all below                      */
	pthread_cond_t	 change;
	struct lk_task	*first, **last;
	int		 stopping;
	unsigned	 n;		/* threads                           */
	pthread_t	 threads[];
};

static struct lk_task *
take(struct lk_pool *p)
{
	struct lk_task	*t;

	pthread_mutex_lock(&p->lock);
	while (p->first == NULL && !p->stopping)
		pthread_cond_wait(&p->change, &p->lock);
	if ((t = p->first) != NULL && (p->first = t->next) == NULL)
		p->last = &p->first;
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void *
body(void *arg)
{
	struct lk_task	*t;

	while ((t = take(arg)) != NULL)
		t->run(t);
	return NULL;
}

void
lk_pool_put(struct lk_pool *p, struct lk_task *t)
{
	t->next = NULL;
	pthread_mutex_lock(&p->lock);
	*p->last = t;
	p->last = &t->next;
	pthread_cond_signal(&p->change);
	pthread_mutex_unlock(&p->lock);
}

static int
start_threads(struct lk_pool *p, unsigned n)
{
	while (p->n < n && lk_thread_start(&p->threads[p->n], body, p) == 0)
		p->n++;
	return p->n == n ? 0 : -1;
}

struct lk_pool *
lk_pool_start(unsigned n, struct lk_error *e)
{
	struct lk_pool	*p;

	p = calloc(1, sizeof(*p) + n * sizeof(p->threads[0]));
	if (p == NULL || pthread_mutex_init(&p->lock, NULL) != 0 ||
	    pthread_cond_init(&p->change, NULL) != 0) {
		free(p);
		lk_fail(e, LK_ENOMEM, "no memory for %u threads", n);
		return NULL;
	}
	p->last = &p->first;
	if (start_threads(p, n) == -1) {
		lk_pool_stop(&p);
		lk_fail(e, LK_ENOMEM, "cannot start a thread");
	}
	return p;
}

void
lk_pool_stop(struct lk_pool **pp)
{
	struct lk_pool	*p = *pp;
	unsigned	 i;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = 1;
	pthread_cond_broadcast(&p->change);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->n; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->change);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*pp = NULL;
}
