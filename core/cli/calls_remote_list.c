/*
 * calls_remote_list.c: listings by a latchkeyd, page by page.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "cli/answer.h"
#include "cli/calls_remote.h"

#define PAGE		"500"		/* rows that are asked for at once   */
#define PAGES_MAX	100000		/* of one listing                    */
#define CURSOR_MAX	256		/* octets                            */

typedef int (*row_fn)(const struct lk_json_value *row, void *arg,
	    struct lk_error *e);

/* What a listing is of, and the call for each of its rows. */
struct rows {
	const char	*name;		/* of the list in an answer          */
	const char	*cursor;	/* the parameter for where to go on;
					 * NULL: all of it is one page       */
	row_fn		 row;
	void		*arg;
};

static int
page(const struct lk_json_value *v, const struct rows *rows, char *cursor,
    struct lk_error *e)
{
	const struct lk_json_value	*list;
	size_t				 i, n;
	int				 r;

	if ((r = lk_answer_list(v, rows->name, &list, &n, e)) != 0)
		return r;
	for (i = 0; i < n; i++)
		if ((r = rows->row(lk_json_at(list, i), rows->arg, e)) != 0)
			return r;
	/* "": there is none. */
	return rows->cursor == NULL ? 0 :
	    lk_answer_text(v, "next", cursor, CURSOR_MAX, e);
}

/* base is the target without limit and cursor; it is freed. */
static int
pages(struct lk_cli *c, struct lk_ask *base, const struct rows *rows,
    struct lk_error *e)
{
	struct lk_json	*j = NULL;
	struct lk_ask	 q;
	char		 cursor[CURSOR_MAX] = "", was[CURSOR_MAX];
	size_t		 n;
	int		 r;

	if (rows->cursor != NULL)
		lk_ask_param(base, "limit", PAGE);
	for (n = 0; n < PAGES_MAX; n++) {
		q = lk_ask_new(base->method, base->target.p != NULL ?
		    base->target.p : "");
		q.target.failed |= base->target.failed;
		if (cursor[0] != '\0')
			lk_ask_param(&q, rows->cursor, cursor);
		memcpy(was, cursor, sizeof(was));
		if ((r = lk_link_ask(c, &q, &j, e)) == 0)
			r = page(lk_json_root(j), rows, cursor, e);
		lk_json_free(&j);
		if (r != 0 || cursor[0] == '\0')
			break;
		/* It would go round for ever. */
		if (strcmp(cursor, was) == 0)
			n = PAGES_MAX;
	}
	lk_buf_free(&base->target);
	return n < PAGES_MAX ? r : lk_answer_wrong(e, "answer", "next");
}

/* A callback of latchkey.h and what goes with it. */
struct told {
	union {
		lk_type_fn	 type;
		lk_account_fn	 account;
		lk_key_fn	 key;
		lk_event_fn	 event;
	} fn;
	void	*arg;
};

static int
type_row(const struct lk_json_value *v, void *arg, struct lk_error *e)
{
	struct told	*t = arg;
	struct lk_type	 type;
	int		 r;

	if ((r = lk_answer_type(v, &type, e)) != 0)
		return r;
	return t->fn.type(t->arg, &type);
}

static int
account_row(const struct lk_json_value *v, void *arg, struct lk_error *e)
{
	struct told		*t = arg;
	struct lk_account	 account;
	int			 r;

	if ((r = lk_answer_account(v, &account, e)) != 0)
		return r;
	return t->fn.account(t->arg, &account);
}

static int
key_row(const struct lk_json_value *v, void *arg, struct lk_error *e)
{
	struct told	*t = arg;
	struct lk_key	 key;
	int		 r;

	if ((r = lk_answer_key(v, &key, e)) != 0)
		return r;
	return t->fn.key(t->arg, &key);
}

static int
event_row(const struct lk_json_value *v, void *arg, struct lk_error *e)
{
	struct told	*t = arg;
	struct lk_event	 event;
	int		 r;

	if ((r = lk_answer_event(v, &event, e)) != 0)
		return r;
	return t->fn.event(t->arg, &event);
}

int
lk_remote_types(struct lk_cli *c, lk_type_fn fn, void *arg, struct lk_error *e)
{
	struct told	 t = { .fn.type = fn, .arg = arg };
	struct lk_ask	 q = lk_ask_new("GET", "/v1/types");

	return pages(c, &q, &(struct rows){ "types", NULL, type_row,
	    &t }, e);
}

int
lk_remote_account_list(struct lk_cli *c, lk_account_fn fn, void *arg,
    struct lk_error *e)
{
	struct told	 t = { .fn.account = fn, .arg = arg };
	struct lk_ask	 q = lk_ask_new("GET", "/v1/accounts");

	return pages(c, &q, &(struct rows){ "accounts", "cursor",
	    account_row, &t }, e);
}

static void
seconds_param(struct lk_ask *q, const char *name, int64_t seconds)
{
	char	 text[32];

	snprintf(text, sizeof(text), "%llds", (long long)seconds);
	lk_ask_param(q, name, seconds != 0 ? text : NULL);
}

int
lk_remote_list(struct lk_cli *c, const struct lk_filter *f, lk_key_fn fn,
    void *arg, struct lk_error *e)
{
	struct told	 t = { .fn.key = fn, .arg = arg };
	struct lk_ask	 q = lk_ask_new("GET", "/v1/keys");

	lk_ask_param(&q, "type", f->type);
	lk_ask_param(&q, "account", f->account);
	lk_ask_param(&q, "all", f->deleted ? "true" : NULL);
	seconds_param(&q, "expiring", f->expiring);
	seconds_param(&q, "unused", f->unused);
	return pages(c, &q, &(struct rows){ "keys", "cursor", key_row, &t },
	    e);
}

int
lk_remote_log(struct lk_cli *c, const char *id, lk_event_fn fn, void *arg,
    struct lk_error *e)
{
	struct told	 t = { .fn.event = fn, .arg = arg };
	struct lk_ask	 q = lk_ask_new("GET", "/v1/log");

	lk_ask_param(&q, "key", id);
	return pages(c, &q, &(struct rows){ "events", "cursor", event_row,
	    &t }, e);
}

int
lk_remote_show(struct lk_cli *c, const char *id, struct lk_key *key,
    struct lk_error *e)
{
	struct lk_ask	 q = lk_ask_new("GET", "/v1/keys");
	struct lk_json	*j = NULL;
	int		 r;

	lk_ask_name(&q, '/', id);
	if ((r = lk_link_ask(c, &q, &j, e)) == 0)
		r = lk_answer_key(lk_json_get(lk_json_root(j), "key"), key, e);
	lk_json_free(&j);
	return r;
}
