/*
 * seen.h: the protocol by which a look-up tells whether it started after a
 * delete had returned, for processes and for threads.
 *
 *	writer	called = now; delete; returned = 1
 *	reader	was = returned; look up; was and active: wrong
 *
 * A writer deletes its keys in order, so that readers know which one is next;
 * some it only disables.
 */
#ifndef SEEN_H
#define SEEN_H

#include <stdatomic.h>
#include <time.h>

#define SEEN_WRITERS	2
#define SEEN_STEP	20		/* keys a batch                      */
#define SEEN_NEAR	8		/* keys on both sides of the next one */
#define SEEN_BUCKETS	256		/* four an octave of nanoseconds     */

struct seen_key {
	_Atomic int64_t	 called;	/* nanoseconds; 0: not yet           */
	_Atomic int	 returned;
	uint8_t		 digest[LK_DIGEST_SIZE];
};

/* What a reader counted; its own cache lines. */
struct seen_reader {
	_Alignas(128) _Atomic unsigned long checked, early, error, wrong;
	_Atomic unsigned long lag[SEEN_BUCKETS];
	_Atomic int64_t	 worst;		/* nanoseconds                       */
};

struct seen {
	_Atomic int	 stop;
	_Atomic unsigned next[SEEN_WRITERS];	/* to be deleted             */
	_Atomic unsigned added[SEEN_WRITERS];	/* below it they are there   */
	_Atomic unsigned long failed;		/* writes                    */
	unsigned	 each;			/* keys a writer             */
	int		 planted;		/* told before it is so      */
	struct seen_key	 key[];
};

static inline int64_t
seen_nanos(void)
{
	struct timespec	 t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline size_t
seen_size(unsigned each)
{
	return sizeof(struct seen) + (SEEN_WRITERS * (size_t)each + 1) *
	    sizeof(struct seen_key);
}

static inline void
seen_init(struct seen *x, unsigned each)
{
	unsigned	 n;

	x->each = each;
	for (n = 0; n < SEEN_WRITERS; n++)
		x->next[n] = x->added[n] = 1 + n * each;
	for (n = 1; n <= SEEN_WRITERS * each; n++)
		key_digest(n, x->key[n].digest);
}

/* ----------------------------------------------------------------- writers */

static inline int
seen_disable(struct lk_store *s, unsigned n, struct lk_error *e)
{
	char		 id[LK_KEYID_LEN + 1];
	struct lk_batch	*b;
	int		 r;

	key_id(n, id);
	if ((r = lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0, &b, e)) !=
	    0)
		return r;
	if ((r = lk_batch_disable(b, id, e)) == 0)
		return lk_batch_commit(&b, e);
	lk_batch_abandon(&b);
	return r;
}

static inline void
seen_delete(struct seen *x, struct lk_store *s, unsigned w, unsigned n)
{
	struct seen_key	*k = &x->key[n];
	struct lk_error	 e = { 0 };
	int		 r;

	x->next[w] = n;
	k->called = seen_nanos();
	if (x->planted)
		k->returned = 1;
	r = n % 5 == 1 ? seen_disable(s, n, &e) :
	    keys_delete(s, n, n + 1, &e);
	/* A copy that was put back may be older than the key. */
	if (r == 0 || r == LK_ENOTFOUND)
		k->returned = 1;
	else if (x->failed++ == 0)
		fprintf(stderr, "delete %u: %s\n", n, e.text);
}

/* Add some keys and delete them; 0 when there are no more. */
static inline int
seen_write(struct seen *x, struct lk_store *s, unsigned w)
{
	unsigned	 from = x->added[w], end = 1 + (w + 1) * x->each;
	unsigned	 to = from + SEEN_STEP, n;
	struct lk_error	 e = { 0 };

	if (to > end)
		return 0;
	if (keys_add(s, from, to, &e) != 0) {
		if (x->failed++ == 0)
			fprintf(stderr, "add %u: %s\n", from, e.text);
		return 0;
	}
	x->added[w] = to;
	/* Every fifth stays, so that the index grows. */
	for (n = from; n < to; n++)
		if (n % 5 != 0)
			seen_delete(x, s, w, n);
	return 1;
}

/* ----------------------------------------------------------------- readers */

static inline unsigned
seen_bucket(int64_t ns)
{
	unsigned	 e = 63 - (unsigned)__builtin_clzll((uint64_t)ns | 4);

	return e * 4 + (unsigned)((uint64_t)ns >> (e - 2) & 3);
}

static inline void
seen_lag(struct seen_reader *r, int64_t ns)
{
	if (ns < 0)
		return;
	r->lag[seen_bucket(ns)]++;
	if (ns > r->worst)
		r->worst = ns;
}

/* A compacted journal has no line of it: GONE is as good as deleted. */
static inline int
seen_look(struct seen *x, struct lk_store *s, unsigned n)
{
	struct lk_found	 f;
	int		 r;

	if (lk_store_refresh(s, NULL) != 0)
		return UNKNOWABLE;
	r = lk_store_by_digest(s, x->key[n].digest, &f);
	return r == 1 ? f.state : r;
}

/* One look-up of a key near the next one to be deleted. */
static inline void
seen_read(struct seen *x, struct lk_store *s, struct seen_reader *r,
    uint64_t random, unsigned last[SEEN_WRITERS])
{
	unsigned	 w = (unsigned)(random >> 60) % SEEN_WRITERS;
	unsigned	 next = x->next[w], n = next;
	int		 was, is;

	/* Mostly one that was just deleted. */
	if (random % 4 != 0 && next > 1 + w * x->each + SEEN_NEAR)
		n = next - (unsigned)(random >> 8) % SEEN_NEAR;
	was = x->key[n].returned;
	is = seen_look(x, s, n);
	if (is == UNKNOWABLE || is == LK_STATE_UNSURE)
		r->error++;
	else if (was && is != LK_STATE_DELETED && is != LK_STATE_DISABLED &&
	    is != GONE)
		r->wrong++;
	else if (was)
		r->checked++;
	else
		r->early++;
	/* The first time that it is denied here. */
	if ((is == LK_STATE_DELETED || is == LK_STATE_DISABLED) && n == next &&
	    last[w] != n) {
		last[w] = n;
		seen_lag(r, seen_nanos() - x->key[n].called);
	}
}

/* At most so many nanoseconds for a part of the lags. */
static inline double
seen_quantile(const struct seen_reader *r, double part)
{
	unsigned long	 sum = 0, all = 0;
	unsigned	 i;
	double		 end;

	for (i = 0; i < SEEN_BUCKETS; i++)
		all += r->lag[i];
	for (i = 0; i < SEEN_BUCKETS; i++) {
		sum += r->lag[i];
		if ((double)sum >= part * (double)all)
			break;
	}
	/* The end of the bucket. */
	end = (double)((uint64_t)1 << i / 4) * (1 + (i % 4 + 1) / 4.0);
	return end > (double)r->worst ? (double)r->worst : end;
}

#endif
