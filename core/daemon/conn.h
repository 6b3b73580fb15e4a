/*
 * conn.h: what a loop knows of each of its connections.
 *
 * A connection is in the table of its loop, by descriptor, from accept on.
 * Times are milliseconds of the monotonic clock.
 */
#ifndef LK_DAEMON_CONN_H
#define LK_DAEMON_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "latchkey.h"

enum lk_conn_state {
	LK_CONN_NEW,		/* accepted, no request yet                  */
	LK_CONN_IDLE,		/* between two requests                      */
	LK_CONN_BUSY		/* a head is complete, its answer is not     */
};

struct lk_conn {
	enum lk_conn_state state;
	int		 fd;
	int		 started;	/* libmicrohttpd has it              */
	int		 ended;		/* it was shut down                  */
	int		 kept;		/* the gate counts it as one         */
	int		 refusal;	/* a status that is known already    */
	unsigned	 duty;		/* of its listener                   */
	int64_t		 since;		/* of the state                      */
	unsigned	 requests;
	struct lk_net	 peer;
	struct lk_job	*job;		/* of http.c; NULL: none             */
	struct lk_mold	*mold;		/* its answer; likewise              */
	char		*target;	/* of the request, NUL-ended         */
	size_t		 target_cap;
	char		*body;
	size_t		 body_len, body_cap;
};

struct lk_conns {
	struct lk_conn	**v;		/* by descriptor                     */
	size_t		 cap, n;
};

/* Of a clock that never goes back: cheap and coarse, or exact. */
int64_t	lk_now_ms(void);
int64_t	lk_now_ns(void);

/* A new one for fd, or NULL. */
struct lk_conn *lk_conn_add(struct lk_conns *t, int fd);
struct lk_conn *lk_conn_get(const struct lk_conns *t, int fd);
void	lk_conn_remove(struct lk_conns *t, int fd);
void	lk_conns_free(struct lk_conns *t);

/* Keep the target; -1: it is too long, or there is no memory. */
int	lk_conn_target(struct lk_conn *c, const char *target);
/* Append to the body; a status of HTTP when that cannot be. */
int	lk_conn_body(struct lk_conn *c, const void *p, size_t n, size_t max);
/* Its connection ends and its body is not wanted: closed with octets unread, it
 * would take back what was sent.  What came meanwhile is thrown away. */
void	lk_conn_drain(const struct lk_conn *c);
/* A request is done: what it had is wiped, for there may be a token in it. */
void	lk_conn_done(struct lk_conn *c);
/* 1 when it has had its time. */
int	lk_conn_late(const struct lk_conn *c, const struct lk_daemon *d,
	    int64_t now);

#endif
