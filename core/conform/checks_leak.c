/*
 * checks_leak.c: what a plugin does not give back, of each thing that it is
 * asked: good requests and others, tokens, lines of usage, configurations.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "conform/child.h"

#define FIRST		8	/* what is made once is no leak              */
#define ROUNDS		500
#define CONFIGURED	64	/* times                                     */
#define NOISE		204800	/* octets: what the C library may map        */
#define SERVICES	12	/* LK_FAIL_*                                 */

static char	 junk[] = "conformance-of-no-key-at-all-0123456789";

/* ---------------------------------------------------------------- requests */

static void
good(struct lk_trial *t, const struct lk_ask *best, int i)
{
	(void)i;
	(void)lk_try_ask(t, best);
}

static void
empty(struct lk_trial *t, const struct lk_ask *best, int i)
{
	struct lk_ask	 k;

	(void)best;
	(void)i;
	lk_ask_plain(t, &k);
	(void)lk_try_ask(t, &k);
}

/* Each header that it looks for, with what is no credential. */
static void
ask_junk(struct lk_trial *t, size_t n)
{
	const struct lk_board	*b = t->board;
	struct lk_ask		 k;
	uint32_t		 i;

	lk_ask_plain(t, &k);
	for (i = 0; i < b->nasked; i++)
		if (!b->asked[i].json)
			lk_ask_field(&k, b->asked[i].name, junk, n);
	k.body.p = "{\"conform\": [";
	k.body.n = n < 12 ? n : 12;
	(void)lk_try_ask(t, &k);
}

/* The same once more, cut off, changed, twice and differing. */
static void
ask_changed(struct lk_trial *t, const struct lk_ask *best, int i)
{
	struct lk_ask	 k = *best;
	struct lk_slice	*v;
	static char	 copy[8192];

	if (k.nfields == 0)
		return;
	v = &k.fields[(size_t)i / 4 % k.nfields].value;
	if (v->n == 0 || v->n > sizeof(copy))
		return;
	if (i % 4 == 0)
		k.holder = &t->holders[1];
	else if (i % 4 == 1)
		v->n--;
	else if (i % 4 == 2) {
		memcpy(copy, v->p, v->n);
		copy[v->n - 1] ^= 1;
		v->p = copy;
	} else
		lk_ask_field(&k, k.fields[(size_t)i / 4 % k.nfields].name.p,
		    junk, sizeof(junk) - 1);
	(void)lk_try_ask(t, &k);
}

static void
refused(struct lk_trial *t, const struct lk_ask *best, int i)
{
	ask_junk(t, (size_t)i % sizeof(junk));
	ask_changed(t, best, i);
}

/* ---------------------------------------------------------- and all else */

static void
failing(struct lk_trial *t, const struct lk_ask *best, int i)
{
	t->fail = 1U << i % SERVICES;
	(void)lk_try_ask(t, best);
	lk_try_mint(t);
	t->fail = 0;
}

static void
mint(struct lk_trial *t, const struct lk_ask *best, int i)
{
	(void)best;
	(void)i;
	lk_try_mint(t);
}

static void
usage(struct lk_trial *t, const struct lk_ask *best, int i)
{
	char	 line[2048];

	(void)best;
	if (t->run->table.usage != NULL)
		(void)lk_try_usage(t, i % 2 != 0 ? sizeof(line) : 40, line);
}

static void
configured(struct lk_trial *t, const struct lk_ask *best, int i)
{
	(void)best;
	(void)i;
	lk_trial_release(t);
	(void)lk_trial_configure(t);
}

static const struct deed {
	const char	*what;
	unsigned	 kinds;
	int		 rounds;
	void		(*once)(struct lk_trial *, const struct lk_ask *,
			    int);
} deeds[] = {
	{ "requests",			LK_FOR_ALL,	ROUNDS,	good },
	{ "requests without a credential", LK_FOR_ALL,	ROUNDS,	empty },
	{ "requests that are refused",	LK_FOR_ALL,	ROUNDS,	refused },
	{ "requests with a service of the host failing",
					LK_FOR_ALL,	ROUNDS,	failing },
	{ "tokens",			LK_FOR_TYPE,	ROUNDS,	mint },
	{ "lines of usage",		LK_FOR_TYPE,	ROUNDS,	usage },
	{ "times configured and released", LK_FOR_ALL,	CONFIGURED,
							configured },
};
#define NDEEDS	(sizeof(deeds) / sizeof(deeds[0]))

/* The heap is known to an allocation; a map, however it is made, by the size of
 * the process, which has what else happens in it too. */
static void
compare(struct lk_trial *t, const struct deed *d, const struct lk_heap *was,
    uint64_t mapped)
{
	struct lk_heap	 is;
	uint64_t	 now = lk_child_mapped(t->board);

	lk_heap_read(&is);
	if (is.count > was->count)
		lk_trial_tell(t, LK_FAULT, "leaks: %zu allocations, %zu "
		    "octets, more than before, after %d %s",
		    is.count - was->count, is.octets - was->octets,
		    d->rounds, d->what);
	else if (now > mapped && now - mapped > NOISE)
		lk_trial_tell(t, LK_FAULT, "leaks: the process maps %zu KiB "
		    "more than before, after %d %s",
		    (size_t)(now - mapped) / 1024, d->rounds, d->what);
}

static void
try_deed(struct lk_trial *t, const struct deed *d)
{
	struct lk_heap	 was;
	struct lk_ask	 best;
	uint64_t	 mapped;
	int		 i;

	(void)lk_try_best(t, &best);
	lk_trial_doing(t, "%d %s", d->rounds, d->what);
	for (i = 0; i < FIRST; i++)
		d->once(t, &best, i);
	mapped = lk_child_mapped(t->board);
	lk_heap_read(&was);
	for (i = 0; i < d->rounds; i++)
		d->once(t, &best, i);
	compare(t, d, &was, mapped);
}

void
lk_check_leak(struct lk_trial *t)
{
	unsigned	 kind = t->run->table.kind == LK_PLUGIN_TYPE ?
			    LK_FOR_TYPE : LK_FOR_CHECK;
	struct lk_heap	 h;
	size_t		 i;

	for (i = 0; i < NDEEDS && t->i != NULL; i++)
		if ((deeds[i].kinds & kind) != 0)
			try_deed(t, &deeds[i]);
	lk_heap_read(&h);
	if (h.biggest != 0)
		lk_trial_tell(t, LK_FAULT, "asked for %zu octets at once: a "
		    "plugin gets %u MiB", h.biggest, LK_HEAP_MAX >> 20);
	lk_trial_pass(t, lk_heap_watched() ? "none in %d requests of each kind "
	    "and %d times configured" : "%d requests of each kind and %d times "
	    "configured; the heap is not watched under a sanitizer", ROUNDS,
	    CONFIGURED);
}
