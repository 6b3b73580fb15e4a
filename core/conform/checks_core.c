/*
 * checks_core.c: a plugin and a core that fails, that has many threads; and the
 * conditions of check plugins.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "conform/child.h"

#define ROUNDS		500		/* of the check of threads           */
#define FAILURES_MAX	64		/* allocations that are made to fail */

static char	 parts[8192];

static int
is_type(const struct lk_trial *t)
{
	return t->run->table.kind == LK_PLUGIN_TYPE;
}

/* A check plugin's answer to a request, judged.  LK_WAY_*. */
static int
condition(struct lk_trial *t, struct lk_call *c, struct lk_answer *a)
{
	uint32_t	 r = lk_instance_check(t->i, c, c->record, a);

	if (r == LK_BROKEN && (lk_trial_raw() != LK_BROKEN ||
	    strncmp(a->note, "broken, ", 8) == 0))
		lk_trial_tell(t, LK_FAULT, "check: %s (with %s)", a->note,
		    t->board->doing);
	return r == LK_BROKEN ? LK_WAY_BROKEN : r == LK_PASS;
}

int
lk_try_ask(struct lk_trial *t, const struct lk_ask *k)
{
	struct lk_call	 c;
	int		 way;

	if (is_type(t))
		return lk_decide(t, k);
	lk_ask_lay(t, k, &c);
	way = condition(t, &c, t->a);
	lk_ask_end(&c);
	return way;
}

int
lk_try_best(struct lk_trial *t, struct lk_ask *k)
{
	if (is_type(t) && lk_decide_good(t, &t->holders[0], parts,
	    sizeof(parts), k) == 0)
		return 1;
	lk_ask_plain(t, k);
	return 0;
}

/* ------------------------------------------------------------- no record */

void
lk_check_record(struct lk_trial *t)
{
	const struct lk_plugin	*table = lk_build_table(t->build);
	struct lk_call		 c;
	struct lk_ask		 k;
	uint32_t		 r;

	lk_ask_plain(t, &k);
	lk_trial_doing(t, "neither credential nor record");
	k.no_record = 1;
	lk_ask_lay(t, &k, &c);
	memset(t->cr, 0, sizeof(*t->cr));
	t->cr->size = sizeof(*t->cr);
	lk_answer_start(t->a);
	r = table->verify(t->i->data, &c, t->cr, c.record, t->a);
	lk_ask_end(&c);
	if (r == LK_PASS)
		lk_trial_tell(t, LK_FAULT, "verify passes without credential "
		    "and record");
	lk_trial_pass(t, "verify passes nothing without credential and "
	    "record");
}

/* --------------------------------------------------------------- services */

static const struct service {
	unsigned	 fail;
	int		 seals;		/* nothing passes without it         */
	const char	*name;
} services[] = {
	{ LK_FAIL_HEADER,	0, "host->header saying: several" },
	{ LK_FAIL_JSON,		0, "host->json saying: no JSON" },
	{ LK_FAIL_MEMBER,	0, "host->json saying: no string" },
	{ LK_FAIL_SHA256,	0, "host->sha256 failing" },
	{ LK_FAIL_MAC,		1, "host->mac failing" },
	{ LK_FAIL_DERIVE,	1, "host->derive failing" },
	{ LK_FAIL_MINT,		0, "host->mint failing" },
	{ LK_FAIL_KEY_ID,	0, "host->key_id giving none" },
	{ LK_FAIL_VIEW,		0, "a token alone, without a request" },
	{ LK_FAIL_PACKAGE,	0, "an account that is not entitled" },
	{ LK_FAIL_ROOM,		0, "a budget that is spent" },
	{ LK_FAIL_BUDGET,	0, "host->budget failing" },
};

void
lk_try_mint(struct lk_trial *t)
{
	struct lk_setup_env	 env;
	char			 text[LK_TOKEN_MAX + 1];
	uint32_t		 r;

	if (lk_build_table(t->build)->mint == NULL)
		return;
	lk_trial_env(t, t->holders[0].id, &env);
	r = lk_instance_mint(t->i, &env, text, sizeof(text), t->a);
	if (r != LK_PASS && lk_trial_raw() != LK_BROKEN)
		lk_trial_tell(t, LK_FAULT, "mint: %s (with %s)", t->a->note,
		    t->board->doing);
}

void
lk_check_services(struct lk_trial *t)
{
	int		 signs = (t->run->table.flags & LK_PLUGIN_SIGNS) != 0;
	struct lk_ask	 k;
	size_t		 i, n = sizeof(services) / sizeof(services[0]);

	for (i = 0; i < n; i++) {
		(void)lk_try_best(t, &k);
		t->fail = services[i].fail;
		lk_trial_doing(t, "%s", services[i].name);
		if (lk_try_ask(t, &k) == LK_WAY_ALLOW && signs &&
		    services[i].seals)
			lk_trial_tell(t, LK_FAULT, "it passes with %s",
			    t->board->doing);
		lk_try_mint(t);
		t->fail = 0;
	}
	lk_trial_pass(t, "%zu services of the host, each failing", n);
}

/* ----------------------------------------------------------------- memory */

/* What a plugin does in its life, with whatever fails meanwhile. */
static void
live(struct lk_trial *t, const struct lk_ask *k)
{
	struct lk_error	 e = { 0 };
	uint32_t	 r, raw;

	lk_trial_release(t);
	r = lk_trial_try(t, t->run->settings, &e);
	raw = lk_trial_raw();
	if (r != LK_PASS) {
		if (raw != LK_BROKEN && raw != LK_PASS)
			lk_trial_tell(t, LK_FAULT, "%s (with %s)", e.text,
			    t->board->doing);
		return;
	}
	(void)lk_try_ask(t, k);
	lk_try_mint(t);
}

static size_t
taken(void)
{
	struct lk_heap	 h;

	lk_heap_read(&h);
	return h.taken;
}

void
lk_check_memory(struct lk_trial *t)
{
	struct lk_ask	 k;
	size_t		 i, n, before = taken();
	int		 all;

	if (!lk_heap_watched()) {
		lk_trial_tell(t, LK_REMARK, "not asked: a sanitizer is the "
		    "allocator");
		return;
	}
	(void)lk_try_best(t, &k);
	live(t, &k);
	n = taken() - before;
	for (i = 1; i <= n && i <= FAILURES_MAX; i++)
		for (all = 0; all <= 1; all++) {
			lk_trial_doing(t, "allocation %zu failing%s", i,
			    all ? ", and all after it" : "");
			lk_heap_fail(i, all);
			live(t, &k);
			lk_heap_fail(0, 0);
		}
	lk_trial_release(t);
	lk_trial_pass(t, "%zu allocation%s, each failing once", n,
	    n == 1 ? "" : "s");
}

/* ---------------------------------------------------------------- threads */

static struct {
	struct lk_ask	 k;
	struct lk_call	 c;
	int		 way;
	_Atomic int	 other;
} shared;

static void
thread_ask(struct lk_trial *t)
{
	struct lk_credential	 cr;
	struct lk_answer	 a;
	struct lk_call		 c;
	int			 i, way;

	for (i = 0; i < ROUNDS; i++) {
		c = shared.c;
		if (is_type(t))
			way = lk_decide_call(t, &c, &shared.k, &cr, &a);
		else
			way = condition(t, &c, &a);
		lk_ask_end(&c);
		if (way != shared.way)
			shared.other = 1;
	}
}

void
lk_check_threads(struct lk_trial *t)
{
	if ((t->run->table.flags & LK_PLUGIN_THREAD_SAFE) == 0) {
		lk_trial_tell(t, LK_REMARK, "it declares no thread safety: "
		    "the host enters it one thread at a time");
		return;
	}
	(void)lk_try_best(t, &shared.k);
	lk_trial_doing(t, "%d threads at once", LK_THREADS);
	shared.way = lk_try_ask(t, &shared.k);
	lk_ask_lay(t, &shared.k, &shared.c);
	t->work = thread_ask;
	lk_trial_threads(t);
	t->work = NULL;
	if (shared.other)
		lk_trial_tell(t, LK_FAULT, "it declares itself thread-safe, "
		    "and answers otherwise in %d threads than in one",
		    LK_THREADS);
	lk_trial_pass(t, "%d threads, %d requests each", LK_THREADS, ROUNDS);
}

/* -------------------------------------------------------------- condition */

static const struct peer {
	const char	*name;
	struct lk_net	 net;
} peers[] = {
	{ "a peer that is not known", { 0, 0, { 0 } } },
	{ "a peer of IPv4", { 4, 32, { 10, 1, 2, 3 } } },
	{ "another peer of IPv4", { 4, 32, { 192, 0, 2, 1 } } },
	{ "a peer of IPv6", { 6, 128, { 0x20, 1, 0x0d, 0xb8, 1 } } },
};

static void
each_way(struct lk_trial *t, struct lk_ask *k)
{
	static const unsigned	 fails[] = { 0, LK_FAIL_PACKAGE, LK_FAIL_ROOM,
				     LK_FAIL_VIEW };
	size_t			 i;
	int			 first;

	for (i = 0; i < sizeof(fails) / sizeof(fails[0]); i++) {
		t->fail = fails[i];
		first = lk_try_ask(t, k);
		if (lk_try_ask(t, k) != first)
			lk_trial_tell(t, LK_FAULT, "the same request is "
			    "answered now so, now so (with %s)",
			    t->board->doing);
	}
	t->fail = 0;
}

void
lk_check_condition(struct lk_trial *t)
{
	struct lk_ask	 k;
	size_t		 i, n = sizeof(peers) / sizeof(peers[0]);

	for (i = 0; i < 2 * n; i++) {
		lk_ask_plain(t, &k);
		k.peer = peers[i / 2].net;
		k.addresses = i % 2 != 0;
		lk_trial_doing(t, "%s, %s", peers[i / 2].name,
		    k.addresses ? "a key with addresses" : "a plain key");
		each_way(t, &k);
	}
	lk_trial_pass(t, "%zu requests, entitled and not, with room and "
	    "without", 8 * n);
}
