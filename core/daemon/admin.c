/*
 * admin.c: the way of a request to /v1: the table of contents.
 *
 * A thread of the pool walks it, for calls wait for locks and for the disk; the
 * loop goes on, and answers /healthz by itself.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/admin.h"
#include "daemon/conn.h"

/* ------------------------------------------------------------------- routes */

/* 1: n octets of path are of the row; var is what {x} stands for, whatever that
 * is: the library says what is wrong with it. */
static int
matches(const struct lk_admin_route *row, const char *path, size_t n,
    char var[LK_ADMIN_VAR + 1])
{
	const char	*want = row->path, *end = path + n, *slash;
	size_t		 len;

	var[0] = '\0';
	while (*want != '\0' && path < end) {
		if (*want != '{') {
			if (*want++ != *path++)
				return 0;
			continue;
		}
		slash = memchr(path, '/', (size_t)(end - path));
		len = (size_t)((slash != NULL ? slash : end) - path);
		if (len == 0 || len > LK_ADMIN_VAR ||
		    lk_admin_decode(path, len, 0, var) == -1)
			return 0;
		path += len;
		want = strchr(want, '}') + 1;
	}
	return *want == '\0' && path == end;
}

/* The row of a request, or NULL and the methods that its path knows. */
static const struct lk_admin_route *
find(const struct lk_http_request *rq, char var[LK_ADMIN_VAR + 1],
    unsigned *known)
{
	const struct lk_admin_route	*row;
	unsigned			 bit = lk_route_method(rq->method);

	*known = 0;
	for (row = lk_admin_routes; row->path != NULL; row++) {
		if (!matches(row, rq->target, rq->path_len, var))
			continue;
		if (row->method == bit)
			return row;
		*known |= row->method;
	}
	return NULL;
}

int
lk_admin_slow(const struct lk_http_request *rq)
{
	const struct lk_admin_route	*row;
	char				 var[LK_ADMIN_VAR + 1];
	unsigned			 known;

	row = find(rq, var, &known);
	if (row == NULL || row->quick)
		return 0;
	return row->ahead ? LK_HTTP_AHEAD : LK_HTTP_SLOW;
}

/* -------------------------------------------------------------------- judge */

/* What waited for a thread until the time of a stop was over is not begun: each
 * might wait for the lock of the store once more. */
static int
judge_stop(struct lk_admin_call *c)
{
	int64_t	 by = atomic_load(&c->s->stop_by);

	if (by == 0 || lk_now_ms() < by)
		return 0;
	lk_fail(&c->e, LK_EAGAIN, "latchkeyd stops: try again");
	return 503;
}

/* A page of a browser must not use what a socket of this machine lets in: what
 * a browser sends of its own accord gives it away. */
static int
judge_browser(struct lk_admin_call *c)
{
	static const char *const names[] = { "Origin", "Sec-Fetch-Site" };
	const struct lk_header	*h;
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (lk_http_header(c->rq, names[i], &h) == 0)
			continue;
		lk_fail(&c->e, LK_EPERM, "no browser is answered: there is a "
		    "header %s", names[i]);
		return 403;
	}
	return 0;
}

/* 1: it has its answer. */
static int
judge_asker(struct lk_admin_call *c)
{
	if ((c->status = judge_stop(c)) != 0 ||
	    (c->status = judge_browser(c)) != 0)
		return 0;
	if (lk_admin_who(c) != 0)
		return 1;
	if (lk_operator_may(c->s->lk, &c->op, c->route->right, &c->e) != 0)
		c->status = lk_admin_status(c->e.code);
	return 0;
}

static int
judge_given(struct lk_admin_call *c)
{
	int	 status;

	if ((status = lk_admin_query(c)) != 0 ||
	    (status = lk_admin_body(c)) != 0)
		return status;
	return lk_admin_once(c);
}

/* The one way to success: with a right that was judged for this request. */
static void
call(struct lk_admin_call *c)
{
	int	 r = LK_EPERM;

	if (judge_asker(c))
		return;
	if (c->status == 0 && (c->status = judge_given(c)) == 0) {
		r = c->route->fn(c);
		lk_admin_once_end(c);
	}
	if (r == 0)
		lk_admin_answer(c);
	else
		lk_admin_fail(c->r, c->status, &c->e, c->made);
}

/* 1: the body may come; 0: it has its answer. */
static int
admit(struct lk_admin_call *c)
{
	if (c->route->right != 0 && judge_asker(c))
		return 0;
	if (c->status == 0 && c->route->body == NULL)
		c->status = lk_admin_no_body(c);
	if (c->status == 0)
		return 1;
	lk_admin_fail(c->r, c->status, &c->e, "");
	return 0;
}

/* For the log, which the loop writes. */
static void
note(struct lk_admin_call *c, int64_t began)
{
	struct lk_reply	*r = c->r;

	r->name = c->route->name;
	r->reason = r->status >= 400 ? lk_show_reason(c->e.code) : NULL;
	lk_text_copy(r->who, sizeof(r->who), c->op.name);
	lk_text_copy(r->from, sizeof(r->from), c->op.from);
	r->ns = lk_now_ns() - began;
}

/* Where the request leads, into c; -1: nowhere, and it has its answer. */
static int
begin(struct lk_admin_call *c, void *server, const struct lk_http_request *rq,
    struct lk_reply *r)
{
	unsigned	 known;

	memset(c, 0, sizeof(*c));
	c->s = server;
	c->rq = rq;
	c->r = r;
	if ((c->route = find(rq, c->var, &known)) != NULL)
		return 0;
	lk_admin_refuse(r, known != 0 ? 405 : 404, known != 0 ?
	    LK_ROUTE_METHOD : LK_ROUTE_NONE);
	if (known != 0)
		lk_route_allow(r, known);
	return -1;
}

static void
end(struct lk_admin_call *c)
{
	lk_out_free(&c->out);
	lk_json_free(&c->body);
	lk_wipe(c->query, sizeof(c->query));
}

void
lk_admin_serve(void *server, const struct lk_http_request *rq,
    struct lk_reply *r)
{
	struct lk_admin_call	 c;
	int64_t			 began = lk_now_ns();

	if (begin(&c, server, rq, r) == -1)
		return;
	if (c.route->right == 0)
		(void)c.route->fn(&c);
	else
		call(&c);
	note(&c, began);
	end(&c);
}

int
lk_admin_admit(void *server, const struct lk_http_request *rq,
    struct lk_reply *r)
{
	struct lk_admin_call	 c;
	int64_t			 began = lk_now_ns();
	int			 ok;

	if (rq->duty != LK_SERVE_ADMIN) {
		lk_admin_refuse(r, 413, "no body is taken here");
		return 0;
	}
	if (begin(&c, server, rq, r) == -1)
		return 0;
	c.early = 1;
	if (!(ok = admit(&c)))
		note(&c, began);
	end(&c);
	return ok;
}

void
lk_admin_done(void *server, const struct lk_http_request *rq,
    struct lk_reply *r)
{
	struct lk_answered	 a;

	(void)server;
	if (r->name == NULL)
		return;			/* it led nowhere                    */
	a.name = r->name;
	a.reason = r->reason;
	a.who = r->who;
	a.from = r->from;
	a.peer = &rq->peer;
	a.id = r->id;
	a.status = r->status;
	a.ns = r->ns;
	lk_lines_answer(rq->own->lines, &a);
}
