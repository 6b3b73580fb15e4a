/*
 * reply.c: an answer while it is made, and refusals as problem details.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/random.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/octets.h"
#include "daemon/reply.h"

static const struct {
	int		 status;
	const char	*phrase;
} phrases[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 409, "Conflict" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 507, "Insufficient Storage" },
};

void
lk_reply_begin(struct lk_reply *r)
{
	/* Not all of it: text is written before it is read. */
	r->status = 500;
	r->n = r->used = 0;
	r->body = LK_BUF_NONE;
	r->overflow = r->close = 0;
	r->id[0] = r->who[0] = r->from[0] = '\0';
	r->name = r->reason = NULL;
}

void
lk_reply_end(struct lk_reply *r)
{
	lk_buf_free(&r->body);
}

void
lk_reply_wipe(void *body)
{
	lk_wipe(body, strlen(body));
	free(body);
}

/* ----------------------------------------------------------------- headers */

void
lk_reply_field_static(struct lk_reply *r, const char *name, const char *value)
{
	if (r->n == LK_REPLY_FIELDS) {
		r->overflow = 1;
		return;
	}
	r->fields[r->n].name = name;
	r->fields[r->n++].value = value;
}

/* A control octet could begin another header. */
void
lk_reply_field(struct lk_reply *r, const char *name, const char *value)
{
	size_t	 n = strlen(value) + 1;
	char	*to = r->text + r->used;

	if (n > sizeof(r->text) - r->used || !lk_octets_plain(value, n - 1)) {
		r->overflow = 1;
		return;
	}
	memcpy(to, value, n);
	r->used += n;
	lk_reply_field_static(r, name, to);
}

void
lk_reply_field_fmt(struct lk_reply *r, const char *name, const char *fmt, ...)
{
	char	 value[512];
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value))
		r->overflow = 1;
	else
		lk_reply_field(r, name, value);
}

/* ---------------------------------------------------------------- problems */

const char *
lk_reply_phrase(int status)
{
	size_t	 i;

	for (i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Error";
}

void
lk_reply_json(struct lk_buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			lk_buf_fmt(b, "\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			lk_buf_fmt(b, "\\u%04x", (unsigned char)*text);
		else
			lk_buf_add(b, text, 1);
	}
}

/*
 * An id is for people who compare a caller's report with the log; it is never
 * taken from the request, where a caller could put a token.
 */
static void
make_id(char out[LK_REQUEST_ID])
{
	static _Thread_local uint64_t	 seed, count;

	if (seed == 0 &&
	    getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		seed = (uint64_t)lk_clock_ns();
	snprintf(out, LK_REQUEST_ID, "%016" PRIx64,
	    seed + ++count * 0x9e3779b97f4a7c15);
}

void
lk_reply_begin_problem(struct lk_reply *r, int status)
{
	lk_reply_end(r);
	r->status = status;
	r->n = r->used = 0;
	r->overflow = 0;
	make_id(r->id);
	lk_reply_field_static(r, "Content-Type", "application/problem+json");
	lk_reply_field_static(r, "Cache-Control", "no-store");
	lk_reply_field(r, "X-Request-Id", r->id);
}

void
lk_reply_problem(struct lk_reply *r, int status, const char *detail,
    const char *outcome)
{
	lk_reply_begin_problem(r, status);
	lk_buf_fmt(&r->body, "{\"type\":\"about:blank\",\"title\":\"%s\","
	    "\"status\":%d,\"detail\":\"", lk_reply_phrase(status), status);
	lk_reply_json(&r->body, detail);
	if (outcome != NULL)
		lk_buf_fmt(&r->body, "\",\"outcome\":\"%s", outcome);
	lk_buf_fmt(&r->body, "\",\"request_id\":\"%s\"}\n", r->id);
}
