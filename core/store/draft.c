#include <string.h>

#include "base/err.h"
#include "draft.h"

#define NETS_TEXT	900		/* octets of addresses in a line     */

/* Is the body that begins at from one that will be read again? */
static int
check_body(struct lk_draft *d, size_t from, struct lk_error *e)
{
	/* Numbers as long as there can be. */
	static const char	 head[] = "9223372036854775807:"
				    "9223372036854775807:253402300799:";
	static const char	 mac[] = ":AAAAAAAAAAAAAAAAAAAAAA";
	struct lk_buf		*text = &d->check;
	struct lk_line		 line;
	const char		*why;

	if (d->bodies.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	lk_buf_reset(text);
	lk_buf_add(text, head, sizeof head - 1);
	lk_buf_add(text, d->bodies.p + from, d->bodies.n - from);
	lk_buf_add(text, mac, sizeof mac - 1);
	if (text->failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (lk_line_parse(text->p, text->n, &line, &why) != 0)
		return lk_fail(e, LK_EDATA, "it cannot be written to the "
		    "journal as a line: %s", why);
	return 0;
}

/* End the body that begins at from, or take it back. */
static int
end_body(struct lk_draft *d, size_t from, struct lk_error *e)
{
	int	 r;

	if ((r = check_body(d, from, e)) != 0) {
		d->bodies.n = from;
		return r;
	}
	lk_buf_add(&d->bodies, "\n", 1);
	d->n++;
	return d->bodies.failed ? lk_fail(e, LK_ENOMEM, "no memory") : 0;
}

static int
add_key(struct lk_draft *d, const struct lk_new_key *k, struct lk_error *e)
{
	char	 digest[64];
	size_t	 from = d->bodies.n;

	lk_base64url(k->digest, sizeof k->digest, digest);
	lk_line_begin(&d->bodies, LK_EVENT_GENERATE, d->actor, d->from, k->id);
	lk_line_attr(&d->bodies, "type", k->type);
	lk_line_attr(&d->bodies, "account", k->account);
	lk_line_attr(&d->bodies, "digest", digest);
	lk_line_attr_number(&d->bodies, "pepper", k->pepper);
	lk_line_attr(&d->bodies, "hint", k->hint);
	if (k->label != NULL && *k->label != '\0')
		lk_line_attr(&d->bodies, "label", k->label);
	if (k->expires != 0)
		lk_line_attr_number(&d->bodies, "expires", k->expires);
	if (k->not_before != 0)
		lk_line_attr_number(&d->bodies, "not_before", k->not_before);
	if (k->created != 0)
		lk_line_attr_number(&d->bodies, "created", k->created);
	if (k->created_by != NULL)
		lk_line_attr(&d->bodies, "created_by", k->created_by);
	if (k->replaces != NULL)
		lk_line_attr(&d->bodies, "replaces", k->replaces);
	if (k->role != NULL && *k->role != '\0')
		lk_line_attr(&d->bodies, "role", k->role);
	return end_body(d, from, e);
}

/* As many networks from at on as a line holds; how many went into it. */
static int
add_nets(struct lk_draft *d, const struct lk_new_key *k, size_t *at,
    struct lk_error *e)
{
	char	 list[NETS_TEXT + 64];
	size_t	 from = d->bodies.n, n = 0;

	for (; *at < k->naddresses && n < NETS_TEXT; (*at)++) {
		if (n > 0)
			list[n++] = ',';
		n += lk_net_format(&k->addresses[*at], list + n,
		    sizeof list - n);
	}
	lk_line_begin(&d->bodies, LK_EVENT_ADDRESSES, d->actor, d->from,
	    k->id);
	lk_line_attr(&d->bodies, "add", list);
	return end_body(d, from, e);
}

int
lk_draft_change(struct lk_draft *d, enum lk_event_kind kind, const char *id,
    struct lk_error *e)
{
	size_t	 from = d->bodies.n;

	lk_line_begin(&d->bodies, kind, d->actor, d->from, id);
	return end_body(d, from, e);
}

int
lk_draft_account(struct lk_draft *d, const char *account, const char *package,
    struct lk_error *e)
{
	size_t	 from = d->bodies.n;

	lk_line_begin(&d->bodies, LK_EVENT_ACCOUNT, d->actor, d->from, NULL);
	lk_line_attr(&d->bodies, "account", account);
	lk_line_attr(&d->bodies, "package", package);
	return end_body(d, from, e);
}

int
lk_draft_account_delete(struct lk_draft *d, const char *account,
    struct lk_error *e)
{
	size_t	 from = d->bodies.n;

	lk_line_begin(&d->bodies, LK_EVENT_ACCOUNT_DELETE, d->actor, d->from,
	    NULL);
	lk_line_attr(&d->bodies, "account", account);
	return end_body(d, from, e);
}

int
lk_draft_expire(struct lk_draft *d, const char *id, int64_t expires,
    const char *successor, struct lk_error *e)
{
	size_t	 from = d->bodies.n;

	lk_line_begin(&d->bodies, LK_EVENT_EXPIRE, d->actor, d->from, id);
	if (expires != 0)
		lk_line_attr_number(&d->bodies, "expires", expires);
	if (successor != NULL)
		lk_line_attr(&d->bodies, "successor", successor);
	return end_body(d, from, e);
}

int
lk_draft_key(struct lk_draft *d, const struct lk_new_key *k,
    struct lk_error *e)
{
	size_t	 at = 0, before = d->bodies.n, n = d->n;
	int	 r;

	r = add_key(d, k, e);
	while (at < k->naddresses && r == 0)
		r = add_nets(d, k, &at, e);
	if (r == 0 && k->disabled)
		r = lk_draft_change(d, LK_EVENT_DISABLE, k->id, e);
	if (r == 0 && k->replaced_by != NULL)
		r = lk_draft_expire(d, k->id, k->expires, k->replaced_by, e);
	if (r != 0) {
		d->bodies.n = before;
		d->n = n;
	}
	return r;
}

void
lk_draft_clear(struct lk_draft *d)
{
	lk_buf_reset(&d->bodies);
	d->n = 0;
}

void
lk_draft_free(struct lk_draft *d)
{
	lk_buf_free(&d->bodies);
	lk_buf_free(&d->check);
	d->n = 0;
}
