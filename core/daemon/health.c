/*
 * health.c: is it alive, and can it be asked?
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "daemon/server.h"

void
lk_serve_healthz(struct lk_server *s, const struct lk_http_request *rq,
    const char *rest, struct lk_reply *r)
{
	(void)s;
	(void)rq;
	(void)rest;
	r->status = 200;
	lk_reply_field_static(r, "Content-Type", "text/plain; charset=utf-8");
	lk_reply_field_static(r, "Cache-Control", "no-store");
	lk_buf_str(&r->body, "ok\n");
}

static void
put_why(struct lk_buf *b, const struct lk_error *e)
{
	lk_buf_str(b, "degraded: ");
	if (e->file[0] != '\0' && e->line != 0)
		lk_buf_fmt(b, "%s:%u:%u: ", e->file, e->line, e->column);
	lk_buf_fmt(b, "%s\n", e->text);
}

void
lk_serve_readyz(struct lk_server *s, const struct lk_http_request *rq,
    const char *rest, struct lk_reply *r)
{
	struct lk_error		 e = { 0 };
	struct lk_health	 h;

	if (atomic_load(&s->stopping)) {
		lk_reply_problem(r, 503, "it stops", NULL);
		return;
	}
	if (lk_ready(s->lk, &e) != 0) {
		lk_reply_problem(r, 503, e.text, NULL);
		return;
	}
	if (lk_health(s->lk, &h) != 0) {
		lk_reply_problem(r, 503, "how it is cannot be told", NULL);
		return;
	}
	/* It can be asked all the same: the old policy serves. */
	if (h.degraded != 0) {
		r->status = 200;
		lk_reply_field_static(r, "Content-Type",
		    "text/plain; charset=utf-8");
		lk_reply_field_static(r, "Cache-Control", "no-store");
		put_why(&r->body, &h.why);
		return;
	}
	lk_serve_healthz(s, rq, rest, r);
}
