/*
 * batch.c: the lines of a batch.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "batch_inner.h"

#define NETS_TEXT	900		/* octets of addresses in a line     */

/* Is the body that begins at from one that will be read again? */
static int
check_body(struct lk_batch *b, size_t from, struct lk_error *e)
{
	/* Numbers as long as there can be. */
	static const char	 head[] = "9223372036854775807:"
				    "9223372036854775807:253402300799:";
	static const char	 mac[] = ":AAAAAAAAAAAAAAAAAAAAAA";
	struct lk_buf		*text = &b->check;
	struct lk_line		 line;
	const char		*why;

	if (b->bodies.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	lk_buf_reset(text);
	lk_buf_add(text, head, sizeof head - 1);
	lk_buf_add(text, b->bodies.p + from, b->bodies.n - from);
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
end_body(struct lk_batch *b, size_t from, struct lk_error *e)
{
	int	 r;

	if ((r = check_body(b, from, e)) != 0) {
		b->bodies.n = from;
		return r;
	}
	lk_buf_add(&b->bodies, "\n", 1);
	b->n++;
	return b->bodies.failed ? lk_fail(e, LK_ENOMEM, "no memory") : 0;
}

static int
add_key(struct lk_batch *b, const struct lk_new_key *k, struct lk_error *e)
{
	char	 digest[64];
	size_t	 from = b->bodies.n;

	lk_base64url(k->digest, sizeof k->digest, digest);
	lk_line_begin(&b->bodies, LK_EVENT_GENERATE, b->actor, b->from, k->id);
	lk_line_attr(&b->bodies, "type", k->type);
	lk_line_attr(&b->bodies, "account", k->account);
	lk_line_attr(&b->bodies, "digest", digest);
	lk_line_attr_number(&b->bodies, "pepper", k->pepper);
	lk_line_attr(&b->bodies, "hint", k->hint);
	if (k->label != NULL && *k->label != '\0')
		lk_line_attr(&b->bodies, "label", k->label);
	if (k->expires != 0)
		lk_line_attr_number(&b->bodies, "expires", k->expires);
	if (k->not_before != 0)
		lk_line_attr_number(&b->bodies, "not_before", k->not_before);
	if (k->created != 0)
		lk_line_attr_number(&b->bodies, "created", k->created);
	if (k->created_by != NULL)
		lk_line_attr(&b->bodies, "created_by", k->created_by);
	if (k->replaces != NULL)
		lk_line_attr(&b->bodies, "replaces", k->replaces);
	return end_body(b, from, e);
}

/* As many networks from at on as a line holds; how many went into it. */
static int
add_nets(struct lk_batch *b, const struct lk_new_key *k, size_t *at,
    struct lk_error *e)
{
	char	 list[NETS_TEXT + 64];
	size_t	 from = b->bodies.n, n = 0;

	for (; *at < k->naddresses && n < NETS_TEXT; (*at)++) {
		if (n > 0)
			list[n++] = ',';
		n += lk_net_format(&k->addresses[*at], list + n,
		    sizeof list - n);
	}
	lk_line_begin(&b->bodies, LK_EVENT_ADDRESSES, b->actor, b->from,
	    k->id);
	lk_line_attr(&b->bodies, "add", list);
	return end_body(b, from, e);
}

static int
add_disable(struct lk_batch *b, const struct lk_new_key *k,
    struct lk_error *e)
{
	size_t	 from = b->bodies.n;

	lk_line_begin(&b->bodies, LK_EVENT_DISABLE, b->actor, b->from, k->id);
	return end_body(b, from, e);
}

static int
add_pending(struct lk_batch *b, const struct lk_new_key *k, struct lk_error *e)
{
	struct lk_pending	 p = { .expires = k->expires,
				     .retired = k->replaced_by != NULL };

	snprintf(p.id, sizeof p.id, "%s", k->id);
	snprintf(p.type, sizeof p.type, "%s", k->type);
	snprintf(p.account, sizeof p.account, "%s", k->account);
	if (k->replaces != NULL)
		snprintf(p.replaces, sizeof p.replaces, "%s", k->replaces);
	memcpy(p.digest, k->digest, sizeof p.digest);
	return lk_pendings_add(&b->keys, &p) == 0 ? 0 :
	    lk_fail(e, LK_ENOMEM, "no memory");
}

int
lk_batch_generate(struct lk_batch *b, const struct lk_new_key *k,
    struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	struct lk_found	 twin;
	size_t		 at = 0, before = b->bodies.n, n = b->n;
	int		 r;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot add "
		    "a key");
	if (k->naddresses > LK_ADDRESSES_MAX)
		return lk_fail(e, LK_EDATA, "a key may have %d addresses, not "
		    "%zu", LK_ADDRESSES_MAX, k->naddresses);
	if (lk_index_digest(ix, k->digest, &twin) == 1 ||
	    lk_index_id(ix, k->id, strlen(k->id), &twin) == 1 ||
	    lk_group_has(b->s, k->id, k->digest) ||
	    lk_pendings_have(&b->keys, k->id, k->digest))
		return lk_fail(e, LK_EDATA, "this key is there already");
	if ((r = add_key(b, k, e)) != 0)
		return r;
	while (at < k->naddresses && r == 0)
		r = add_nets(b, k, &at, e);
	if (r == 0 && k->disabled)
		r = add_disable(b, k, e);
	if (r == 0 && k->replaced_by != NULL)
		r = lk_batch_expire(b, k->id, k->expires, k->replaced_by, e);
	if (r == 0)
		r = add_pending(b, k, e);
	if (r != 0) {
		b->bodies.n = before;
		b->n = n;
	}
	return r;
}

/* A line of an event that says no more than of which key. */
static int
change(struct lk_batch *b, enum lk_event_kind kind, const char *id,
    struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	struct lk_found	 k;
	size_t		 from = b->bodies.n;

	if (lk_index_id(ix, id, strlen(id), &k) == 0)
		return lk_fail(e, LK_ENOTFOUND, "there is no key %.*s",
		    LK_KEYID_LEN, id);
	lk_line_begin(&b->bodies, kind, b->actor, b->from, id);
	return end_body(b, from, e);
}

static int
end_key(struct lk_batch *b, enum lk_event_kind kind, int state, const char *id,
    struct lk_error *e)
{
	struct lk_end	 end = { .state = (uint8_t)state };
	int		 r;

	if ((r = change(b, kind, id, e)) != 0)
		return r;
	memcpy(end.id, id, LK_KEYID_LEN);
	lk_buf_add(&b->ended, &end, sizeof end);
	return b->ended.failed ? lk_fail(e, LK_ENOMEM, "no memory") : 0;
}

int
lk_batch_delete(struct lk_batch *b, const char *id, struct lk_error *e)
{
	return end_key(b, LK_EVENT_DELETE, LK_SLOT_DELETED, id, e);
}

int
lk_batch_disable(struct lk_batch *b, const char *id, struct lk_error *e)
{
	return end_key(b, LK_EVENT_DISABLE, LK_SLOT_DISABLED, id, e);
}

int
lk_batch_enable(struct lk_batch *b, const char *id, struct lk_error *e)
{
	int	 r;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "enable a key");
	if ((r = lk_store_enter(b->s, e)) != 0)
		return r;
	lk_store_forgive(b->s, id);
	lk_store_leave(b->s);
	return change(b, LK_EVENT_ENABLE, id, e);
}

int
lk_batch_account(struct lk_batch *b, const char *account, const char *package,
    struct lk_error *e)
{
	size_t	 from = b->bodies.n;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot set "
		    "a package");
	lk_line_begin(&b->bodies, LK_EVENT_ACCOUNT, b->actor, b->from, NULL);
	lk_line_attr(&b->bodies, "account", account);
	lk_line_attr(&b->bodies, "package", package);
	return end_body(b, from, e);
}

int
lk_batch_account_delete(struct lk_batch *b, const char *account,
    struct lk_error *e)
{
	size_t	 from = b->bodies.n;

	/* Its next key would have the default package, which may be more. */
	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "delete an account");
	lk_line_begin(&b->bodies, LK_EVENT_ACCOUNT_DELETE, b->actor, b->from,
	    NULL);
	lk_line_attr(&b->bodies, "account", account);
	return end_body(b, from, e);
}

int
lk_batch_expire(struct lk_batch *b, const char *id, int64_t expires,
    const char *successor, struct lk_error *e)
{
	size_t	 from = b->bodies.n;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot "
		    "change when a key ends");
	lk_line_begin(&b->bodies, LK_EVENT_EXPIRE, b->actor, b->from, id);
	if (expires != 0)
		lk_line_attr_number(&b->bodies, "expires", expires);
	if (successor != NULL)
		lk_line_attr(&b->bodies, "successor", successor);
	return end_body(b, from, e);
}

/* What counts in the index, of which something is to take the place. */
struct counted {
	struct lk_store	*s;
	int64_t		 now;
};

static int
counts(void *arg, const char *id)
{
	const struct counted	*c = arg;
	struct lk_found		 k;

	return lk_store_by_id(c->s, id, LK_KEYID_LEN, &k) == 1 &&
	    lk_found_counts(&k, c->now);
}

int64_t
lk_batch_count(struct lk_batch *b, const char *type, const char *account,
    int64_t now)
{
	struct counted			 c = { b->s, now };
	const struct lk_pending_old	 old = { counts, &c };
	int64_t	 n = lk_store_count(b->s, type, account, now);

	if (n < 0)
		return n;
	return n + (int64_t)(lk_group_count(b->s, type, account, now, &old) +
	    lk_pendings_count(&b->keys, type, account, now, &old));
}

int
lk_batch_replaces(struct lk_batch *b, const char *account, const char *id)
{
	return lk_group_replaces(b->s, account, id) ||
	    lk_pendings_replace(&b->keys, account, id);
}
