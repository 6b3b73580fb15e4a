#include <stdlib.h>
#include <string.h>

#include "base/text.h"
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
	s->heirs += from->heirs;
	return 0;
}

const struct lk_pending *
lk_pendings_find(const struct lk_pendings *s, const char *id)
{
	size_t	 i;

	if (s->n == 0)
		return NULL;
	i = *head(s, LK_PENDING_ID, hash_text(id));
	while (i != 0 && strcmp(s->v[i - 1].id, id) != 0)
		i = s->v[i - 1].next[LK_PENDING_ID];
	return i != 0 ? &s->v[i - 1] : NULL;
}

int
lk_pendings_walk(const struct lk_pendings *s, const char *account,
    lk_pending_fn fn, void *arg)
{
	const struct lk_pending	*p;
	size_t			 i;
	int			 r = 0;

	if (s->n == 0)
		return 0;
	for (i = 0; account == NULL && i < s->n && r == 0; i++)
		r = fn(arg, &s->v[i]);
	if (account == NULL)
		return r;
	i = *head(s, LK_PENDING_ACCOUNT, hash_text(account));
	for (; i != 0 && r == 0; i = p->next[LK_PENDING_ACCOUNT]) {
		p = &s->v[i - 1];
		if (strcmp(account, p->account) == 0)
			r = fn(arg, p);
	}
	return r;
}

void
lk_pendings_rotate(struct lk_pendings *s, const char *id, const char *heir)
{
	const struct lk_pending	*p = lk_pendings_find(s, heir);

	if (p == NULL)
		return;
	s->heirs += p->replaces[0] == '\0';
	lk_text_copy(s->v[p - s->v].replaces, sizeof p->replaces, id);
}

const struct lk_pending *
lk_pendings_heir(const struct lk_pendings *s, const char *account,
    const char *id)
{
	const struct lk_pending	*p;
	size_t			 i;

	if (s->heirs == 0)
		return NULL;
	i = *head(s, LK_PENDING_ACCOUNT, hash_text(account));
	for (; i != 0; i = p->next[LK_PENDING_ACCOUNT]) {
		p = &s->v[i - 1];
		if (strcmp(p->replaces, id) == 0)
			return p;
	}
	return NULL;
}

int
lk_pendings_have(const struct lk_pendings *s, const char *id,
    const uint8_t *digest)
{
	const struct lk_pending	*p;
	size_t			 i;

	if (s->n == 0)
		return 0;
	if (lk_pendings_find(s, id) != NULL)
		return 1;
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
