/*
 * fault_sweep: the command is killed, and fails, at each system call of each
 * of its verbs, once and for good.
 *
 * In make check each kind of call of each verb (what is called, of which file)
 * is taken at its first and its last time, those on the store's own files each
 * time, with the errors that are in the nature of the call.  In make
 * check-fault each call is taken with each error.
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

static struct sweep_home	 home;
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

static int
run_clean(const struct sweep_verb *v)
{
	struct sweep_judge	 j = { &home, v, &clean, &clean, 0, "" };

	sweep_home_put(&home, v->start);
	ask_for(0, NULL);
	sweep_run(&home, v, &clean);
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
	struct sweep_judge	 j = { &home, v, &clean, &now, 1, "" };

	sweep_home_put(&home, v->start);
	ask_for(at, k);
	sweep_run(&home, v, &now);
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
				    "index.", "torn.", "stdout" };
	size_t			 i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(s->object, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

static int
is_same_kind(const struct fault_seen *a, const struct fault_seen *b)
{
	return a->call == b->call && a->nature == b->nature &&
	    strcmp(a->object, b->object) == 0;
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
is_wanted(const struct fault_seen *s, const struct fault_kind *k)
{
	if (k->how == FAULT_SHORT || k->for_good || !fault_full())
		return (k->few || fault_full()) &&
		    (k->nature == 0 || (k->nature & s->nature) != 0);
	return 1;
}

static void
sweep(const struct sweep_verb *v)
{
	unsigned long	 n = 0, wrong = 0;
	uint32_t	 i;
	size_t		 k;

	if (run_clean(v) != 0) {
		fault_point(0, "%s", v->name);
		return;
	}
	for (i = 0; i < nseen; i++) {
		if (!is_chosen(i))
			continue;
		for (k = 0; k < NKINDS; k++) {
			if (!is_wanted(&seen[i], &kinds[k]))
				continue;
			wrong += (unsigned)run_fault(v, i + 1, &kinds[k],
			    wrong < TOLD);
			n++;
		}
	}
	fault_point(wrong == 0, "%s: %u calls, %lu runs, %lu wrong", v->name,
	    nseen, n, wrong);
}

int
main(void)
{
	const char	*only = getenv("LK_FAULT_VERB");
	size_t		 i;

	sweep_run_start();
	sweep_home_make(&home);
	for (i = 0; i < sweep_nverbs; i++)
		if (only == NULL || strcmp(only, sweep_verbs[i].name) == 0)
			sweep(&sweep_verbs[i]);
	for (i = 0; i < NKINDS; i++)
		fault_note("%s: %lu runs", kinds[i].name, runs[i]);
	fault_note("%lu wrong", bad);
	sweep_home_remove(&home);
	return fault_end();
}
