/*
 * peppers.c: which peppers a handle has, and the next one.
 *
 * One pepper is current: new keys are digested under it, and the journal has
 * its MACs under it.  To rotate makes the next one and writes the journal anew;
 * the old one serves the keys that were made under it until it is retired.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/stat.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "hold.h"
#include "operator.h"
#include "peppers.h"

/* Who loads peppers of a handle and puts them in place. */
static pthread_mutex_t	 loading = PTHREAD_MUTEX_INITIALIZER;

/* -------------------------------------------------------------- which one */

int
lk_peppers_load(const char *dir, const char *store, struct lk_pepper **out,
    struct lk_error *e)
{
	uint8_t	 check[LK_MAC_SIZE];
	int	 r;

	if ((r = lk_pepper_load(dir, out, e)) != 0)
		return r;
	if (lk_store_value(store, check, NULL) == 0)
		(void)lk_pepper_choose(*out, check);
	return 0;
}

/* Of a folder, the one with that check value as the current one. */
static int
load_under(const char *dir, const uint8_t check[LK_MAC_SIZE],
    struct lk_pepper **out, struct lk_error *e)
{
	int	 r;

	if ((r = lk_pepper_load(dir, out, e)) != 0 ||
	    (r = lk_pepper_choose(*out, check)) == 1)
		return r < 0 ? r : 0;
	lk_pepper_free(out);
	return r != 0 ? lk_fail(e, r, "libgcrypt gives no HMAC-SHA-256") :
	    lk_fail(e, LK_ECONFIG, "%s holds no pepper that the journal is "
	    "under: put that one back", dir);
}

/* Put *p in place of the one that is, in which some call may be. */
static int
put_in_place(struct lk *lk, struct lk_pepper **p, struct lk_error *e)
{
	struct lk_retired	*old;

	if ((old = calloc(1, sizeof(*old))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	old->pepper = atomic_exchange(&lk->pepper, *p);
	*p = NULL;
	lk_retire(lk, old);
	return 0;
}

static int
learn(struct lk *lk, const uint8_t check[LK_MAC_SIZE], struct lk_hmac **mac,
    struct lk_error *e)
{
	struct lk_pepper	*p = NULL;
	uint8_t			 own[LK_MAC_SIZE];
	int			 r;

	if ((r = load_under(lk_held(lk)->policy->pepper, check, &p, e)) != 0)
		return r;
	if ((r = lk_pepper_journal(p, mac, own, e)) == 0 &&
	    (r = put_in_place(lk, &p, e)) != 0)
		lk_hmac_free(mac);
	lk_pepper_free(&p);
	return r;
}

int
lk_peppers_learn(void *arg, const uint8_t check[LK_MAC_SIZE],
    struct lk_hmac **mac, struct lk_error *e)
{
	struct lk	*lk = arg;
	struct lk_seat	*seat;
	int		 r;

	if ((seat = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	pthread_mutex_lock(&loading);
	r = learn(lk, check, mac, e);
	pthread_mutex_unlock(&loading);
	lk_release(seat);
	return r;
}

/* As they are now: others may have rotated and retired.  Who lists or removes
 * goes on without one that keys are under, as he is to mend it. */
static int
load_again(struct lk *lk, struct lk_error *e)
{
	const struct lk_policy	*policy = lk_held(lk)->policy;
	struct lk_pepper	*p;
	int			 r;

	if ((r = lk_peppers_load(policy->pepper, policy->store, &p, e)) != 0)
		return r;
	if ((lk->flags & (LK_LIST_ONLY | LK_REMOVE_ONLY)) == 0)
		r = lk_peppers_whole(lk->store, policy->pepper, p, e);
	if (r == 0 && !lk_pepper_same(p, atomic_load(&lk->pepper)))
		r = put_in_place(lk, &p, e);
	lk_pepper_free(&p);
	return r;
}

static int
look_again(struct lk *lk, struct lk_error *e)
{
	int	 r;

	if (lk_store_refresh(lk->store, e) != 0)
		return LK_EUNAVAIL;
	pthread_mutex_lock(&loading);
	r = load_again(lk, e);
	pthread_mutex_unlock(&loading);
	return r;
}

/* The pepper of s is loaded before anything is put in place, and nobody learns
 * of another one between that and the end. */
static int
swap(struct lk *lk, struct lk_snapshot *s, struct lk_retired *old,
    struct lk_error *e)
{
	const struct lk_policy	*policy = s->policy;
	struct lk_pepper	*p = NULL;
	uint8_t			 check[LK_MAC_SIZE];
	int			 r;

	if ((r = lk_store_value(policy->store, check, e)) != 0 ||
	    (r = load_under(policy->pepper, check, &p, e)) != 0)
		return r;
	r = lk_peppers_whole(lk->store, policy->pepper, p, e);
	if (r == 0 && !lk_pepper_same(p, atomic_load(&lk->pepper)))
		r = put_in_place(lk, &p, e);
	lk_pepper_free(&p);
	if (r != 0)
		return r;
	old->snapshot = atomic_exchange(&lk->snapshot, s);
	lk_retire(lk, old);
	return 0;
}

int
lk_peppers_swap(struct lk *lk, struct lk_snapshot *s, struct lk_error *e)
{
	struct lk_retired	*old;
	int			 r;

	if (lk_store_refresh(lk->store, e) != 0)
		return LK_EUNAVAIL;
	if ((old = calloc(1, sizeof(*old))) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	pthread_mutex_lock(&loading);
	if ((r = swap(lk, s, old, e)) != 0)
		free(old);
	pthread_mutex_unlock(&loading);
	return r;
}

/* A handle that removes goes without. */
static int
tell_unread(const struct lk_policy *policy, struct lk_error *e)
{
	struct lk_pepper	*p;
	int			 r;

	if ((r = lk_peppers_load(policy->pepper, policy->store, &p, e)) != 0)
		return r;
	lk_pepper_free(&p);
	return lk_fail(e, LK_ECONFIG, "the pepper could not be read");
}

static int
judge(struct lk *lk, const struct lk_operator *op, unsigned may,
    const char *call, struct lk_error *e)
{
	int	 r;

	if (lk_held(lk) == NULL)
		return lk_fail(e, LK_EUSAGE, "%s: opened without a pepper",
		    call);
	if (atomic_load(&lk->pepper) == NULL)
		return tell_unread(lk_held(lk)->policy, e);
	r = lk_operator_may(lk, op, may, e);
	return r != 0 ? r : look_again(lk, e);
}

int
lk_peppers_begin(struct lk *lk, const struct lk_operator *op, unsigned may,
    const char *call, struct lk_seat **out, struct lk_error *e)
{
	int	 r;

	if (lk == NULL || op == NULL)
		return lk_fail(e, LK_EUSAGE, "%s: an argument is missing",
		    call);
	if ((*out = lk_hold(lk)) == NULL)
		return lk_fail(e, LK_ENOMEM, "no memory");
	if ((r = judge(lk, op, may, call, e)) != 0)
		lk_release(*out);
	return r;
}

int
lk_peppers_path(const struct lk *lk, unsigned version, char *out, size_t size)
{
	return snprintf(out, size, "%s/%u", lk_held(lk)->policy->pepper,
	    version) < (int)size ? 0 : LK_ECONFIG;
}

/* ----------------------------------------------------------------- rotate */

/* The next one, as readable as the current one.  What an earlier rotation left
 * that did not come to be is as good. */
static int
make_next(const struct lk *lk, unsigned next, struct lk_error *e)
{
	const char	*dir = lk_held(lk)->policy->pepper;
	struct lk_error	 why = { 0 };
	struct stat	 st;
	char		 path[LK_PATH_MAX];
	int		 r;

	if (lk_peppers_path(lk, next, path, sizeof(path)) != 0)
		return lk_fail(e, LK_ECONFIG, "the pepper's path is too long");
	if (lstat(path, &st) == 0)
		return 0;
	if (lk_peppers_path(lk, next - 1, path, sizeof(path)) != 0 ||
	    stat(path, &st) == -1)
		return lk_fail_errno(e, LK_EIO, "%s", path);
	r = lk_pepper_make(dir, next, st.st_mode & 0777, st.st_gid, &why);
	if (r == LK_ECONFIG)		/* somebody else made it meanwhile   */
		return 0;
	/* The store's owner need not be that of the peppers, who all that
	 * verify trust; one that stands there is taken. */
	if (r == LK_EPERM)
		return lk_fail(e, r, "%s; make it as its owner, then rotate: "
		    "head -c %d /dev/urandom | install -m %o -o %u -g %u "
		    "/dev/stdin %s/%u", why.text, LK_PEPPER_MIN,
		    (unsigned)st.st_mode & 0777, (unsigned)st.st_uid,
		    (unsigned)st.st_gid, dir, next);
	if (r != 0 && e != NULL)
		*e = why;
	return r;
}

static int
rekey(struct lk *lk, const struct lk_operator *op, unsigned next,
    lk_progress_fn progress, void *arg, struct lk_swapped *w,
    struct lk_error *e)
{
	struct lk_pepper	*p = NULL;
	struct lk_hmac		*mac = NULL;
	uint8_t			 check[LK_MAC_SIZE];
	int			 r;

	if ((r = lk_pepper_load(lk_held(lk)->policy->pepper, &p, e)) != 0)
		return r;
	if (!lk_pepper_choose_version(p, next))
		r = lk_fail(e, LK_EAGAIN, "pepper %u is gone again: try again",
		    next);
	else if ((r = lk_pepper_journal(p, &mac, check, e)) == 0)
		r = lk_store_rekey(lk->store, op->name, op->from, mac, check,
		    next, progress, arg, w, e);
	lk_hmac_free(&mac);
	lk_pepper_free(&p);
	return r;
}

int
lk_pepper_rotate(struct lk *lk, const struct lk_operator *op,
    lk_progress_fn progress, void *arg, struct lk_rewritten *out,
    struct lk_error *e)
{
	struct lk_swapped	 w = { 0 };
	const struct lk_pepper	*p;
	struct lk_seat		*seat;
	unsigned		 older, next;
	int			 r;

	if (out == NULL || out->size != sizeof(*out))
		return lk_fail(e, LK_EUSAGE, "lk_pepper_rotate: an argument "
		    "is missing");
	if ((r = lk_peppers_begin(lk, op, LK_MAY_GENERATE, "lk_pepper_rotate",
	    &seat, e)) != 0)
		return r;
	p = atomic_load(&lk->pepper);
	next = lk_pepper_current(p) + 1;
	if ((older = lk_pepper_older(p)) != 0)
		r = lk_fail(e, LK_ECONFIG, "peppers %u and %u are live, and "
		    "there may be two: end the old one first (latchkey pepper "
		    "retire)", older, lk_pepper_current(p));
	else if ((r = make_next(lk, next, e)) == 0)
		r = rekey(lk, op, next, progress, arg, &w, e);
	out->before = w.before;
	out->after = w.after;
	memcpy(out->file, w.file, sizeof(w.file));
	lk_release(seat);
	return r;
}

/* ----------------------------------------------------------------- status */

static int
tell(const struct lk *lk, unsigned version, int state, uint64_t keys,
    lk_pepper_fn fn, void *arg)
{
	struct lk_pepper_info	 info = { 0 };
	struct stat		 st;

	info.version = version;
	info.state = state;
	info.keys = keys;
	if (lk_peppers_path(lk, version, info.path, sizeof(info.path)) == 0 &&
	    stat(info.path, &st) == 0)
		info.made = st.st_mtim.tv_sec;
	return fn(arg, &info);
}

static int
status(struct lk *lk, lk_pepper_fn fn, void *arg, struct lk_error *e)
{
	const struct lk_pepper	*p;
	uint64_t		 keys[2];
	unsigned		 v, older;
	int			 r = 0;

	if (lk_store_peppers(lk->store, keys, 0, NULL, NULL) != 0)
		return lk_fail(e, LK_EUNAVAIL, "the store cannot tell which "
		    "keys are under which (latchkey store check)");
	p = atomic_load(&lk->pepper);
	v = lk_pepper_current(p);
	if ((older = lk_pepper_older(p)) != 0)
		r = tell(lk, older, LK_PEPPER_OLD, older + 1 == v ?
		    keys[older & 1] : 0, fn, arg);
	if (r == 0 && older + 1 != v && keys[~v & 1] != 0)
		r = tell(lk, v - 1, LK_PEPPER_MISSING, keys[~v & 1], fn, arg);
	if (r == 0)
		r = tell(lk, v, LK_PEPPER_CURRENT, keys[v & 1], fn, arg);
	if (r == 0 && (v = lk_pepper_newer(p)) != 0)
		r = tell(lk, v, LK_PEPPER_UNUSED, 0, fn, arg);
	return r;
}

int
lk_pepper_status(struct lk *lk, const struct lk_operator *op,
    lk_pepper_fn fn, void *arg, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if ((r = lk_peppers_begin(lk, op, LK_MAY_LIST, "lk_pepper_status",
	    &seat, e)) != 0)
		return r;
	r = status(lk, fn, arg, e);
	lk_release(seat);
	return r;
}

static int
keys_under(struct lk *lk, unsigned version,
    int (*fn)(void *arg, const char *id), void *arg, struct lk_error *e)
{
	const struct lk_pepper	*p;
	uint64_t		 keys[2];
	int			 r;

	p = atomic_load(&lk->pepper);
	if (version == 0 || (version + 1 != lk_pepper_current(p) &&
	    lk_pepper_of(p, (int)(version & 1)) != version))
		return lk_fail(e, LK_ENOTFOUND, "no keys are under a pepper "
		    "%u (latchkey pepper status)", version);
	r = lk_store_peppers(lk->store, keys, (int)(version & 1), fn, arg);
	return r == LK_EUNAVAIL ? lk_fail(e, r, "the store cannot tell which "
	    "keys are under it (latchkey store check)") : r;
}

int
lk_pepper_keys(struct lk *lk, const struct lk_operator *op, unsigned version,
    int (*fn)(void *arg, const char *id), void *arg, struct lk_error *e)
{
	struct lk_seat	*seat;
	int		 r;

	if ((r = lk_peppers_begin(lk, op, LK_MAY_LIST, "lk_pepper_keys", &seat,
	    e)) != 0)
		return r;
	r = keys_under(lk, version, fn, arg, e);
	lk_release(seat);
	return r;
}
