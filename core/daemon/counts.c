/*
 * counts.c: counters of one loop.
 *
 * A type has a row from its first decision on, found by a hash of its name.
 * Rows are never taken away, so that sums never go back, and a reload that
 * brings other types adds to them; when no room is left, which takes some
 * thousand names, what is new is counted under "other".
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/counts.h"

#define ROWS		4096		/* a power of 2                      */
#define ROWS_MAX	(ROWS / 4 * 3)
#define US		1000		/* nanoseconds                       */
#define MS		(1000 * US)

const int64_t	 lk_counts_bounds[LK_COUNTS_TIMES] = {
	1 * US, 2 * US, 5 * US, 10 * US, 20 * US, 50 * US, 100 * US, 200 * US,
	500 * US, 1 * MS, 2 * MS, 5 * MS, 10 * MS, 50 * MS, 100 * MS,
	1000 * MS
};

typedef _Atomic uint64_t counter;

struct row {
	char	 name[LK_NAME_MAX + 1];
	counter	 reasons[LK_REASON_COUNT], observed[LK_REASON_COUNT];
};

struct lk_counts {
	_Atomic(struct row *) rows[ROWS];
	size_t	 used;
	struct row other;
	counter	 times[LK_COUNTS_TIMES + 1], ns;
	counter	 answers[LK_COUNTS_STATUS];
	counter	 lines[LK_LINE_COUNT];
};

/* There is one writer: no need to lock the bus. */
static inline void
add(counter *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c,
	    memory_order_relaxed) + n, memory_order_relaxed);
}

static inline uint64_t
get(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

struct lk_counts *
lk_counts_new(void)
{
	struct lk_counts	*c = calloc(1, sizeof(*c));

	if (c != NULL)
		strcpy(c->other.name, "other");
	return c;
}

void
lk_counts_free(struct lk_counts **cp)
{
	struct lk_counts	*c = *cp;
	size_t			 i;

	if (c == NULL)
		return;
	for (i = 0; i < ROWS; i++)
		free(atomic_load(&c->rows[i]));
	free(c);
	*cp = NULL;
}

/* ------------------------------------------------------------------ count */

static struct row *
row_new(struct lk_counts *c, size_t i, const char *name)
{
	struct row	*r;

	if (c->used == ROWS_MAX || (r = calloc(1, sizeof(*r))) == NULL)
		return &c->other;
	memcpy(r->name, name, strnlen(name, LK_NAME_MAX));
	c->used++;
	atomic_store_explicit(&c->rows[i], r, memory_order_release);
	return r;
}

static struct row *
row_of(struct lk_counts *c, const char *name)
{
	struct row	*r;
	const char	*p;
	size_t		 i = 5381;

	for (p = name; *p != '\0'; p++)
		i = i * 33 + (unsigned char)*p;
	for (i &= ROWS - 1;; i = (i + 1) & (ROWS - 1)) {
		r = atomic_load_explicit(&c->rows[i], memory_order_relaxed);
		if (r == NULL)
			return row_new(c, i, name);
		if (strcmp(r->name, name) == 0)
			return r;
	}
}

void
lk_counts_decision(struct lk_counts *c, const struct lk_decision *d,
    int64_t ns)
{
	struct row	*r = row_of(c, d->type);
	size_t		 i = 0;

	if (d->reason < LK_REASON_COUNT)
		add(&r->reasons[d->reason], 1);
	if (d->observed != 0 && d->observed_reason < LK_REASON_COUNT)
		add(&r->observed[d->observed_reason], 1);
	while (i < LK_COUNTS_TIMES && ns > lk_counts_bounds[i])
		i++;
	add(&c->times[i], 1);
	add(&c->ns, ns > 0 ? (uint64_t)ns : 0);
}

void
lk_counts_answer(struct lk_counts *c, int status)
{
	if (status >= 0 && status < LK_COUNTS_STATUS)
		add(&c->answers[status], 1);
}

void
lk_counts_line(struct lk_counts *c, enum lk_line what)
{
	add(&c->lines[what], 1);
}

/* -------------------------------------------------------------------- sums */

static struct lk_sum_type *
sum_type(struct lk_sums *s, const char *name)
{
	struct lk_sum_type	*v;
	size_t			 i, cap;

	for (i = 0; i < s->ntypes; i++)
		if (strcmp(s->types[i].name, name) == 0)
			return &s->types[i];
	if (s->ntypes == s->cap) {
		cap = s->cap != 0 ? s->cap * 2 : 16;
		if ((v = reallocarray(s->types, cap, sizeof(*v))) == NULL)
			return NULL;
		s->types = v;
		s->cap = cap;
	}
	v = &s->types[s->ntypes++];
	memset(v, 0, sizeof(*v));
	strcpy(v->name, name);
	return v;
}

static int
sum_row(struct lk_sums *s, const struct row *r)
{
	struct lk_sum_type	*t;
	size_t			 i;

	if ((t = sum_type(s, r->name)) == NULL)
		return -1;
	for (i = 0; i < LK_REASON_COUNT; i++) {
		t->reasons[i] += get(&r->reasons[i]);
		t->observed[i] += get(&r->observed[i]);
	}
	return 0;
}

int
lk_sums_add(struct lk_sums *s, const struct lk_counts *c)
{
	const struct row	*r;
	size_t			 i;

	for (i = 0; i < ROWS; i++) {
		r = atomic_load_explicit(&c->rows[i], memory_order_acquire);
		if (r != NULL && sum_row(s, r) != 0)
			return -1;
	}
	for (i = 0; i <= LK_COUNTS_TIMES; i++)
		s->times[i] += get(&c->times[i]);
	s->ns += get(&c->ns);
	for (i = 0; i < LK_COUNTS_STATUS; i++)
		s->answers[i] += get(&c->answers[i]);
	for (i = 0; i < LK_LINE_COUNT; i++)
		s->lines[i] += get(&c->lines[i]);
	return sum_row(s, &c->other);
}

void
lk_sums_free(struct lk_sums *s)
{
	free(s->types);
	s->types = NULL;
	s->ntypes = s->cap = 0;
}
