/*
 * import.c: keys of other systems, and of other stores of the same pepper.
 *
 * All is read twice.  The first time each record is checked, alone and against
 * the others; the second time its key is taken, as one of many of a batch.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "import_inner.h"
#include "operator.h"

void
lk_import_tell(struct lk_importing *m, struct lk_error *e)
{
	m->n->bad++;
	if (m->o->finding != NULL)
		m->o->finding(m->o->finding_arg, e, NULL);
}

void
lk_import_bad(struct lk_importing *m, enum lk_column at, struct lk_error *e)
{
	if ((m->o->flags & LK_IMPORT_SKIP_BAD) != 0)
		lk_buf_add(&m->bad, &m->reader.record.line,
		    sizeof(m->reader.record.line));
	lk_import_fatal(m, at, e);
	lk_import_tell(m, e);
}

void
lk_import_at(const struct lk_importing *m, uint64_t line, struct lk_error *e)
{
	snprintf(e->file, sizeof(e->file), "%s", m->o->name);
	e->line = line < UINT32_MAX ? (unsigned)line : UINT32_MAX;
}

int
lk_import_fatal(struct lk_importing *m, enum lk_column at, struct lk_error *e)
{
	lk_import_at(m, m->reader.record.line, e);
	lk_import_place(&m->reader, at, e);
	return e->code;
}

/* The key with the digest of the row. */
static int
judge_twin(const struct lk_row *row, const struct lk_found *f,
    struct lk_error *e)
{
	if (strcmp(f->type, row->type->type->name) == 0 &&
	    strcmp(f->account, row->account) == 0 &&
	    (!row->own || strcmp(f->key_id, row->id) == 0))
		return 1;
	return lk_fail(e, LK_EDATA, "this token is that of key %s of %s, type "
	    "%s, already", f->key_id, f->account, f->type);
}

int
lk_import_there(struct lk_importing *m, struct lk_error *e)
{
	const struct lk_row	*row = &m->row;
	struct lk_found		 f;
	int			 r;

	r = lk_store_by_digest(m->lk->store, row->digest, &f);
	if (r == 1)
		return judge_twin(row, &f, e);
	/* It may have come before the pepper was rotated. */
	if (r == 0 && row->has_older &&
	    (r = lk_store_by_digest(m->lk->store, row->older, &f)) == 1)
		return judge_twin(row, &f, e);
	if (r == 0 && row->own)
		r = lk_store_by_id(m->lk->store, row->id, LK_KEYID_LEN, &f);
	if (r == 1)
		return lk_fail(e, LK_EDATA, "there is another key %s, of %s, "
		    "type %s", row->id, f.account, f.type);
	if (r != 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell "
		    "(latchkey store check)");
	return 0;
}

/* ------------------------------------------------------------------- public */

static int
begin(struct lk_importing *m, struct lk_error *e)
{
	struct stat	 st;
	off_t		 at = 0;
	int		 r;

	if (m->fd == m->o->fd && (at = lseek(m->fd, 0, SEEK_CUR)) == -1)
		at = 0;
	if (fstat(m->fd, &st) == -1)
		return lk_fail_errno(e, LK_EIO, "%s", m->o->name);
	m->start = at;
	m->octets = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	if ((r = lk_store_refresh(m->lk->store, e)) != 0)
		return r;
	snprintf(m->from, sizeof(m->from), "%.120s import", m->op->from);
	return lk_rules_start(&m->rules, m->lk, e);
}

static int
both(struct lk_importing *m, struct lk_error *e)
{
	int	 r;

	if ((r = begin(m, e)) != 0 || (r = lk_import_check(m, e)) != 0)
		return r;
	if (m->bad.failed)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (m->n->bad != 0 && ((m->o->flags & LK_IMPORT_SKIP_BAD) == 0 ||
	    (m->o->flags & LK_IMPORT_CHECK) != 0))
		return lk_fail(e, LK_EDATA, "%s: %" PRIu64 " of %" PRIu64
		    " records %s bad: nothing was taken (--skip-bad takes the "
		    "good ones)", m->o->name, m->n->bad, m->n->records,
		    m->n->bad == 1 ? "is" : "are");
	if ((m->o->flags & LK_IMPORT_CHECK) != 0 || m->n->fresh == 0)
		return 0;
	/* While somebody else makes a bigger index, it grows by and by. */
	r = lk_store_make_room(m->lk->store, m->n->fresh, m->accounts, e);
	if (r != 0 && r != LK_EAGAIN)
		return r;
	return lk_import_take(m, e);
}

static int
spooled(struct lk_importing *m, struct lk_error *e)
{
	int	 own, r;

	if ((r = lk_import_spool(m->o->fd, &m->fd, &own, e)) != 0) {
		snprintf(e->file, sizeof(e->file), "%s", m->o->name);
		return r;
	}
	r = both(m, e);
	if (own)
		close(m->fd);
	return r;
}

int
lk_import(struct lk *lk, const struct lk_operator *op,
    const struct lk_import *o, struct lk_imported *out, struct lk_error *e)
{
	struct lk_importing	*m;
	struct lk_seat		*seat;
	struct lk_error		 ignored;
	int			 r;

	if (e == NULL)
		e = &ignored;
	if (lk == NULL || o == NULL || o->size != sizeof(*o) ||
	    o->name == NULL || out == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_import: an argument is "
		    "missing");
	memset(out, 0, sizeof(*out));
	if (lk->snapshot == NULL || atomic_load(&lk->pepper) == NULL)
		return lk_fail(e, LK_EUSAGE, "opened without a pepper: no "
		    "keys can be taken");
	if ((r = lk_operator_may(lk, op, LK_MAY_GENERATE, e)) != 0)
		return r;
	if ((m = calloc(1, sizeof(*m))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if ((seat = lk_hold(lk)) == NULL) {
		free(m);
		return lk_fail(e, LK_ENOMEM, "no memory");
	}
	m->lk = lk;
	m->op = op;
	m->o = o;
	m->n = out;
	m->bad = LK_BUF_NONE;
	r = spooled(m, e);
	lk_release(seat);
	lk_buf_free(&m->bad);
	free(m);
	return r;
}
