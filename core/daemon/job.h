/*
 * job.h: a request that a thread of the pool is at, for http.c alone.
 *
 * Its connection is suspended until the loop's thread takes the job back.  It
 * is to answer a request or, while the body is still to come, to judge whether
 * it may.
 */
#ifndef LK_DAEMON_JOB_H
#define LK_DAEMON_JOB_H

#include "daemon/conn.h"
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
	int			 early;	/* the body is still to come */
	int			 refused;	/* it shall not      */
};

/* One more of them.  1; 0: there are too many. */
int	lk_gather_add(struct lk_gather *g, const char *name, size_t name_len,
	    const char *value, size_t value_len);
/* All of the connection's request but own; it borrows both. */
void	lk_gather_request(const struct lk_gather *g, const struct lk_conn *c,
	    const char *method, struct lk_http_request *rq);
/* One whose request is not yet there, or NULL. */
struct lk_job *lk_job_new(struct lk_http *h, struct MHD_Connection *mc);
void	lk_job_free(struct lk_job *j);
/* To the pool; first as of pool.h. */
void	lk_job_put(struct lk_job *j, int first);
/* All that are over: a list. */
struct lk_job *lk_jobs_take(struct lk_http *h);

#endif
