/*
 * server.h: what all loops of a process share, and the table of its routes.
 */
#ifndef LK_DAEMON_SERVER_H
#define LK_DAEMON_SERVER_H

#include <stdatomic.h>

#include "daemon/http.h"

/* What a socket is for: lk_listener.duty. */
#define LK_SERVE_VERIFY		0U
#define LK_SERVE_METRICS	1U
#define LK_SERVE_ADMIN		2U

struct lk_server {
	struct lk		*lk;
	struct lk_daemon	 settings;
	struct lk_gate		*gate;
	size_t			 nloops;
	struct lk_own		*loops;		/* their owns, nloops        */
	struct lk_once		*once;		/* of the admin alone        */
	atomic_int		 stopping;
	_Atomic(int64_t)	 stop_by;	/* milliseconds; 0: not yet  */
};

typedef void (*lk_serve_fn)(struct lk_server *s,
	    const struct lk_http_request *rq, const char *rest,
	    struct lk_reply *r);

#define LK_GET		0x1U		/* and HEAD                          */
#define LK_POST		0x2U
#define LK_DELETE	0x4U
#define LK_PUT		0x8U

/* What a 405 and a 404 say. */
#define LK_ROUTE_METHOD	"not with this method"
#define LK_ROUTE_NONE	"there is nothing here"

/* A path of HTTP.  With rest, what is behind path and a slash goes to fn. */
struct lk_http_route {
	const char	*path;
	int		 rest;		/* 1: something must be there        */
	unsigned	 methods;	/* LK_GET …                          */
	lk_serve_fn	 fn;
};

/* Tables end with a row without path. */
extern const struct lk_http_route lk_verify_routes[], lk_metrics_routes[];

/* The bit of a method, 0: none; and the header of a 405: those that are. */
unsigned lk_route_method(const char *name);
void	lk_route_allow(struct lk_reply *r, unsigned known);
/* Find the row and let it answer; 404 or 405 otherwise. */
void	lk_route_serve(const struct lk_http_route *table, struct lk_server *s,
	    const struct lk_http_request *rq, struct lk_reply *r);

/* auth.c: GET, HEAD or POST /auth, /auth/TYPE */
void	lk_serve_auth(struct lk_server *s, const struct lk_http_request *rq,
	    const char *rest, struct lk_reply *r);
/* The same, for what HTTP itself refuses; of /metrics and admin as it is. */
void	lk_refuse_http(void *arg, unsigned duty, int status,
	    struct lk_reply *r);
/* health.c */
void	lk_serve_healthz(struct lk_server *s, const struct lk_http_request *rq,
	    const char *rest, struct lk_reply *r);
void	lk_serve_readyz(struct lk_server *s, const struct lk_http_request *rq,
	    const char *rest, struct lk_reply *r);
/* metrics.c */
void	lk_serve_metrics(struct lk_server *s, const struct lk_http_request *rq,
	    const char *rest, struct lk_reply *r);

#endif
