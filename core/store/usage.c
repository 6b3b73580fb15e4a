/*
 * usage.c: the two tables of the file: keys and buckets.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "store/usage_inner.h"

#define MINUTE_BITS	28
#define MINUTE_MASK	((1ULL << MINUTE_BITS) - 1)
#define DAY		1440		/* minutes                           */
#define TAG_BITS	21
#define TAG_MASK	((1ULL << TAG_BITS) - 1)

/* Others may be at the same word all the time; some time it is enough. */
#define TRIES		256

static uint64_t
get(const _Atomic uint64_t *w)
{
	return atomic_load_explicit(w, memory_order_acquire);
}

static int
swap(_Atomic uint64_t *w, uint64_t *old, uint64_t new)
{
	return atomic_compare_exchange_strong_explicit(w, old, new,
	    memory_order_acq_rel, memory_order_acquire);
}

/* 32 bits as one of n, in their order: what was beside each other stays so in
 * a table that grows. */
static uint64_t
scaled(uint64_t bits, uint64_t n)
{
	return bits * n >> 32;
}

/* ---------------------------------------------------------------- last used */

/* What of a digest finds its key: a set by the upper half, 36 bits in it. */
static uint64_t
head_of(const uint8_t digest[LK_USAGE_DIGEST])
{
	uint64_t	 h;

	memcpy(&h, digest, sizeof(h));
	return h;
}

static uint64_t
name_of(uint64_t head)
{
	return head & UINT64_MAX >> MINUTE_BITS;
}

static _Atomic uint64_t *
set_at(const struct lk_usage_map *m, uint64_t i)
{
	return m->words + LK_LINE_WORDS * (1 + i);
}

static _Atomic uint64_t *
set_of(const struct lk_usage_map *m, uint64_t head)
{
	return set_at(m, scaled(head >> 32, m->sets));
}

/* Minutes since 1970, of which 0 says that there is no key. */
static uint64_t
minute_of(int64_t now)
{
	if (now < 60 || now / 60 > (int64_t)MINUTE_MASK)
		return 0;
	return (uint64_t)now / 60;
}

static int
is_key(uint64_t entry, uint64_t name)
{
	return (entry & MINUTE_MASK) != 0 && entry >> MINUTE_BITS == name;
}

/* How late an entry was used: what lies ahead by more than a day is no time. */
static uint64_t
used(uint64_t entry, uint64_t minute)
{
	uint64_t	 at = entry & MINUTE_MASK;

	return at > minute + DAY ? 0 : at;
}

/* The key's entry in a set, or that of the key which gives way to it. */
static _Atomic uint64_t *
entry_for(_Atomic uint64_t *set, uint64_t name, uint64_t minute, uint64_t *old)
{
	_Atomic uint64_t *oldest = set;
	uint64_t	 v;
	int		 i;

	*old = get(set);
	for (i = 0; i < LK_LINE_WORDS; i++) {
		v = get(&set[i]);
		if (is_key(v, name)) {
			*old = v;
			return &set[i];
		}
		if (used(v, minute) < used(*old, minute)) {
			oldest = &set[i];
			*old = v;
		}
	}
	return oldest;
}

static inline int
is(const _Atomic uint64_t *w, uint64_t entry)
{
	return get(w) == entry;
}

/*
 * Is that an entry of the set?  All of them are looked at, so that the way from
 * here on does not depend on where it was found.
 */
static int
holds(const _Atomic uint64_t *set, uint64_t entry)
{
	return is(&set[0], entry) | is(&set[1], entry) | is(&set[2], entry) |
	    is(&set[3], entry) | is(&set[4], entry) | is(&set[5], entry) |
	    is(&set[6], entry) | is(&set[7], entry);
}

static void
put_key(_Atomic uint64_t *set, uint64_t name, uint64_t minute)
{
	_Atomic uint64_t *e;
	uint64_t	 old;
	int		 n;

	for (n = 0; n < LK_LINE_WORDS; n++) {
		e = entry_for(set, name, minute, &old);
		if (is_key(old, name) && used(old, minute) >= minute)
			return;
		if (swap(e, &old, name << MINUTE_BITS | minute))
			return;
	}
}

void
lk_usage_touch(struct lk_usage_file *u, const uint8_t digest[LK_USAGE_DIGEST],
    int64_t now)
{
	uint64_t	 head = head_of(digest), minute = minute_of(now);

	_Atomic uint64_t *set = set_of(lk_usage_now(u), head);
	uint64_t	 name = name_of(head);

	if (minute != 0 && !holds(set, name << MINUTE_BITS | minute))
		put_key(set, name, minute);
}

int64_t
lk_usage_last(const struct lk_usage_file *u,
    const uint8_t digest[LK_USAGE_DIGEST], int64_t now)
{
	uint64_t	 head = head_of(digest), last = 0, v;
	const _Atomic uint64_t *set = set_of(lk_usage_now(u), head);
	int		 i;

	for (i = 0; i < LK_LINE_WORDS; i++) {
		v = get(&set[i]);
		if (is_key(v, name_of(head)) && (v & MINUTE_MASK) > last)
			last = v & MINUTE_MASK;
	}
	if (last > minute_of(now))
		last = minute_of(now);
	return (int64_t)last * 60;
}

void
lk_usage_prefetch(const struct lk_usage_file *u,
    const uint8_t digest[LK_USAGE_DIGEST])
{
	__builtin_prefetch((const void *)(uintptr_t)set_of(lk_usage_now(u),
	    head_of(digest)));
}

/* ------------------------------------------------------------------ buckets */

static uint64_t
groups(const struct lk_usage_map *m)
{
	return 2 * (uint64_t)m->lines;
}

static _Atomic uint64_t *
group_at(const struct lk_usage_map *m, uint64_t i)
{
	return m->words + LK_LINE_WORDS * (1 + (size_t)m->sets) +
	    LK_GROUP_WORDS * i;
}

static _Atomic uint64_t *
group_of(const struct lk_usage_map *m, uint64_t id)
{
	return group_at(m, scaled(id >> 32, groups(m)));
}

static uint64_t
tag_of(uint64_t id)
{
	return (id & TAG_MASK) != 0 ? id & TAG_MASK : 1;
}

static uint64_t
tag_at(uint64_t tags, int i)
{
	return tags >> TAG_BITS * i & TAG_MASK;
}

/* Which of the three has the tag, or -1. */
static int
find(uint64_t tags, uint64_t tag)
{
	int	 i;

	for (i = 0; i < LK_GROUP_SIZE; i++)
		if (tag_at(tags, i) == tag)
			return i;
	return -1;
}

/* When a bucket is full again; what no budget can have come to is so now. */
static uint64_t
full_at(uint64_t v, uint64_t now)
{
	return v > now + LK_BUDGET_SPAN + LK_BUDGET_SLACK ? 0 : v;
}

/* The one that gives way, and what it says. */
static int
victim(const _Atomic uint64_t *group, uint64_t tags, uint64_t now,
    uint64_t *says)
{
	uint64_t	 v, soonest = UINT64_MAX;
	int		 i, who = 0;

	*says = 0;
	for (i = 0; i < LK_GROUP_SIZE; i++) {
		v = get(&group[1 + i]);
		if (tag_at(tags, i) == 0) {
			*says = v;
			return i;
		}
		if (full_at(v, now) < soonest) {
			soonest = full_at(v, now);
			*says = v;
			who = i;
		}
	}
	return who;
}

/*
 * The bucket of a tag, which is taken from another where it has none; -1 when
 * others are too busy here.  What a full one says is a full one for whoever
 * gets it; what another has spent is wiped, unless somebody was faster, who
 * counted on top of it.
 */
static int
claim(_Atomic uint64_t *group, uint64_t tag, uint64_t now)
{
	uint64_t	 tags = get(group), new, says;
	unsigned	 bits;
	int		 i, n;

	for (n = 0; n < TRIES; n++) {
		if ((i = find(tags, tag)) != -1)
			return i;
		i = victim(group, tags, now, &says);
		bits = TAG_BITS * (unsigned)i;
		new = (tags & ~(TAG_MASK << bits)) | tag << bits;
		if (!swap(group, &tags, new))
			continue;
		if (says > now)
			(void)swap(&group[1 + i], &says, 0);
		return i;
	}
	return -1;
}

/* The word of a budget; 0, which is a full one, where there is none. */
static uint64_t
word_of(const struct lk_usage_file *u, const struct lk_spend *s)
{
	const _Atomic uint64_t *group = group_of(lk_usage_now(u), s->id);
	int		 i = find(get(group), tag_of(s->id));

	return i == -1 ? 0 : get(&group[1 + i]);
}

int
lk_usage_peek(const struct lk_usage_file *u, const struct lk_spend *s,
    int64_t now, uint32_t *wait)
{
	uint64_t	 next;

	return lk_budget_next(s, word_of(u, s), now, &next, wait);
}

uint32_t
lk_usage_left(const struct lk_usage_file *u, const struct lk_spend *s,
    int64_t now, uint32_t *reset)
{
	return lk_budget_left(s, word_of(u, s), now, reset);
}

/* Count in one bucket.  1, 0, or -1: too many do so at once. */
static int
count(_Atomic uint64_t *bucket, const struct lk_spend *s, int64_t now,
    uint32_t *wait)
{
	uint64_t	 next, old = get(bucket);
	int		 n;

	for (n = 0; n < TRIES; n++) {
		if (!lk_budget_next(s, old, now, &next, wait))
			return 0;
		if (swap(bucket, &old, next))
			return 1;
	}
	return -1;
}

int
lk_usage_take(struct lk_usage_file *u, const struct lk_spend *s, int64_t now,
    uint32_t *wait)
{
	_Atomic uint64_t *group = group_of(lk_usage_now(u), s->id);
	uint64_t	 tag = tag_of(s->id);
	int		 i, n, r;

	for (n = 0; n < TRIES; n++) {
		i = claim(group, tag, now < 0 ? 0 : (uint64_t)now);
		if (i == -1)
			break;
		r = count(&group[1 + i], s, now, wait);
		/* Was it given to another meanwhile?  Then it was theirs. */
		if (tag_at(get(group), i) == tag && r != -1)
			return r;
	}
	*wait = 1;
	return 0;
}

void
lk_usage_give(struct lk_usage_file *u, const struct lk_spend *s, int64_t now)
{
	_Atomic uint64_t *group = group_of(lk_usage_now(u), s->id);
	uint64_t	 old;
	int		 n, i = find(get(group), tag_of(s->id));

	if (i == -1)
		return;
	old = get(&group[1 + i]);
	for (n = 0; n < TRIES; n++)
		if (swap(&group[1 + i], &old, lk_budget_back(s, old, now)))
			return;
}

/* ---------------------------------------------------------------- take over */

/*
 * In which lines of n the i-th of old may go on: it holds what begins with
 * certain 32 bits, and no more is known of what is in it.
 */
struct heirs {
	uint64_t	 first, last;
};

static struct heirs
heirs_of(uint64_t i, uint64_t old, uint64_t n)
{
	struct heirs	 h;

	h.first = scaled(((i << 32) + old - 1) / old, n);
	h.last = scaled((((i + 1) << 32) + old - 1) / old - 1, n);
	return h;
}

static void
copy_set(struct lk_usage_map *to, const _Atomic uint64_t *set, struct heirs h,
    uint64_t minute)
{
	uint64_t	 i, v;
	int		 k;

	for (k = 0; k < LK_LINE_WORDS; k++) {
		v = get(&set[k]);
		if (used(v, minute) == 0)
			continue;
		for (i = h.first; i <= h.last; i++)
			put_key(set_at(to, i), v >> MINUTE_BITS,
			    v & MINUTE_MASK);
	}
}

/* Nobody else has this one yet. */
static void
put_bucket(_Atomic uint64_t *group, uint64_t tag, uint64_t v, uint64_t now)
{
	int	 i = claim(group, tag, now);

	if (i != -1 && v > get(&group[1 + i]))
		atomic_store(&group[1 + i], v);
}

static void
copy_group(struct lk_usage_map *to, const _Atomic uint64_t *group,
    struct heirs h, uint64_t now)
{
	uint64_t	 tags = get(group), i, v;
	int		 k;

	for (k = 0; k < LK_GROUP_SIZE; k++) {
		v = full_at(get(&group[1 + k]), now);
		if (tag_at(tags, k) == 0 || v <= now)
			continue;
		for (i = h.first; i <= h.last; i++)
			put_bucket(group_at(to, i), tag_at(tags, k), v, now);
	}
}

void
lk_usage_copy(struct lk_usage_map *to, const struct lk_usage_map *from,
    int64_t now)
{
	uint64_t	 i, ns = (uint64_t)now;

	for (i = 0; i < from->sets; i++)
		copy_set(to, set_at(from, i), heirs_of(i, from->sets,
		    to->sets), minute_of(now / LK_SECOND));
	for (i = 0; i < groups(from); i++)
		copy_group(to, group_at(from, i), heirs_of(i, groups(from),
		    groups(to)), ns);
}
