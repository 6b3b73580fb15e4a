/*
 * admin_reply.c: what was asked for, or why not, as HTTP has it.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "base/err.h"
#include "daemon/admin.h"
#include "daemon/head.h"

static const struct {
	int	 code, status;
} statuses[] = {
	{ LK_EUSAGE, 400 },
	{ LK_EDATA, 422 },
	{ LK_ESYNTAX, 422 },
	{ LK_ENOTFOUND, 404 },
	{ LK_EUNAVAIL, 503 },
	{ LK_EDAMAGE, 503 },
	{ LK_ENOMEM, 503 },
	{ LK_EAGAIN, 503 },
	{ LK_ECONFIG, 503 },
	{ LK_EINDOUBT, 500 },
	{ LK_ELIMIT, 409 },
	{ LK_EIO, 507 },
	{ LK_EPERM, 403 },
};

int
lk_admin_status(int code)
{
	size_t	 i;

	for (i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (statuses[i].code == code)
			return statuses[i].status;
	return 500;
}

/* A body that could not be made has the reply fail when it is sent. */
static void
put_body(struct lk_reply *r, struct lk_out *j)
{
	lk_buf_add(&j->b, "\n", 1);
	lk_reply_end(r);
	r->body = j->b;
	*j = LK_OUT_NONE; /* handed over */
}

/* Source: RFC 9457, 3. */
void
lk_admin_fail(struct lk_reply *r, int status, const struct lk_error *e,
    const char *key)
{
	struct lk_out	 j = LK_OUT_NONE;
	char		 text[LK_SENTENCE_MAX];

	if (status == 0)
		status = lk_admin_status(e->code);
	lk_show_sentence(e, text, sizeof(text));
	lk_reply_begin_problem(r, status);
	if (status == 503)
		lk_reply_field_static(r, "Retry-After", "1");
	lk_out_open(&j, NULL, '{');
	lk_out_str(&j, "type", "about:blank");
	lk_out_str(&j, "title", lk_reply_phrase(status));
	lk_out_int(&j, "status", status);
	lk_out_str(&j, "detail", text);
	lk_out_str(&j, "instance", r->id);
	lk_out_str(&j, "error", text);
	lk_out_str(&j, "reason", lk_show_reason(e->code));
	lk_out_int(&j, "exit", lk_exit_status(e->code));
	if (*key != '\0')
		lk_out_str(&j, "key", key);
	lk_out_close(&j, '}');
	put_body(r, &j);
}

void
lk_admin_refuse(struct lk_reply *r, int status, const char *why)
{
	struct lk_error	 e = { 0 };
	int		 code = LK_EDATA;

	if (status == 404)
		code = LK_ENOTFOUND;
	else if (status == 405)
		code = LK_EUSAGE;
	else if (status >= 500)
		code = status == 503 ? LK_EAGAIN : LK_EUNAVAIL;
	lk_fail(&e, code, "%s", why);
	lk_admin_fail(r, status, &e, "");
}

void
lk_admin_refuse_http(void *arg, unsigned duty, int status,
    struct lk_reply *r)
{
	(void)arg;
	(void)duty;
	lk_admin_refuse(r, status, lk_head_refusal(status));
}

void
lk_admin_answer(struct lk_admin_call *c)
{
	struct lk_reply	*r = c->r;

	r->status = c->route->status;
	lk_reply_field_static(r, "Content-Type", "application/json");
	lk_reply_field_static(r, "Cache-Control", "no-store");
	put_body(r, &c->out);
}
