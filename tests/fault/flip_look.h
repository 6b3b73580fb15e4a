/*
 * flip_look.h: everything that a reader may ask of a store of flip_home.h, and
 * whether each answer is the right one or none.
 */
#ifndef FLIP_LOOK_H
#define FLIP_LOOK_H

#include "flip_home.h"

struct tally {
	unsigned long	 flips, right, error, wrong;
};

/* Looks a digest up; planted ones do it wrongly. */
typedef int (*flip_look_fn)(struct lk_store *s, const uint8_t *digest,
	    struct lk_found *out);

static inline void
flip_count(struct tally *x, int got)
{
	x->right += got == 1;
	x->error += got == 0;
	x->wrong += got == -1;
}

static inline void
flip_look_key(const struct flip_home *f, struct lk_store *s, unsigned n,
    flip_look_fn look, struct tally *x)
{
	const struct truth	*k = &f->key[n];
	int			 want = flip_state(k, f->lines), r;
	char			 package[LK_NAME_MAX + 1];
	struct lk_found		 found;

	r = look(s, k->digest, &found);
	flip_count(x, flip_judge(k, want, r, &found));
	if (r == 1 && lk_store_package(s, &found, package) == 1)
		flip_count(x, package[0] == '\0' ||
		    strcmp(package, "growth") == 0 ? 1 : -1);
	r = lk_store_by_id(s, k->id, LK_KEYID_LEN, &found);
	flip_count(x, flip_judge(k, want, r, &found));
}

/* How many an account has, which is what a limit goes by. */
static inline void
flip_look_count(const struct flip_home *f, struct lk_store *s,
    const char *account, struct tally *x)
{
	int64_t		 want = 0, got;
	unsigned	 n;

	for (n = 1; n <= f->nkeys; n++)
		want += strcmp(f->key[n].account, account) == 0 &&
		    f->key[n].ended == 0;
	got = lk_store_count(s, NULL, account, FLIP_NOW);
	flip_count(x, got == want ? 1 : got == -1 ? 0 : -1);
}

/* Every step-th key from some one on; every step-th account is counted. */
static inline void
flip_look_all(const struct flip_home *f, struct lk_store *s, unsigned from,
    unsigned step, flip_look_fn look, struct tally *x)
{
	struct lk_error	 e = { 0 };
	unsigned	 n;

	if (lk_store_refresh(s, &e) != 0) {
		x->error++;
		return;
	}
	for (n = 1 + from % step; n <= f->nkeys + FLIP_ABSENT; n += step)
		flip_look_key(f, s, n, look, x);
	n = 1 + from % f->nkeys;
	flip_look_count(f, s, f->key[n].account, x);
	if (lk_store_now(s) != FLIP_NOW)
		x->wrong++;
}

/* A reader of it by these operations, or NULL: refused. */
static inline struct lk_store *
flip_open(const struct flip_home *f, const struct lk_io *io)
{
	struct lk_store_options	 o;
	struct lk_error		 e = { 0 };
	struct lk_store		*s;

	home_options(&f->h, 0, 1, &o);
	o.io = io;
	return lk_store_open(&o, &s, &e) == 0 ? s : NULL;
}

#endif
