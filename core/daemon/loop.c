/*
 * loop.c: a thread that accepts, waits, and ends what takes too long.
 *
 *	epoll ── listening sockets ── accept ── gate ──▶ libmicrohttpd
 *	      ├─ libmicrohttpd's own epoll ── fn ──▶ answer
 *	      ├─ an eventfd ── the pool is done with an answer
 *	      └─ an eventfd ── stop
 *
 * libmicrohttpd has no limit for the time of a whole head: once a second all
 * connections are looked at, and those that are late are shut down, which it
 * takes for an end of file.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "daemon/loop.h"

#define EVENTS		32		/* of one wait                       */
#define ACCEPTS		16		/* of one listener, at once          */
#define LOOK		1000		/* milliseconds between two looks    */
#define LINGER		250		/* the same, for the idle at a stop  */

/* ------------------------------------------------------------- connections */

void
lk_loop_drop(struct lk_http *h, int fd)
{
	struct lk_conn	*c = lk_conn_get(&h->conns, fd);

	if (c == NULL)
		return;
	if (c->kept)
		lk_gate_unkeep(h->o.gate);
	lk_gate_leave(h->o.gate, &c->peer);
	lk_conn_remove(&h->conns, fd);
}

int
lk_loop_last(struct lk_http *h, struct lk_conn *c)
{
	if (++c->requests >= h->o.settings->requests ||
	    atomic_load_explicit(&h->stopping, memory_order_relaxed))
		return 1;
	if (!c->kept)
		c->kept = lk_gate_keep(h->o.gate);
	return !c->kept;
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
take(struct lk_http *h, int fd, unsigned duty,
    const struct sockaddr_storage *sa, socklen_t len)
{
	struct lk_net	 peer;
	struct lk_conn	*c;
	enum lk_entry	 why;

	/* Of one that was lost on its way there is nothing but this. */
	lk_loop_drop(h, fd);
	if ((why = lk_gate_enter(h->o.gate, sa, &peer)) != LK_ENTRY_OK) {
		turn_away(fd, why);
		return;
	}
	if ((c = lk_conn_add(&h->conns, fd)) == NULL) {
		lk_gate_leave(h->o.gate, &peer);
		turn_away(fd, lk_gate_refuse(h->o.gate, LK_ENTRY_FULL));
		return;
	}
	c->peer = peer;
	c->duty = duty;
	/* It closes the descriptor when it cannot take it. */
	if (lk_mhd_add(h, fd, (const struct sockaddr *)sa, len) == -1)
		lk_loop_drop(h, fd);
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
		turn_away(fd, lk_gate_refuse(h->o.gate, LK_ENTRY_FULL));
	h->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* 1: there may be more. */
static int
accept_one(struct lk_http *h, const struct lk_listener *l)
{
	struct sockaddr_storage	 sa = { 0 };
	socklen_t		 len = sizeof(sa);
	int			 fd;

	fd = accept4(l->fd, (struct sockaddr *)&sa, &len,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd == -1) {
		if (errno == EMFILE || errno == ENFILE)
			shed(h, l->fd);
		return errno == EINTR || errno == ECONNABORTED;
	}
	take(h, fd, l->duty, &sa, len);
	return 1;
}

static void
accept_some(struct lk_http *h, const struct lk_listener *l, int most)
{
	while (most-- > 0 && accept_one(h, l))
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
	lk_lines_look(h->o.own->lines);
	for (i = 0; i < h->conns.cap; i++) {
		if ((c = h->conns.v[i]) == NULL)
			continue;
		if (c->job != NULL)
			continue;	/* the pool is at it         */
		if (!c->started && lk_conn_late(c, h->o.settings, now))
			lk_loop_drop(h, (int)i);
		else if (c->started && (lk_conn_late(c, h->o.settings, now) ||
		    (stop && c->state != LK_CONN_BUSY && !has_input(c->fd))))
			end_conn(c);
	}
}

/* -------------------------------------------------------------------- loop */

static void
begin_stop(struct lk_http *h, int64_t now)
{
	size_t	 i;

	h->stop_at = now;
	/* Who is in the queue already was not told that nobody is here. */
	for (i = 0; i < h->o.nlisteners; i++) {
		accept_some(h, &h->o.listeners[i], 1024);
		epoll_ctl(h->epoll, EPOLL_CTL_DEL, h->o.listeners[i].fd,
		    NULL);
	}
}

static const struct lk_listener *
listener_of(const struct lk_http *h, int fd)
{
	size_t	 i;

	for (i = 0; i < h->o.nlisteners; i++)
		if (h->o.listeners[i].fd == fd)
			return &h->o.listeners[i];
	return NULL;
}

static void
turn(struct lk_http *h)
{
	const struct lk_listener *l;
	struct epoll_event	 ev[EVENTS];
	int64_t			 now;
	int			 i, n;

	n = epoll_wait(h->epoll, ev, EVENTS, lk_mhd_wait(h,
	    h->stop_at != 0 ? LINGER / 4 : (int)h->o.tick));
	atomic_fetch_add_explicit(&h->beat, 1, memory_order_relaxed);
	for (i = 0; i < n; i++)
		if ((l = listener_of(h, ev[i].data.fd)) != NULL)
			accept_some(h, l, ACCEPTS);
	lk_mhd_resume(h);
	lk_mhd_run(h);
	lk_lines_flush(h->o.own->lines);
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
	while (h->stop_at == 0 || h->njobs > 0 || (h->conns.n > 0 &&
	    lk_now_ms() - h->stop_at <
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
	    watch(h, h->wake, EPOLLIN) == -1 ||
	    watch(h, h->ended, EPOLLIN) == -1)
		return -1;
	for (i = 0; i < h->o.nlisteners; i++)
		if (watch(h, h->o.listeners[i].fd,
		    EPOLLIN | (h->o.share > 1 ? EPOLLEXCLUSIVE : 0)) == -1)
			return -1;
	return 0;
}

static int
set_up(struct lk_http *h)
{
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->ended = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (h->epoll == -1 || h->wake == -1 || h->spare == -1 ||
	    h->ended == -1 ||
	    lk_mhd_start(h) == -1)
		return -1;
	return watch_all(h);
}

struct lk_http *
lk_http_new(const struct lk_http_options *o, struct lk_error *e)
{
	struct lk_http	*h = calloc(1, sizeof(*h));

	if (h == NULL || pthread_mutex_init(&h->lock, NULL) != 0) {
		free(h);
		lk_fail(e, LK_ENOMEM, "no memory for a loop");
		return NULL;
	}
	h->o = *o;
	h->epoll = h->wake = h->ended = h->spare = h->mhd_fd = -1;
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
	lk_mhd_stop(h);
	lk_conns_free(&h->conns);
	close_if(h->epoll);
	close_if(h->wake);
	close_if(h->ended);
	close_if(h->spare);
	pthread_mutex_destroy(&h->lock);
	free(h);
	*hp = NULL;
}
