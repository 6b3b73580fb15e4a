/*
 * Power cuts: scenarios are recorded, operation by operation; then the power
 * goes after each of them, and of what was not durable any part is there.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "fault.h"
#include "plants.h"
#include "play.h"

#define SEED		20261125
#define SCENARIOS_MAX	64
#define ROUNDS		100		/* of more states, at most           */
#define FEW		2500		/* states of a scenario, a site      */

/* A recovery says in the log what it cut, which is nobody's business here. */
#undef syslog
void
syslog(int level, const char *fmt, ...)
{
	(void)level;
	(void)fmt;
}

void __syslog_chk(int level, int flag, const char *fmt, ...);

void
__syslog_chk(int level, int flag, const char *fmt, ...)
{
	(void)level;
	(void)flag;
	(void)fmt;
}

static const char *const kinds[KINDS] = {
	"old or new", "torn at 512", "torn at 4096", "zeros", "half stored",
	"garbage"
};

static struct record	 records[SCENARIOS_MAX];
static struct seen	*seen[SCENARIOS_MAX];

static void
add_up(struct counts *all, const struct counts *c)
{
	int	 i;

	all->states += c->states;
	for (i = 0; i < KINDS; i++)
		all->kind[i] += c->kind[i];
	all->stopped += c->stopped;
	all->deep += c->deep;
}

static void
show(const char *name, const struct record *r, const struct counts *c)
{
	int	 i;
	char	 line[300];
	size_t	 at;

	at = (size_t)snprintf(line, sizeof line, "%-24s %4d operations %7lu "
	    "states:", name, r == NULL ? 0 : r->tape.n, c->states);
	for (i = 0; i < KINDS; i++)
		at += (size_t)snprintf(line + at, sizeof line - at, " %lu %s,",
		    c->kind[i], kinds[i]);
	fault_note("%s %lu stopped, %lu deep", line, c->stopped, c->deep);
}

static int
is_on_tape(int site)
{
	size_t	 i;

	for (i = 0; i < nscenarios; i++)
		if (record_has(&records[i], site))
			return 1;
	return 0;
}

/* Of one that only a recovery went by: the same call is needed elsewhere. */
static int
has_twin(const struct site *x)
{
	int	 i;

	for (i = 0; i < sites.n; i++)
		if (sites.v[i].needed &&
		    sites.v[i].caller[0] == x->caller[0] &&
		    strcmp(sites.v[i].file, x->file) == 0)
			return 1;
	return 0;
}

/* With one sync that does nothing there must be a state that breaks. */
static void
remove_site(int site, unsigned long most)
{
	struct site	*x = &sites.v[site];
	struct counts	 c;
	size_t		 i;
	int		 early = is_on_tape(site);

	for (i = 0; i < nscenarios && !x->needed; i++) {
		if (!record_has(&records[i], site))
			continue;
		early &= record_is_early(&records[i], site);
		cuts_try(&records[i], seen[i], site, most, SEED, &c);
		if (c.broken == 0)
			continue;
		x->needed = 1;
		snprintf(x->caught, sizeof x->caught, "%.150s", c.why);
	}
	if (!x->needed && !is_on_tape(site) && has_twin(x))
		return;
	/* Of an index that another one has taken the place of. */
	if (!x->needed && strcmp(x->file, "?") == 0)
		early = 1;
	if (!x->needed && early)
		snprintf(x->caught, sizeof x->caught, "nothing breaks, since "
		    "it %s", x->file[0] == '?' ? "has no name any more" :
		    "is synced again in time");
	fault_point(x->needed || early, "without %s: %s", x->name,
	    x->caught[0] != '\0' ? x->caught : "nothing breaks");
}

/* It is found in some scenario, unless it can do no harm. */
static void
plant(const struct plant *p, unsigned long most)
{
	static struct record	 r;
	struct counts		 c = { 0 };
	struct seen		*s;
	size_t			 i;
	int			 used = 0;

	for (i = 0; i < nscenarios && c.broken == 0; i++) {
		play(&scenarios[i], &r);
		s = seen_new();
		if (p->put(&r.tape)) {
			used++;
			cuts_try(&r, s, NO_SITE, most, SEED, &c);
		}
		seen_free(s);
		record_free(&r);
	}
	if (p->harmless)
		fault_point(used > 0 && c.broken == 0, "planted: %s: no harm "
		    "in %d scenarios: %s", p->name, used, c.why);
	else
		fault_point(c.broken > 0, "planted: %s: %s", p->name,
		    c.broken > 0 ? c.why : "not found");
}

/* LK_FAULT_ONLY: the scenarios with that in their name. */
static int
is_wanted(const struct scenario *s)
{
	const char	*only = getenv("LK_FAULT_ONLY");

	return only == NULL || strstr(s->name, only) != NULL;
}

static void
try_one(size_t i, unsigned long most, int round, struct counts *all)
{
	const char	*name = scenarios[i].name;
	struct counts	 c;

	cuts_try(&records[i], seen[i], ALL_SITES, most,
	    SEED + i + (uint64_t)round * SCENARIOS_MAX, &c);
	add_up(all, &c);
	if (round > 0 && c.broken == 0)
		return;
	show(name, &records[i], &c);
	fault_point(c.broken == 0, "%s: %lu states, %lu broken%s%s", name,
	    c.states, c.broken, c.broken > 0 ? ": " : "", c.why);
}

/* Short scenarios have few states: then the others have more. */
static void
run(unsigned long most)
{
	struct counts	 all = { 0 };
	unsigned long	 left, was = 1;
	size_t		 i;
	int		 round;

	for (i = 0; i < nscenarios; i++) {
		seen[i] = seen_new();
		if (is_wanted(&scenarios[i]))
			play(&scenarios[i], &records[i]);
	}
	/* Until no round finds a state that is new. */
	for (round = 0; round < ROUNDS && all.states < most &&
	    all.states != was; round++) {
		was = all.states;
		for (i = 0; i < nscenarios; i++) {
			left = most > all.states ? most - all.states : 0;
			if (is_wanted(&scenarios[i]))
				try_one(i, left / (nscenarios - i), round,
				    &all);
		}
	}
	show("all", NULL, &all);
}

int
main(void)
{
	unsigned long	 most = fault_states(50000, 1001000);
	unsigned long	 few = most / 20 < FEW ? most / 20 : FEW;
	int		 i, n;

	vfs_start();
	recover_start();
	run(most);
	n = sites.n;
	for (i = 0; i < n; i++)
		if (is_on_tape(i))
			remove_site(i, few);
	for (i = 0; i < n; i++)
		if (!is_on_tape(i))
			remove_site(i, few);
	for (i = 0; i < (int)nplants; i++)
		plant(&plants[i], few / 5);
	return fault_end();
}
