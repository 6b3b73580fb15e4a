/*
 * count.c: which keys count against the limit of their type.
 *
 * A key counts as long as it lives, whether it is disabled or not: until it is
 * deleted or has expired.  One that was rotated does not while its successor
 * stands in for it: that one lives, is of the same account and type, and was
 * not rotated itself.  When the successor is deleted or expires first, the old
 * key counts again.
 *
 * And never do fewer count than were rotated and live.  A rotation cannot make
 * it so, but an import could, of many keys that name one successor.  So for
 * each key that counts one more lives at most.
 *
 * To delete is always allowed, and cannot raise the count but where such an
 * import was; what is above a limit stays, and nothing is made until it has
 * fallen.
 */
#include <string.h>

#include "base/text.h"
#include "batch_inner.h"

struct counting {
	struct lk_store	*s;
	struct lk_batch	*b;		/* or NULL: the index alone          */
	const char	*type;		/* or NULL: any                      */
	const char	*account;	/* likewise                          */
	int64_t		 now;
	uint64_t	 n, rotated;	/* that count; that live             */
};

/* A key of the index or on its way there, as far as a limit goes. */
struct one {
	const char	*type, *account;
	const char	*successor;	/* or ""                             */
	int		 lives;
};

static int
lives(int64_t expires, int64_t now)
{
	return expires == 0 || now < expires;
}

static struct one
of_pending(const struct lk_pending *p, int64_t now)
{
	return (struct one){ p->type, p->account, p->successor,
	    lives(p->expires, now) };
}

/* ----------------------------------------------------------------- the rule */

/* Among the batches of this process, whose mutex is held. */
static const struct lk_pending *
find_pending(const struct counting *c, const char *id)
{
	const struct lk_pending	*p = NULL;
	const struct lk_group	*g;

	if (c->b == NULL)
		return NULL;
	for (g = c->s->groups; g != NULL && p == NULL; g = g->next)
		p = lk_pendings_find(&g->keys, id);
	return p != NULL ? p : lk_pendings_find(&c->b->keys, id);
}

/* Who takes the place of a key of the index, likewise. */
static const struct lk_pending *
find_heir(const struct counting *c, const struct lk_found *k)
{
	const struct lk_pending	*p;

	if (c->b == NULL)
		return NULL;
	p = lk_group_heir(c->s, k->account, k->key_id);
	return p != NULL ? p : lk_pendings_heir(&c->b->keys, k->account,
	    k->key_id);
}

static struct one
of_found(const struct counting *c, const struct lk_found *k)
{
	const struct lk_pending	*heir = find_heir(c, k);

	return (struct one){ k->type, k->account,
	    heir != NULL ? heir->id : k->successor,
	    k->state != LK_STATE_DELETED && lives(k->expires, c->now) };
}

/* k is room for what one borrows.  Where it cannot be known there is none, and
 * so one key more counts. */
static int
find(const struct counting *c, const char *id, struct lk_found *k,
    struct one *out)
{
	const struct lk_pending	*p;

	if (id == NULL || strlen(id) != LK_KEYID_LEN)
		return 0;
	if (lk_store_by_id(c->s, id, LK_KEYID_LEN, k) == 1)
		*out = of_found(c, k);
	else if ((p = find_pending(c, id)) != NULL)
		*out = of_pending(p, c->now);
	else
		return 0;
	return 1;
}

static int
is_alike(const struct one *a, const struct one *b)
{
	return strcmp(a->type, b->type) == 0 &&
	    strcmp(a->account, b->account) == 0;
}

static int
is_stood_in_for(const struct counting *c, const struct one *k)
{
	struct lk_found	 room;
	struct one	 s;

	return k->successor[0] != '\0' && find(c, k->successor, &room, &s) &&
	    s.lives && s.successor[0] == '\0' && is_alike(k, &s);
}

static int
counts(const struct counting *c, const struct one *k)
{
	return k->lives && !is_stood_in_for(c, k);
}

/* ----------------------------------------------------------------- counting */

static void
add(struct counting *c, const struct one *k, int n)
{
	c->n += (uint64_t)n;
	c->rotated += k->lives && k->successor[0] != '\0';
}

static int
count_found(void *arg, const struct lk_found *k)
{
	struct counting	*c = arg;
	struct one	 one;

	if (c->type != NULL && strcmp(c->type, k->type) != 0)
		return 0;
	one = of_found(c, k);
	add(c, &one, counts(c, &one));
	return 0;
}

static int
count_pending(void *arg, const struct lk_pending *p)
{
	struct counting	*c = arg;
	struct one	 one;

	if (c->type != NULL && strcmp(c->type, p->type) != 0)
		return 0;
	one = of_pending(p, c->now);
	add(c, &one, counts(c, &one));
	return 0;
}

static int64_t
most(const struct counting *c)
{
	return (int64_t)(c->n > c->rotated ? c->n : c->rotated);
}

int64_t
lk_store_count(struct lk_store *s, const char *type, const char *account,
    int64_t now)
{
	struct counting	 c = { s, NULL, type, account, now, 0, 0 };

	return lk_index_walk(lk_store_image(s)->index, account, count_found,
	    &c) == 0 ? most(&c) : -1;
}

/* With the mutex of the groups. */
static int
count_all(struct counting *c)
{
	const struct lk_group	*g;
	int			 r;

	if ((r = lk_index_walk(lk_store_image(c->s)->index, c->account,
	    count_found, c)) != 0)
		return r;
	for (g = c->s->groups; g != NULL; g = g->next)
		lk_pendings_walk(&g->keys, c->account, count_pending, c);
	lk_pendings_walk(&c->b->keys, c->account, count_pending, c);
	return 0;
}

int64_t
lk_batch_count(struct lk_batch *b, const char *type, const char *account,
    int64_t now)
{
	struct counting	 c = { b->s, b, type, account, now, 0, 0 };
	int		 r;

	pthread_mutex_lock(&b->s->group_mutex);
	r = count_all(&c);
	pthread_mutex_unlock(&b->s->group_mutex);
	return r == 0 ? most(&c) : -1;
}

/* ------------------------------------------------------------- one more key */

static struct one
of_new(const struct lk_new_key *k, int64_t now)
{
	return (struct one){ k->type, k->account,
	    k->replaced_by != NULL ? k->replaced_by : "",
	    lives(k->expires, now) };
}

/* Does it stand in for a key that was waiting for it, and so counts? */
static int
is_awaited(const struct counting *c, const struct lk_new_key *k,
    const struct one *one)
{
	struct lk_found	 room;
	struct one	 old;

	return one->successor[0] == '\0' &&
	    find(c, k->replaces, &room, &old) && counts(c, &old) &&
	    strcmp(old.successor, k->id) == 0 && is_alike(&old, one);
}

/* 1: with this key one more would count. */
static int
is_more(const struct counting *c, const struct lk_new_key *k)
{
	struct one	 one = of_new(k, c->now);

	return counts(c, &one) && !is_awaited(c, k, &one);
}

int
lk_store_counts_new(struct lk_store *s, const struct lk_new_key *k,
    int64_t now)
{
	struct counting	 c = { s, NULL, k->type, k->account, now, 0, 0 };

	return is_more(&c, k);
}

int64_t
lk_batch_count_with(struct lk_batch *b, const struct lk_new_key *k,
    int64_t now)
{
	struct counting	 c = { b->s, b, k->type, k->account, now, 0, 0 };
	struct one	 one = of_new(k, now);
	int		 r;

	pthread_mutex_lock(&b->s->group_mutex);
	if ((r = count_all(&c)) == 0)
		add(&c, &one, is_more(&c, k));
	pthread_mutex_unlock(&b->s->group_mutex);
	return r == 0 ? most(&c) : -1;
}
