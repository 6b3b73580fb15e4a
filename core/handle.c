/*
 * handle.c: open and close; what a handle needs for each kind of use.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "host.h"
#include "json.h"
#include "peppers.h"
#include "reload.h"

#define REMOVES(flags)	(((flags) & LK_REMOVE_ONLY) != 0)
#define LISTS(flags)	(((flags) & LK_LIST_ONLY) != 0)
#define WRITES(flags)	(((flags) & (LK_VERIFY_ONLY | LK_LIST_ONLY)) == 0)

const char *
lk_version(void)
{
#ifdef PACKAGE_VERSION
	return PACKAGE_VERSION;
#else
	return "0";
#endif
}

const char *
lk_plugin_dir(void)
{
#ifdef LK_PLUGINDIR
	return LK_PLUGINDIR;
#else
	return "/usr/local/lib/latchkey";
#endif
}

/* A listing goes on, but nobody is to take it for one that was checked. */
static void
note_unchecked(const struct lk_error *why, struct lk_error *e)
{
	lk_fail(e, LK_NOTE, "the journal's MACs are not checked: %s",
	    why->text);
}

/* To list needs no pepper, and who may not read it is told nothing. */
static int
try_pepper(const struct lk_policy *p, struct lk_pepper **out,
    struct lk_error *e)
{
	struct lk_error	 why = { 0 };
	int		 r;

	r = lk_peppers_load(p->pepper, p->store, out, &why);
	if (r != 0 && r != LK_EPERM)
		note_unchecked(&why, e);
	return 0;
}

/* Pepper and plugins, where the use needs them. */
static int
load_rest(struct lk_snapshot *s, unsigned flags, struct lk_pepper **pepper,
    struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	int			 r;

	if (LISTS(flags))
		return try_pepper(s->policy, pepper, e);
	r = lk_peppers_load(s->policy->pepper, s->policy->store, pepper, e);
	if (REMOVES(flags))		/* a delete needs no pepper */
		return 0;
	if (r != 0)
		return r;
	return lk_snapshot_plugins(s, lk_host_table(), &quiet, e);
}

static int
load(struct lk *lk, struct lk_error *e)
{
	struct lk_report	 quiet = { NULL, NULL, 0 };
	struct lk_policy	*p = NULL;
	struct lk_snapshot	*s = NULL;
	struct lk_pepper	*pepper = NULL;
	int			 r;

	if ((r = lk_policy_load(lk->path, 1, &quiet, &p, e)) != 0 ||
	    (r = lk_snapshot_make(&p, &s, e)) != 0)
		return r;
	r = load_rest(s, lk->flags, &pepper, e);
	atomic_store(&lk->snapshot, s);
	atomic_store(&lk->pepper, pepper);
	lk_health_begin(lk, s);
	return r;
}

/* A policy is read again wherever the process goes to meanwhile. */
static char *
absolute(const char *path)
{
	char	 dir[LK_PATH_MAX], *out;

	if (path[0] == '/' || getcwd(dir, sizeof(dir)) == NULL)
		return strdup(path);
	return asprintf(&out, "%s/%s", dir, path) == -1 ? NULL : out;
}

/* A pepper that keys live under and that is not there: a listing says so. */
static int
judge_peppers(struct lk *lk, struct lk_error *e)
{
	const struct lk_pepper	*pepper = atomic_load(&lk->pepper);
	struct lk_error		 why = { 0 };
	int			 r;

	if (!lk->keyed || REMOVES(lk->flags))
		return 0;
	r = lk_peppers_whole(lk->store, lk->snapshot->policy->pepper, pepper,
	    &why);
	if (r != 0 && LISTS(lk->flags))
		lk_fail(e, LK_NOTE, "%s", why.text);
	else if (r != 0 && e != NULL)
		*e = why;
	return LISTS(lk->flags) ? 0 : r;
}

/* Open the store of a snapshot, keyed with its pepper if there is one. */
static int
open_store(struct lk *lk, struct lk_error *e)
{
	const struct lk_pepper		*pepper = atomic_load(&lk->pepper);
	struct lk_store_options		 o = { 0 };
	struct lk_error			 why = { 0 };
	int				 lax = REMOVES(lk->flags) ||
					     LISTS(lk->flags);
	uint8_t				 check[LK_MAC_SIZE];
	int				 r;

	o.dir = lk->snapshot->policy->store;
	o.write = WRITES(lk->flags);
	o.remove = REMOVES(lk->flags);
	if (pepper != NULL) {
		o.pepper = lk_peppers_learn;
		o.pepper_arg = lk;
		r = lk_pepper_journal(pepper, &o.mac, check, e);
		if (r != 0 && !lax)
			return r;
		o.check = r == 0 ? check : NULL;
	}
	r = lk_store_open(&o, &lk->store, &why);
	if (r == LK_ECONFIG && lax && o.mac != NULL) {
		o.mac = NULL;		/* another pepper: go on without */
		o.check = NULL;
		o.pepper = NULL;
		r = lk_store_open(&o, &lk->store, e);
		if (r == 0 && LISTS(lk->flags))
			note_unchecked(&why, e);
	} else if (r != 0 && e != NULL)
		*e = why;
	lk->keyed = r == 0 && lk_store_keyed(lk->store);
	if (r == 0)
		r = judge_peppers(lk, e);
	if (r == 0 && LISTS(lk->flags))
		(void)lk_store_damaged(lk->store, e);
	return r;
}

static int
make(unsigned flags, struct lk **out, struct lk_error *e)
{
	struct lk	*lk;
	int		 r;

	if ((lk = calloc(1, sizeof(*lk))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory for a handle");
	lk->flags = flags;
	if ((r = lk_seats_open(lk, e)) != 0) {
		free(lk);
		return r;
	}
	*out = lk;
	return 0;
}

int
lk_open(const char *policy, unsigned flags, struct lk **out,
    struct lk_error *e)
{
	struct lk	*lk;
	int		 r;

	if (out == NULL || policy == NULL)
		return lk_fail(e, LK_EUSAGE, "lk_open: an argument is NULL");
	*out = NULL;
	if ((flags & ~(LK_VERIFY_ONLY | LK_LIST_ONLY | LK_REMOVE_ONLY)) != 0)
		return lk_fail(e, LK_EUSAGE, "lk_open: flags 0x%x are not "
		    "known", flags);
	if (e != NULL)
		e->code = 0;
	lk_json_init();
	if ((r = lk_digest_init(e)) != 0)
		return r;
	if ((r = make(flags, &lk, e)) != 0)
		return r;
	if ((lk->path = absolute(policy)) == NULL) {
		r = lk_fail(e, LK_ENOMEM, "no memory for a handle");
		goto out;
	}
	if ((r = load(lk, e)) != 0 ||
	    (r = open_store(lk, e)) != 0)
		goto out;
	*out = lk;
	lk = NULL;			/* handed over */
out:
	lk_close(&lk);
	return r;
}

/* Nothing of a store by itself is vouched for: whoever lists it is told. */
static void
note_alone(struct lk *lk, struct lk_error *e)
{
	static const struct lk_error	 why = { .text = "that takes the "
					    "pepper, which a policy names" };

	note_unchecked(&why, e);
	(void)lk_store_damaged(lk->store, e);
}

int
lk_open_store(const char *dir, unsigned flags, struct lk **out,
    struct lk_error *e)
{
	struct lk_store_options	 o = { 0 };
	struct lk		*lk;
	int			 r;

	if (out == NULL || dir == NULL)
		return lk_fail(e, LK_EUSAGE,
		    "lk_open_store: an argument is NULL");
	*out = NULL;
	if (flags != LK_LIST_ONLY && flags != LK_REMOVE_ONLY)
		return lk_fail(e, LK_EUSAGE, "lk_open_store: flags 0x%x are "
		    "not for a store by itself", flags);
	if ((r = lk_digest_init(e)) != 0)
		return r;
	if ((r = make(flags, &lk, e)) != 0)
		return r;
	o.dir = dir;
	o.write = o.remove = REMOVES(flags);
	if ((r = lk_store_open(&o, &lk->store, e)) != 0) {
		lk_close(&lk);
		return r;
	}
	if (LISTS(flags))
		note_alone(lk, e);
	*out = lk;
	return 0;
}

void
lk_close(struct lk **lkp)
{
	struct lk_snapshot	*snapshot;
	struct lk_pepper	*pepper;
	struct lk		*lk;

	if (lkp == NULL || (lk = *lkp) == NULL)
		return;
	lk_store_close(&lk->store);
	lk_seats_close(lk);
	pepper = atomic_load(&lk->pepper);
	lk_pepper_free(&pepper);
	snapshot = atomic_load(&lk->snapshot);
	lk_snapshot_free(&snapshot);
	free(lk->path);
	free(lk);
	*lkp = NULL;
}
