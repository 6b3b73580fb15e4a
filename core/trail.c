/*
 * trail.c: the audit trail, which is what the journal says.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "keys.h"
#include "operator.h"
#include "token/token.h"

static int
may_read(struct lk *lk, const struct lk_operator *op, const char *key_id,
    struct lk_error *e)
{
	int	 r;

	if ((r = lk_operator_may(lk, op, LK_MAY_LIST, e)) != 0 ||
	    (r = lk_store_refresh(lk->store, e)) != 0)
		return r;
	if (key_id != NULL && !lk_keyid_valid(key_id, strlen(key_id)))
		return lk_no_such_key(key_id, e);
	return 0;
}

int
lk_store_log(struct lk *lk, const struct lk_operator *op, const char *key_id,
    lk_event_fn fn, void *arg, struct lk_error *e)
{
	int	 r;

	if ((r = may_read(lk, op, key_id, e)) != 0)
		return r;
	return lk_store_events(lk->store, key_id, fn, arg, e);
}

/* ------------------------------------------------------------------ cursor */

/* OFFSET.LINE.SEQ.SUM, in decimal. */
static void
write_cursor(const struct lk_mark *p, char out[LK_CURSOR_MAX])
{
	out[0] = '\0';
	if (p->off != 0)
		snprintf(out, LK_CURSOR_MAX, "%" PRIu64 ".%" PRIu64 ".%" PRIu64
		    ".%" PRIu32, p->off, p->line, p->seq, p->sum);
}

/* A number, and behind it end.  What is behind that, or NULL. */
static const char *
read_number(const char *p, char end, uint64_t *out)
{
	size_t	 n = strspn(p, "0123456789");

	if (n < 1 || n > 18 || p[n] != end)
		return NULL;
	*out = strtoull(p, NULL, 10);
	return p + n + 1;
}

static int
read_cursor(const char *text, struct lk_mark *out, struct lk_error *e)
{
	const char	*p = text;
	uint64_t	 sum;

	if ((p = read_number(p, '.', &out->off)) != NULL &&
	    (p = read_number(p, '.', &out->line)) != NULL &&
	    (p = read_number(p, '.', &out->seq)) != NULL &&
	    (p = read_number(p, '\0', &sum)) != NULL &&
	    out->off != 0 && out->line != 0 && sum <= UINT32_MAX) {
		out->sum = (uint32_t)sum;
		return 0;
	}
	return lk_fail(e, LK_EDATA, "the cursor is none of the log: it is what "
	    "the page before named as next");
}

int
lk_store_log_page(struct lk *lk, const struct lk_operator *op,
    struct lk_trail *f, lk_event_fn fn, void *arg, struct lk_error *e)
{
	struct lk_events_wanted	 w = { .key_id = NULL };
	struct lk_mark		 next;
	int			 r;

	if (f == NULL || f->size != sizeof(*f) || fn == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_store_log_page: an argument "
		    "is missing");
	f->next[0] = '\0';
	if ((r = may_read(lk, op, f->key_id, e)) != 0)
		return r;
	if (f->cursor != NULL &&
	    (r = read_cursor(f->cursor, &w.from, e)) != 0)
		return r;
	w.key_id = f->key_id;
	w.account = f->account;
	w.after = f->after;
	w.octets = f->octets;
	r = lk_store_events_wanted(lk->store, &w, fn, arg, &next, e);
	write_cursor(&next, f->next);
	return r;
}

/* ----------------------------------------------------------------- details */

/* The details that are more than text, of each event. */
static const struct {
	const char	*event, *name;
	int		 kind;
} detail_kinds[] = {
	{ "generate",	"pepper",	LK_DETAIL_NUMBER },
	{ "generate",	"expires",	LK_DETAIL_TIME },
	{ "generate",	"not_before",	LK_DETAIL_TIME },
	{ "generate",	"created",	LK_DETAIL_TIME },
	{ "addresses",	"add",		LK_DETAIL_NETS },
	{ "expire",	"expires",	LK_DETAIL_TIME },
	{ "repair",	"from",		LK_DETAIL_NUMBER },
	{ "repair",	"to",		LK_DETAIL_NUMBER },
	{ "compact",	"seq",		LK_DETAIL_NUMBER },
	{ "compact",	"before",	LK_DETAIL_NUMBER },
	{ "compact",	"after",	LK_DETAIL_NUMBER },
	{ "rotate",	"seq",		LK_DETAIL_NUMBER },
	{ "rotate",	"pepper",	LK_DETAIL_NUMBER },
	{ "restore",	"seq",		LK_DETAIL_NUMBER },
	{ "accept",	"seq",		LK_DETAIL_NUMBER },
	{ "accept",	"line",		LK_DETAIL_NUMBER },
	{ "accept",	"octets",	LK_DETAIL_NUMBER },
};
#define NKINDS	(sizeof(detail_kinds) / sizeof(detail_kinds[0]))

int
lk_event_detail(const struct lk_event *v, size_t *at, struct lk_detail *out)
{
	size_t	 i;

	memset(out, 0, sizeof(*out));
	if (v->details[*at] == '\0')
		return 0;
	out->name = v->details + *at;
	out->value = out->name + strlen(out->name) + 1;
	*at = (size_t)(out->value - v->details) + strlen(out->value) + 1;
	for (i = 0; i < NKINDS; i++)
		if (strcmp(detail_kinds[i].event, v->event) == 0 &&
		    strcmp(detail_kinds[i].name, out->name) == 0)
			out->kind = detail_kinds[i].kind;
	/* Its form was checked when the line was read. */
	if (out->kind == LK_DETAIL_NUMBER || out->kind == LK_DETAIL_TIME)
		out->number = strtoll(out->value, NULL, 10);
	return 1;
}
