#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "pen.h"
#include "repair.h"

#define DAY		86400		/* seconds                           */
#define CLOCK_BACK	DAY
#define CLOCK_AHEAD	(366 * (int64_t)DAY)
#define NETS_TEXT	900		/* octets of addresses in a line     */
#define TRIES		8		/* to lock a state that is replaced  */

struct lk_batch {
	struct lk_store	*s;
	int		 remove;
	const char	*actor, *from;	/* copies                            */
	int64_t		 when;
	struct lk_pen	 pen;
	struct lk_buf	 bodies;	/* each ended by a newline           */
	size_t		 n;
	struct lk_buf	 deleted;	/* their ids, each ended by NUL      */
	char		 text[];	/* actor NUL from NUL                */
};

/* ------------------------------------------------------------------ begin */

static int
reload(struct lk_store *s, struct lk_error *e)
{
	int	 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	r = lk_store_reload(s, e);
	lk_store_leave(s);
	return r;
}

/* The lock of the state that is mapped, and the files that have the names. */
static int
hold(struct lk_store *s, const struct lk_wait *w, struct lk_error *e)
{
	struct lk_image	*im;
	int		 i, r, same;

	for (i = 0; i < TRIES; i++) {
		im = lk_store_image(s);
		r = im->state.odd ? LK_ENOTFOUND : lk_lock_take(&s->lock,
		    &im->folder, w, &im->state, &same, e);
		if (r == 0 && same && lk_image_replaced(im) == 0)
			return 0;
		if (r == 0)
			lk_lock_drop(&s->lock, &im->folder, &im->state);
		else if (r != LK_ENOTFOUND ||
		    (r = lk_repair_state(s, w, e)) != 0)
			return r;
		if ((r = reload(s, e)) != 0)
			return r;
	}
	return lk_fail(e, LK_EAGAIN, "%s is being replaced: try again",
	    s->o.dir);
}

static int
judge_clock(struct lk_batch *b, int64_t last, int accept, struct lk_error *e)
{
	int64_t	 now = b->s->o.clock();
	char	 is[32], was[32];
	int	 off;

	/* last is 0 where no line before this one could be read. */
	off = last > 0 &&
	    (now < last - CLOCK_BACK || now - CLOCK_AHEAD > last);
	b->when = now > last ? now : last;
	if (off && b->remove)
		b->when = last;
	if (!off || b->remove || accept)
		return 0;
	lk_time_format(now, is, sizeof is);
	lk_time_format(last, was, sizeof was);
	return lk_fail(e, LK_EDATA, "the clock says %s, but the last line of "
	    "%s/%s was written at %s: set the clock, or if it is right, go on "
	    "with --accept-clock", is, b->s->o.dir, LK_JOURNAL_NAME, was);
}

/* Before anything is mended: a mend writes a line, with a time. */
static int
catch_up(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_store		*s = b->s;
	const struct lk_pos	*pos;
	int			 r;

	lk_state_settle(&lk_store_image(s)->state);
	if ((r = lk_store_catch_up(s, e)) != 0)
		return r;
	pos = &lk_store_image(s)->load.pos;
	b->when = s->o.clock();
	return pos->seq == 0 ? 0 : judge_clock(b, pos->time, accept, e);
}

static int
settle(struct lk_batch *b, int accept, struct lk_error *e)
{
	struct lk_store	*s = b->s;
	struct lk_who	 who = { .actor = b->actor, .from = b->from };
	int		 r;

	if ((r = lk_store_enter(s, e)) != 0)
		return r;
	if ((r = catch_up(b, accept, e)) == 0) {
		who.when = b->when;
		who.remove = b->remove;
		r = lk_repair_settle(s, &who, e);
	}
	if (r == 0)
		r = lk_pen_take(&b->pen, lk_store_image(s), e);
	lk_store_leave(s);
	s->poisoned = r == LK_EINDOUBT || (s->poisoned && r != 0);
	return r;
}

static int
judge_journal(const struct lk_store *s, const struct lk_load *l,
    struct lk_error *e)
{
	if (l->faults > 0)
		return lk_journal_fail(e, LK_EDAMAGE, s->o.dir, l->fault_line,
		    "%s; until a copy of the journal is put back "
		    "(latchkey-journal(5), RESTORING) keys can only be deleted "
		    "(latchkey store check)", l->fault_why);
	if (l->newer > 0)
		return lk_journal_fail(e, LK_EDAMAGE, s->o.dir, l->newer,
		    "its event is not known here: it was written by a newer "
		    "latchkey, use that one");
	return 0;
}

static int
judge(struct lk_batch *b, int accept, struct lk_error *e)
{
	int	 r;

	if (!b->remove && b->s->o.mac == NULL)
		return lk_fail(e, LK_ECONFIG, "the pepper is needed to write "
		    "this, and it is not at hand");
	if (!b->remove) {
		if ((r = lk_store_enter(b->s, e)) != 0)
			return r;
		r = judge_journal(b->s, &b->pen.im->load, e);
		lk_store_leave(b->s);
		if (r != 0)
			return r;
	}
	return b->pen.seq == 0 ? 0 : judge_clock(b, b->pen.time, accept, e);
}

static struct lk_batch *
make(struct lk_store *s, int kind, const char *actor, const char *from)
{
	struct lk_batch	*b;
	size_t		 n, m;

	if (actor == NULL)
		actor = "";
	if (from == NULL)
		from = "";
	n = strlen(actor) + 1;
	m = strlen(from) + 1;
	if ((b = calloc(1, sizeof *b + n + m)) == NULL)
		return NULL;
	b->s = s;
	b->remove = kind != LK_BATCH_ADD;
	b->actor = memcpy(b->text, actor, n);
	b->from = memcpy(b->text + n, from, m);
	b->pen = LK_PEN_NONE;
	b->bodies = b->deleted = LK_BUF_NONE;
	return b;
}

static void
destroy(struct lk_batch *b)
{
	lk_pen_drop(&b->pen);
	lk_buf_free(&b->bodies);
	lk_buf_free(&b->deleted);
	free(b);
}

int
lk_batch_begin(struct lk_store *s, int kind, const char *actor,
    const char *from, int accept_clock, struct lk_batch **out,
    struct lk_error *e)
{
	struct lk_batch	*b;
	struct lk_wait	 w;
	int		 r;

	*out = NULL;
	if (!s->o.write)
		return lk_fail(e, LK_EPERM, "%s was opened to read",
		    s->o.dir);
	if ((b = make(s, kind, actor, from)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	lk_wait_start(&w, s->o.wait);
	if ((r = lk_lock_enter(&s->lock, &w, e)) != 0) {
		destroy(b);
		return r;
	}
	if ((r = hold(s, &w, e)) != 0) {
		lk_lock_leave(&s->lock);
		destroy(b);
		return r;
	}
	if ((r = settle(b, accept_clock, e)) != 0 ||
	    (r = judge(b, accept_clock, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	*out = b;
	return 0;
}

/* ------------------------------------------------------------------ lines */

/* Is the body that begins at from one that will be read again? */
static int
check_body(const struct lk_batch *b, size_t from, struct lk_error *e)
{
	static const char	 mac[] = "AAAAAAAAAAAAAAAAAAAAAA";
	struct lk_buf		 text = LK_BUF_NONE;
	struct lk_line		 line;
	const char		*why;
	int			 r = 0;

	if (b->bodies.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	lk_line_cover(&text, INT64_MAX, INT64_MAX, LK_TIME_MAX,
	    b->bodies.p + from, b->bodies.n - from);
	lk_buf_str(&text, mac);
	if (text.failed)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	else if (lk_line_parse(text.p, text.n, &line, &why) != 0)
		r = lk_fail(e, LK_EDATA, "it cannot be written to the journal "
		    "as a line: %s", why);
	lk_buf_free(&text);
	return r;
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

int
lk_batch_generate(struct lk_batch *b, const struct lk_new_key *k,
    struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	size_t		 at = 0, before = b->bodies.n, n = b->n;
	int		 r;

	if (b->remove)
		return lk_fail(e, LK_EUSAGE, "a batch that removes cannot add "
		    "a key");
	if (k->naddresses > LK_ADDRESSES_MAX)
		return lk_fail(e, LK_EDATA, "a key may have %d addresses, not "
		    "%zu", LK_ADDRESSES_MAX, k->naddresses);
	if (lk_index_digest(ix, k->digest) != NULL ||
	    lk_index_id(ix, k->id, strlen(k->id)) != NULL)
		return lk_fail(e, LK_EDATA, "this key is there already");
	if ((r = add_key(b, k, e)) != 0)
		return r;
	while (at < k->naddresses && r == 0)
		r = add_nets(b, k, &at, e);
	if (r != 0) {
		b->bodies.n = before;
		b->n = n;
	}
	return r;
}

int
lk_batch_delete(struct lk_batch *b, const char *id, struct lk_error *e)
{
	struct lk_index	*ix = lk_store_image(b->s)->index;
	size_t		 from = b->bodies.n;
	int		 r;

	if (lk_index_id(ix, id, strlen(id)) == NULL &&
	    !lk_index_lacks(ix))
		return lk_fail(e, LK_ENOTFOUND, "there is no key %.*s",
		    LK_KEYID_LEN, id);
	lk_line_begin(&b->bodies, LK_EVENT_DELETE, b->actor, b->from, id);
	if ((r = end_body(b, from, e)) != 0)
		return r;
	lk_buf_add(&b->deleted, id, LK_KEYID_LEN + 1);
	return b->deleted.failed ? lk_fail(e, LK_ENOMEM, "no memory") : 0;
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

/* ----------------------------------------------------------------- commit */

/* Let the index know.  What was deleted is so from now, come what may.  How
 * many keys there are then. */
static uint64_t
apply(struct lk_batch *b, int r)
{
	struct lk_error	 ignored;
	uint64_t	 nkeys;
	size_t		 i;

	if (lk_store_enter(b->s, &ignored) != 0)
		return 0;
	/* If it cannot be read now, the next refresh says so. */
	if (r == 0)
		(void)lk_store_catch_up(b->s, &ignored);
	for (i = 0; r == LK_EINDOUBT && i < b->deleted.n;
	    i += LK_KEYID_LEN + 1)
		lk_store_deny(b->s, b->deleted.p + i);
	nkeys = lk_store_size(b->s);
	lk_store_leave(b->s);
	return nkeys;
}

/* Room to keep what is deleted for such, should the sync fail. */
static int
reserve(struct lk_batch *b, struct lk_error *e)
{
	struct lk_buf	*d = &b->s->denied;
	size_t		 n = d->n;
	int		 r;

	if (b->deleted.n == 0)
		return 0;
	if ((r = lk_store_enter(b->s, e)) != 0)
		return r;
	lk_buf_add(d, b->deleted.p, b->deleted.n);
	if (d->failed)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	d->failed = 0;
	d->n = n;
	lk_store_leave(b->s);
	return r;
}

int
lk_batch_commit(struct lk_batch **bp, struct lk_error *e)
{
	struct lk_batch	*b = *bp;
	struct lk_store	*s = b->s;
	uint64_t	 nkeys = 0;
	int		 r = 0;

	if (b->n > 0 && (r = reserve(b, e)) == 0) {
		r = lk_pen_write(&b->pen, &b->bodies, b->n, b->when, b->remove,
		    e);
		if (r == LK_EINDOUBT)
			b->s->poisoned = 1;
		nkeys = apply(b, r);
	}
	lk_batch_abandon(bp);
	/* Without the lock: to copy takes time, and nobody waits for it. */
	lk_usage_fit(s->usage, nkeys);
	return r;
}

void
lk_batch_abandon(struct lk_batch **bp)
{
	struct lk_batch	*b = *bp;
	struct lk_image	*im;

	*bp = NULL;
	if (b == NULL)
		return;
	im = lk_store_image(b->s);
	lk_lock_drop(&b->s->lock, &im->folder, &im->state);
	lk_lock_leave(&b->s->lock);
	destroy(b);
}
