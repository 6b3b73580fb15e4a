/*
 * fault_alloc: each allocation of the library fails, once, and from there on
 * for good.
 *
 * In make check those that differ by who asks, and of these some and the last;
 * in make check-fault all of them.  LK_FAULT_CASE=NAME runs that case alone.
 */
#include <sys/stat.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "fault.h"

#define TOLD	6			/* cases that are told of each     */

static const char wide_text[] =
    "  web_push:\n"
    "    plugin: web_push\n"
    "    prefix: wpush\n"
    "    apis: { campaign: \"POST /v2/single/{campaign}\" }\n"
    "  mobile:\n"
    "    plugin: mobile\n"
    "    prefix: mob\n"
    "    limit: 2\n"
    "    apis: { bulk: POST /api/v1/push/bulk }\n"
    "    checks: [ address: { allow: [ 127.0.0.1, \"::1\" ] } ]\n";

static struct sweep_home	 home;
static struct alloc_run		 run;
static char			 wide[SWEEP_PATH];
static unsigned char		 chosen[ALLOC_SITES];
static size_t			 rest;	/* what lives after a clean run    */
static char			 where[160];

/* ------------------------------------------------------------------- home */

static void
make_wide(void)
{
	char	 text[8192];
	size_t	 n;
	FILE	*in, *out;

	snprintf(wide, sizeof wide, "%.480s/wide.yaml", home.home);
	if ((in = fopen(home.policy, "r")) == NULL ||
	    (out = fopen(wide, "w")) == NULL)
		err(1, "%s", wide);
	n = fread(text, 1, sizeof text, in);
	fwrite(text, 1, n, out);
	fputs(wide_text, out);
	fclose(in);
	if (fclose(out) != 0 || chmod(wide, 0644) == -1)
		err(1, "%s", wide);
}

static void
make_key(const char *type, struct sweep_key *out)
{
	struct lk_generate	 g = { .size = sizeof g, .type = type,
				    .account = "acme" };
	struct lk_operator	 op;
	struct lk_error		 e = { 0 };
	struct lk_key		 key;
	struct lk		*lk;

	if (lk_operator_self(&op, &e) != 0 || lk_open(wide, 0, &lk, &e) != 0 ||
	    lk_generate(lk, &op, &g, out->token, &key, NULL, 0, &e) != 0)
		errx(1, "%s", e.text);
	strcpy(out->id, key.id);
	lk_close(&lk);
}

/* ------------------------------------------------------------------- runs */

/* Who crashes says where; the sanitizers say the rest. */
static void
crashed(int sig)
{
	ssize_t	 n = write(STDOUT_FILENO, where, strlen(where));

	(void)n;
	signal(sig, SIG_DFL);
	raise(sig);
}

void	__asan_on_error(void);

void
__asan_on_error(void)
{
	ssize_t	 n = write(STDOUT_FILENO, where, strlen(where));

	(void)n;
}

/* One run with the nth refused; its code. */
static int
go(const struct alloc_case *c, unsigned long at, int for_good)
{
	struct alloc_state	*s = &alloc_state;
	int			 r;

	snprintf(where, sizeof where, "# crashed: %s, allocation %lu%s\n",
	    c->name, at, for_good ? " and all after it" : "");
	run.why[0] = '\0';
	s->count = s->failed = 0;
	s->at = at;
	s->for_good = for_good;
	s->on = 1;
	r = c->run(&run);
	s->on = 0;
	run.faulty = s->failed != 0;
	return r;
}

static int
is_of_memory(int code)
{
	return code == LK_ENOMEM || code == LK_EUNAVAIL || code == LK_EIO;
}

/* 1 when something does not hold, and run.why. */
static int
judge(const struct alloc_case *c, int code)
{
	if (run.why[0] != '\0')
		return 1;
	if (code != c->clean && !(run.faulty && (is_of_memory(code) ||
	    code == c->also)))
		return alloc_wrong(&run, "code %d is not one of no memory",
		    code);
	if (alloc_state.live != rest)
		return alloc_wrong(&run, "%zu are not given back",
		    alloc_state.live - rest);
	return c->judge != NULL ? c->judge(&run, code) : 0;
}

static int
one(const struct alloc_case *c, unsigned long at, int for_good, int told)
{
	int	 code, r;

	if (c->writes)
		sweep_home_put(&home, c->start);
	rest = alloc_state.live;
	code = go(c, at, for_good);
	if ((r = judge(c, code)) != 0 && told)
		fault_note("%s: allocation %lu%s: %s", c->name, at,
		    for_good ? " and all after it" : "", run.why);
	return r;
}

/* ----------------------------------------------------------------- choice */

static void
choose(unsigned long n)
{
	unsigned long	 i, k, nth, later;

	for (i = 0; i < n; i++) {
		for (nth = 1, k = 0; k < i; k++)
			nth += alloc_state.site[k] == alloc_state.site[i];
		for (later = 0, k = i + 1; k < n && !later; k++)
			later = alloc_state.site[k] == alloc_state.site[i];
		chosen[i] = fault_full() || nth <= 2 || !later ||
		    nth == 8 || nth == 64;
	}
}

/* What holds without a fault; the number of allocations, or 0. */
static unsigned long
run_clean(const struct alloc_case *c)
{
	unsigned long	 n;
	int		 i, code = 0;

	for (i = 0; i < 2; i++) {	/* the first may fill what stays    */
		sweep_home_put(&home, c->start);
		rest = alloc_state.live;
		code = go(c, 0, 0);
	}
	n = alloc_state.count < ALLOC_SITES ? alloc_state.count : ALLOC_SITES;
	choose(n);
	if (judge(c, code) == 0)
		return n;
	fault_note("%s without a fault: %s", c->name, run.why);
	return 0;
}

static unsigned long
fail_each(const struct alloc_case *c, unsigned long n, int told,
    unsigned long *runs)
{
	unsigned long	 i, wrong = 0;
	int		 good;

	for (i = 0; i < n; i++)
		for (good = 0; chosen[i] && good < 2; good++) {
			wrong += (unsigned)one(c, i + 1, good,
			    told && wrong < TOLD);
			++*runs;
		}
	return wrong;
}

static void
fail(const struct alloc_case *c)
{
	unsigned long	 n = run_clean(c), runs = 0, wrong;

	wrong = fail_each(c, n, 1, &runs);
	fault_point(n != 0 && wrong == 0, "%s: %lu allocations, %lu runs, "
	    "%lu wrong", c->name, n, runs, wrong);
}

int
main(void)
{
	const char	*only = getenv("LK_FAULT_CASE");
	unsigned long	 n, runs = 0;
	size_t		 i;

	alloc_start();
	signal(SIGABRT, crashed);
#if FAULT_SLOW == 1
	signal(SIGSEGV, crashed);
	signal(SIGBUS, crashed);
#endif
	sweep_home_make(&home);
	make_wide();
	run.h = &home;
	run.wide = wide;
	make_key("web_push", &run.push);
	make_key("mobile", &run.mobile);
	home.keys += 2;
	sweep_home_take(&home);
	for (i = 0; i < alloc_ncases; i++)
		if (only == NULL || strcmp(only, alloc_cases[i].name) == 0)
			fail(&alloc_cases[i]);
	for (i = 0; i < alloc_nplanted; i++) {
		n = run_clean(&alloc_planted[i]);
		fault_point(fail_each(&alloc_planted[i], n, 0, &runs) != 0,
		    "%s that was planted is found", alloc_planted[i].name);
	}
	sweep_home_remove(&home);
	return fault_end();
}
