/*
 * checks_input.c: requests that a type plugin is given: a good one, and all
 * sorts that are not.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform/child.h"

#define TEXT_MAX	8192		/* octets of a good request's parts  */
#define RANDOM_ROUNDS	4000
#define RANDOM_SEED	0x6c6b706c2026ULL
#define LARGE_HEADER	8192		/* octets, as the core's limits are  */
#define LARGE_BODY	(1U << 20)

static char	 parts[TEXT_MAX];

/* It must not pass; with what is told. */
static void
refuse(struct lk_trial *t, const struct lk_ask *k)
{
	if (lk_decide(t, k) == LK_WAY_ALLOW)
		lk_trial_tell(t, LK_FAULT, "it passes %s", t->board->doing);
}

/* The same of what a signature covers; a token may be good all the same. */
static void
refuse_signed(struct lk_trial *t, const struct lk_ask *k)
{
	if ((t->run->table.flags & LK_PLUGIN_SIGNS) != 0)
		refuse(t, k);
	else
		(void)lk_decide(t, k);
}

/* A good request.  0, or -1: none is known, which was said. */
static int
good(struct lk_trial *t, struct lk_ask *k)
{
	return lk_decide_good(t, &t->holders[0], parts, sizeof(parts), k);
}

/* ------------------------------------------------------------ a round trip */

static int
same_twice(struct lk_trial *t, const struct lk_ask *k)
{
	int	 first = lk_decide(t, k), i;

	for (i = 0; i < 3; i++)
		if (lk_decide(t, k) != first) {
			lk_trial_tell(t, LK_FAULT, "the same request is "
			    "answered now so, now so");
			return -2;
		}
	return first;
}

/* A proof of today must not be one in ten years. */
static void
replay(struct lk_trial *t, const struct lk_ask *k)
{
	const int64_t	 decade = 10 * 365 * 86400LL;

	t->now += decade;
	lk_trial_doing(t, "a request that was signed ten years ago");
	if (lk_decide(t, k) == LK_WAY_ALLOW)
		lk_trial_tell(t, LK_FAULT, "it passes %s: whoever saw one can "
		    "send it for ever", t->board->doing);
	t->now -= decade;
}

void
lk_check_round(struct lk_trial *t)
{
	int		 signs = (t->run->table.flags & LK_PLUGIN_SIGNS) != 0;
	struct lk_ask	 k;

	lk_trial_doing(t, "the request that %s", signs ? "was signed" :
	    "usage describes");
	if (good(t, &k) != 0) {
		lk_trial_tell(t, LK_REMARK, "%s", signs ? "its callers sign: "
		    "give --sign COMMAND, so that a request can be made" :
		    "no request is known that it would pass");
		return;
	}
	if (same_twice(t, &k) == LK_WAY_NO)
		lk_trial_tell(t, LK_FAULT, "%s is refused: %s",
		    t->board->doing, t->a->note);
	if (signs)
		replay(t, &k);
	lk_trial_pass(t, "mint, present, verify: the request that %s",
	    signs ? "was signed passes, ten years later not" :
	    "usage describes passes");
}

/* ------------------------------------------------------------------ foreign */

static void
without_each(struct lk_trial *t, const struct lk_ask *base)
{
	struct lk_ask	 k;
	size_t		 i;

	for (i = 0; i < base->nfields; i++) {
		k = *base;
		k.fields[i] = k.fields[--k.nfields];
		lk_trial_doing(t, "a request without %.64s",
		    base->fields[i].name.p);
		/* Content-Type and the like are no part of a proof. */
		(void)lk_decide(t, &k);
	}
}

/* Each header once more, with another value. */
static void
twice_each(struct lk_trial *t, const struct lk_ask *base)
{
	struct lk_ask	 k;
	size_t		 i;
	int		 way;

	for (i = 0; i < base->nfields; i++) {
		k = *base;
		lk_ask_field(&k, base->fields[i].name.p, "other", 5);
		lk_trial_doing(t, "%.64s twice, differing",
		    base->fields[i].name.p);
		way = lk_decide(t, &k);
		if (way == LK_WAY_ALLOW && strcasestr(base->fields[i].name.p,
		    "content-") == NULL)
			lk_trial_tell(t, LK_FAULT, "it passes %s",
			    t->board->doing);
	}
}

void
lk_check_foreign(struct lk_trial *t)
{
	struct lk_holder	 own = t->holders[0];
	struct lk_ask		 k;

	lk_ask_plain(t, &k);
	lk_trial_doing(t, "a request without any credential");
	refuse(t, &k);
	if (good(t, &k) == 0) {
		without_each(t, &k);
		twice_each(t, &k);
		lk_trial_doing(t, "the key of another account");
		k.holder = &t->holders[1];
		refuse(t, &k);
		k.holder = &own;
		own.token = "other_000000000000000000000000000000000000";
		own.id = "0ther0ther00";
		lk_trial_doing(t, "a key that the store has not");
		refuse(t, &k);
	}
	lk_trial_pass(t, "no key, another's, unknown, two at once: none "
	    "passes");
}

/* -------------------------------------------------------- cut and mutated */

void
lk_check_cut(struct lk_trial *t)
{
	struct lk_ask	 base, k;
	size_t		 i, n, tries = 0;

	if (good(t, &base) != 0)
		lk_ask_plain(t, &base);
	for (i = 0; i < base.nfields; i++)
		for (n = 0; n < base.fields[i].value.n; n++, tries++) {
			k = base;
			k.fields[i].value.n = n;
			lk_trial_doing(t, "%.64s cut to %zu octets",
			    base.fields[i].name.p, n);
			refuse_signed(t, &k);
		}
	for (n = 0; n < base.body.n; n++, tries++) {
		k = base;
		k.body.n = n;
		lk_trial_doing(t, "a body cut to %zu octets", n);
		refuse_signed(t, &k);
	}
	lk_trial_pass(t, "%zu requests that were cut", tries);
}

/* Change one octet of a part; what a signature covers must then be refused. */
static size_t
mutate(struct lk_trial *t, struct lk_ask *k, struct lk_slice *part,
    const char *what)
{
	struct lk_slice	 was = *part;
	char		*copy;
	size_t		 i;

	if (was.n == 0 || (copy = malloc(was.n)) == NULL)
		return 0;
	for (i = 0; i < was.n; i++) {
		memcpy(copy, was.p, was.n);
		copy[i] = (char)(copy[i] ^ 1);
		part->p = copy;
		lk_trial_doing(t, "octet %zu of %.64s changed", i + 1, what);
		refuse_signed(t, k);
	}
	free(copy);
	*part = was;
	return was.n;
}

void
lk_check_mutated(struct lk_trial *t)
{
	struct lk_ask	 base, k;
	size_t		 i, n = 0;

	if (good(t, &base) != 0)
		lk_ask_plain(t, &base);
	k = base;
	n += mutate(t, &k, &k.method, "the method");
	n += mutate(t, &k, &k.target, "the path");
	n += mutate(t, &k, &k.body, "the body");
	for (i = 0; i < k.nfields; i++)
		n += mutate(t, &k, &k.fields[i].value,
		    base.fields[i].name.p);
	lk_trial_pass(t, "%zu requests, one octet of each changed", n);
}

/* ---------------------------------------------------------------- large */

/* n times c in each header that it looks for, and as the body. */
static void
large(struct lk_trial *t, const char *text, size_t n, size_t body)
{
	const struct lk_board	*b = t->board;
	struct lk_ask		 k;
	uint32_t		 i;

	lk_ask_plain(t, &k);
	for (i = 0; i < b->nasked; i++)
		if (!b->asked[i].json)
			lk_ask_field(&k, b->asked[i].name, text, n);
	while (k.nfields < LK_FIELDS_MAX)
		lk_ask_field(&k, "X-Padding", text, n);
	k.target.p = text;
	k.target.n = n < 4096 ? n : 4096;
	k.body.p = text;
	k.body.n = body;
	lk_trial_doing(t, "headers of %zu octets and a body of %zu", n, body);
	refuse(t, &k);
}

void
lk_check_large(struct lk_trial *t)
{
	static const char	 fills[] = { 'a', '/', '0', '\0', ' ', '{',
				     '"', '%', (char)0xff };
	char			*text = malloc(LARGE_BODY);
	size_t			 i;

	if (text == NULL)
		return;
	for (i = 0; i < sizeof(fills); i++) {
		memset(text, fills[i], LARGE_BODY);
		large(t, text, LARGE_HEADER, LARGE_BODY);
		large(t, text, 300, 64);
		large(t, text, 1, 1);
		large(t, text, 0, 0);
	}
	free(text);
	lk_trial_pass(t, "100 headers of 8 KiB, a path of 4 KiB, a body of "
	    "1 MiB");
}

/* --------------------------------------------------------------- random */

/* xorshift64*: the same run each time. */
static uint64_t
roll(uint64_t *s)
{
	*s ^= *s >> 12;
	*s ^= *s << 25;
	*s ^= *s >> 27;
	return *s * 0x2545f4914f6cdd1dULL;
}

/* Octets of one of several sorts: any, text, digits, or pieces of a token. */
static size_t
garbage(struct lk_trial *t, uint64_t *s, char *p, size_t max)
{
	static const char	 text[] = "Bearer abc.-=:;\"'{}[]\\/ \t019";
	size_t			 n = roll(s) % max, i;
	unsigned		 sort = roll(s) % 4;

	for (i = 0; i < n; i++) {
		if (sort == 0)
			p[i] = (char)roll(s);
		else if (sort == 1)
			p[i] = text[roll(s) % (sizeof(text) - 1)];
		else
			p[i] = (char)('0' + roll(s) % 10);
	}
	if (sort == 3 && n > 40)
		memcpy(p + roll(s) % (n - 40), t->holders[0].token,
		    strnlen(t->holders[0].token, 40));
	return n;
}

static size_t
garbage_body(struct lk_trial *t, uint64_t *s, char *p, size_t max)
{
	const struct lk_board	*b = t->board;
	char			 junk[128];
	size_t			 n = 1;
	uint32_t		 i;

	if (roll(s) % 3 == 0)
		return garbage(t, s, p, max);
	p[0] = '{';
	for (i = 0; i < b->nasked && n + 512 < max; i++)
		if (b->asked[i].json)
			n += (size_t)snprintf(p + n, max - n,
			    "%s\"%s\": \"%.*s\"", n > 1 ? ", " : "",
			    b->asked[i].name, (int)garbage(t, s, junk,
			    sizeof(junk)), junk);
	p[n++] = '}';
	return n;
}

static void
random_one(struct lk_trial *t, uint64_t *s)
{
	static char		 text[LK_ASKED + 1][4096];
	const struct lk_board	*b = t->board;
	struct lk_ask		 k;
	uint32_t		 i;

	lk_ask_plain(t, &k);
	for (i = 0; i < b->nasked; i++)
		if (!b->asked[i].json && roll(s) % 8 != 0)
			lk_ask_field(&k, b->asked[i].name, text[i],
			    garbage(t, s, text[i], roll(s) % 16 == 0 ? 4000 :
			    120));
	k.body.p = text[LK_ASKED];
	k.body.n = garbage_body(t, s, text[LK_ASKED], 4000);
	refuse(t, &k);
}

void
lk_check_random(struct lk_trial *t)
{
	uint64_t	 seed = RANDOM_SEED;
	int		 i;

	for (i = 0; i < RANDOM_ROUNDS; i++) {
		lk_trial_doing(t, "random octets, round %d", i + 1);
		random_one(t, &seed);
	}
	lk_trial_pass(t, "%d requests of random octets", RANDOM_ROUNDS);
}
