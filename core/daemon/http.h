/*
 * http.h: HTTP/1.1 for the rest of latchkeyd; http.c is the only user of
 * libmicrohttpd.
 *
 * A loop is one thread: it accepts, reads, has each request answered by one
 * call, writes, and ends connections that are too slow.  Loops share listening
 * sockets and the gate, and nothing else.  What may wait for a disk is answered
 * by a thread of a pool, while the loop goes on.
 */
#ifndef LK_DAEMON_HTTP_H
#define LK_DAEMON_HTTP_H

#include "daemon/limits.h"
#include "daemon/own.h"
#include "daemon/pool.h"
#include "daemon/reply.h"

#define LK_HTTP_HEADERS_MAX	128	/* a request's; more are a 431       */

/* All of it is borrowed for the call. */
struct lk_http_request {
	const char	*method;	/* as received                       */
	const char	*target;	/* as received, with its query       */
	size_t		 path_len;	/* octets of target before its query */
	const struct lk_header *headers;
	size_t		 nheaders;
	const void	*body;		/* NULL: none                        */
	size_t		 body_len;
	struct lk_net	 peer;		/* family 0: of a unix socket        */
	int		 fd;		/* of the connection                 */
	unsigned	 duty;		/* of the socket it came by          */
	struct lk_own	*own;		/* of the loop                       */
};

/* Fill the reply, which was begun.  Called by the loop's thread or, with a
 * pool, by one of its threads: then own is not there. */
typedef void (*lk_http_fn)(void *arg, const struct lk_http_request *rq,
	    struct lk_reply *r);
/* Make the reply to what is not asked for, being no HTTP or over a limit.  The
 * loop's. */
typedef void (*lk_http_refuse_fn)(void *arg, unsigned duty, int status,
	    struct lk_reply *r);
/* Not 0: it may take long, so the pool shall answer it; the loop goes on. */
#define LK_HTTP_SLOW	1
#define LK_HTTP_AHEAD	2		/* before all that is only slow      */
typedef int (*lk_http_slow_fn)(const struct lk_http_request *rq);
/* Of a request whose body is still to come, by the pool.  1: it may; 0: the
 * reply says why not. */
typedef int (*lk_http_admit_fn)(void *arg, const struct lk_http_request *rq,
	    struct lk_reply *r);

/* A socket that listens; it does not block. */
struct lk_listener {
	int		 fd;
	unsigned	 duty;		/* what is served there, for fn      */
};

struct lk_http_options {
	const struct lk_daemon *settings;
	struct lk_gate	*gate;
	const struct lk_listener *listeners;
	size_t		 nlisteners;
	unsigned	 share;		/* of so many loops                  */
	unsigned	 tick;		/* milliseconds; it beats so often   */
	lk_http_fn	 fn;
	lk_http_refuse_fn refuse;
	void		*arg;
	struct lk_own	*own;
	/* All of these or none. */
	struct lk_pool	*pool;
	lk_http_slow_fn	 slow;
	lk_http_admit_fn admit;
	lk_http_fn	 done;		/* the loop's, before it is sent     */
};

struct lk_http;

/* All that the options name is borrowed.  NULL with e: LK_ENOMEM, LK_EIO. */
struct lk_http	*lk_http_new(const struct lk_http_options *o,
		    struct lk_error *e);
/* Serve until lk_http_stop, and then until all is answered or the settings'
 * stop_time is over. */
void		 lk_http_run(struct lk_http *h);
/* Any thread. */
void		 lk_http_stop(struct lk_http *h);
/* A number that grows while the loop is alive.  Any thread. */
unsigned	 lk_http_beat(const struct lk_http *h);
void		 lk_http_free(struct lk_http **h);

/* The one header of a name, without case: 1; 0 none; -1 several. */
int		 lk_http_header(const struct lk_http_request *rq,
		    const char *name, const struct lk_header **out);

#endif
