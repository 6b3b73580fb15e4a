#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#include "import_seen.h"
#include "store/slot.h"

#define HUGE		((size_t)2 << 20)	/* octets of a page          */
#define FIRST	65536			/* entries                           */
#define LINE	((UINT64_C(1) << 40) - 1)

/* More than two of three are taken. */
static int
is_full(size_t n, size_t cap)
{
	return n >= cap / 3 * 2;
}

/* -------------------------------------------------------------------- seen */

/* FNV-1a: whoever wrote the file may make it slow, and that is all. */
static uint32_t
hash_of(const char *account, unsigned type)
{
	uint64_t	 h = UINT64_C(14695981039346656037) ^ type;

	for (; *account != '\0'; account++)
		h = (h ^ (unsigned char)*account) * UINT64_C(1099511628211);
	return (uint32_t)(h ^ h >> 32);
}

/* A line of 0 is no entry. */
static struct lk_seen_one *
place(const struct lk_seen *s, uint64_t a, uint64_t b)
{
	size_t	 i = a & (s->cap - 1);

	while ((s->v[i].b & LINE) != 0 &&
	    (s->v[i].a != a || (s->v[i].b & ~LINE) != (b & ~LINE)))
		i = (i + 1) & (s->cap - 1);
	return &s->v[i];
}

/* All zero.  Each look goes to another page: large ones cost less. */
static struct lk_seen_one *
table(size_t cap)
{
	size_t			 octets = cap * sizeof(struct lk_seen_one);
	struct lk_seen_one	*v;

	if (octets < 2 * HUGE)
		return calloc(cap, sizeof(*v));
	if ((v = aligned_alloc(HUGE, octets)) == NULL)
		return NULL;
	(void)madvise(v, octets, MADV_HUGEPAGE);
	return memset(v, 0, octets);
}

static int
resize(struct lk_seen *s, size_t cap)
{
	struct lk_seen	 old = *s;
	size_t		 i;

	s->cap = cap;
	if ((s->v = table(cap)) == NULL) {
		*s = old;
		return -1;
	}
	for (i = 0; i < old.cap; i++)
		if ((old.v[i].b & LINE) != 0)
			*place(s, old.v[i].a, old.v[i].b) = old.v[i];
	free(old.v);
	return 0;
}

int
lk_seen_expect(struct lk_seen *s, uint64_t n)
{
	size_t	 cap = s->cap == 0 ? FIRST : s->cap;

	while (is_full(n, cap) && cap <= SIZE_MAX / 4 / sizeof(*s->v))
		cap *= 2;
	return cap == s->cap ? 0 : resize(s, cap);
}

int64_t
lk_seen_add(struct lk_seen *s, const uint8_t octets[LK_SEEN_OCTETS],
    uint64_t line)
{
	struct lk_seen_one	*one;
	uint64_t		 a, b;

	memcpy(&a, octets, sizeof(a));
	b = (uint64_t)octets[8] << 40 | (uint64_t)octets[9] << 48 |
	    (uint64_t)octets[10] << 56;
	if (is_full(s->n, s->cap) && lk_seen_expect(s, s->n) != 0)
		return -1;
	one = place(s, a, b);
	if ((one->b & LINE) != 0)
		return (int64_t)(one->b & LINE);
	one->a = a;
	one->b = b | (line & LINE);
	s->n++;
	return 0;
}

void
lk_seen_clear(struct lk_seen *s)
{
	if (s->n != 0)
		memset(s->v, 0, s->cap * sizeof(*s->v));
	s->n = 0;
}

void
lk_seen_id(const char *id, uint8_t out[LK_SEEN_OCTETS])
{
	uint64_t	 w[2] = { 0, 0 };

	lk_slot_id(id, w);		/* of 72 bits                        */
	memcpy(out, &w[0], sizeof(w[0]));
	out[8] = (uint8_t)w[1];
	out[9] = (uint8_t)(w[1] >> 8);
	out[10] = 'i';
}

void
lk_seen_heir(const char *id, const char *account, unsigned type,
    uint8_t out[LK_SEEN_OCTETS])
{
	uint32_t	 h = hash_of(account, type);
	size_t		 i;

	lk_seen_id(id, out);
	for (i = 0; i < sizeof(h); i++)
		out[i] ^= (uint8_t)(h >> 8 * i);
	out[10] = 'h';
}

void
lk_seen_rotated(const char *id, uint8_t out[LK_SEEN_OCTETS])
{
	lk_seen_id(id, out);
	out[10] = 'r';
}

void
lk_seen_free(struct lk_seen *s)
{
	free(s->v);
	memset(s, 0, sizeof(*s));
}

/* ------------------------------------------------------------------- tally */

static int
is_one(const struct lk_tally *t, const struct lk_tally_one *o,
    const char *account, unsigned type)
{
	return o->used && o->type == type &&
	    strcmp(t->names.p + o->name, account) == 0;
}

static size_t
find(const struct lk_tally *t, uint32_t hash, const char *account,
    unsigned type)
{
	size_t	 i = hash & (t->cap - 1);

	while (t->v[i].used && (t->v[i].hash != hash ||
	    !is_one(t, &t->v[i], account, type)))
		i = (i + 1) & (t->cap - 1);
	return i;
}

static int
grow_tally(struct lk_tally *t)
{
	struct lk_tally_one	*v;
	size_t			 i, j, cap;

	cap = t->cap == 0 ? FIRST : t->cap * 2;
	if ((v = calloc(cap, sizeof(*v))) == NULL)
		return -1;
	for (i = 0; i < t->cap; i++) {
		if (!t->v[i].used)
			continue;
		for (j = t->v[i].hash & (cap - 1); v[j].used;
		    j = (j + 1) & (cap - 1))
			;
		v[j] = t->v[i];
	}
	free(t->v);
	t->v = v;
	t->cap = cap;
	return 0;
}

struct lk_tally_one *
lk_tally_get(struct lk_tally *t, const char *account, unsigned type,
    int *new)
{
	struct lk_tally_one	*o;
	uint32_t		 hash;

	*new = 0;
	/* Keys of one account come together, as a rule. */
	if (t->n != 0 && is_one(t, &t->v[t->last], account, type))
		return &t->v[t->last];
	hash = hash_of(account, type);
	if (is_full(t->n, t->cap) && grow_tally(t) != 0)
		return NULL;
	t->last = find(t, hash, account, type);
	o = &t->v[t->last];
	if (o->used)
		return o;
	if (t->names.n > UINT32_MAX)
		return NULL;
	o->name = (uint32_t)t->names.n;
	lk_buf_add(&t->names, account, strlen(account) + 1);
	if (t->names.failed)
		return NULL;
	o->hash = hash;
	o->type = (uint16_t)type;
	o->used = 1;
	t->n++;
	*new = 1;
	return o;
}

void
lk_tally_free(struct lk_tally *t)
{
	lk_buf_free(&t->names);
	free(t->v);
	*t = LK_TALLY_NONE;
}
