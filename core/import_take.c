/*
 * import_take.c: the second pass: the keys of an import, a batch at a time.
 *
 * What can be done without the lock is done before: a batch is read, checked
 * and digested, then the lock is taken, the keys are written and synced, and
 * the lock is let go.  How many make a batch follows from how long the last one
 * had the lock, so that a delete of another process waits for LONG or so.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "import_inner.h"

#define FIRST		2000		/* keys of the first batch           */
#define LEAST		2000
#define MOST		20000
#define LONG		40000		/* microseconds with the lock        */
#define AHEAD		8	/* keys that are looked for before   */
#define IDS		512	/* made at once                      */
#define TEXT		(4 * 1024 * 1024)	/* octets of strings, nets   */

/* A key on its way; its strings are in taking.text. */
struct item {
	struct lk_new_key	 key;
	const struct lk_policy_type *type;
	const char		*package;
	uint64_t		 line;
};

struct taking {
	struct lk_importing	*m;
	struct item		*v;	/* MOST                              */
	size_t			 n, most;
	char			*text;	/* TEXT octets                       */
	size_t			 used;
	struct lk_seen		 seen;	/* of this batch                     */
	char			 ids[IDS * LK_KEYID_LEN];
	size_t			 left;	/* of those                          */
	int			 look;	/* some are there, as far as is known */
};

static int64_t
micros(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---------------------------------------------------------------- gathering */

static void *
keep(struct taking *t, const void *p, size_t n)
{
	void	*at = t->text + t->used;

	memcpy(at, p, n);
	t->used += n;
	return at;
}

static const char *
keep_text(struct taking *t, const char *s)
{
	return s != NULL ? keep(t, s, strlen(s) + 1) : NULL;
}

/* The octets that a row may take, at most. */
static int
is_full(const struct taking *t)
{
	return t->n >= t->most ||
	    TEXT - t->used < sizeof(struct lk_row) + LK_RECORD_MAX;
}

/* To ask for randomness takes longer than all else of a key. */
static int
next_id(struct taking *t, char out[LK_KEYID_LEN + 1], struct lk_error *e)
{
	int	 r;

	if (t->left == 0) {
		if ((r = lk_base62_random(t->ids, sizeof(t->ids), e)) != 0)
			return r;
		t->left = IDS;
	}
	memcpy(out, t->ids + --t->left * LK_KEYID_LEN, LK_KEYID_LEN);
	out[LK_KEYID_LEN] = '\0';
	return 0;
}

static int
fill(struct taking *t, struct item *it, struct lk_error *e)
{
	const struct lk_row	*row = &t->m->row;
	struct lk_new_key	*k = &it->key;
	char			 id[LK_KEYID_LEN + 1];
	int			 r;

	memset(it, 0, sizeof(*it));
	k->addresses = keep(t, row->addresses,
	    row->naddresses * sizeof(row->addresses[0]));
	k->naddresses = row->naddresses;
	if (!row->own && (r = next_id(t, id, e)) != 0)
		return r;
	k->id = keep_text(t, row->own ? row->id : id);
	k->type = row->type->type->name;
	k->account = keep_text(t, row->account);
	k->label = keep_text(t, row->label);
	k->hint = keep_text(t, row->hint);
	k->created_by = keep_text(t, row->created_by);
	memcpy(k->digest, row->digest, sizeof(k->digest));
	k->pepper = row->pepper;
	k->created = row->created;
	k->expires = row->expires;
	k->not_before = row->not_before;
	k->replaces = keep_text(t, row->replaces);
	k->replaced_by = keep_text(t, row->replaced_by);
	k->disabled = row->disabled;
	it->package = keep_text(t, row->package);
	it->type = row->type->type;
	it->line = t->m->reader.record.line;
	return 0;
}

/* What is in the batch already: the file has changed. */
static int
note(struct taking *t, const uint8_t octets[LK_SEEN_OCTETS],
    struct lk_error *e)
{
	int64_t	 line;

	line = lk_seen_add(&t->seen, octets, t->m->reader.record.line);
	if (line < 0)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (line > 0)
		return lk_fail(e, LK_EDATA, "it is that of line %" PRId64,
		    line);
	return 0;
}

static int
gather(struct taking *t, struct lk_error *e)
{
	const struct lk_row	*row = &t->m->row;
	uint8_t			 id[LK_SEEN_OCTETS];
	int			 r;

	/* Else what is there by now is found under the lock. */
	if (t->look && (r = lk_import_there(t->m, e)) != 0)
		return r == 1 ? 0 : r;
	if ((r = note(t, row->digest, e)) != 0)
		return r;
	if (row->own) {
		lk_seen_id(row->id, id);
		if ((r = note(t, id, e)) != 0)
			return r;
	}
	if ((r = fill(t, &t->v[t->n], e)) == 0)
		t->n++;
	return r;
}

/* ------------------------------------------------------------------ writing */

static int
check_limit(struct taking *t, struct lk_batch *b, const struct item *it,
    struct lk_error *e)
{
	struct lk_store	*s = t->m->lk->store;
	int64_t		 now = lk_store_now(s), held;

	if (it->type->limit == 0 || it->key.replaced_by != NULL ||
	    (it->key.expires != 0 && it->key.expires <= now))
		return 0;
	held = lk_batch_count(b, it->key.type, it->key.account, now);
	if (held < 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell how "
		    "many keys %s holds (latchkey store check)",
		    it->key.account);
	if (held < it->type->limit)
		return 0;
	return lk_fail(e, LK_ELIMIT, "%s holds %" PRId64 " of %u %s keys by "
	    "now: delete one first (latchkey list %s --account %s)",
	    it->key.account, held, it->type->limit, it->key.type,
	    it->key.type, it->key.account);
}

/* Before its first key, so that the key never goes by another package. */
static int
give_package(struct taking *t, struct lk_batch *b, const struct item *it,
    struct lk_error *e)
{
	char	 is[LK_NAME_MAX + 1];
	int	 r;

	if (it->package[0] == '\0' || (it > t->v &&
	    strcmp(it[-1].key.account, it->key.account) == 0))
		return 0;
	r = lk_store_account(t->m->lk->store, it->key.account, is);
	if (r == 0)
		return lk_batch_account(b, it->key.account, it->package, e);
	if (r == 1 && strcmp(is, it->package) == 0)
		return 0;
	return lk_fail(e, r == 1 ? LK_EDATA : LK_EUNAVAIL, "%s has another "
	    "package by now than %s", it->key.account, it->package);
}

static int
add(struct taking *t, struct lk_batch *b, const struct item *it,
    struct lk_error *e)
{
	int	 r;

	if ((r = check_limit(t, b, it, e)) != 0 ||
	    (r = give_package(t, b, it, e)) != 0)
		return r;
	return lk_batch_generate(b, &it->key, e);
}

/* Another import was faster, or one that was killed had it written already. */
static int
is_there(const struct taking *t, const struct item *it)
{
	struct lk_found	 f;

	return lk_store_by_digest(t->m->lk->store, it->key.digest, &f) == 1 &&
	    strcmp(f.type, it->key.type) == 0 &&
	    strcmp(f.account, it->key.account) == 0;
}

static int
is_skipped(const struct taking *t, int r)
{
	return (t->m->o->flags & LK_IMPORT_SKIP_BAD) != 0 &&
	    (r == LK_EDATA || r == LK_ELIMIT);
}

/* All that were gathered; *added: those that were not skipped. */
static int
add_all(struct taking *t, struct lk_batch *b, size_t *added,
    struct lk_error *e)
{
	size_t	 i;
	int	 r;

	*added = 0;
	for (i = 0; i < t->n; i++) {
		if (i + AHEAD < t->n)
			lk_store_expect_new(t->m->lk->store,
			    &t->v[i + AHEAD].key);
		if ((r = add(t, b, &t->v[i], e)) == 0) {
			++*added;
			continue;
		}
		if (r != LK_EUNAVAIL && is_there(t, &t->v[i])) {
			t->look = 1;
			continue;
		}
		t->m->reader.record.line = t->v[i].line;
		if (!is_skipped(t, r))
			return lk_import_fatal(t->m, LK_COLUMNS, e);
		/* Another writer was faster. */
		lk_import_bad(t->m, LK_COLUMNS, e);
	}
	return 0;
}

/* The next batch is as long as the lock may be had. */
static void
adapt(struct taking *t, int64_t took)
{
	size_t	 most = t->n * LONG / (size_t)(took > 0 ? took : 1);

	if (most > 2 * t->most)
		most = 2 * t->most;
	if (most < LEAST)
		most = LEAST;
	t->most = most > MOST ? MOST : most;
}

static int
write_batch(struct taking *t, struct lk_error *e)
{
	const struct lk_importing	*m = t->m;
	struct lk_batch			*b = NULL;
	int64_t				 began;
	size_t				 added = 0;
	int				 r;

	if ((r = lk_batch_begin(m->lk->store, LK_BATCH_ADD, m->op->name,
	    m->from, (m->o->flags & LK_IMPORT_ACCEPT_CLOCK) != 0, &b,
	    e)) != 0)
		return r;
	began = micros();
	if (m->rules.live != atomic_load(&m->lk->pepper))
		r = lk_fail(e, LK_EAGAIN, "the pepper was rotated meanwhile: "
		    "import it again, what was taken is passed over");
	else
		r = add_all(t, b, &added, e);
	if (r != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	if ((r = lk_batch_commit(&b, e)) != 0)
		return r;
	m->n->added += added;
	adapt(t, micros() - began);
	return 0;
}

static int
flush(struct taking *t, struct lk_error *e)
{
	const struct lk_import	*o = t->m->o;
	int			 r;

	if (t->n == 0)
		return 0;
	if ((r = write_batch(t, e)) != 0)
		return r;
	t->n = t->used = 0;
	lk_seen_clear(&t->seen);
	if (o->progress != NULL)
		o->progress(o->progress_arg, 1, t->m->n->added,
		    t->m->n->fresh);
	return 0;
}

/* ----------------------------------------------------------------- the pass */

/* Was it bad in the first pass?  Both go through the lines in order. */
static int
was_bad(struct lk_importing *m)
{
	uint64_t	 line;

	if (m->passed == m->bad.n)
		return 0;
	memcpy(&line, m->bad.p + m->passed, sizeof(line));
	if (line != m->reader.record.line)
		return 0;
	m->passed += sizeof(line);
	return 1;
}

/* 1 go on, 0 the end, or what ends the import. */
static int
take_next(struct taking *t, struct lk_error *e)
{
	struct lk_importing	*m = t->m;
	enum lk_column		 at = LK_COLUMNS;
	int			 r;

	if (is_full(t) && (r = flush(t, e)) != 0)
		return r;
	if ((r = lk_import_read(&m->reader, &m->row, e)) == 0)
		return 0;
	if (was_bad(m))
		return 1;
	if (r == 1 && (r = lk_row_check(&m->row, &m->rules, &at, e)) == 0)
		r = gather(t, e);
	if (r == 0)
		return 1;
	return lk_import_fatal(m, at, e);
}

static int
take_all(struct taking *t, struct lk_error *e)
{
	struct lk_importing	*m = t->m;
	int			 r;

	if ((r = lk_import_reader_start(&m->reader, m->fd, m->start,
	    m->o->format, e)) != 0)
		return lk_import_fatal(m, LK_COLUMNS, e);
	do
		r = take_next(t, e);
	while (r == 1);
	if (r != 0 || (r = flush(t, e)) != 0)
		return r;
	/* With those that came meanwhile. */
	m->n->there = m->n->records - m->n->bad - m->n->added;
	return 0;
}

int
lk_import_take(struct lk_importing *m, struct lk_error *e)
{
	struct taking	 t = { .m = m, .most = FIRST };
	int		 r;

	t.look = m->n->there != 0;
	t.v = calloc(MOST, sizeof(*t.v));
	t.text = malloc(TEXT);
	if (t.v == NULL || t.text == NULL)
		r = lk_fail(e, LK_ENOMEM, "no memory");
	else
		r = take_all(&t, e);
	lk_import_reader_end(&m->reader);
	lk_seen_free(&t.seen);
	free(t.text);
	free(t.v);
	return r;
}
