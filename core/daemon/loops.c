/*
 * loops.c: one loop a core.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "base/err.h"
#include "daemon/loops.h"

struct loop {
	struct lk_http	*http;
	pthread_t	 thread;
	int		 running;
	unsigned	 beat;		/* when it was asked last            */
};

struct lk_loops {
	size_t		 n;
	struct loop	 v[];
};

unsigned
lk_loops_cores(void)
{
	cpu_set_t	 set;
	int		 n;

	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		return 1;
	n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}

static void *
body(void *arg)
{
	lk_http_run(arg);
	return NULL;
}

static int
start(struct loop *p, const struct lk_http_options *o, struct lk_error *e)
{
	if ((p->http = lk_http_new(o, e)) == NULL)
		return e->code;
	if (pthread_create(&p->thread, NULL, body, p->http) != 0)
		return lk_fail(e, LK_ENOMEM, "cannot start a thread");
	p->running = 1;
	return 0;
}

struct lk_loops *
lk_loops_start(const struct lk_http_options *o, struct lk_own *owns,
    unsigned n, struct lk_error *e)
{
	struct lk_http_options	 own = *o;
	struct lk_loops		*l;

	own.share = n;
	l = calloc(1, sizeof(*l) + n * sizeof(l->v[0]));
	if (l == NULL) {
		lk_fail(e, LK_ENOMEM, "no memory for %u loops", n);
		return NULL;
	}
	while (l->n < n) {
		own.own = &owns[l->n];
		if (start(&l->v[l->n++], &own, e) != 0) {
			lk_loops_stop(&l);
			return NULL;
		}
	}
	return l;
}

int
lk_loops_alive(struct lk_loops *l)
{
	unsigned	 beat;
	size_t		 i;
	int		 alive = 1;

	for (i = 0; i < l->n; i++) {
		beat = lk_http_beat(l->v[i].http);
		alive &= beat != l->v[i].beat;
		l->v[i].beat = beat;
	}
	return alive;
}

void
lk_loops_stop(struct lk_loops **lp)
{
	struct lk_loops	*l = *lp;
	size_t		 i;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++)
		if (l->v[i].running)
			lk_http_stop(l->v[i].http);
	for (i = 0; i < l->n; i++)
		if (l->v[i].running)
			pthread_join(l->v[i].thread, NULL);
	for (i = 0; i < l->n; i++)
		lk_http_free(&l->v[i].http);
	free(l);
	*lp = NULL;
}
