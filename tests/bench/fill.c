/*
 * fill.c: a home with a type without checks besides its own, and its keys.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "snapshot.h"
#include "token/token.h"

#define BATCH		50000		/* keys a batch of the journal       */
#define LINE		64		/* octets of a cache line            */

const char *const type_names[NTYPES] = { "bare", "ucd" };

void
home_open(struct home *h, unsigned flags)
{
	struct lk_error	 e;

	if (lk_open(h->policy, flags, &h->lk, &e) != 0)
		errx(1, "%s", e.text);
}

void
home_make(struct home *h, const char *dir, const char *plugins,
    const char *more)
{
	struct lk_error	 e;
	FILE		*f;

	memset(h, 0, sizeof(*h));
	snprintf(h->dir, sizeof(h->dir), "%s", dir);
	if (lk_home_init(dir, NULL, plugins, h->policy, sizeof(h->policy),
	    &e) != 0)
		errx(1, "%s", e.text);
	snprintf(h->policy, sizeof(h->policy), "%s/policy.yaml", dir);
	if ((f = fopen(h->policy, "a")) == NULL)
		err(1, "%s", h->policy);
	fprintf(f, "  bare:\n    plugin: ucd\n    prefix: bare\n"
	    "    apis: { any: POST /bare }\n%s", more);
	if (fclose(f) != 0)
		err(1, "%s", h->policy);
}

void
home_free(struct home *h)
{
	int	 t;

	lk_close(&h->lk);
	for (t = 0; t < NTYPES; t++)
		free(h->visits[t]);
	free(h->entries);
	remove_tree(h->dir);
	memset(h, 0, sizeof(*h));
}

/* -------------------------------------------------------------------- keys */

/* Token, id and digest of key i, as generate makes them. */
static void
mint(const struct home *h, struct visit *v, struct lk_new_key *k, char *id,
    char *hint, const char *type)
{
	struct lk_error	 e;

	if (lk_keyid_mint(id, &e) != 0 ||
	    lk_token_mint(type, v->token, sizeof(v->token), &e) != 0)
		errx(1, "%s", e.text);
	v->len = (uint8_t)strlen(v->token);
	if (lk_pepper_digest(atomic_load(&h->lk->pepper), 1, v->token, v->len,
	    k->digest) != 0)
		errx(1, "no digest");
	lk_token_hint(type, v->token, v->len, hint);
}

static void
add_key(struct home *h, struct lk_batch *batch, size_t i)
{
	int			 type = (int)(i / ACCOUNT_KEYS % NTYPES);
	struct visit		*v = &h->visits[type][h->nvisits[type]++];
	struct record		*r = &h->entries[i].record;
	struct lk_new_key	 k = { .type = type_names[type], .pepper = 1 };
	struct lk_error		 e;
	char			 id[LK_KEYID_LEN + 1], label[16];
	char			 hint[LK_HINT_MAX + 1];

	mint(h, v, &k, id, hint, k.type);
	/* 8 and 12 octets, as the bound of the journal has it. */
	snprintf(v->account, sizeof(v->account), "a%07zu",
	    i / ACCOUNT_KEYS % KEYS_MAX);
	snprintf(label, sizeof(label), "label%07zu", i % KEYS_MAX);
	k.id = id;
	k.account = v->account;
	k.label = label;
	k.hint = hint;
	if (lk_batch_generate(batch, &k, &e) != 0)
		errx(1, "%s", e.text);
	memcpy(h->entries[i].digest, k.digest, DIGEST_SIZE);
	memcpy(r->key_id, id, sizeof(r->key_id));
	snprintf(r->type, sizeof(r->type), "%s", k.type);
	snprintf(r->account, sizeof(r->account), "%.11s", v->account);
	r->state = RECORD_ACTIVE;
	r->created = (int64_t)time(NULL);
}

static int
by_digest(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_SIZE);
}

/* The same order in each run: random is never seeded. */
static void
shuffle(struct visit *v, size_t n)
{
	struct visit	 swap;
	size_t		 i, j;

	for (i = n; i > 1; i--) {
		j = (size_t)random() % i;
		swap = v[i - 1];
		v[i - 1] = v[j];
		v[j] = swap;
	}
}

/* Touched now, so that no page of it is made while something is measured. */
static void *
lines(size_t n, size_t size)
{
	size_t	 octets = (n * size + LINE - 1) / LINE * LINE;
	void	*p = aligned_alloc(LINE, octets);

	if (p == NULL)
		err(1, NULL);
	return memset(p, 0, octets);
}

void
home_fill(struct home *h, size_t keys)
{
	struct lk_batch	*batch;
	struct lk_error	 e;
	size_t		 i, t;

	h->keys = keys;
	h->entries = lines(keys, sizeof(*h->entries));
	for (t = 0; t < NTYPES; t++)
		h->visits[t] = lines(keys / NTYPES + ACCOUNT_KEYS,
		    sizeof(struct visit));
	home_open(h, 0);
	for (i = 0; i < keys;) {
		if (lk_batch_begin(h->lk->store, LK_BATCH_ADD, "bench", "cli",
		    0, &batch, &e) != 0)
			errx(1, "%s", e.text);
		do
			add_key(h, batch, i++);
		while (i < keys && i % BATCH != 0);
		if (lk_batch_commit(&batch, &e) != 0)
			errx(1, "%s", e.text);
	}
	lk_close(&h->lk);
	qsort(h->entries, keys, sizeof(*h->entries), by_digest);
	for (t = 0; t < NTYPES; t++)
		shuffle(h->visits[t], h->nvisits[t]);
}
