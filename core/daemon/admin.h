/*
 * admin.h: one request to /v1 on its way, for admin*.c and v1_*.c.
 *
 *	route ─▶ browser? ─▶ who ─▶ right ─▶ query, body ─▶ repeat? ─▶ call
 *
 * Where a body is still to come, the way up to the right is gone twice: before
 * it comes, so that nobody without the right has it kept, and when it is there.
 * A row of the table says which right a path takes, and what may be given; what
 * answers it begins when all of that was judged.  Success is JSON in the shape
 * of the command's --json, a failure a problem of RFC 9457 with the sentence,
 * reason and exit status that the command would have had.
 */
#ifndef LK_DAEMON_ADMIN_H
#define LK_DAEMON_ADMIN_H

#include "daemon/server.h"
#include "json.h"
#include "show/show.h"

#define LK_ADMIN_WORKERS	8	/* threads that may wait for a disk  */
#define LK_ADMIN_CONNECTIONS	256	/* at most, whatever the policy says */
#define LK_ADMIN_IDS		64	/* key ids of one request            */
#define LK_ADMIN_VAR		1023	/* octets of what {id} stands for    */
#define LK_ADMIN_QUERY		16	/* parameters of a query             */
#define LK_ADMIN_LOG_OCTETS	4194304	/* of the journal, for one page      */
#define LK_PAGE_DEFAULT		100	/* rows of an answer                 */
#define LK_PAGE_MAX		1000

/* What a parameter of the query, or a member of the body, is. */
enum lk_param_kind {
	LK_PARAM_TEXT,
	LK_PARAM_WHEN,		/* 90d, or RFC 3339                          */
	LK_PARAM_DURATION,	/* 90d                                       */
	LK_PARAM_NUMBER,
	LK_PARAM_BOOL,
	LK_PARAM_TEXTS,		/* a list                                    */
	LK_PARAM_PAIRS		/* a list of lists of two texts              */
};

struct lk_param {
	const char	*name;
	enum lk_param_kind kind;
	int		 required;
	const char	*help;
};

struct lk_admin_call;

/* 0: out is the answer; else an LK_E… with e. */
typedef int (*lk_admin_fn)(struct lk_admin_call *c);

/* Of a path of HTTP with a method; {x} stands for one segment. */
struct lk_admin_route {
	const char	*path;
	unsigned	 method;	/* LK_GET …, one of them             */
	unsigned	 right;		/* LK_MAY_*; 0: nobody is asked for  */
	int		 status;	/* of success                        */
	lk_admin_fn	 fn;
	const struct lk_param *query, *body;	/* no name ends them; NULL   */
	int		 once;		/* it heeds Idempotency-Key          */
	int		 quick;		/* waits for nothing                 */
	int		 ahead;		/* it takes power away: it waits for
					 * nobody who only reads             */
	const char	*name;		/* operationId of OpenAPI            */
	const char	*shape;		/* of success, a schema of OpenAPI   */
	const char	*media;		/* of success that is no JSON        */
	const char	*also;		/* statuses of this one, by " "      */
	const char	*summary;
};

/* Ends with a row without path. */
extern const struct lk_admin_route lk_admin_routes[];

struct lk_admin_call {
	struct lk_server *s;
	const struct lk_http_request *rq;
	const struct lk_admin_route *route;
	struct lk_reply	*r;
	struct lk_operator op;
	char		 var[LK_ADMIN_VAR + 1];
	/* Decoded; each name and value has a NUL. */
	char		 query[LK_PATH_MAX + 4 * LK_ADMIN_QUERY];
	const char	*given[LK_ADMIN_QUERY];	/* by the row's order        */
	struct lk_json	*body;		/* owned; NULL: none                 */
	struct lk_out	 out;		/* owned                             */
	struct lk_error	 e;
	int		 status;	/* of the failure; 0: that of e      */
	int		 early;		/* its body is still to come         */
	size_t		 ticket;	/* of once.h; SIZE_MAX: none         */
	char		 made[LK_KEYID_LEN + 1];	/* a key; or ""      */
};

/* admin.c: lk_http_fn, lk_http_slow_fn, lk_http_admit_fn, and lk_http_fn before
 * it is sent. */
void	lk_admin_serve(void *server, const struct lk_http_request *rq,
	    struct lk_reply *r);
int	lk_admin_slow(const struct lk_http_request *rq);
int	lk_admin_admit(void *server, const struct lk_http_request *rq,
	    struct lk_reply *r);
void	lk_admin_done(void *server, const struct lk_http_request *rq,
	    struct lk_reply *r);

/* admin_who.c: who asks, into c->op.  0, or a status; the reply is filled. */
int	lk_admin_who(struct lk_admin_call *c);

/* admin_params.c, admin_body.c: read what was given.  0, or a status with
 * c->e. */
int	lk_admin_query(struct lk_admin_call *c);
int	lk_admin_body(struct lk_admin_call *c);
int	lk_admin_no_body(struct lk_admin_call *c);
/* n octets with %XX to out, ended by NUL; plus not 0: "+" is a blank.  The
 * length; -1: it is broken, or has a NUL. */
int	lk_admin_decode(const char *p, size_t n, int plus, char *out);
/* Why a name is none of params, into c->e; at where it stands. */
int	lk_admin_unknown(struct lk_admin_call *c, const char *what,
	    const char *name, const struct lk_param *params);
/* A text of query or body, NUL-ended; NULL: not given. */
const char *lk_admin_text(const struct lk_admin_call *c, const char *name);
int	lk_admin_bool(const struct lk_admin_call *c, const char *name);
/* *out stays where it was not given.  0, or LK_EDATA with c->e. */
int	lk_admin_when(struct lk_admin_call *c, const char *name, int64_t *out);
int	lk_admin_duration(struct lk_admin_call *c, const char *name, int zero,
	    int64_t *out);
int	lk_admin_number(struct lk_admin_call *c, const char *name,
	    uint64_t max, uint64_t *out);

/* limit of the query, or LK_PAGE_DEFAULT.  Likewise. */
int	lk_admin_page(struct lk_admin_call *c, uint64_t *limit);

/* 404 of a type of the policy that is none.  LK_EUSAGE with c->e. */
int	lk_admin_no_type(struct lk_admin_call *c, const char *type);

/* admin_once.c: has it been asked before?  0, or a status with c->e.  Then how
 * it ended: c->made. */
int	lk_admin_once(struct lk_admin_call *c);
void	lk_admin_once_end(struct lk_admin_call *c);

/* admin_reply.c: a failure as a problem; status 0: that of its code; key: one
 * that there is to tell of, or "". */
void	lk_admin_fail(struct lk_reply *r, int status,
	    const struct lk_error *e, const char *key);
int	lk_admin_status(int code);
/* The same of what leads nowhere; and, as lk_http_refuse_fn, of no HTTP. */
void	lk_admin_refuse(struct lk_reply *r, int status, const char *why);
void	lk_admin_refuse_http(void *arg, unsigned duty, int status,
	    struct lk_reply *r);
/* c->out as the body of success. */
void	lk_admin_answer(struct lk_admin_call *c);

/* v1_*.c: what the rows of the table do. */
int	lk_v1_types(struct lk_admin_call *c);
int	lk_v1_accounts(struct lk_admin_call *c);
int	lk_v1_account_set(struct lk_admin_call *c);
int	lk_v1_account_delete(struct lk_admin_call *c);
int	lk_v1_keys(struct lk_admin_call *c);
int	lk_v1_key(struct lk_admin_call *c);
int	lk_v1_generate(struct lk_admin_call *c);
int	lk_v1_rotate(struct lk_admin_call *c);
int	lk_v1_disable(struct lk_admin_call *c);
int	lk_v1_enable(struct lk_admin_call *c);
int	lk_v1_delete(struct lk_admin_call *c);
int	lk_v1_log(struct lk_admin_call *c);
int	lk_v1_verify(struct lk_admin_call *c);
int	lk_v1_openapi(struct lk_admin_call *c);	/* openapi.c */

#endif
