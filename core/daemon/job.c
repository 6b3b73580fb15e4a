#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/job.h"
#include "daemon/loop.h"

int
lk_gather_add(struct lk_gather *g, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	if (g->n == LK_HTTP_HEADERS_MAX) {
		g->over = 1;
		return 0;
	}
	g->v[g->n].name = name;
	g->v[g->n].name_len = name_len;
	g->v[g->n].value = value != NULL ? value : "";
	g->v[g->n++].value_len = value != NULL ? value_len : 0;
	return 1;
}

void
lk_gather_request(const struct lk_gather *g, const struct lk_conn *c,
    const char *method, struct lk_http_request *rq)
{
	rq->method = method;
	rq->target = c->target;
	rq->path_len = strcspn(c->target, "?");
	rq->headers = g->v;
	rq->nheaders = g->n;
	rq->body = c->body_len != 0 ? c->body : NULL;
	rq->body_len = c->body_len;
	rq->peer = c->peer;
	rq->fd = c->fd;
	rq->duty = c->duty;
	rq->own = NULL;
}

/* A thread of the pool. */
static void
run(struct lk_task *t)
{
	struct lk_job	*j = (struct lk_job *)(void *)t;
	struct lk_http	*h = j->h;
	uint64_t	 one = 1;

	if (j->early)
		j->refused = !h->o.admit(h->o.arg, &j->rq, &j->reply);
	else
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
lk_job_put(struct lk_job *j, int first)
{
	j->h->njobs++;
	lk_pool_put(j->h->o.pool, &j->task, first);
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
