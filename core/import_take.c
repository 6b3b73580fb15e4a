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

#include <sys/stat.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "import_gather.h"
#include "operator.h"
#include "peppers.h"

#define FIRST		2000		/* keys of the first batch           */
#define LEAST		2000
#define LONG		40000		/* microseconds with the lock        */
#define AHEAD		8	/* keys that are looked for before   */

static int64_t
micros(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
check_limit(struct lk_importing *m, struct lk_batch *b,
    const struct lk_gathered_key *it, struct lk_error *e)
{
	struct lk_store	*s = m->lk->store;
	int64_t		 now = lk_store_now(s), held, with;

	if (it->type->limit == 0 ||
	    (it->key.expires != 0 && it->key.expires <= now))
		return 0;
	with = lk_batch_count_with(b, &it->key, now);
	if (with >= 0 && with <= it->type->limit)
		return 0;
	held = lk_batch_count(b, it->key.type, it->key.account, now);
	if (held < 0 || with < 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell how "
		    "many keys %s holds (latchkey store check)",
		    it->key.account);
	if (with == held)
		return 0;
	return lk_fail(e, LK_ELIMIT, "%s holds %" PRId64 " of %u %s keys by "
	    "now: delete one first (latchkey list %s --account %s)",
	    it->key.account, held, it->type->limit, it->key.type,
	    it->key.type, it->key.account);
}

/* Before its first key, so that the key never goes by another package.  last:
 * the key that was taken before it, or NULL. */
static int
give_package(struct lk_importing *m, struct lk_batch *b,
    const struct lk_gathered_key *it, const struct lk_gathered_key *last,
    struct lk_error *e)
{
	char	 is[LK_NAME_MAX + 1];
	int	 r;

	if (it->package[0] == '\0' || (last != NULL &&
	    strcmp(last->key.account, it->key.account) == 0))
		return 0;
	r = lk_store_account(m->lk->store, it->key.account, is);
	if (r == 0) {
		/* The file may be another one than what was checked. */
		if (!m->may_accounts && (r = lk_operator_may(m->lk, m->op,
		    LK_MAY_ACCOUNTS, e)) != 0)
			return r;
		return lk_batch_account(b, it->key.account, it->package, e);
	}
	if (r == 1 && strcmp(is, it->package) == 0)
		return 0;
	return lk_fail(e, r == 1 ? LK_EDATA : LK_EUNAVAIL, "%s has another "
	    "package by now than %s", it->key.account, it->package);
}

static int
add(struct lk_importing *m, struct lk_batch *b,
    const struct lk_gathered *from, size_t i,
    const struct lk_gathered_key *last, struct lk_error *e)
{
	const struct lk_gathered_key	*it = &from->v[i];
	int				 r;

	if ((r = check_limit(m, b, it, e)) != 0 ||
	    (r = give_package(m, b, it, last, e)) != 0)
		return r;
	return lk_batch_take(b, &it->key, from->draft.bodies.p + it->at,
	    it->octets, it->lines, e);
}

/* Another import was faster, or one that was killed had it written already. */
static int
is_there(const struct lk_importing *m, const struct lk_gathered_key *it)
{
	struct lk_found	 f;

	return lk_store_by_digest(m->lk->store, it->key.digest, &f) == 1 &&
	    strcmp(f.type, it->key.type) == 0 &&
	    strcmp(f.account, it->key.account) == 0;
}

static int
is_skipped(const struct lk_importing *m, int r)
{
	return (m->o->flags & LK_IMPORT_SKIP_BAD) != 0 &&
	    (r == LK_EDATA || r == LK_ELIMIT);
}

/* All that were gathered; *added: those that were not skipped. */
static int
add_all(struct lk_gather *g, struct lk_batch *b,
    const struct lk_gathered *from, size_t *added, struct lk_error *e)
{
	const struct lk_gathered_key	*last = NULL;
	struct lk_importing		*m = g->m;
	size_t				 i;
	int				 r;

	*added = 0;
	for (i = 0; i < from->n; i++) {
		if (i + AHEAD < from->n)
			lk_store_expect_new(m->lk->store,
			    &from->v[i + AHEAD].key);
		if ((r = add(m, b, from, i, last, e)) == 0) {
			last = &from->v[i];
			++*added;
			continue;
		}
		if (r != LK_EUNAVAIL && is_there(m, &from->v[i])) {
			atomic_store(&g->look, 1);
			continue;
		}
		lk_import_at(m, from->v[i].line, e);
		if (!is_skipped(m, r))
			return r;
		/* Another writer was faster. */
		lk_import_tell(m, e);
	}
	return 0;
}

/* The next batch is as long as the lock may be had. */
static void
adapt(struct lk_gather *g, size_t n, int64_t took)
{
	size_t	 last = atomic_load(&g->most);
	size_t	 most = n * LONG / (size_t)(took > 0 ? took : 1);

	if (most > 2 * last)
		most = 2 * last;
	if (most < LEAST)
		most = LEAST;
	atomic_store(&g->most, most > LK_GATHER_MOST ? LK_GATHER_MOST : most);
}

/* Are they there still that the keys are under?  An old one may have been
 * retired meanwhile, which is done under the lock as well. */
static int
check_peppers(const struct lk_importing *m, const struct lk_gathered *from,
    struct lk_error *e)
{
	unsigned	 old = 0, current = lk_pepper_current(m->rules.live);
	struct stat	 st;
	char		 path[LK_PATH_MAX];
	size_t		 i;

	if (m->rules.live != atomic_load(&m->lk->pepper))
		return lk_fail(e, LK_EAGAIN, "the pepper was rotated "
		    "meanwhile: import it again, what was taken is passed "
		    "over");
	for (i = 0; i < from->n && old == 0; i++)
		if (from->v[i].key.pepper != current)
			old = from->v[i].key.pepper;
	if (old == 0 || (lk_peppers_path(m->lk, old, path,
	    sizeof(path)) == 0 && lstat(path, &st) == 0))
		return 0;
	return lk_fail(e, LK_EAGAIN, "pepper %u was retired meanwhile, so keys "
	    "under it are good for nothing: import the others (--skip-bad)",
	    old);
}

static int
write_batch(struct lk_gather *g, const struct lk_gathered *from,
    struct lk_error *e)
{
	const struct lk_importing	*m = g->m;
	struct lk_batch			*b = NULL;
	int64_t				 began;
	size_t				 added = 0;
	int				 r;

	if ((r = lk_batch_begin(m->lk->store, LK_BATCH_ADD, m->op->name,
	    m->from, (m->o->flags & LK_IMPORT_ACCEPT_CLOCK) != 0, &b,
	    e)) != 0)
		return r;
	began = micros();
	if ((r = check_peppers(m, from, e)) != 0 ||
	    (r = add_all(g, b, from, &added, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	if ((r = lk_batch_commit(&b, e)) != 0)
		return r;
	m->n->added += added;
	adapt(g, from->n, micros() - began);
	return 0;
}

/* ----------------------------------------------------------------- the pass */

static int
take_all(struct lk_gather *g, struct lk_error *e)
{
	const struct lk_import		*o = g->m->o;
	struct lk_imported		*n = g->m->n;
	const struct lk_gathered	*b;
	int				 r;

	do {
		b = lk_gather_next(g);
		if (b->r < 0) {
			*e = b->e;
			return b->r;
		}
		if (b->n != 0 && (r = write_batch(g, b, e)) != 0)
			return r;
		if (b->n != 0 && o->progress != NULL)
			o->progress(o->progress_arg, 1, n->added, n->fresh);
	} while (b->r == 1);
	/* With those that came meanwhile. */
	n->there = n->records - n->bad - n->added;
	return 0;
}

int
lk_import_take(struct lk_importing *m, struct lk_error *e)
{
	struct lk_gather	*g;
	int			 r;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	atomic_init(&g->look, m->n->there != 0);
	atomic_init(&g->most, FIRST);
	if ((r = lk_gather_start(g, m, e)) == 0)
		r = take_all(g, e);
	lk_gather_end(g);
	free(g);
	return r;
}
