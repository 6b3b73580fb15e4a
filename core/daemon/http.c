/*
 * http.c: a loop on libmicrohttpd.
 *
 *	epoll ── listening sockets ── accept ── gate ──▶ libmicrohttpd
 *	      ├─ libmicrohttpd's own epoll ── MHD_run ──▶ fn ──▶ answer
 *	      └─ an eventfd ── stop
 *
 * libmicrohttpd closes a connection whose request is answered in the first
 * call of the handler, so it is answered in the last one.  It has no limit for
 * the time of a whole head: once a second all connections are looked at, and
 * those that are late are shut down, which it takes for an end of file.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "daemon/conn.h"
#include "daemon/http.h"

#define EVENTS		32		/* of one wait                       */
#define ACCEPTS		16		/* of one listener, at once          */
#define LOOK		1000		/* milliseconds between two looks    */
#define LINGER		250		/* the same, for the idle at a stop  */

struct lk_http {
	struct lk_http_options	 o;
	struct MHD_Daemon	*mhd;
	int			 epoll, mhd_fd, wake, spare;
	struct lk_conns		 conns;
	int64_t			 looked;
	int64_t			 stop_at;	/* 0: not yet                */
	atomic_int		 stopping;
	atomic_uint		 beat;
};

/* ----------------------------------------------------------------- headers */

struct gather {
	struct lk_header	 v[LK_HTTP_HEADERS_MAX];
	size_t			 n;
	int			 over;
};

static enum MHD_Result
gather_one(void *arg, enum MHD_ValueKind kind, const char *name,
    size_t name_len, const char *value, size_t value_len)
{
	struct gather	*g = arg;

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

static int
same_name(const struct lk_header *h, const char *name)
{
	return h->name_len == strlen(name) &&
	    lk_plugin_same(h->name, name, h->name_len);
}

int
lk_http_header(const struct lk_http_request *rq, const char *name,
    const struct lk_header **out)
{
	size_t	 i;
	int	 n = 0;

	*out = NULL;
	for (i = 0; i < rq->nheaders; i++) {
		if (!same_name(&rq->headers[i], name))
			continue;
		*out = &rq->headers[i];
		n++;
	}
	return n > 1 ? -1 : n;
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
	m = MHD_create_response_from_buffer(r->body.n, r->body.p,
	    MHD_RESPMEM_MUST_FREE);
	if (m != NULL)
		r->body = LK_BUF_NONE;	/* handed over */
	return m;
}

static enum MHD_Result
send_reply(struct MHD_Connection *mc, struct lk_reply *r)
{
	struct MHD_Response	*m;
	enum MHD_Result		 ok = MHD_NO;
	size_t			 i;

	if (r->overflow || r->body.failed)
		lk_reply_problem(r, 500, "an answer could not be made", NULL);
	if ((m = response_of(r)) == NULL)
		return MHD_NO;
	for (i = 0; i < r->n; i++)
		if (MHD_add_response_header(m, r->fields[i].name,
		    r->fields[i].value) != MHD_YES)
			goto out;
	if (r->close && MHD_add_response_header(m, "Connection",
	    "close") != MHD_YES)
		goto out;
	ok = MHD_queue_response(mc, (unsigned)r->status, m);
out:
	MHD_destroy_response(m);
	return ok;
}

static enum MHD_Result
refuse(struct MHD_Connection *mc, int status, const char *detail)
{
	struct lk_reply	 r;
	enum MHD_Result	 ok;

	lk_reply_begin(&r);
	lk_reply_problem(&r, status, detail, NULL);
	r.close = 1;
	ok = send_reply(mc, &r);
	lk_reply_end(&r);
	return ok;
}

static const char *
refusal_text(int status)
{
	switch (status) {
	case 413:
		return "the body is over the limit";
	case 414:
		return "the request target is over the limit";
	case 431:
		return "there are too many headers";
	case 400:
		return "the length of the body is not certain";
	default:
		return "try again later";
	}
}

/* ----------------------------------------------------------------- request */

/* Before the body is read: may it come at all?  0, or a status. */
static int
judge_head(const struct lk_http *h, const struct lk_conn *c,
    struct MHD_Connection *mc)
{
	const struct lk_header	*length, *coding;
	struct lk_http_request	 rq = { 0 };
	struct gather		 g;
	char			*end;
	int			 nlength, ncoding;

	if (c->refusal != 0)
		return c->refusal;
	g.n = 0;
	g.over = 0;
	MHD_get_connection_values_n(mc, MHD_HEADER_KIND, gather_one, &g);
	if (g.over)
		return 431;
	rq.headers = g.v;
	rq.nheaders = g.n;
	nlength = lk_http_header(&rq, "Content-Length", &length);
	ncoding = lk_http_header(&rq, "Transfer-Encoding", &coding);
	if (nlength < 0 || ncoding < 0 || nlength + ncoding > 1)
		return 400;
	if (nlength == 1 && length->value_len > 0 &&
	    strtoull(length->value, &end, 10) > h->o.settings->body)
		return 413;
	return 0;
}

static enum MHD_Result
answer(struct lk_http *h, struct lk_conn *c, struct MHD_Connection *mc,
    const char *method)
{
	struct lk_http_request	 rq;
	struct lk_reply		 r;
	struct gather		 g;
	enum MHD_Result		 ok;

	g.n = 0;
	g.over = 0;
	MHD_get_connection_values_n(mc, MHD_HEADER_KIND, gather_one, &g);
	rq.method = method;
	rq.target = c->target;
	rq.path_len = strcspn(c->target, "?");
	rq.headers = g.v;
	rq.nheaders = g.n;
	rq.body = c->body_len != 0 ? c->body : NULL;
	rq.body_len = c->body_len;
	rq.peer = c->peer;
	rq.fd = c->fd;
	lk_reply_begin(&r);
	h->o.fn(h->o.arg, &rq, &r);
	if (++c->requests >= h->o.settings->requests ||
	    atomic_load_explicit(&h->stopping, memory_order_relaxed))
		r.close = 1;
	ok = send_reply(mc, &r);
	lk_reply_end(&r);
	return ok;
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
			return refuse(mc, c->refusal,
			    refusal_text(c->refusal));
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
		return refuse(mc, c->refusal, refusal_text(c->refusal));
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
	return c;
}

static void
on_completed(void *arg, struct MHD_Connection *mc, void **seen,
    enum MHD_RequestTerminationCode how)
{
	(void)arg;
	(void)mc;
	(void)how;
	if (*seen != NULL)
		lk_conn_done(*seen);
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

/* ------------------------------------------------------------- connections */

static void
drop(struct lk_http *h, int fd)
{
	struct lk_conn	*c = lk_conn_get(&h->conns, fd);

	if (c == NULL)
		return;
	lk_gate_leave(h->o.gate, &c->peer);
	lk_conn_remove(&h->conns, fd);
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
		drop(h, c->fd);
	}
}

/* Too many: who comes is told so, in as few words as fit any buffer. */
static void
turn_away(int fd, enum lk_entry why)
{
	static const char	 full[] = "HTTP/1.1 503 Service Unavailable\r\n"
				    "Retry-After: 1\r\nContent-Length: 0\r\n"
				    "Connection: close\r\n\r\n";

	if (why != LK_ENTRY_STRANGER)
		(void)!send(fd, full, sizeof(full) - 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}

static void
take(struct lk_http *h, int fd, const struct sockaddr_storage *sa,
    socklen_t len)
{
	struct lk_net	 peer;
	struct lk_conn	*c;
	enum lk_entry	 why;

	/* Of one that was lost on its way there is nothing but this. */
	drop(h, fd);
	if ((why = lk_gate_enter(h->o.gate, sa, &peer)) != LK_ENTRY_OK) {
		turn_away(fd, why);
		return;
	}
	if ((c = lk_conn_add(&h->conns, fd)) == NULL) {
		lk_gate_leave(h->o.gate, &peer);
		turn_away(fd, LK_ENTRY_FULL);
		return;
	}
	c->peer = peer;
	/* It closes the descriptor when it cannot take it. */
	if (MHD_add_connection(h->mhd, fd, (const struct sockaddr *)sa,
	    len) != MHD_YES)
		drop(h, fd);
}

/*
 * Without a descriptor left a connection could not even be refused, and the
 * loop would be woken for it for ever: the spare one is given for it.
 */
static void
shed(struct lk_http *h, int listener)
{
	int	 fd;

	if (h->spare == -1)
		return;
	close(h->spare);
	if ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) != -1)
		turn_away(fd, LK_ENTRY_FULL);
	h->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* 1: there may be more. */
static int
accept_one(struct lk_http *h, int listener)
{
	struct sockaddr_storage	 sa = { 0 };
	socklen_t		 len = sizeof(sa);
	int			 fd;

	fd = accept4(listener, (struct sockaddr *)&sa, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE)
			shed(h, listener);
		return errno == EINTR || errno == ECONNABORTED;
	}
	take(h, fd, &sa, len);
	return 1;
}

static void
accept_some(struct lk_http *h, int listener, int most)
{
	while (most-- > 0 && accept_one(h, listener))
		continue;
}

/* -------------------------------------------------------------------- time */

static void
end_conn(struct lk_conn *c)
{
	if (!c->ended)
		shutdown(c->fd, SHUT_RDWR);
	c->ended = 1;
}

/* What came in the meantime would be lost with it. */
static int
has_input(int fd)
{
	int	 n = 0;

	return ioctl(fd, FIONREAD, &n) == 0 && n > 0;
}

/* Look at all connections: end who is late and, at a stop, who is idle. */
static void
look(struct lk_http *h, int64_t now)
{
	struct lk_conn	*c;
	size_t		 i;
	int		 stop;

	stop = h->stop_at != 0 && now >= h->stop_at + LINGER;
	h->looked = now;
	for (i = 0; i < h->conns.cap; i++) {
		if ((c = h->conns.v[i]) == NULL)
			continue;
		if (!c->started && lk_conn_late(c, h->o.settings, now))
			drop(h, (int)i);
		else if (c->started && (lk_conn_late(c, h->o.settings, now) ||
		    (stop && c->state != LK_CONN_BUSY && !has_input(c->fd))))
			end_conn(c);
	}
}

static int
wait_time(struct lk_http *h)
{
	MHD_UNSIGNED_LONG_LONG	 ms;
	int			 most = (int)h->o.tick;

	if (h->stop_at != 0)
		most = LINGER / 4;
	if (MHD_get_timeout(h->mhd, &ms) == MHD_YES && ms < (unsigned)most)
		return (int)ms;
	return most;
}

/* -------------------------------------------------------------------- loop */

static void
begin_stop(struct lk_http *h, int64_t now)
{
	size_t	 i;

	h->stop_at = now;
	/* Who is in the queue already was not told that nobody is here. */
	for (i = 0; i < h->o.nlisteners; i++) {
		accept_some(h, h->o.listeners[i], 1024);
		epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->o.listeners[i], NULL);
	}
}

static void
turn(struct lk_http *h)
{
	struct epoll_event	 ev[EVENTS];
	int64_t			 now;
	int			 i, n;

	n = epoll_wait(h->epoll, ev, EVENTS, wait_time(h));
	atomic_fetch_add_explicit(&h->beat, 1, memory_order_relaxed);
	for (i = 0; i < n; i++)
		if (ev[i].data.fd != h->mhd_fd && ev[i].data.fd != h->wake)
			accept_some(h, ev[i].data.fd, ACCEPTS);
	MHD_run(h->mhd);
	now = lk_now_ms();
	if (h->stop_at == 0 && atomic_load(&h->stopping))
		begin_stop(h, now);
	if (now - h->looked >= (h->stop_at != 0 ? LINGER / 4 : LOOK))
		look(h, now);
}

void
lk_http_run(struct lk_http *h)
{
	h->looked = lk_now_ms();
	while (h->stop_at == 0 || (h->conns.n > 0 && lk_now_ms() - h->stop_at <
	    (int64_t)h->o.settings->stop_time * 1000))
		turn(h);
}

void
lk_http_stop(struct lk_http *h)
{
	uint64_t	 one = 1;

	atomic_store(&h->stopping, 1);
	(void)!write(h->wake, &one, sizeof(one));
}

unsigned
lk_http_beat(const struct lk_http *h)
{
	return atomic_load_explicit(&h->beat, memory_order_relaxed);
}

/* ------------------------------------------------------------------ set-up */

static struct MHD_Daemon *
mhd_start(struct lk_http *h)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET |
	    MHD_USE_TURBO, 0, NULL, NULL, on_request, h,
	    MHD_OPTION_CONNECTION_LIMIT, h->o.settings->connections + 1,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)h->o.settings->head,
	    MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
	    MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, h,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	    MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	    MHD_OPTION_END);
}

static int
watch(const struct lk_http *h, int fd, uint32_t events)
{
	struct epoll_event	 ev = { .events = events, .data.fd = fd };

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int
watch_all(const struct lk_http *h)
{
	size_t	 i;

	if (watch(h, h->mhd_fd, EPOLLIN) == -1 ||
	    watch(h, h->wake, EPOLLIN) == -1)
		return -1;
	for (i = 0; i < h->o.nlisteners; i++)
		if (watch(h, h->o.listeners[i],
		    EPOLLIN | (h->o.share > 1 ? EPOLLEXCLUSIVE : 0)) == -1)
			return -1;
	return 0;
}

static int
set_up(struct lk_http *h)
{
	const union MHD_DaemonInfo	*i;

	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (h->epoll == -1 || h->wake == -1 || h->spare == -1 ||
	    (h->mhd = mhd_start(h)) == NULL)
		return -1;
	i = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	if (i == NULL || (h->mhd_fd = i->epoll_fd) == -1)
		return -1;
	return watch_all(h);
}

struct lk_http *
lk_http_new(const struct lk_http_options *o, struct lk_error *e)
{
	struct lk_http	*h = calloc(1, sizeof(*h));

	if (h == NULL) {
		lk_fail(e, LK_ENOMEM, "no memory for a loop");
		return NULL;
	}
	h->o = *o;
	h->epoll = h->wake = h->spare = h->mhd_fd = -1;
	if (set_up(h) == 0)
		return h;
	lk_fail_errno(e, LK_EIO, "cannot begin to serve HTTP");
	lk_http_free(&h);
	return NULL;
}

static void
close_if(int fd)
{
	if (fd != -1)
		close(fd);
}

void
lk_http_free(struct lk_http **hp)
{
	struct lk_http	*h = *hp;

	if (h == NULL)
		return;
	if (h->mhd != NULL)
		MHD_stop_daemon(h->mhd);
	lk_conns_free(&h->conns);
	close_if(h->epoll);
	close_if(h->wake);
	close_if(h->spare);
	free(h);
	*hp = NULL;
}
