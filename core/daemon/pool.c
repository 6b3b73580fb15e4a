/*
 * pool.c: two queues, and the threads that empty them.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/thread.h"
#include "daemon/pool.h"

struct queue {
	struct lk_task	*first, **last;
	pthread_cond_t	 change;	/* of who waits for this one         */
};

struct lk_pool {
	pthread_mutex_t	 lock;		/* of all below                      */
	struct queue	 ahead, rest;
	int		 stopping;
	unsigned	 n;		/* threads                           */
	pthread_t	 threads[];
};

static struct lk_task *
pop(struct queue *q)
{
	struct lk_task	*t = q->first;

	if (t != NULL && (q->first = t->next) == NULL)
		q->last = &q->first;
	return t;
}

static void
push(struct queue *q, struct lk_task *t)
{
	t->next = NULL;
	*q->last = t;
	q->last = &t->next;
}

/* Of the two queues, or of the one alone. */
static struct lk_task *
take(struct lk_pool *p, int kept)
{
	struct queue	*q = kept ? &p->ahead : &p->rest;
	struct lk_task	*t;

	pthread_mutex_lock(&p->lock);
	while ((t = pop(&p->ahead)) == NULL && (t = pop(q)) == NULL &&
	    !p->stopping)
		pthread_cond_wait(&q->change, &p->lock);
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void *
body(void *arg)
{
	struct lk_task	*t;

	while ((t = take(arg, 0)) != NULL)
		t->run(t);
	return NULL;
}

/* The one that is kept. */
static void *
body_ahead(void *arg)
{
	struct lk_task	*t;

	while ((t = take(arg, 1)) != NULL)
		t->run(t);
	return NULL;
}

/* Whichever thread wakes first has it. */
void
lk_pool_put(struct lk_pool *p, struct lk_task *t, int first)
{
	pthread_mutex_lock(&p->lock);
	push(first ? &p->ahead : &p->rest, t);
	if (first)
		pthread_cond_signal(&p->ahead.change);
	pthread_cond_signal(&p->rest.change);
	pthread_mutex_unlock(&p->lock);
}

static int
start_threads(struct lk_pool *p, unsigned n)
{
	while (p->n < n && lk_thread_start(&p->threads[p->n],
	    p->n == 0 ? body_ahead : body, p) == 0)
		p->n++;
	return p->n == n ? 0 : -1;
}

static int
queue_start(struct queue *q)
{
	q->last = &q->first;
	return pthread_cond_init(&q->change, NULL) == 0 ? 0 : -1;
}

struct lk_pool *
lk_pool_start(unsigned n, struct lk_error *e)
{
	struct lk_pool	*p;

	n++;
	p = calloc(1, sizeof(*p) + n * sizeof(p->threads[0]));
	if (p == NULL || pthread_mutex_init(&p->lock, NULL) != 0 ||
	    queue_start(&p->ahead) == -1 || queue_start(&p->rest) == -1) {
		free(p);
		lk_fail(e, LK_ENOMEM, "no memory for %u threads", n);
		return NULL;
	}
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
	pthread_cond_broadcast(&p->ahead.change);
	pthread_cond_broadcast(&p->rest.change);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->n; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->ahead.change);
	pthread_cond_destroy(&p->rest.change);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*pp = NULL;
}
