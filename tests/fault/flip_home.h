/*
 * flip_home.h: a store of many kinds of keys, and what is true of each.
 *
 * Keys are numbered from 1, five to an account; every third was deleted, every
 * tenth has addresses, every seventh expires, every eleventh is not valid yet.
 * A batch has one to four of them.
 */
#ifndef FLIP_HOME_H
#define FLIP_HOME_H

#include "cases.h"

#include "../unit/store_home.h"

#define FLIP_KEYS_MAX	2000
#define FLIP_NOW	1795478398	/* the clock of all of it            */
#define FLIP_ABSENT	64		/* keys that never were              */

struct truth {
	char		 id[LK_KEYID_LEN + 1];
	uint8_t		 digest[LK_DIGEST_SIZE];
	char		 account[LK_ACCOUNT_MAX + 1];
	int64_t		 expires, not_before;
	unsigned	 naddresses;
	unsigned	 made, ended;	/* numbers of lines; 0: never        */
};

struct flip_home {
	struct home	 h;
	unsigned	 nkeys;
	unsigned	 lines;		/* the first one included            */
	struct truth	 key[FLIP_KEYS_MAX + FLIP_ABSENT + 1];
};

static inline int64_t
flip_clock(void)
{
	return FLIP_NOW;
}

static inline void
flip_truth(struct flip_home *f, unsigned n)
{
	struct truth	*t = &f->key[n];

	memset(t, 0, sizeof *t);
	key_id(n, t->id);
	key_digest(n, t->digest);
	snprintf(t->account, sizeof t->account, n % 2 == 0 ? "a%u" :
	    "a-name-of-an-account-that-is-longer.%u", n / 5);
	t->expires = n % 7 == 0 ? FLIP_NOW + 1000 : 0;
	t->not_before = n % 11 == 0 ? FLIP_NOW + 500 : 0;
	t->naddresses = n % 10 == 0 ? n % 3 + 1 : 0;
}

static inline void
flip_make(struct flip_home *f, struct lk_batch *b, unsigned n)
{
	static const struct lk_net nets[3] = {
		{ .family = 4, .bits = 32, .addr = { 10, 0, 0, 1 } },
		{ .family = 4, .bits = 8, .addr = { 11 } },
		{ .family = 4, .bits = 16, .addr = { 12, 1 } },
	};
	struct truth		*t = &f->key[n];
	struct lk_error		 e = { 0 };
	struct lk_new_key	 k = {
		.id = t->id, .type = n % 4 == 0 ? "web_push" : "ucd",
		.account = t->account, .hint = "ucd_\xe2\x80\xa6" "9aZ2",
		.label = n % 2 == 0 ? "a label" : NULL, .pepper = 1,
		.expires = t->expires, .not_before = t->not_before,
		.addresses = nets, .naddresses = t->naddresses,
	};

	memcpy(k.digest, t->digest, sizeof k.digest);
	if (lk_batch_generate(b, &k, &e) != 0)
		fail_msg("%s", e.text);
	t->made = ++f->lines;
	if (t->naddresses != 0)
		f->lines++;
}

/* The keys from..to-1, in one batch, and a package now and then. */
static inline void
flip_add(struct flip_home *f, struct lk_store *s, unsigned from, unsigned to)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	unsigned	 n;

	if (lk_batch_begin(s, LK_BATCH_ADD, "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	for (n = from; n < to; n++)
		flip_make(f, b, n);
	if (from % 9 == 0) {
		if (lk_batch_account(b, f->key[from].account, "growth",
		    &e) != 0)
			fail_msg("%s", e.text);
		f->lines++;
	}
	if (lk_batch_commit(&b, &e) != 0)
		fail_msg("%s", e.text);
}

static inline void
flip_delete(struct flip_home *f, struct lk_store *s, unsigned from,
    unsigned to)
{
	struct lk_error	 e = { 0 };
	struct lk_batch	*b;
	unsigned	 n;

	if (lk_batch_begin(s, LK_BATCH_REMOVE, "ann", "cli", 0, &b, &e) != 0)
		fail_msg("%s", e.text);
	for (n = from; n < to; n++) {
		if (n % 3 != 0)
			continue;
		if (lk_batch_delete(b, f->key[n].id, &e) != 0)
			fail_msg("%s", e.text);
		f->key[n].ended = ++f->lines;
	}
	if (lk_batch_commit(&b, &e) != 0)
		fail_msg("%s", e.text);
}

/* Until there are so many lines or so many keys. */
static inline void
flip_fill(struct flip_home *f, unsigned lines, unsigned nkeys)
{
	struct lk_store	*s;
	unsigned	 n = 1, next;

	memset(f, 0, sizeof *f);
	home_make(&f->h);
	f->h.clock = flip_clock;
	f->lines = 1;
	for (next = 1; next <= FLIP_KEYS_MAX + FLIP_ABSENT; next++)
		flip_truth(f, next);
	s = home_open(&f->h, 1, 1);
	while (f->lines < lines && n <= nkeys) {
		next = n + 1 + n % 4;
		if (next > nkeys + 1)
			next = nkeys + 1;
		flip_add(f, s, n, next);
		if (n > 8)		/* of a while ago                    */
			flip_delete(f, s, n - 8, next - 8);
		n = next;
	}
	f->nkeys = n - 1;
	assert_true(f->nkeys <= FLIP_KEYS_MAX);
	lk_store_close(&s);
}

/* What is true when lines 1..end of the journal count. */
static inline int
flip_state(const struct truth *t, unsigned end)
{
	if (t->made == 0 || t->made > end)
		return GONE;
	return t->ended != 0 && t->ended <= end ? LK_STATE_DELETED :
	    LK_STATE_ACTIVE;
}

/* Has a look-up the right answer, or none?  1, 0 none, -1 wrong. */
static inline int
flip_judge(const struct truth *t, int want, int r, const struct lk_found *k)
{
	if (r == -1)
		return 0;
	if (r == 0 || want == GONE)
		return r == 0 && want == GONE ? 1 : -1;
	if (k->state == LK_STATE_UNSURE)
		return 0;
	if (k->state != want || strcmp(k->key_id, t->id) != 0 ||
	    strcmp(k->account, t->account) != 0)
		return -1;
	if (want == LK_STATE_DELETED)
		return 1;		/* whatever else was lost of it      */
	if (k->expires != t->expires || k->not_before != t->not_before ||
	    k->naddresses != t->naddresses)
		return -1;
	return 1;
}

#endif
