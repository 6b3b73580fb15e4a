#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latchkey.h"
#include "model.h"

static int
state_after(const struct batch_plan *p, int key)
{
	switch (p->kind) {
	case BATCH_DELETE:
	case BATCH_FORGET:
		return LK_STATE_DELETED;
	case BATCH_DISABLE:
		return LK_STATE_DISABLED;
	case BATCH_IMPORT:
		return IS_DISABLED(key) ? LK_STATE_DISABLED : LK_STATE_ACTIVE;
	default:
		return LK_STATE_ACTIVE;
	}
}

static void
apply(struct look *l, const struct batch_plan *p)
{
	int	 i;

	for (i = p->from; i < p->to; i++)
		l->key[i] = (signed char)state_after(p, i);
	if (p->kind == BATCH_PACKAGE)
		l->package = p->package;
	if (p->kind == BATCH_FORGET)
		l->package = 0;
	/* With the first of its keys or packages there is the account. */
	if (p->kind <= BATCH_IMPORT && l->package == 0)
		l->package = '-';
	l->lines += p->lines;
}

void
model_rewrite(struct look *l)
{
	int	 i;

	for (i = 0; i < KEYS_MAX; i++)
		if (l->key[i] == LK_STATE_DELETED)
			l->key[i] = 0;
	l->lines = -1;
}

/* Each batch that is in flight is there or not; there may be several of them,
 * since threads commit together. */
static void
expect(struct model *m)
{
	int		 flight[BATCHES_MAX] = { 0 }, n = 0, i, mask;
	struct look	*l;

	for (i = 0; i < m->n; i++)
		if (m->begun[i] && m->status[i] == MARK_BEGUN)
			flight[i] = 1 << n++;
	if (n > FLIGHT_MAX) {
		fputs("model: too many batches in flight\n", stderr);
		abort();
	}
	m->nwant = 1 << n;
	for (mask = 0; mask < m->nwant; mask++) {
		l = &m->want[mask];
		memset(l, 0, sizeof *l);
		for (i = 0; i < m->n; i++)
			if (m->begun[i] && (m->status[i] == MARK_ACKED ||
			    (m->status[i] == MARK_BEGUN &&
			    (mask & flight[i]))))
				apply(l, &m->plan[i]);
		if (m->rewritten)
			model_rewrite(l);
	}
}

void
model_reset(struct model *m)
{
	m->made = m->made_before;
	memcpy(m->begun, m->begun_before, sizeof m->begun);
	memcpy(m->status, m->status_before, sizeof m->status);
	m->acked = 0;
	m->stamp = 0;
	expect(m);
}

void
model_pass(struct model *m, const struct op *o)
{
	m->stamp = (m->stamp ^ (uint64_t)(o->mark * 1000 + o->batch + 1)) *
	    0x9e3779b97f4a7c15;
	if (o->mark == MARK_MADE)
		m->made = 1;
	else {
		m->begun[o->batch] = 1;
		m->acked |= o->mark == MARK_ACKED;
		m->status[o->batch] = (enum mark)o->mark;
	}
	expect(m);
}

static int
same(const struct model *m, const struct look *a, const struct look *l)
{
	return memcmp(a->key, l->key, (size_t)m->nkeys) == 0 &&
	    (a->package == l->package || l->package == ANY_PACKAGE) &&
	    (a->lines == -1 || l->lines == -1 || a->lines == l->lines);
}

int
model_has(const struct model *m, const struct look *l)
{
	int	 i;

	for (i = 0; i < m->nwant; i++)
		if (same(m, &m->want[i], l))
			return 1;
	return 0;
}

void
model_explain(const struct model *m, const struct look *l, char *out, size_t n)
{
	const struct look	*a = &m->want[0];
	int			 i;

	for (i = 0; i < m->nkeys; i++)
		if (a->key[i] != l->key[i] &&
		    a->key[i] != m->want[m->nwant - 1].key[i])
			break;
	for (i = 0; i < m->nkeys && i < KEYS_MAX; i++)
		if (a->key[i] != l->key[i]) {
			snprintf(out, n, "key %d is %d and not %d (of %d "
			    "possible; lines %d)", i, l->key[i], a->key[i],
			    m->nwant, l->lines);
			return;
		}
	if (a->package != l->package)
		snprintf(out, n, "package is %c and not %c", l->package ?
		    l->package : '0', a->package ? a->package : '0');
	else
		snprintf(out, n, "%d lines and not %d", l->lines, a->lines);
}

static int
key_stands(const struct model *m, int key, int is)
{
	int	 i;

	if (is == -1 || is == LK_STATE_UNSURE)
		return 1;
	for (i = 0; i < m->nwant; i++)
		if (m->want[i].key[key] == is)
			return 1;
	return 0;
}

int
model_stands(const struct model *m, const struct look *l)
{
	int	 i;

	for (i = 0; i < m->nkeys; i++)
		if (!key_stands(m, i, l->key[i]))
			return 0;
	return 1;
}
