#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "import_gather.h"

#define TEXT		(4 * 1024 * 1024)	/* octets of strings, nets   */
#define APART		(256 * 1024)	/* octets of a file that is worth a
					 * thread                    */

/* ---------------------------------------------------------------- one key */

static void *
keep(struct lk_gathered *b, const void *p, size_t n)
{
	void	*at = b->text + b->used;

	memcpy(at, p, n);
	b->used += n;
	return at;
}

static const char *
keep_text(struct lk_gathered *b, const char *s)
{
	return s != NULL ? keep(b, s, strlen(s) + 1) : NULL;
}

/* To ask for randomness takes longer than all else of a key. */
static int
next_id(struct lk_gather *g, char out[LK_KEYID_LEN + 1], struct lk_error *e)
{
	int	 r;

	if (g->left == 0) {
		if ((r = lk_base62_random(g->ids, sizeof(g->ids), e)) != 0)
			return r;
		g->left = LK_GATHER_IDS;
	}
	memcpy(out, g->ids + --g->left * LK_KEYID_LEN, LK_KEYID_LEN);
	out[LK_KEYID_LEN] = '\0';
	return 0;
}

static void
fill_key(struct lk_gathered *b, const struct lk_row *row, const char *id,
    struct lk_new_key *k)
{
	k->addresses = keep(b, row->addresses,
	    row->naddresses * sizeof(row->addresses[0]));
	k->naddresses = row->naddresses;
	k->id = keep_text(b, id);
	k->type = row->type->type->name;
	k->account = keep_text(b, row->account);
	k->label = keep_text(b, row->label);
	k->hint = keep_text(b, row->hint);
	k->created_by = keep_text(b, row->created_by);
	memcpy(k->digest, row->digest, sizeof(k->digest));
	k->pepper = row->pepper;
	k->created = row->created;
	k->expires = row->expires;
	k->not_before = row->not_before;
	k->replaces = keep_text(b, row->replaces);
	k->replaced_by = keep_text(b, row->replaced_by);
	k->role = keep_text(b, row->role);
	k->disabled = row->disabled;
}

static int
add(struct lk_gather *g, struct lk_gathered *b, struct lk_error *e)
{
	const struct lk_row	*row = &g->m->row;
	struct lk_gathered_key	*it = &b->v[b->n];
	char			 id[LK_KEYID_LEN + 1];
	int			 r;

	memset(it, 0, sizeof(*it));
	if (!row->own && (r = next_id(g, id, e)) != 0)
		return r;
	fill_key(b, row, row->own ? row->id : id, &it->key);
	it->package = keep_text(b, row->package);
	it->type = row->type->type;
	it->line = g->m->reader.record.line;
	it->at = b->draft.bodies.n;
	it->lines = b->draft.n;
	if ((r = lk_draft_key(&b->draft, &it->key, e)) != 0)
		return r;
	it->octets = b->draft.bodies.n - it->at;
	it->lines = b->draft.n - it->lines;
	b->n++;
	return 0;
}

/* What is in the batch already: the file has changed. */
static int
note(struct lk_gather *g, struct lk_gathered *b,
    const uint8_t octets[LK_SEEN_OCTETS], struct lk_error *e)
{
	int64_t	 line;

	line = lk_seen_add(&b->seen, octets, g->m->reader.record.line);
	if (line < 0)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (line > 0)
		return lk_fail(e, LK_EDATA, "it is that of line %" PRId64,
		    line);
	return 0;
}

static int
gather(struct lk_gather *g, struct lk_gathered *b, struct lk_error *e)
{
	const struct lk_row	*row = &g->m->row;
	uint8_t			 id[LK_SEEN_OCTETS];
	int			 r;

	/* Else what is there by now is found under the lock. */
	if (atomic_load(&g->look) && (r = lk_import_there(g->m, e)) != 0)
		return r == 1 ? 0 : r;
	if ((r = note(g, b, row->digest, e)) != 0)
		return r;
	if (row->own) {
		lk_seen_id(row->id, id);
		if ((r = note(g, b, id, e)) != 0)
			return r;
	}
	return add(g, b, e);
}

/* ---------------------------------------------------------------- a batch */

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

/* The octets that a row may take, at most. */
static int
is_full(const struct lk_gathered *b, size_t most)
{
	return b->n >= most ||
	    TEXT - b->used < sizeof(struct lk_row) + LK_RECORD_MAX;
}

/* 1 go on, 0 the end, or what ends the import. */
static int
one(struct lk_gather *g, struct lk_gathered *b)
{
	struct lk_importing	*m = g->m;
	struct lk_error		*e = &b->e;
	enum lk_column		 at = LK_COLUMNS;
	int			 r;

	if ((r = lk_import_read(&m->reader, &m->row, e)) == 0)
		return 0;
	if (was_bad(m))
		return 1;
	if (r == 1 && (r = lk_row_check(&m->row, &m->rules, &at, e)) == 0)
		r = gather(g, b, e);
	return r == 0 ? 1 : lk_import_fatal(m, at, e);
}

static int
fill(void *arg, unsigned slot)
{
	struct lk_gather	*g = arg;
	struct lk_gathered	*b = &g->v[slot];
	size_t			 most = atomic_load(&g->most);

	b->n = b->used = 0;
	b->r = 1;
	lk_draft_clear(&b->draft);
	lk_seen_clear(&b->seen);
	while (b->r == 1 && !is_full(b, most))
		b->r = one(g, b);
	return b->r;
}

static int
make(struct lk_gather *g, struct lk_gathered *b)
{
	b->v = calloc(LK_GATHER_MOST, sizeof(*b->v));
	b->text = malloc(TEXT);
	b->draft = LK_DRAFT_NONE;
	b->draft.actor = g->m->op->name;
	b->draft.from = g->m->from;
	return b->v != NULL && b->text != NULL ? 0 : LK_ENOMEM;
}

static void
unmake(struct lk_gathered *b)
{
	lk_seen_free(&b->seen);
	lk_draft_free(&b->draft);
	free(b->text);
	free(b->v);
}

/* ----------------------------------------------------------------- public */

int
lk_gather_start(struct lk_gather *g, struct lk_importing *m,
    struct lk_error *e)
{
	unsigned	 slots = m->octets < APART ? 1 : LK_GATHER_SLOTS, i;
	int		 r;

	g->m = m;
	for (i = 0; i < slots; i++)
		if (make(g, &g->v[i]) != 0)
			return lk_fail(e, LK_ENOMEM, "no memory");
	if ((r = lk_import_reader_start(&m->reader, m->fd, m->start,
	    m->o->format, e)) != 0)
		return lk_import_fatal(m, LK_COLUMNS, e);
	lk_relay_start(&g->relay, slots, fill, g);
	return 0;
}

struct lk_gathered *
lk_gather_next(struct lk_gather *g)
{
	return &g->v[lk_relay_next(&g->relay)];
}

void
lk_gather_end(struct lk_gather *g)
{
	unsigned	 i;

	lk_relay_end(&g->relay);
	for (i = 0; i < LK_GATHER_SLOTS; i++)
		unmake(&g->v[i]);
	lk_import_reader_end(&g->m->reader);
}
