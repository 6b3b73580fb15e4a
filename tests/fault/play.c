#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"

void
play_need(int ok, const char *what, const struct lk_error *e)
{
	if (ok)
		return;
	printf("Bail out! %s: %s\n", what, e != NULL ? e->text : "");
	exit(1);
}

struct lk_store *
play_open(int write, int keyed)
{
	struct lk_store	*s;
	struct lk_error	 e = { 0 };

	play_need(recover_open(write, write && !keyed, keyed, &s, &e) == 0,
	    "open", &e);
	return s;
}

/* -------------------------------------------------------------------- marks */

/* Lines of the journal. */
static int
lines_of(const struct batch_plan *p)
{
	int	 i, n = p->kind == BATCH_PACKAGE ? 1 : p->to - p->from;

	for (i = p->from; i < p->to && p->kind == BATCH_IMPORT; i++)
		n += IS_DISABLED(i) + HAS_NETS(i);
	return n + (p->kind == BATCH_FORGET);
}

int
play_plan(struct play *p, enum batch_kind kind, int from, int to, char package)
{
	struct model	*m = &p->r->model;

	play_need(m->n < BATCHES_MAX && to <= KEYS_MAX - 1, "too many", NULL);
	m->plan[m->n] = (struct batch_plan){ kind, from, to, package, 0 };
	m->plan[m->n].lines = lines_of(&m->plan[m->n]);
	if (kind <= BATCH_IMPORT && to > m->nkeys)
		m->nkeys = to;
	return m->n++;
}

/* What comes before the tape is said of the model at once. */
void
play_mark(struct play *p, enum mark mark, int batch)
{
	struct model	*m = &p->r->model;

	if (p->recording)
		tape_mark(&p->r->tape, (int)mark, batch);
	else if (mark == MARK_MADE)
		m->made_before = 1;
	else {
		m->begun_before[batch] = 1;
		m->status_before[batch] = mark;
	}
}

static int
fill_one(struct lk_batch *b, enum batch_kind kind, int key,
    struct lk_error *e)
{
	char	 id[LK_KEYID_LEN + 1];

	key_name(key, id);
	switch (kind) {
	case BATCH_ADD:
		return key_add(b, key, e);
	case BATCH_IMPORT:
		return key_import(b, key, e);
	case BATCH_DISABLE:
		return lk_batch_disable(b, id, e);
	case BATCH_ENABLE:
		return lk_batch_enable(b, id, e);
	default:
		return lk_batch_delete(b, id, e);
	}
}

static int
fill(struct lk_batch *b, const struct batch_plan *plan, struct lk_error *e)
{
	char	 package[2] = { plan->package, '\0' };
	int	 i, r = 0;

	if (plan->kind == BATCH_PACKAGE)
		return lk_batch_account(b, "acme", package, e);
	for (i = plan->from; i < plan->to && r == 0; i++)
		r = fill_one(b, plan->kind, i, e);
	if (r == 0 && plan->kind == BATCH_FORGET)
		r = lk_batch_account_delete(b, "acme", e);
	return r;
}

static int
batch(struct lk_store *s, const struct batch_plan *plan, struct lk_error *e)
{
	struct lk_batch	*b;
	int		 kind = plan->kind == BATCH_DELETE ||
			    plan->kind == BATCH_DISABLE ? LK_BATCH_REMOVE :
			    LK_BATCH_ADD;
	int		 r;

	r = plan->kind == BATCH_FORGET ?
	    lk_batch_begin_alone(s, kind, "ann", "cli", &b, e) :
	    lk_batch_begin(s, kind, "ann", "cli", 0, &b, e);
	if (r != 0)
		return r;
	if ((r = fill(b, plan, e)) != 0) {
		lk_batch_abandon(&b);
		return r;
	}
	return lk_batch_commit(&b, e);
}

static void
one(struct play *p, struct lk_store *s, int n, int want)
{
	struct lk_error	 e = { 0 };
	int		 r;

	fault_now++;
	play_mark(p, MARK_BEGUN, n);
	r = batch(s, &p->r->model.plan[n], &e);
	play_need(r == want, "a batch", &e);
	if (r == 0)
		play_mark(p, MARK_ACKED, n);
	else if (r != LK_EINDOUBT)
		play_mark(p, MARK_REFUSED, n);
}

void
play_add(struct play *p, struct lk_store *s, int from, int to, int want)
{
	one(p, s, play_plan(p, BATCH_ADD, from, to, 0), want);
}

void
play_batch(struct play *p, struct lk_store *s, enum batch_kind kind, int from,
    int to)
{
	one(p, s, play_plan(p, kind, from, to, 0), 0);
}

void
play_delete(struct play *p, struct lk_store *s, int from, int to, int want)
{
	one(p, s, play_plan(p, BATCH_DELETE, from, to, 0), want);
}

static int
no_sync(void *arg)
{
	struct play	*p = arg;

	if (p->nth > 1) {
		p->nth--;
		return 0;
	}
	if (p->failing == 0)
		return 0;
	p->failing--;
	errno = EIO;
	return -1;
}

void
play_fail_sync(struct play *p, int nth, int count)
{
	p->nth = nth;
	p->failing = count;
	p->r->tape.on_sync = count > 0 ? no_sync : NULL;
	p->r->tape.on_sync_arg = p;
}

int
play_doubt(struct play *p, struct lk_store *s, enum batch_kind kind, int from,
    int to, int syncs)
{
	int	 n = play_plan(p, kind, from, to, 0);

	play_fail_sync(p, 1, syncs);
	one(p, s, n, LK_EINDOUBT);
	play_fail_sync(p, 0, 0);
	return n;
}

int
play_killed(struct play *p, struct lk_store *s, enum batch_kind kind, int from,
    int to)
{
	int	 n = play_doubt(p, s, kind, from, to, 1);

	p->killed = s;
	vfs_drop_locks();
	return n;
}

void
play_package(struct play *p, struct lk_store *s, char package)
{
	one(p, s, play_plan(p, BATCH_PACKAGE, 0, 0, package), 0);
}

void
play_forget(struct play *p, struct lk_store *s, int from, int to)
{
	one(p, s, play_plan(p, BATCH_FORGET, from, to, 0), 0);
}

void
play_begin(struct lk_store *s)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;

	play_need(lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b,
	    &e) == 0, "begin", &e);
	lk_batch_abandon(&b);
}

/* --------------------------------------------------------------------- play */

static void
empty_disk(void)
{
	vfs_clear();
	vfs_put(2, 1, NULL, 0);
	vfs_link(VFS_ROOT, "home", 2);
}

void
play(const struct scenario *s, struct record *r)
{
	struct play	 p = { .r = r };
	struct lk_error	 e = { 0 };

	memset(r, 0, sizeof *r);
	r->name = s->name;
	empty_disk();
	if (s->before != NULL) {
		play_need(recover_make(&e) == 0, "make", &e);
		play_mark(&p, MARK_MADE, 0);
		s->before(&p);
	}
	vfs_drop_all();
	if (s->boot)
		disk_boot();
	disk_take(&r->start);
	disk_put(&r->start);		/* nothing of it is mapped           */
	tape_start(&r->tape);
	p.recording = 1;
	s->run(&p);
	tape_stop(&r->tape);
	lk_store_close(&p.killed);
	vfs_drop_all();
}

int
record_has(const struct record *r, int site)
{
	int	 i;

	for (i = 0; i < r->tape.n; i++)
		if (r->tape.op[i].kind == OP_SYNCED &&
		    r->tape.op[i].site == site)
			return 1;
	return 0;
}

/* Is it synced again before anybody may rely on it?  On an index without a
 * number nobody does, whatever is said meanwhile. */
static int
is_early(const struct tape *t, int at)
{
	int	 aside = strcmp(sites.v[t->op[at].site].file,
		    "index.new") == 0;
	int	 i;

	for (i = at + 1; i < t->n; i++) {
		if (t->op[i].kind == OP_SYNCED &&
		    t->op[i].ino == t->op[at].ino)
			return 1;
		if (t->op[i].kind == OP_NAMED && t->op[i].ino == 0 &&
		    aside && strcmp(t->op[i].name, "index.new") == 0)
			return 1;	/* it was given up                   */
		if ((t->op[i].kind == OP_NAMED && (!aside ||
		    t->op[i].ino == t->op[at].ino)) ||
		    (t->op[i].kind == OP_MARK && !aside))
			return 0;
	}
	return 0;
}

int
record_is_early(const struct record *r, int site)
{
	int	 i;

	for (i = 0; i < r->tape.n; i++)
		if (r->tape.op[i].kind == OP_SYNCED &&
		    r->tape.op[i].site == site && !is_early(&r->tape, i))
			return 0;
	return 1;
}

void
record_free(struct record *r)
{
	disk_free(&r->start);
	tape_free(&r->tape);
	free(r->model.torn);
	r->model.torn = NULL;
}
