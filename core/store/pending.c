#include <stdlib.h>
#include <string.h>

#include "pending.h"

#define LEAST		16		/* keys there is room for            */

/* FNV-1a: names that callers choose only make a chain longer. */
static uint64_t
hash_text(const char *s)
{
	uint64_t	 h = 0xcbf29ce484222325;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3;
	return h ^ h >> 32;
}

static uint64_t
hash_digest(const uint8_t *digest)
{
	uint64_t	 h;

	memcpy(&h, digest, sizeof h);
	return h;
}

static uint64_t
hash_of(const struct lk_pending *p, enum lk_pending_by by)
{
	if (by == LK_PENDING_DIGEST)
		return hash_digest(p->digest);
	return hash_text(by == LK_PENDING_ID ? p->id : p->account);
}

static uint32_t *
head(const struct lk_pendings *s, enum lk_pending_by by, uint64_t hash)
{
	return &s->heads[(hash & (s->nheads - 1)) * LK_PENDING_WAYS + by];
}

static void
link_one(struct lk_pendings *s, size_t i)
{
	uint32_t	*at;
	int		 by;

	for (by = 0; by < LK_PENDING_WAYS; by++) {
		at = head(s, by, hash_of(&s->v[i], by));
		s->v[i].next[by] = *at;
		*at = (uint32_t)i + 1;
	}
}

/* Room for n more. */
static int
reserve(struct lk_pendings *s, size_t n)
{
	size_t			 i, cap = s->cap == 0 ? LEAST : s->cap;
	struct lk_pending	*v;
	uint32_t		*heads;

	if (n > UINT32_MAX / 2 || s->n > UINT32_MAX / 2 - n)
		return LK_ENOMEM;
	while (cap < s->n + n)
		cap *= 2;
	if (cap == s->cap)
		return 0;
	heads = calloc(cap * LK_PENDING_WAYS, sizeof *heads);
	if (heads == NULL)
		return LK_ENOMEM;
	if ((v = realloc(s->v, cap * sizeof *v)) == NULL) {
		free(heads);
		return LK_ENOMEM;
	}
	free(s->heads);
	s->v = v;
	s->cap = s->nheads = cap;
	s->heads = heads;
	for (i = 0; i < s->n; i++)
		link_one(s, i);
	return 0;
}

int
lk_pendings_add(struct lk_pendings *s, const struct lk_pending *p)
{
	if (reserve(s, 1) != 0)
		return LK_ENOMEM;
	s->v[s->n] = *p;
	link_one(s, s->n++);
	return 0;
}

int
lk_pendings_join(struct lk_pendings *s, const struct lk_pendings *from)
{
	size_t	 i;

	if (reserve(s, from->n) != 0)
		return LK_ENOMEM;
	for (i = 0; i < from->n; i++) {
		s->v[s->n] = from->v[i];
		link_one(s, s->n++);
	}
	return 0;
}

static int
counts(const struct lk_pending *p, const char *type, int64_t now,
    const struct lk_pending_old *old)
{
	return (type == NULL || strcmp(type, p->type) == 0) &&
	    !p->retired &&
	    (p->expires == 0 || now < p->expires) &&
	    (p->replaces[0] == '\0' || !old->counts(old->arg, p->replaces));
}

size_t
lk_pendings_count(const struct lk_pendings *s, const char *type,
    const char *account, int64_t now, const struct lk_pending_old *old)
{
	const struct lk_pending	*p;
	size_t			 i, n = 0;

	if (s->n == 0)
		return 0;
	if (account == NULL) {
		for (i = 0; i < s->n; i++)
			n += (size_t)counts(&s->v[i], type, now,
			    old);
		return n;
	}
	i = *head(s, LK_PENDING_ACCOUNT, hash_text(account));
	for (; i != 0; i = p->next[LK_PENDING_ACCOUNT]) {
		p = &s->v[i - 1];
		n += strcmp(account, p->account) == 0 && counts(p, type, now,
		    old);
	}
	return n;
}

int
lk_pendings_replace(const struct lk_pendings *s, const char *account,
    const char *id)
{
	const struct lk_pending	*p;
	size_t			 i;

	if (s->n == 0)
		return 0;
	i = *head(s, LK_PENDING_ACCOUNT, hash_text(account));
	for (; i != 0; i = p->next[LK_PENDING_ACCOUNT]) {
		p = &s->v[i - 1];
		if (strcmp(p->replaces, id) == 0)
			return 1;
	}
	return 0;
}

int
lk_pendings_have(const struct lk_pendings *s, const char *id,
    const uint8_t *digest)
{
	const struct lk_pending	*p;
	size_t			 i;

	if (s->n == 0)
		return 0;
	i = *head(s, LK_PENDING_ID, hash_text(id));
	for (; i != 0; i = p->next[LK_PENDING_ID]) {
		p = &s->v[i - 1];
		if (strcmp(p->id, id) == 0)
			return 1;
	}
	i = *head(s, LK_PENDING_DIGEST, hash_digest(digest));
	for (; i != 0; i = p->next[LK_PENDING_DIGEST]) {
		p = &s->v[i - 1];
		if (memcmp(p->digest, digest, sizeof p->digest) == 0)
			return 1;
	}
	return 0;
}

void
lk_pendings_free(struct lk_pendings *s)
{
	static const struct lk_pendings	 none;

	free(s->v);
	free(s->heads);
	*s = none;
}
