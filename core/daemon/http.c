/*
 * http.c: requests and answers, on libmicrohttpd.
 *
 * It closes a connection whose request is answered in the first call of the
 * handler, so one is answered in the last call, unless its body is refused.
 *
 * A slow one is a job of the pool: its connection is suspended until the loop's
 * thread takes the job back, and the handler is called once more for it then.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/head.h"
#include "daemon/job.h"
#include "daemon/loop.h"

/* ----------------------------------------------------------------- headers */

static enum MHD_Result
gather_one(void *arg, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	return lk_gather_add(arg, name, name_len, value, value_len) ? MHD_YES :
	    MHD_NO;
}

static void
gather(struct MHD_Connection *mc, struct lk_gather *g)
{
	g->n = 0;
	g->over = 0;
	MHD_get_connection_values_n(mc, MHD_HEADER_KIND, gather_one, g);
}

/* ------------------------------------------------------------------ answer */

static char	 nothing[1];

static struct MHD_Response *
response_of(struct lk_reply *r)
{
	struct MHD_Response	*m;

	if (r->body.n == 0)
		return MHD_create_response_from_buffer(0, nothing,
		    MHD_RESPMEM_PERSISTENT);
	m = MHD_create_response_from_buffer_with_free_callback(r->body.n,
	    r->body.p, lk_reply_wipe);
	if (m != NULL)
		r->body = LK_BUF_NONE;	/* handed over */
	return m;
}

/* ... with all its headers; NULL: it could not be made. */
static struct MHD_Response *
made(struct lk_reply *r)
{
	struct MHD_Response	*m = response_of(r);
	size_t			 i;

	if (m == NULL)
		return NULL;
	for (i = 0; i < r->n; i++)
		if (MHD_add_response_header(m, r->fields[i].name,
		    r->fields[i].value) != MHD_YES)
			goto bad;
	if (!r->close || MHD_add_response_header(m, "Connection",
	    "close") == MHD_YES)
		return m;
bad:
	MHD_destroy_response(m);
	return NULL;
}

static void
mold_free(struct lk_mold *m)
{
	if (m != NULL && m->m != NULL)
		MHD_destroy_response(m->m);
	free(m);
}

/* In a mold, of which only what differs is changed.  NULL: there is none. */
static struct lk_mold *
molded(struct lk_molds *ms, struct lk_reply *r)
{
	struct lk_mold	*m = lk_mold_take(ms, r);
	const char	*old;
	size_t		 i;

	if (m == NULL || (m->m == NULL && (m->m = response_of(r)) == NULL))
		goto bad;
	for (i = 0; i < r->n; i++) {
		old = lk_mold_value(m, i);
		if (old != NULL && strcmp(old, r->fields[i].value) == 0)
			continue;
		/* Two of a name would be two callers in one answer. */
		if (old != NULL && MHD_del_response_header(m->m,
		    r->fields[i].name, old) != MHD_YES)
			goto bad;
		if (MHD_add_response_header(m->m, r->fields[i].name,
		    r->fields[i].value) != MHD_YES)
			goto bad;
	}
	if (lk_mold_note(m, r) == 0)
		return m;
bad:
	mold_free(m);
	return NULL;
}

static void
mold_over(struct lk_http *h, struct lk_conn *c)
{
	if (c->mold != NULL && lk_mold_give(&h->molds, c->mold))
		mold_free(c->mold);
	c->mold = NULL;
}

/* c is NULL for an answer that is the last of its connection. */
static enum MHD_Result
send_reply(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    struct lk_reply *r)
{
	struct MHD_Response	*m = NULL;
	enum MHD_Result		 ok;

	if (r->overflow || r->body.failed)
		lk_reply_problem(r, 500, "an answer could not be made", NULL);
	if (c != NULL && r->body.n == 0 && !r->close)
		c->mold = molded(&h->molds, r);
	if (c != NULL && c->mold != NULL)
		ok = MHD_queue_response(mc, (unsigned)r->status, c->mold->m);
	else if ((m = made(r)) != NULL) {
		ok = MHD_queue_response(mc, (unsigned)r->status, m);
		MHD_destroy_response(m);
	} else
		return MHD_NO;
	lk_counts_answer(h->o.own->counts, r->status);
	return ok;
}

static enum MHD_Result
refuse(struct lk_http *h, const struct lk_conn *c, struct MHD_Connection *mc,
    int status)
{
	struct lk_reply	 r;
	enum MHD_Result	 ok;

	lk_reply_begin(&r);
	h->o.refuse(h->o.arg, c->duty, status, &r);
	r.close = 1;
	ok = send_reply(h, NULL, mc, &r);
	lk_reply_end(&r);
	return ok;
}

/* ----------------------------------------------------------------- request */

static enum MHD_Result
finish(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    struct lk_reply *r)
{
	enum MHD_Result	 ok;

	r->close |= lk_loop_last(h, c);
	ok = send_reply(h, c, mc, r);
	lk_reply_end(r);
	return ok;
}

/* -------------------------------------------------------------------- jobs */

/* kind: LK_HTTP_*; 0: its body is still to come. */
static enum MHD_Result
job_start(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method, int kind)
{
	struct lk_job	*j = lk_job_new(h, mc);

	if (j == NULL)
		return refuse(h, c, mc, 503);
	gather(mc, &j->g);
	lk_gather_request(&j->g, c, method, &j->rq);
	j->early = kind == 0;
	c->job = j;
	MHD_suspend_connection(mc);
	lk_job_put(j, kind == LK_HTTP_AHEAD);
	return MHD_YES;
}

static void
job_over(struct lk_conn *c)
{
	lk_job_free(c->job);
	c->job = NULL;
}

static enum MHD_Result
job_answer(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc)
{
	struct lk_job	*j = c->job;
	enum MHD_Result	 ok;

	/* To send it has a time of its own: it may have waited for another. */
	c->since = lk_now_ms();
	j->rq.own = h->o.own;
	h->o.done(h->o.arg, &j->rq, &j->reply);
	ok = finish(h, c, mc, &j->reply);
	job_over(c);
	return ok;
}

/* The body may come, or who asks is told why not. */
static enum MHD_Result
admitted(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc)
{
	if (c->job->refused) {
		c->job->reply.close = 1;
		lk_conn_drain(c);
		return job_answer(h, c, mc);
	}
	job_over(c);
	c->since = lk_now_ms();
	return MHD_YES;
}

/* ----------------------------------------------------------------- answers */

static enum MHD_Result
answer(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method)
{
	struct lk_http_request	 rq;
	struct lk_reply		 r;
	struct lk_gather	 g;
	int			 kind;

	if (c->job != NULL)
		return job_answer(h, c, mc);
	gather(mc, &g);
	lk_gather_request(&g, c, method, &rq);
	rq.own = h->o.own;
	if (h->o.pool != NULL && (kind = h->o.slow(&rq)) != 0)
		return job_start(h, c, mc, method, kind);
	lk_reply_begin(&r);
	h->o.fn(h->o.arg, &rq, &r);
	return finish(h, c, mc, &r);
}

/* The head is there: may the body come, if there will be one? */
static enum MHD_Result
begin(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method)
{
	struct lk_http_request	 rq;
	struct lk_gather	 g;

	c->state = LK_CONN_BUSY;
	c->since = lk_now_ms();
	if (c->refusal != 0)
		return refuse(h, c, mc, c->refusal);
	gather(mc, &g);
	lk_gather_request(&g, c, method, &rq);
	c->refusal = g.over ? 431 : lk_head_judge(&rq, h->o.settings->body);
	if (c->refusal != 0)
		return refuse(h, c, mc, c->refusal);
	return h->o.pool != NULL && lk_head_body(&rq) ? job_start(h, c, mc,
	    method, 0) : MHD_YES;
}

/* Called for the head, for each piece of the body, and at the end; and after a
 * job. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *mc, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **seen)
{
	struct lk_http	*h = arg;
	struct lk_conn	*c = *seen;

	if (c == NULL)
		return MHD_NO;
	if (c->state != LK_CONN_BUSY) {
		if (c->refusal == 0 && (lk_head_cut(method, strlen(method),
		    url, h->o.settings->head) || lk_head_cut(url,
		    strlen(c->target), version, h->o.settings->head)))
			c->refusal = 400;
		return begin(h, c, mc, method);
	}
	if (c->job != NULL && c->job->early)
		return admitted(h, c, mc);
	if (*n != 0) {
		if (c->refusal == 0)
			c->refusal = lk_conn_body(c, data, *n,
			    h->o.settings->body);
		*n = 0;
		return MHD_YES;
	}
	if (c->refusal != 0)
		return refuse(h, c, mc, c->refusal);
	return answer(h, c, mc, method);
}

/* The request line is there; what this returns, on_request is given. */
static void *
on_target(void *arg, const char *uri, struct MHD_Connection *mc)
{
	const union MHD_ConnectionInfo	*i;
	struct lk_conn			*c;

	(void)arg;
	i = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (i == NULL || (c = i->socket_context) == NULL)
		return NULL;
	if (lk_conn_target(c, uri) == -1)
		c->refusal = 414;
	else if (!lk_head_target(uri))
		c->refusal = 400;
	return c;
}

static void
on_completed(void *arg, struct MHD_Connection *mc, void **seen,
    enum MHD_RequestTerminationCode how)
{
	(void)mc;
	(void)how;
	if (*seen != NULL) {
		job_over(*seen);
		mold_over(arg, *seen);
		lk_conn_done(*seen);
	}
	*seen = NULL;
}

/* A path is matched as it came. */
static size_t
on_unescape(void *arg, struct MHD_Connection *mc, char *s)
{
	(void)arg;
	(void)mc;
	return strlen(s);
}

static void
on_connection(void *arg, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo	*i;
	struct lk_http			*h = arg;
	struct lk_conn			*c;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		i = MHD_get_connection_info(mc,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		c = i != NULL ? lk_conn_get(&h->conns, i->connect_fd) : NULL;
		if (c != NULL)
			c->started = 1;
		*context = c;
	} else if ((c = *context) != NULL) {
		*context = NULL;
		lk_loop_drop(h, c->fd);
	}
}

/* ---------------------------------------------------------------- for loops */

int
lk_mhd_start(struct lk_http *h)
{
	const union MHD_DaemonInfo	*i;

	h->mhd = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
	    MHD_USE_TURBO | (h->o.pool != NULL ? MHD_ALLOW_SUSPEND_RESUME : 0),
	    0, NULL, NULL, on_request, h,
	    MHD_OPTION_CONNECTION_LIMIT, h->o.settings->connections + 1,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)h->o.settings->head,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_END);
	if (h->mhd == NULL)
		return -1;
	i = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	h->mhd_fd = i != NULL ? i->epoll_fd : -1;
	return h->mhd_fd != -1 ? 0 : -1;
}

int
lk_mhd_add(struct lk_http *h, int fd, const struct sockaddr *sa, socklen_t len)
{
	return MHD_add_connection(h->mhd, fd, sa, len) == MHD_YES ? 0 : -1;
}

void
lk_mhd_resume(struct lk_http *h)
{
	struct lk_job	*j, *next;

	if (h->o.pool == NULL)
		return;
	for (j = lk_jobs_take(h); j != NULL; j = next) {
		next = j->next;
		h->njobs--;
		MHD_resume_connection(j->mc);
	}
}

void
lk_mhd_run(struct lk_http *h)
{
	MHD_run(h->mhd);
}

int
lk_mhd_wait(struct lk_http *h, int most)
{
	MHD_UNSIGNED_LONG_LONG	 ms;

	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES && ms < (unsigned)most)
		return (int)ms;
	return most;
}

void
lk_mhd_stop(struct lk_http *h)
{
	struct lk_mold	*m;

	if (h->mhd != NULL)
		MHD_stop_daemon(h->mhd);
	h->mhd = NULL;
	for (; (m = h->molds.free) != NULL; mold_free(m))
		h->molds.free = m->next;
}
