/*
 * reload.c: another policy in the place of the one that serves.
 *
 *	file -> plugins -> self-test -> same store? -> keys still fit?
 *	  -> peppers -> swap -> free the old when nobody is in it
 *
 * Everything that is wrong is found before anything is changed.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "host.h"
#include "lint.h"
#include "peppers.h"
#include "reload.h"

#define PATIENCE	1000		/* ms for calls in flight to end     */
#define NOWHERE		((struct lk_place){ 0, 0 })

static pthread_mutex_t	 reloading = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t	 telling = PTHREAD_MUTEX_INITIALIZER;	/* health */
static pthread_once_t	 once = PTHREAD_ONCE_INIT;

/* A child has only the thread that forked. */
static void
locks_renew(void)
{
	pthread_mutex_init(&reloading, NULL);
	pthread_mutex_init(&telling, NULL);
}

static void
fork_watch(void)
{
	pthread_atfork(NULL, NULL, locks_renew);
}

/* --------------------------------------------------------------- findings */

/* The first one with its place; behind it, others as far as there is room. */
struct gathered {
	struct lk_error	*e;
	unsigned	 n, left_out;
	size_t		 used;		/* of e->text                        */
};

static void
gather(void *arg, const struct lk_error *f, const char *line)
{
	struct gathered	*g = arg;
	char		 next[sizeof(f->text) + 32];
	int		 n;

	(void)line;
	if (f->code == LK_NOTE)
		return;
	if (g->n++ == 0) {
		*g->e = *f;
		g->used = strlen(f->text);
		return;
	}
	n = snprintf(next, sizeof(next), f->line != 0 ? "; line %u: %s" :
	    "; %.0u%s", f->line, f->text);
	/* Room for the number of the others. */
	if (g->left_out == 0 && n > 0 &&
	    g->used + (size_t)n + 16 < sizeof(g->e->text)) {
		memcpy(g->e->text + g->used, next, (size_t)n + 1);
		g->used += (size_t)n;
	} else
		g->left_out++;
}

/* LK_ECONFIG, with what was gathered. */
static int
refuse(struct gathered *g)
{
	if (g->left_out != 0)
		snprintf(g->e->text + g->used, sizeof(g->e->text) - g->used,
		    "; %u more", g->left_out);
	return g->e->code = LK_ECONFIG;
}

/* ----------------------------------------------------------------- try it */

static int
same_folder(const char *a, const char *b)
{
	struct stat	 x, y;

	return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 &&
	    x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* Does the new one have all that keys and accounts had from the old one? */
static int
has_all(const struct lk_policy *new, const struct lk_policy *old)
{
	const struct lk_policy_type	*t, *was;
	size_t				 i;

	for (i = 0; i < old->ntypes; i++) {
		was = &old->types[i];
		t = lk_policy_type_by_name(new, was->name);
		if (t == NULL || strcmp(t->prefix, was->prefix) != 0 ||
		    (was->imported && !t->imported))
			return 0;
	}
	for (i = 0; i < old->npackages; i++)
		if (lk_policy_package(new, old->packages[i].name) < 0)
			return 0;
	return old->default_package < 0 || new->default_package >= 0;
}

static int
try(struct lk *lk, struct lk_snapshot *s, struct lk_report *rep,
    struct lk_error *e)
{
	const struct lk_policy	*old = lk_held(lk)->policy;
	int			 r;

	if ((r = lk_snapshot_plugins(s, lk_host_table(), rep, e)) != 0)
		return r;
	if (rep->errors == 0)
		lk_self_test(lk, s, rep);
	if (!same_folder(s->policy->store, old->store))
		lk_report_at(rep, &s->policy->source, NOWHERE, LK_ECONFIG,
		    NULL, "the store is %s now, and was %s: a process keeps "
		    "its store, start it anew", s->policy->store, old->store);
	else if (!has_all(s->policy, old))
		r = lk_lint_keys(s->policy, old, lk->store, rep, e);
	return r;
}

/* Of the policy that is there now, sound and tried. */
static int
make(struct lk *lk, struct lk_snapshot **out, struct lk_error *e)
{
	struct lk_error		 first = { 0 };
	struct gathered		 g = { &first, 0, 0, 0 };
	struct lk_report	 rep = { gather, &g, 0 };
	struct lk_policy	*p = NULL;
	int			 r;

	if ((r = lk_policy_load(lk->path, 1, &rep, &p, e)) == 0 &&
	    (r = lk_snapshot_make(&p, out, e)) == 0)
		r = try(lk, *out, &rep, e);
	if ((r != 0 && r != LK_ECONFIG) || rep.errors == 0)
		return r;
	r = refuse(&g);
	*e = first;
	return r;
}

/* ----------------------------------------------------------------- health */

void
lk_health_begin(struct lk *lk, const struct lk_snapshot *s)
{
	struct lk_health	*h = &lk->health;
	size_t			 i;

	h->generation = 1;
	h->loaded = lk_clock_now();
	for (i = 0; i < s->policy->ntypes; i++) {
		if (s->types[i].fault_plugin[0] == '\0')
			continue;
		h->degraded = h->loaded;
		lk_fail(&h->why, LK_EUNAVAIL, "%s", s->types[i].fault);
		return;
	}
}

static void
tell(struct lk *lk, int r, const struct lk_error *why)
{
	struct lk_health	*h = &lk->health;

	pthread_mutex_lock(&telling);
	if (r == 0) {
		h->generation++;
		h->loaded = lk_clock_now();
		h->degraded = 0;
		memset(&h->why, 0, sizeof(h->why));
	} else {
		h->refused++;
		if (h->degraded == 0)
			h->degraded = lk_clock_now();
		h->why = *why;
	}
	pthread_mutex_unlock(&telling);
}

int
lk_health(struct lk *lk, struct lk_health *out)
{
	if (lk == NULL || out == NULL)
		return LK_EUSAGE;
	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&telling);
	*out = lk->health;
	pthread_mutex_unlock(&telling);
	return 0;
}

/* ----------------------------------------------------------------- public */

/* What takes longer than this in its last call is freed later. */
static void
await(struct lk *lk)
{
	const struct timespec	 ms = { 0, 1000000 };
	int			 i;

	for (i = 0; lk_reclaim(lk) != 0 && i < PATIENCE; i++)
		nanosleep(&ms, NULL);
}

static int
reload(struct lk *lk, struct lk_error *e)
{
	struct lk_snapshot	*s = NULL;
	struct lk_seat		*seat;
	int			 r;

	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if (seat->depth > 1)
		r = lk_fail(e, LK_EUSAGE, "lk_reload: within another call");
	else if ((r = make(lk, &s, e)) == 0 &&
	    (r = lk_peppers_swap(lk, s, e)) == 0)
		s = NULL;		/* handed over */
	lk_release(seat);
	lk_snapshot_free(&s);
	return r;
}

int
lk_reload(struct lk *lk, struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	int		 r;

	if (lk == NULL || lk->path == NULL ||
	    (lk->flags & (LK_LIST_ONLY | LK_REMOVE_ONLY)) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_reload: not opened to verify "
		    "or to generate");
	pthread_once(&once, fork_watch);
	pthread_mutex_lock(&reloading);
	if ((r = reload(lk, &why)) == 0)
		await(lk);
	tell(lk, r, &why);
	pthread_mutex_unlock(&reloading);
	if (r != 0 && e != NULL)
		*e = why;
	return r;
}
