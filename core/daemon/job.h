/*
 * job.h: a request that a thread of the pool answers, for http.c alone.
 */
#ifndef LK_DAEMON_JOB_H
#define LK_DAEMON_JOB_H

#include "daemon/http.h"

struct MHD_Connection;

/* The headers of a request as http.c gathers them. */
struct lk_gather {
	struct lk_header	 v[LK_HTTP_HEADERS_MAX];
	size_t			 n;
	int			 over;	/* there are more            */
};

struct lk_job {
	struct lk_task		 task;	/* the first member          */
	struct lk_job		*next;	/* of those that are over    */
	struct lk_http		*h;
	struct MHD_Connection	*mc;
	struct lk_gather	 g;
	struct lk_http_request	 rq;	/* borrowed from its conn    */
	struct lk_reply		 reply;
};

/* One whose request is not yet there, or NULL. */
struct lk_job *lk_job_new(struct lk_http *h, struct MHD_Connection *mc);
void	lk_job_free(struct lk_job *j);
/* To the pool. */
void	lk_job_put(struct lk_job *j);
/* All that are over: a list. */
struct lk_job *lk_jobs_take(struct lk_http *h);

#endif
