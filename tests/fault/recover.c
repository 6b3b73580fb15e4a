#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "recover.h"
#include "still.h"

#define NOW		1790000000
#define EXTRA		(KEYS_MAX - 1)	/* a key that no plan has            */

int64_t		 fault_now = NOW;
static uint8_t	 digests[KEYS_MAX][LK_DIGEST_SIZE];

static struct still	 started;	/* before this recovery              */

int64_t
fault_clock(void)
{
	return fault_now;
}

void
key_name(int n, char id[LK_KEYID_LEN + 1])
{
	snprintf(id, LK_KEYID_LEN + 1, "K%011u", (unsigned)n % 1000000);
}

const uint8_t *
key_digest(int n)
{
	return digests[n];
}

void
recover_start(void)
{
	struct lk_error	 e = { 0 };
	int		 i;

	if (lk_digest_init(&e) != 0)
		abort();
	for (i = 0; i < KEYS_MAX; i++)
		if (lk_sha256(&i, sizeof i, digests[i]) != 0)
			abort();
}

static void
options(int write, int remove, int keyed, struct lk_store_options *o)
{
	memset(o, 0, sizeof *o);
	o->dir = STORE;
	o->write = write;
	o->remove = remove;
	o->io = &vfs_io;
	o->clock = fault_clock;
	o->wait = 1;
	if (!keyed)
		return;
	o->check = (const uint8_t *)RECOVER_CHECK;
	if (lk_hmac_new(RECOVER_MAC, 32, &o->mac, NULL) != 0)
		abort();
}

int
recover_open(int write, int remove, int keyed, struct lk_store **out,
    struct lk_error *e)
{
	struct lk_store_options	 o;
	int			 r;

	options(write, remove, keyed, &o);
	r = lk_store_open(&o, out, e);
	if (r != LK_ECONFIG || !keyed)
		return r;
	/* It may have gone over to the next pepper. */
	options(write, remove, 0, &o);
	o.check = (const uint8_t *)NEXT_CHECK;
	if (lk_hmac_new(NEXT_MAC, 32, &o.mac, NULL) != 0)
		abort();
	return lk_store_open(&o, out, e);
}

int
recover_make(struct lk_error *e)
{
	struct lk_store_options	 o;

	options(1, 0, 1, &o);
	return lk_store_make(&o, 0700, 0640, (gid_t)-1, e);
}

static int
put_key(struct lk_batch *b, int n, int import, struct lk_error *e)
{
	static const struct lk_net	 net = { .family = 4, .bits = 8,
					    .addr = { 10 } };
	char			 id[LK_KEYID_LEN + 1];
	struct lk_new_key	 key = {
		.id = id, .type = "ucd", .account = "acme",
		.label = "a key", .hint = "ucd_9aZ2", .pepper = 1,
	};

	key_name(n, id);
	memcpy(key.digest, digests[n], sizeof key.digest);
	if (import) {
		key.created = NOW - 1000 - n;
		key.created_by = "bob";
		key.disabled = IS_DISABLED(n);
		key.addresses = &net;
		key.naddresses = HAS_NETS(n);
	}
	return lk_batch_generate(b, &key, e);
}

int
key_add(struct lk_batch *b, int n, struct lk_error *e)
{
	return put_key(b, n, 0, e);
}

int
key_import(struct lk_batch *b, int n, struct lk_error *e)
{
	return put_key(b, n, 1, e);
}

/* -------------------------------------------------------------------- look */

static int
look_at_key(struct lk_store *s, int n)
{
	char		 id[LK_KEYID_LEN + 1];
	struct lk_found	 by_id, by_digest;
	int		 r;

	key_name(n, id);
	r = lk_store_by_digest(s, digests[n], &by_digest);
	if (lk_store_by_id(s, id, LK_KEYID_LEN, &by_id) != r)
		return -2;		/* the two do not say the same       */
	if (r != 1)
		return r;
	return by_id.state == by_digest.state ? by_id.state : -2;
}

static char
look_at_package(struct lk_store *s)
{
	char	 package[LK_NAME_MAX + 1];

	switch (lk_store_account(s, "acme", package)) {
	case 1:
		return package[0] == '\0' ? '-' : package[0];
	case 0:
		return 0;
	default:
		return '!';
	}
}

static void
look_at(const struct model *m, struct lk_store *s, struct look *l)
{
	int	 i;

	memset(l, 0, sizeof *l);
	for (i = 0; i < m->nkeys; i++)
		l->key[i] = (signed char)look_at_key(s, i);
	l->package = look_at_package(s);
	l->lines = -1;
	if (m->rewritten)
		model_rewrite(l);
}

/* ----------------------------------------------------------------- recover */

/* It does not go on: may it, and does it say where? */
static enum verdict
stop(int garbage, const char *what, const struct lk_error *e, char *why,
    size_t n)
{
	if (garbage && e->text[0] != '\0' &&
	    (e->line != 0 || strstr(e->text, STORE) != NULL))
		return STOPPED;
	still_say(why, n, "%s stops%s: %.60s:%u: %.200s", what, garbage ?
	    " and names no place" : "", e->file, e->line, e->text);
	return BROKEN;
}

static enum verdict
judge(const struct model *m, const struct look *l, int stopped, char *why,
    size_t n)
{
	char	 text[160];

	if (stopped ? model_stands(m, l) : model_has(m, l))
		return HOLDS;
	model_explain(m, l, text, sizeof text);
	still_say(why, n, "%s%s", stopped ? "stopped, and " : "", text);
	return BROKEN;
}

/* again: there may be an account now that no plan has. */
static enum verdict
read_it(const struct model *m, int garbage, int again, struct look *l,
    char *why, size_t n)
{
	struct lk_store	*s;
	struct lk_error	 e = { 0 };
	enum verdict	 v;
	int		 r, damaged;

	r = recover_open(0, 0, 1, &s, &e);
	if (r == LK_ENOTFOUND && !m->made)
		return STOPPED;
	if (r != 0)
		return stop(garbage, "a reader", &e, why, n);
	look_at(m, s, l);
	damaged = lk_store_damaged(s, &e);
	lk_store_close(&s);
	if (again && l->package == '-')
		l->package = ANY_PACKAGE;
	v = judge(m, l, garbage, why, n);
	if (v != HOLDS || !damaged)
		return v;
	return stop(garbage, "a reader", &e, why, n);
}

/* A batch of nothing: whoever begins one mends what is there. */
static enum verdict
write_it(const struct model *m, int garbage, struct look *l, char *why,
    size_t n)
{
	struct lk_store	*s;
	struct lk_batch	*b;
	struct lk_error	 e = { 0 };
	enum verdict	 v = HOLDS;

	if (recover_open(1, 0, 1, &s, &e) != 0)
		return stop(garbage, "a writer", &e, why, n);
	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		v = stop(garbage, "a batch", &e, why, n);
	else
		lk_batch_abandon(&b);
	look_at(m, s, l);
	lk_store_close(&s);
	if (v == HOLDS &&
	    (l->lines = still_lines(m, &started, why, n)) == -1)
		v = BROKEN;
	if (m->rewritten)
		l->lines = -1;
	if (v != BROKEN && judge(m, l, v == STOPPED, why, n) == BROKEN)
		v = BROKEN;
	return v;
}

/* Once more is as good as once. */
static enum verdict
write_again(const struct model *m, const struct look *l, char *why, size_t n)
{
	struct still	 before, after;
	struct look	 again;
	enum verdict	 v;

	still_keep(&before);
	v = write_it(m, 0, &again, why, n);
	still_keep(&after);
	if (v == HOLDS && (before.n != after.n || before.torn != after.torn ||
	    memcmp(before.text, after.text, after.n) != 0)) {
		still_say(why, n, "recovering twice is not recovering once");
		v = BROKEN;
	}
	if (v == HOLDS && memcmp(again.key, l->key, sizeof l->key) != 0) {
		still_say(why, n, "keys change when it is recovered again");
		v = BROKEN;
	}
	free(before.text);
	free(after.text);
	return v;
}

static int
add_and_delete(struct lk_store *s, struct lk_error *e)
{
	char		 id[LK_KEYID_LEN + 1];
	struct lk_batch	*b;
	int		 r;

	key_name(EXTRA, id);
	if ((r = lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, e)) != 0)
		return r;
	if ((r = key_add(b, EXTRA, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	if ((r = lk_batch_commit(&b, e)) != 0)
		return r;
	if (look_at_key(s, EXTRA) != LK_STATE_ACTIVE)
		return lk_fail(e, LK_EUNAVAIL, "a new key is not active");
	if ((r = lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0, &b,
	    e)) != 0)
		return r;
	if ((r = lk_batch_delete(b, id, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	if ((r = lk_batch_commit(&b, e)) != 0)
		return r;
	return look_at_key(s, EXTRA) == LK_STATE_DELETED ? 0 :
	    lk_fail(e, LK_EUNAVAIL, "a deleted key is not so");
}

/* Work goes on, and a reader sees it. */
static enum verdict
go_on(const struct model *m, char *why, size_t n)
{
	struct lk_store	*s;
	struct lk_error	 e = { 0 };
	struct look	 l;
	int		 r;

	if (recover_open(1, 0, 1, &s, &e) != 0)
		return stop(0, "a writer", &e, why, n);
	r = add_and_delete(s, &e);
	lk_store_close(&s);
	if (r != 0)
		return stop(0, "a new key", &e, why, n);
	return read_it(m, 0, 1, &l, why, n);
}

static enum verdict
make_it(const struct model *m, char *why, size_t n)
{
	struct lk_error	 e = { 0 };
	struct look	 l;

	if (recover_make(&e) != 0)
		return stop(0, "making the store again", &e, why, n);
	return write_it(m, 0, &l, why, n);
}

static int
differs(const struct model *m, const struct look *a, const struct look *b)
{
	int	 i;

	for (i = 0; i < m->nkeys; i++)
		if (a->key[i] != b->key[i])
			return i;
	return -1;
}

static enum verdict
come_back(const struct model *m, int garbage, int more, char *why, size_t n)
{
	struct look	 seen, mended;
	enum verdict	 v, w;
	int		 i;

	v = read_it(m, garbage, 0, &seen, why, n);
	if (v == BROKEN)
		return v;
	if (v == STOPPED && !m->made && vfs_find(STILL_JOURNAL) == 0)
		return make_it(m, why, n);
	w = write_it(m, garbage, &mended, why, n);
	if (w != HOLDS)
		return w;
	if (v == HOLDS && !garbage && (i = differs(m, &seen, &mended)) != -1) {
		still_say(why, n, "a reader saw key %d as %d, which the "
		    "writer then kept as %d", i, seen.key[i], mended.key[i]);
		return BROKEN;
	}
	if ((w = write_again(m, &mended, why, n)) != HOLDS)
		return w;
	return more ? go_on(m, why, n) : HOLDS;
}

enum verdict
recover(const struct model *m, int garbage, int more, char *why, size_t n)
{
	enum verdict	 v;

	still_keep(&started);
	v = come_back(m, garbage || (m->sick && !m->acked), more, why, n);
	free(started.text);
	return v;
}
