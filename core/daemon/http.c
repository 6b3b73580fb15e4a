/*
 * http.c: requests and answers, on libmicrohttpd.
 *
 * It closes a connection whose request is answered in the first call of the
 * handler, so one is answered in the last call.
 *
 * A slow one is a job of the pool: its connection is suspended until the loop's
 * thread takes the job back, and is called once more for it then.
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
	struct lk_gather *g = arg;

	(void)kind;
	if (g->n == LK_HTTP_HEADERS_MAX) {
		g->over = 1;
		return MHD_NO;
	}
	g->v[g->n].name = name;
	g->v[g->n].name_len = name_len;
	g->v[g->n].value = value != NULL ? value : "";
	g->v[g->n++].value_len = value != NULL ? value_len : 0;
	return MHD_YES;
}

/* ------------------------------------------------------------------ answer */

static char	 nothing[1];

/* There may be a new token in it.  It is text, with a NUL behind it. */
static void
wipe_body(void *p)
{
	lk_wipe(p, strlen(p));
	free(p);
}

static struct MHD_Response *
response_of(struct lk_reply *r)
{
	struct MHD_Response	*m;

	if (r->body.n == 0)
		return MHD_create_response_from_buffer(0, nothing,
		    MHD_RESPMEM_PERSISTENT);
	m = MHD_create_response_from_buffer_with_free_callback(r->body.n,
	    r->body.p, wipe_body);
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

/* Before the body is read: may it come at all?  0, or a status. */
static int
judge_head(const struct lk_http *h, const struct lk_conn *c,
    struct MHD_Connection *mc)
{
	struct lk_http_request	 rq = { 0 };
	struct lk_gather	 g;

	if (c->refusal != 0)
		return c->refusal;
	g.n = 0;
	g.over = 0;
	MHD_get_connection_values_n(mc, MHD_HEADER_KIND, gather_one, &g);
	if (g.over)
		return 431;
	rq.headers = g.v;
	rq.nheaders = g.n;
	return lk_head_judge(&rq, h->o.settings->body);
}

static void
describe(const struct lk_http *h, const struct lk_conn *c,
    struct MHD_Connection *mc, const char *method, struct lk_gather *g,
    struct lk_http_request *rq)
{
	g->n = 0;
	g->over = 0;
	MHD_get_connection_values_n(mc, MHD_HEADER_KIND, gather_one, g);
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
	rq->own = h->o.own;
}

static enum MHD_Result
finish(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    struct lk_reply *r)
{
	enum MHD_Result	 ok;

	if (++c->requests >= h->o.settings->requests ||
	    atomic_load_explicit(&h->stopping, memory_order_relaxed))
		r->close = 1;
	else if (!c->kept && (c->kept = lk_gate_keep(h->o.gate)) == 0)
		r->close = 1;
	ok = send_reply(h, c, mc, r);
	lk_reply_end(r);
	return ok;
}

static enum MHD_Result
job_start(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method)
{
	struct lk_job	*j = lk_job_new(h, mc);

	if (j == NULL)
		return refuse(h, c, mc, 503);
	describe(h, c, mc, method, &j->g, &j->rq);
	j->rq.own = NULL;
	c->job = j;
	MHD_suspend_connection(mc);
	lk_job_put(j);
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

/* ----------------------------------------------------------------- answers */

static enum MHD_Result
answer(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method)
{
	struct lk_http_request	 rq;
	struct lk_reply		 r;
	struct lk_gather	 g;

	if (c->job != NULL)
		return job_answer(h, c, mc);
	describe(h, c, mc, method, &g, &rq);
	if (h->o.pool != NULL && h->o.slow(&rq))
		return job_start(h, c, mc, method);
	lk_reply_begin(&r);
	h->o.fn(h->o.arg, &rq, &r);
	return finish(h, c, mc, &r);
}

/* Called for the head, for each piece of the body, and at the end. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *mc, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **seen)
{
	struct lk_http	*h = arg;
	struct lk_conn	*c = *seen;

	(void)url;
	(void)version;
	if (c == NULL)
		return MHD_NO;
	if (c->state != LK_CONN_BUSY) {
		c->state = LK_CONN_BUSY;
		c->since = lk_now_ms();
		if ((c->refusal = judge_head(h, c, mc)) != 0)
			return refuse(h, c, mc, c->refusal);
		return MHD_YES;
	}
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
	else if (!lk_head_value(uri, strlen(uri)) ||
	    strpbrk(uri, "\t ") != NULL)
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
