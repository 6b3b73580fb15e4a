/*
 * fault_sweep: the command is killed, and fails, at each system call of each
 * of its verbs, once and for good.
 *
 * In make check each call on the files of the store is taken, and each other
 * kind of call at its first and its last time; those that write are killed, and
 * all have one of the errors that are in the nature of the call, in turn.  In
 * make check-fault each call is taken with each error.
 *
 * LK_FAULT_VERB=NAME runs that verb alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "sweep.h"

#define TOLD	10			/* cases that are told, a verb   */

static const struct fault_kind {
	const char	*name;
	enum fault_how	 how;
	int		 error;
	unsigned	 nature;	/* 0: of all calls               */
	int		 for_good;
	int		 few;		/* in make check as well         */
} kinds[] = {
	{ "killed", FAULT_KILL, 0, 0, 0, 1 },
	{ "ENOSPC", FAULT_ERROR, ENOSPC, FAULT_SPACE, 0, 1 },
	{ "EIO", FAULT_ERROR, EIO, FAULT_IO, 0, 1 },
	{ "EMFILE", FAULT_ERROR, EMFILE, FAULT_FILES, 0, 1 },
	{ "ENOMEM", FAULT_ERROR, ENOMEM, FAULT_MEMORY, 0, 1 },
	{ "EINTR", FAULT_ERROR, EINTR, FAULT_INTR, 0, 1 },
	{ "EACCES", FAULT_ERROR, EACCES, FAULT_ACCESS, 0, 1 },
	{ "EROFS", FAULT_ERROR, EROFS, FAULT_ROFS, 0, 1 },
	{ "short", FAULT_SHORT, 0, FAULT_HALF, 0, 1 },
	{ "ENOSPC for good", FAULT_ERROR, ENOSPC, FAULT_SPACE, 1, 1 },
	{ "EIO for good", FAULT_ERROR, EIO, FAULT_IO, 1, 0 },
	{ "EMFILE for good", FAULT_ERROR, EMFILE, FAULT_FILES, 1, 0 },
	{ "ENOMEM for good", FAULT_ERROR, ENOMEM, FAULT_MEMORY, 1, 0 },
	{ "EROFS for good", FAULT_ERROR, EROFS, FAULT_ROFS, 1, 0 },
	{ "short for good", FAULT_SHORT, 0, FAULT_HALF, 1, 1 },
};

#define NKINDS	(sizeof kinds / sizeof kinds[0])

static struct sweep_home	 home, old;	/* old: with two peppers     */
static struct sweep_result	 clean, now;
static struct fault_seen	 seen[FAULT_SEEN];
static uint32_t			 nseen;
static unsigned long		 runs[NKINDS], bad;

/* ------------------------------------------------------------------- runs */

static void
ask_for(uint32_t at, const struct fault_kind *k)
{
	struct fault_page	*p = sweep_page;

	p->at = at;
	p->how = k != NULL ? k->how : FAULT_NONE;
	p->error = k != NULL ? k->error : 0;
	p->nature = k != NULL ? k->nature : 0;
	p->for_good = k != NULL && k->for_good;
	p->hurry = 1;
}

static const struct sweep_home *
home_of(const struct sweep_verb *v)
{
	return v->kind & SWEEP_RETIRES ? &old : &home;
}

static int
run_clean(const struct sweep_verb *v)
{
	struct sweep_judge	 j = { home_of(v), v, &clean, &clean, 0, "" };

	sweep_home_put(home_of(v), v->start);
	ask_for(0, NULL);
	sweep_run(home_of(v), v, &clean);
	nseen = sweep_page->count < FAULT_SEEN ? sweep_page->count : FAULT_SEEN;
	memcpy(seen, sweep_page->seen, nseen * sizeof seen[0]);
	if (clean.status == v->clean && sweep_judge(&j) == 0)
		return 0;
	fault_note("%s without a fault: status %d, %s %s", v->name,
	    clean.status, j.why, clean.err);
	return 1;
}

static void
tell(const struct sweep_verb *v, uint32_t at, const struct fault_kind *k,
    const char *why)
{
	const struct fault_seen	*s = &sweep_page->seen[at - 1];
	char			 line[600], *p;

	snprintf(line, sizeof line, "%s", why);
	while ((p = strchr(line, '\n')) != NULL)
		*p = p[1] != '\0' ? '|' : '\0';
	fault_note("%s: %s at call %u (%s %s): %s", v->name, k->name, at,
	    fault_calls[s->call].name, s->object, line);
}

/* One run with a fault: 1 when something does not hold. */
static int
run_fault(const struct sweep_verb *v, uint32_t at, const struct fault_kind *k,
    int told)
{
	struct sweep_judge	 j = { home_of(v), v, &clean, &now, 1, "" };

	sweep_home_put(home_of(v), v->start);
	ask_for(at, k);
	sweep_run(home_of(v), v, &now);
	runs[k - kinds]++;
	j.faulty = sweep_page->hits != 0;
	if (sweep_judge(&j) == 0)
		return 0;
	bad++;
	if (told)
		tell(v, at, k, j.why);
	return 1;
}

/* ----------------------------------------------------------------- choice */

static int
is_of_store(const struct fault_seen *s)
{
	static const char	*const names[] = { "journal", "state", "usage",
				    "lock", "index.", "torn.", "stdout" };
	size_t			 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(s->object, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

static int
is_same_kind(const struct fault_seen *a, const struct fault_seen *b)
{
	return a->call == b->call && a->nature == b->nature && !is_of_store(b);
}

/* In make check: the first and the last of its kind. */
static int
is_chosen(uint32_t i)
{
	int		 earlier = 0, later = 0;
	uint32_t	 n;

	if (fault_full() || is_of_store(&seen[i]))
		return 1;
	for (n = 0; n < nseen; n++)
		if (n != i && is_same_kind(&seen[n], &seen[i]))
			*(n < i ? &earlier : &later) = 1;
	return !earlier || !later;
}

static int
is_natural(const struct fault_seen *s, const struct fault_kind *k)
{
	return (k->nature & s->nature) != 0;
}

/* Of the natural ones the nth in turn, n counting the calls that were taken. */
static int
is_turn(const struct fault_seen *s, const struct fault_kind *k,
    unsigned long n)
{
	unsigned long	 all = 0, before = 0;
	size_t		 i;

	for (i = 0; i < NKINDS; i++)
		if (kinds[i].few && is_natural(s, &kinds[i])) {
			before += &kinds[i] < k;
			all++;
		}
	return k->few && is_natural(s, k) && n % all == before;
}

static int
is_wanted(const struct sweep_verb *v, const struct fault_seen *s,
    const struct fault_kind *k, unsigned long n)
{
	if (k->how == FAULT_KILL)
		return fault_full() || (v->kind & SWEEP_READS) == 0;
	if (!fault_full())
		return is_turn(s, k, n);
	return is_natural(s, k) || (k->how == FAULT_ERROR && !k->for_good);
}

static void
sweep(const struct sweep_verb *v)
{
	unsigned long	 n = 0, taken = 0, wrong = 0;
	uint32_t	 i;
	size_t		 k;

	if (run_clean(v) != 0) {
		fault_point(0, "%s", v->name);
		return;
	}
	for (i = 0; i < nseen; i++) {
		if (!is_chosen(i))
			continue;
		taken++;
		for (k = 0; k < NKINDS; k++) {
			if (!is_wanted(v, &seen[i], &kinds[k], taken))
				continue;
			wrong += (unsigned)run_fault(v, i + 1, &kinds[k],
			    wrong < TOLD);
			n++;
		}
	}
	fault_point(wrong == 0, "%s: %u calls, %lu runs, %lu wrong", v->name,
	    nseen, n, wrong);
}

/* ---------------------------------------------------------------- planted */

static const struct planted {
	const char	*name, *verb, *call, *object;
	enum fault_how	 how;
} planted[] = {
	{ "half a token, and status 0", "generate", "write", "stdout",
	    FAULT_LIE },
	{ "a key that is not in the journal", "generate", "pwrite64",
	    "journal", FAULT_LIE },
	{ "a delete that is not in the journal", "delete", "pwrite64",
	    "journal", FAULT_LIE },
	{ "a verify that crashes", "verify, allowed", "openat", "journal",
	    FAULT_ABORT },
};

static const struct sweep_verb *
find_verb(const char *name)
{
	size_t	 i;

	for (i = 0; strcmp(sweep_verbs[i].name, name) != 0; i++)
		continue;
	return &sweep_verbs[i];
}

/* The command is made to do wrong, which must be found. */
static void
plant(const struct planted *p)
{
	const struct sweep_verb	*v = find_verb(p->verb);
	const struct fault_kind	 k = { p->name, p->how, 0, 0, 0, 0 };
	struct sweep_judge	 j = { home_of(v), v, &clean, &now, 1, "" };
	uint32_t		 i;
	int			 found = 0;

	if (run_clean(v) != 0)
		nseen = 0;
	for (i = 0; i < nseen && !found; i++) {
		if (strcmp(fault_calls[seen[i].call].name, p->call) != 0 ||
		    strcmp(seen[i].object, p->object) != 0)
			continue;
		sweep_home_put(home_of(v), v->start);
		ask_for(i + 1, &k);
		sweep_run(home_of(v), v, &now);
		found = sweep_judge(&j) != 0;
	}
	fault_point(found, "planted: %s is found%s%s", p->name,
	    found ? ": " : "", found ? strtok(j.why, "\n") : "");
}

int
main(void)
{
	const char	*only = getenv("LK_FAULT_VERB");
	size_t		 i;

	sweep_run_start();
	sweep_home_make(&home);
	sweep_home_make_old(&old);
	if (sweep_run_barred(&home)) {
		printf("1..0 # SKIP no system call filter (seccomp) here, or "
		    "not for this machine\n");
		sweep_home_remove(&home);
		sweep_home_remove(&old);
		return 0;
	}
	for (i = 0; i < sweep_nverbs; i++)
		if (only == NULL || strcmp(only, sweep_verbs[i].name) == 0)
			sweep(&sweep_verbs[i]);
	for (i = 0; i < sizeof planted / sizeof planted[0]; i++)
		if (only == NULL)
			plant(&planted[i]);
	for (i = 0; i < NKINDS; i++)
		fault_note("%s: %lu runs", kinds[i].name, runs[i]);
	fault_note("%lu wrong", bad);
	sweep_home_remove(&home);
	sweep_home_remove(&old);
	return fault_end();
}
