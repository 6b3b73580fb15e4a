#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <unistd.h>

#include "daemon/job.h"
#include "daemon/loop.h"

/* A thread of the pool. */
static void
run(struct lk_task *t)
{
	struct lk_job	*j = (struct lk_job *)(void *)t;
	struct lk_http	*h = j->h;
	uint64_t	 one = 1;

	h->o.fn(h->o.arg, &j->rq, &j->reply);
	/* Once the lock is let go, the loop may be over. */
	pthread_mutex_lock(&h->lock);
	j->next = h->jobs;
	h->jobs = j;
	(void)!write(h->ended, &one, sizeof(one));
	pthread_mutex_unlock(&h->lock);
}

struct lk_job *
lk_job_new(struct lk_http *h, struct MHD_Connection *mc)
{
	struct lk_job	*j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->task.run = run;
	j->h = h;
	j->mc = mc;
	lk_reply_begin(&j->reply);
	return j;
}

void
lk_job_free(struct lk_job *j)
{
	if (j != NULL)
		lk_reply_end(&j->reply);
	free(j);
}

void
lk_job_put(struct lk_job *j)
{
	j->h->njobs++;
	lk_pool_put(j->h->o.pool, &j->task);
}

struct lk_job *
lk_jobs_take(struct lk_http *h)
{
	struct lk_job	*all;
	uint64_t	 n;

	(void)!read(h->ended, &n, sizeof(n));
	pthread_mutex_lock(&h->lock);
	all = h->jobs;
	h->jobs = NULL;
	pthread_mutex_unlock(&h->lock);
	return all;
}
